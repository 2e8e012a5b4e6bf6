//! The table of the operations: name, method, path and the status of success. Routing and the record read it.

use std::fmt;

use hyper::{Method, StatusCode};

macro_rules! operations {
    ($($name:ident: $method:ident $path:literal, $status:ident;)*) => {
        /// An operation of the Glacier API, by AWS's own name.
        ///
        /// ```
        /// use glacier_mock::Operation;
        ///
        /// assert_eq!(Operation::DescribeVault.to_string(), "DescribeVault");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Operation {
            $(
                #[doc = concat!("`", stringify!($method), " ", $path, "`")]
                $name,
            )*
        }

        impl Operation {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Operation] = &[$(Operation::$name),*];

            fn row(self) -> Row {
                match self {
                    $(Operation::$name => Row {
                        name: stringify!($name),
                        method: Method::$method,
                        path: $path,
                        success: StatusCode::$status,
                    },)*
                }
            }
        }
    };
}

struct Row {
    name: &'static str,
    method: Method,
    path: &'static str,
    success: StatusCode,
}

operations! {
    CreateVault: PUT "/{account}/vaults/{vault}", CREATED;
    DescribeVault: GET "/{account}/vaults/{vault}", OK;
    ListVaults: GET "/{account}/vaults", OK;
    DeleteVault: DELETE "/{account}/vaults/{vault}", NO_CONTENT;
    UploadArchive: POST "/{account}/vaults/{vault}/archives", CREATED;
    DeleteArchive: DELETE "/{account}/vaults/{vault}/archives/{archive}", NO_CONTENT;
    InitiateJob: POST "/{account}/vaults/{vault}/jobs", ACCEPTED;
    DescribeJob: GET "/{account}/vaults/{vault}/jobs/{job}", OK;
    ListJobs: GET "/{account}/vaults/{vault}/jobs", OK;
    GetJobOutput: GET "/{account}/vaults/{vault}/jobs/{job}/output", OK;
}

impl Operation {
    /// AWS's name for it.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The HTTP method.
    pub(crate) fn method(self) -> Method {
        self.row().method
    }

    /// The path, with its variable segments in braces.
    pub(crate) fn path(self) -> &'static str {
        self.row().path
    }

    /// The status of an answer that is no refusal. GetJobOutput answers 206 to a range.
    pub(crate) fn success(self) -> StatusCode {
        self.row().success
    }

    /// Whether its body is data to keep, rather than parameters to read.
    pub(crate) fn carries_data(self) -> bool {
        matches!(self, Operation::UploadArchive)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

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
    InitiateMultipartUpload: POST "/{account}/vaults/{vault}/multipart-uploads", CREATED;
    UploadMultipartPart: PUT "/{account}/vaults/{vault}/multipart-uploads/{upload}", NO_CONTENT;
    CompleteMultipartUpload: POST "/{account}/vaults/{vault}/multipart-uploads/{upload}", CREATED;
    AbortMultipartUpload: DELETE "/{account}/vaults/{vault}/multipart-uploads/{upload}", NO_CONTENT;
    ListMultipartUploads: GET "/{account}/vaults/{vault}/multipart-uploads", OK;
    ListParts: GET "/{account}/vaults/{vault}/multipart-uploads/{upload}", OK;
    InitiateJob: POST "/{account}/vaults/{vault}/jobs", ACCEPTED;
    DescribeJob: GET "/{account}/vaults/{vault}/jobs/{job}", OK;
    ListJobs: GET "/{account}/vaults/{vault}/jobs", OK;
    GetJobOutput: GET "/{account}/vaults/{vault}/jobs/{job}/output", OK;
    AddTagsToVault: POST "/{account}/vaults/{vault}/tags?operation=add", NO_CONTENT;
    RemoveTagsFromVault: POST "/{account}/vaults/{vault}/tags?operation=remove", NO_CONTENT;
    ListTagsForVault: GET "/{account}/vaults/{vault}/tags", OK;
    SetVaultNotifications: PUT "/{account}/vaults/{vault}/notification-configuration", NO_CONTENT;
    GetVaultNotifications: GET "/{account}/vaults/{vault}/notification-configuration", OK;
    DeleteVaultNotifications: DELETE "/{account}/vaults/{vault}/notification-configuration", NO_CONTENT;
    SetVaultAccessPolicy: PUT "/{account}/vaults/{vault}/access-policy", NO_CONTENT;
    GetVaultAccessPolicy: GET "/{account}/vaults/{vault}/access-policy", OK;
    DeleteVaultAccessPolicy: DELETE "/{account}/vaults/{vault}/access-policy", NO_CONTENT;
    InitiateVaultLock: POST "/{account}/vaults/{vault}/lock-policy", CREATED;
    GetVaultLock: GET "/{account}/vaults/{vault}/lock-policy", OK;
    AbortVaultLock: DELETE "/{account}/vaults/{vault}/lock-policy", NO_CONTENT;
    CompleteVaultLock: POST "/{account}/vaults/{vault}/lock-policy/{lock}", NO_CONTENT;
    GetDataRetrievalPolicy: GET "/{account}/policies/data-retrieval", OK;
    SetDataRetrievalPolicy: PUT "/{account}/policies/data-retrieval", NO_CONTENT;
    PurchaseProvisionedCapacity: POST "/{account}/provisioned-capacity", CREATED;
    ListProvisionedCapacity: GET "/{account}/provisioned-capacity", OK;
}

impl Operation {
    /// AWS's name for it.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The HTTP method, for example `GET`.
    pub fn method(self) -> &'static str {
        match self.row().method {
            Method::GET => "GET",
            Method::PUT => "PUT",
            Method::POST => "POST",
            _ => "DELETE",
        }
    }

    /// The path, with its variable segments in braces: `/{account}/vaults/{vault}`. Two operations have a query too,
    /// which tells them apart.
    pub fn path(self) -> &'static str {
        self.row().path
    }

    /// The status of an answer that is no refusal. GetJobOutput answers 206 to a range.
    pub fn success_status(self) -> u16 {
        self.success().as_u16()
    }

    pub(crate) fn success(self) -> StatusCode {
        self.row().success
    }

    pub(crate) fn http_method(self) -> Method {
        self.row().method
    }

    /// The path without the query.
    pub(crate) fn route(self) -> &'static str {
        self.path().split('?').next().unwrap_or_default()
    }

    /// Whether a request for this route is this operation: what the table has in the query must be there.
    pub(crate) fn has_query(self, query: Option<&str>) -> bool {
        let Some((_, wanted)) = self.path().split_once('?') else { return true };
        form_urlencoded::parse(wanted.as_bytes())
            .all(|wanted| form_urlencoded::parse(query.unwrap_or_default().as_bytes()).any(|given| given == wanted))
    }

    /// Whether its body is data to keep, rather than parameters to read.
    pub(crate) fn carries_data(self) -> bool {
        matches!(self, Operation::UploadArchive | Operation::UploadMultipartPart)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

//! Filters: which requests a test means, and why a similar request does not match.

use std::fmt;

use crate::domain::words::Operation;

use super::closure::Panicked;
use super::condition::{Condition, Mismatch};
use super::line::cut;
use super::request::Request;

/// The maximum length of a condition in a report, in characters. IDs of the service are shorter.
const LONGEST_CONDITION: usize = 200;

/// An operation and the conditions that its requests must meet.
#[derive(Clone, Default)]
pub(crate) struct Filter {
    operation: Option<Operation>,
    conditions: Vec<Condition>,
}

impl Filter {
    pub(crate) fn of(operation: Operation) -> Self {
        Filter { operation: Some(operation), conditions: Vec::new() }
    }

    /// Returns the operation that all matching requests are of; `None` for any operation.
    #[cfg(feature = "standalone")]
    pub(crate) fn operation(&self) -> Option<Operation> {
        self.operation
    }

    pub(crate) fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// Restricts the filter to an operation.
    pub(crate) fn and_operation(self, operation: Operation) -> Self {
        match self.operation {
            None => Filter { operation: Some(operation), ..self },
            Some(known) if known == operation => self,
            Some(_) => self.and(Condition::Operation(operation)),
        }
    }

    /// Returns whether every request matches.
    pub(crate) fn is_empty(&self) -> bool {
        self.operation.is_none() && self.conditions.is_empty()
    }

    pub(crate) fn and(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Returns whether a request matches. Call this on the thread of the test only: a panic of a closure of the test
    /// propagates to the caller.
    pub(crate) fn fits(&self, request: &Request) -> bool {
        self.is_of_operation(request) && self.conditions.iter().all(|condition| condition.fits(request))
    }

    /// Returns whether a request matches, or the panic of a closure of the test.
    pub(crate) fn judge(&self, request: &Request) -> Result<bool, Panicked> {
        if !self.is_of_operation(request) {
            return Ok(false);
        }
        for condition in &self.conditions {
            match condition.check(request) {
                Ok(()) => {}
                Err(Mismatch::Panicked(panicked)) => return Err(panicked),
                Err(Mismatch::Has(_)) => return Ok(false),
            }
        }
        Ok(true)
    }

    /// Returns whether a closure of the test is among the conditions. If so, the caller must not hold a lock while it
    /// checks them.
    pub(crate) fn is_custom(&self) -> bool {
        self.conditions.iter().any(|condition| matches!(condition, Condition::Custom(_)))
    }

    fn is_of_operation(&self, request: &Request) -> bool {
        self.operation.is_none_or(|wanted| request.operation() == Some(wanted))
    }

    /// Returns why a request does not match; empty if it matches. `None` for a request of another operation, which is
    /// not a near miss.
    pub(crate) fn misses(&self, request: &Request) -> Option<Vec<String>> {
        if self.operation.is_some_and(|wanted| request.operation() != Some(wanted)) {
            return None;
        }
        let misses = self.conditions.iter().filter_map(|condition| condition.check(request).err());
        Some(misses.map(|miss| miss.to_string()).collect())
    }
}

/// For example `DeleteArchive with vault "photos" and error "ThrottlingException"`.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.operation {
            Some(operation) => write!(f, "{operation}")?,
            None => f.write_str("any operation")?,
        }
        for (n, condition) in self.conditions.iter().enumerate() {
            write!(f, " {} {}", if n == 0 { "with" } else { "and" }, cut(&condition.to_string(), LONGEST_CONDITION))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({self})")
    }
}

/// Writes the example of a filter. Only the line with the filter is shown.
macro_rules! example {
    ($start:expr, $filter:literal, $end:expr) => {
        concat!(
            "```\n# use glacier_mock::{ErrorCode, GlacierMock, Operation};\n",
            "# let mock = GlacierMock::start();\n",
            "# let (archive, job, upload) = (\"archive\", \"job\", \"upload\");\n",
            $start,
            $filter,
            $end,
            "\n```"
        )
    };
}

/// Defines the filters by request on every type that has them, under the names of the public API.
///
/// The type must have a method `narrowed(self, Condition) -> Self`. The documentation of each filter has an example,
/// which calls it between the two given texts. The given attributes are added to every filter.
macro_rules! filters {
    ($start:literal, $end:literal $(, #[$attribute:meta])*) => {
        /// Selects only requests to this vault.
        ///
        #[doc = $crate::record::example!($start, ".vault(\"photos\")", $end)]
        $(#[$attribute])*
        pub fn vault(self, name: impl Into<String>) -> Self {
            self.narrowed(Condition::Vault(name.into()))
        }

        /// Selects only requests about this archive: the archive in the path, the archive that a job retrieves, or the
        /// archive that an upload created.
        ///
        #[doc = $crate::record::example!($start, ".archive(archive)", $end)]
        $(#[$attribute])*
        pub fn archive(self, id: impl AsRef<str>) -> Self {
            self.narrowed(Condition::Archive(id.as_ref().to_owned()))
        }

        /// Selects only requests about this job: the job in the path, or the job that the request started.
        ///
        #[doc = $crate::record::example!($start, ".job(job)", $end)]
        $(#[$attribute])*
        pub fn job(self, id: impl AsRef<str>) -> Self {
            self.narrowed(Condition::Job(id.as_ref().to_owned()))
        }

        /// Selects only requests about this multipart upload: the upload in the path, or the upload that the request
        /// started.
        ///
        #[doc = $crate::record::example!($start, ".upload(upload)", $end)]
        $(#[$attribute])*
        pub fn upload(self, id: impl AsRef<str>) -> Self {
            self.narrowed(Condition::Upload(id.as_ref().to_owned()))
        }

        /// Selects only requests for exactly these bytes: the bytes of the uploaded part, or of the requested output
        /// ([`Request::byte_range`](crate::Request::byte_range)). `0..1048576` and `0..=1048575` are equal; `5..`
        /// matches a `Range` without an end.
        ///
        #[doc = $crate::record::example!($start, ".range(0..1_048_576)", $end)]
        ///
        /// # Panics
        ///
        /// If the range is empty.
        $(#[$attribute])*
        #[track_caller]
        pub fn range(self, bytes: impl std::ops::RangeBounds<u64>) -> Self {
            self.narrowed(Condition::range(&bytes))
        }

        /// Selects only requests whose caller belongs to this account: an [`Account`], or its number as text.
        ///
        #[doc = $crate::record::example!($start, ".account(\"111122223333\")", $end)]
        ///
        /// # Panics
        ///
        /// If `account` is a text that is not 12 digits.
        $(#[$attribute])*
        #[track_caller]
        pub fn account<T>(self, account: T) -> Self
        where
            T: TryInto<Account>,
            T::Error: std::fmt::Display,
        {
            self.narrowed(Condition::Account($crate::domain::account::expect_account(account)))
        }

        /// Selects only requests signed with the credentials of the principal with this ARN.
        ///
        #[doc = $crate::record::example!($start, ".principal(\"arn:aws:iam::111122223333:user/anna\")", $end)]
        $(#[$attribute])*
        pub fn principal(self, arn: impl Into<String>) -> Self {
            self.narrowed(Condition::Principal(arn.into()))
        }

        /// Selects only requests to this region.
        ///
        #[doc = $crate::record::example!($start, ".region(\"eu-west-1\")", $end)]
        $(#[$attribute])*
        pub fn region(self, region: impl Into<String>) -> Self {
            self.narrowed(Condition::Region(region.into()))
        }

        /// Selects only requests that have this header with this value.
        ///
        #[doc = $crate::record::example!($start, ".header(\"x-amz-archive-description\", \"cat.jpg\")", $end)]
        $(#[$attribute])*
        pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
            self.narrowed(Condition::Header { name: name.into(), value: value.into() })
        }

        /// Selects only requests for which this closure returns `true`.
        ///
        #[doc = $crate::record::example!($start, ".matching(|request| request.path().ends_with(\"/archives\"))", $end)]
        #[track_caller]
        $(#[$attribute])*
        pub fn matching(self, condition: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
            self.narrowed(Condition::custom(std::panic::Location::caller(), condition))
        }
    };
}

/// Defines the filters by response. Faults do not have them, because a fault is decided before there is a response.
macro_rules! answer_filters {
    ($start:literal, $end:literal $(, #[$attribute:meta])*) => {
        /// Selects only requests answered with this status.
        ///
        #[doc = $crate::record::example!($start, ".with_status(404)", $end)]
        $(#[$attribute])*
        pub fn with_status(self, status: u16) -> Self {
            self.narrowed(Condition::Status(status))
        }

        /// Selects only requests answered with this error.
        ///
        #[doc = $crate::record::example!($start, ".with_error(ErrorCode::ThrottlingException)", $end)]
        $(#[$attribute])*
        pub fn with_error(self, code: crate::domain::failure::ErrorCode) -> Self {
            self.narrowed(Condition::Error(code))
        }

        /// Selects only requests that were refused or not answered at all. A request whose response was cut off in its
        /// body counts as a success, because its status was sent.
        ///
        #[doc = $crate::record::example!($start, ".failed()", $end)]
        $(#[$attribute])*
        pub fn failed(self) -> Self {
            self.narrowed(Condition::Failed)
        }

        /// Selects only requests that succeeded.
        ///
        #[doc = $crate::record::example!($start, ".succeeded()", $end)]
        $(#[$attribute])*
        pub fn succeeded(self) -> Self {
            self.narrowed(Condition::Succeeded)
        }
    };
}

pub(crate) use {answer_filters, example, filters};

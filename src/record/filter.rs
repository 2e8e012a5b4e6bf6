//! Filters: which requests a test means, and why a similar request does not match.

use std::fmt;
use std::ops::{Bound, RangeBounds, RangeInclusive};
use std::panic::Location;
use std::sync::Arc;

use crate::domain::bytes::ByteRange;
use crate::domain::words::Operation;

use super::closure::{Closure, Panicked};
use super::line::{cut, short};
use super::request::Request;

/// The maximum length of a condition in a report, in characters. IDs of the service are shorter.
const LONGEST_CONDITION: usize = 200;

/// An operation and the conditions that its requests must meet.
#[derive(Clone, Default)]
pub(crate) struct Filter {
    operation: Option<Operation>,
    conditions: Vec<Condition>,
}

/// A condition on a request, with its description.
#[derive(Clone)]
pub(crate) struct Condition {
    text: String,
    check: Check,
}

#[derive(Clone)]
enum Check {
    Own(Arc<OwnCheck>),
    /// A closure of the test. It may panic, and it may block.
    Custom(Arc<Closure<CustomCheck>>),
}

/// Returns `Err` with the value that the request has instead.
type OwnCheck = dyn Fn(&Request) -> Result<(), String> + Send + Sync;
type CustomCheck = dyn Fn(&Request) -> bool + Send + Sync;

/// The mismatch that is reported when a closure of the test returns `false`.
const DID_NOT_HOLD: &str = "the test's own condition did not hold";

impl Condition {
    pub(crate) fn new(
        text: impl Into<String>,
        check: impl Fn(&Request) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Condition { text: text.into(), check: Check::Own(Arc::new(check)) }
    }

    /// Creates a condition from a closure of the test, with the location of its declaration.
    pub(crate) fn custom(
        declared: &'static Location<'static>,
        condition: impl Fn(&Request) -> bool + Send + Sync + 'static,
    ) -> Self {
        let closure = Closure::new("condition", declared, condition);
        Condition { text: "the test's own condition".into(), check: Check::Custom(Arc::new(closure)) }
    }

    /// Checks the condition. A panic of a closure of the test propagates to the caller.
    fn check(&self, request: &Request) -> Result<(), String> {
        match &self.check {
            Check::Own(check) => check(request),
            Check::Custom(closure) => match closure.run_unguarded(|condition| condition(request)) {
                true => Ok(()),
                false => Err(DID_NOT_HOLD.into()),
            },
        }
    }

    /// Returns what the request has instead, or `None` if the condition holds. Catches a panic of a closure of the
    /// test: the caller may be dropping the mock of a test that is already panicking.
    fn miss(&self, request: &Request) -> Option<String> {
        match &self.check {
            Check::Own(check) => check(request).err(),
            Check::Custom(closure) => match closure.run(|condition| condition(request)) {
                Ok(true) => None,
                Ok(false) => Some(DID_NOT_HOLD.into()),
                Err(panicked) => Some(panicked.to_string()),
            },
        }
    }

    fn holds(&self, request: &Request) -> Result<bool, Panicked> {
        match &self.check {
            Check::Own(check) => Ok(check(request).is_ok()),
            Check::Custom(closure) => closure.run(|condition| condition(request)),
        }
    }

    /// Requires one part of a request to equal the given text.
    pub(crate) fn part(name: &'static str, wanted: String, part: fn(&Request) -> Option<&str>) -> Self {
        Condition::new(format!("{name} {wanted:?}"), move |request| match part(request) {
            Some(found) if found == wanted => Ok(()),
            Some(found) => Err(format!("its {name} was {:?}", short(found))),
            None => Err(format!("it has no {name}")),
        })
    }
}

impl Condition {
    pub(crate) fn range(bytes: &impl RangeBounds<u64>) -> Self {
        let first = match bytes.start_bound() {
            Bound::Included(first) => *first,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let last = match bytes.end_bound() {
            Bound::Included(last) => Some(*last),
            Bound::Excluded(after) => after.checked_sub(1),
            Bound::Unbounded => None,
        };
        let open = ByteRange::OPEN_END;
        let wanted = first..=last.unwrap_or(open);
        let spelled = move |range: &RangeInclusive<u64>| match *range.end() {
            end if end == open => format!("{}-", range.start()),
            end => format!("{}-{end}", range.start()),
        };
        Condition::new(format!("bytes {}", spelled(&wanted)), move |request| match request.byte_range() {
            Some(found) if found == wanted => Ok(()),
            Some(found) => Err(format!("its bytes were {}", spelled(&found))),
            None => Err("it names no range of bytes".into()),
        })
    }
}

impl Filter {
    pub(crate) fn of(operation: Operation) -> Self {
        Filter { operation: Some(operation), conditions: Vec::new() }
    }

    pub(crate) fn and(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// Returns whether a request matches. Call this on the thread of the test only: a panic of a closure of the test
    /// propagates to the caller.
    pub(crate) fn fits(&self, request: &Request) -> bool {
        self.is_of_operation(request) && self.conditions.iter().all(|condition| condition.check(request).is_ok())
    }

    /// Returns whether a request matches, or the panic of a closure of the test.
    pub(crate) fn judge(&self, request: &Request) -> Result<bool, Panicked> {
        if !self.is_of_operation(request) {
            return Ok(false);
        }
        for condition in &self.conditions {
            if !condition.holds(request)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns whether a closure of the test is among the conditions. If so, the caller must not hold a lock while it
    /// checks them.
    pub(crate) fn is_custom(&self) -> bool {
        self.conditions.iter().any(|condition| matches!(condition.check, Check::Custom(_)))
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
        Some(self.conditions.iter().filter_map(|condition| condition.miss(request)).collect())
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
            write!(f, " {} {}", if n == 0 { "with" } else { "and" }, cut(&condition.text, LONGEST_CONDITION))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({self})")
    }
}

/// Defines the filters by request on every type that has them, under the names of the public API.
///
/// The type must have a method `narrowed(self, Condition) -> Self`. The given attributes are added to every filter.
macro_rules! filters {
    ($(#[$attribute:meta])*) => {
        /// Only requests to this vault.
        $(#[$attribute])*
        pub fn vault(self, name: impl Into<String>) -> Self {
            self.narrowed(Condition::part("vault", name.into(), |request| request.vault()))
        }

        /// Only requests about this archive: the archive in the path, the archive that a job retrieves, or the archive
        /// that an upload created.
        $(#[$attribute])*
        pub fn archive(self, id: impl AsRef<str>) -> Self {
            self.narrowed(Condition::part("archive", id.as_ref().to_owned(), |request| {
                request.archive_id().map(ArchiveId::as_str)
            }))
        }

        /// Only requests about this job: the job in the path, or the job that the request started.
        $(#[$attribute])*
        pub fn job(self, id: impl AsRef<str>) -> Self {
            self.narrowed(Condition::part("job", id.as_ref().to_owned(), |request| request.job_id().map(JobId::as_str)))
        }

        /// Only requests about this multipart upload: the upload in the path, or the upload that the request started.
        $(#[$attribute])*
        pub fn upload(self, id: impl AsRef<str>) -> Self {
            self.narrowed(Condition::part("upload", id.as_ref().to_owned(), |request| {
                request.upload_id().map(UploadId::as_str)
            }))
        }

        /// Only requests for exactly these bytes: the bytes of the uploaded part, or of the requested output
        /// ([`Request::byte_range`](crate::Request::byte_range)). `0..1048576` and `0..=1048575` are equal; `5..`
        /// matches a `Range` without an end.
        $(#[$attribute])*
        pub fn range(self, bytes: impl std::ops::RangeBounds<u64>) -> Self {
            self.narrowed(Condition::range(&bytes))
        }

        /// Only requests for this account.
        $(#[$attribute])*
        pub fn account(self, account: Account) -> Self {
            let condition = Condition::new(format!("account {account}"), move |request| {
                let found = request.account();
                if found == account { Ok(()) } else { Err(format!("its account was {found}")) }
            });
            self.narrowed(condition)
        }

        /// Only requests signed with the credentials of the principal with this ARN.
        $(#[$attribute])*
        pub fn principal(self, arn: impl Into<String>) -> Self {
            self.narrowed(Condition::part("principal", arn.into(), |request| Some(request.principal().arn())))
        }

        /// Only requests to this region.
        $(#[$attribute])*
        pub fn region(self, region: impl Into<String>) -> Self {
            self.narrowed(Condition::part("region", region.into(), |request| Some(request.region())))
        }

        /// Only requests that have this header with this value.
        $(#[$attribute])*
        pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
            let (name, value) = (name.into(), value.into());
            let condition =
                Condition::new(format!("header {name}: {value}"), move |request| match request.header(&name) {
                    Some(found) if found == value => Ok(()),
                    Some(found) => Err(format!("its header {name} was {found:?}")),
                    None => Err(format!("it has no header {name}")),
                });
            self.narrowed(condition)
        }

        /// Only requests for which this closure returns `true`.
        #[track_caller]
        $(#[$attribute])*
        pub fn matching(self, condition: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
            self.narrowed(Condition::custom(std::panic::Location::caller(), condition))
        }
    };
}

/// Defines the filters by response. Faults do not have them, because a fault is decided before there is a response.
macro_rules! answer_filters {
    ($(#[$attribute:meta])*) => {
        /// Only requests answered with this status.
        $(#[$attribute])*
        pub fn with_status(self, status: u16) -> Self {
            let condition = Condition::new(format!("status {status}"), move |request| match request.status() {
                Some(found) if found == status => Ok(()),
                Some(found) => Err(format!("its status was {found}")),
                None => Err("it was not answered".into()),
            });
            self.narrowed(condition)
        }

        /// Only requests answered with this error: an [`ErrorCode`](crate::ErrorCode), or its name.
        $(#[$attribute])*
        pub fn with_error(self, code: impl std::fmt::Display) -> Self {
            self.narrowed(Condition::part("error", code.to_string(), |request| request.error_code()))
        }

        /// Only requests that were refused or not answered at all.
        $(#[$attribute])*
        pub fn failed(self) -> Self {
            let condition = Condition::new("a failure", |request| match request.status() {
                Some(status) if status < 400 => Err(format!("its status was {status}")),
                _ => Ok(()),
            });
            self.narrowed(condition)
        }

        /// Only requests that succeeded.
        $(#[$attribute])*
        pub fn succeeded(self) -> Self {
            let condition = Condition::new("a success", |request| match request.status() {
                Some(status) if status < 400 => Ok(()),
                Some(status) => Err(format!("its status was {status}")),
                None => Err("it was not answered".into()),
            });
            self.narrowed(condition)
        }
    };
}

pub(crate) use {answer_filters, filters};

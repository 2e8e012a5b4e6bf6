//! Which requests are meant, and why one that was nearly meant is not.

use std::fmt;
use std::ops::{Bound, RangeBounds, RangeInclusive};
use std::panic::Location;
use std::sync::Arc;

use crate::domain::bytes::ByteRange;
use crate::domain::words::Operation;

use super::closure::{Closure, Panicked};
use super::line::{cut, short};
use super::request::Request;

/// How much of a condition a report shows, in characters. The IDs of the service are shorter.
const LONGEST_CONDITION: usize = 200;

/// An operation, and what must hold of its requests.
#[derive(Clone, Default)]
pub(crate) struct Filter {
    operation: Option<Operation>,
    conditions: Vec<Condition>,
}

/// Something that must hold of a request, in words too.
#[derive(Clone)]
pub(crate) struct Condition {
    text: String,
    check: Check,
}

#[derive(Clone)]
enum Check {
    Own(Arc<OwnCheck>),
    /// A closure of the test's. It may panic, and it may block.
    Custom(Arc<Closure<CustomCheck>>),
}

/// `Err` with what the request has instead.
type OwnCheck = dyn Fn(&Request) -> Result<(), String> + Send + Sync;
type CustomCheck = dyn Fn(&Request) -> bool + Send + Sync;

/// What a request has instead, where a closure of the test's says no.
const DID_NOT_HOLD: &str = "the test's own condition did not hold";

impl Condition {
    pub(crate) fn new(
        text: impl Into<String>,
        check: impl Fn(&Request) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Condition { text: text.into(), check: Check::Own(Arc::new(check)) }
    }

    /// A closure of the test's, which was declared at this place.
    pub(crate) fn custom(
        declared: &'static Location<'static>,
        condition: impl Fn(&Request) -> bool + Send + Sync + 'static,
    ) -> Self {
        let closure = Closure::new("condition", declared, condition);
        Condition { text: "the test's own condition".into(), check: Check::Custom(Arc::new(closure)) }
    }

    /// Lets a panic of the test's own closure through.
    fn check(&self, request: &Request) -> Result<(), String> {
        match &self.check {
            Check::Own(check) => check(request),
            Check::Custom(closure) => match closure.run_unguarded(|condition| condition(request)) {
                true => Ok(()),
                false => Err(DID_NOT_HOLD.into()),
            },
        }
    }

    /// What the request has instead; `None` if the condition holds. A panic of the test's own closure is kept from the
    /// caller, who may be dropping the mock of a test that panics already.
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

    /// One of the parts of a request must be this text.
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

    /// Whether a request is meant. For the test's own thread: a panic of a closure of the test's goes through to it.
    pub(crate) fn fits(&self, request: &Request) -> bool {
        self.is_of_operation(request) && self.conditions.iter().all(|condition| condition.check(request).is_ok())
    }

    /// Whether a request is meant, or the panic of the test's own closure that was asked.
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

    /// Whether it asks a closure of the test's, so that no lock may be held meanwhile.
    pub(crate) fn is_custom(&self) -> bool {
        self.conditions.iter().any(|condition| matches!(condition.check, Check::Custom(_)))
    }

    fn is_of_operation(&self, request: &Request) -> bool {
        self.operation.is_none_or(|wanted| request.operation() == Some(wanted))
    }

    /// Why a request is not meant; empty if it is. `None` for a request of another operation: that is no near miss.
    pub(crate) fn misses(&self, request: &Request) -> Option<Vec<String>> {
        if self.operation.is_some_and(|wanted| request.operation() != Some(wanted)) {
            return None;
        }
        Some(self.conditions.iter().filter_map(|condition| condition.miss(request)).collect())
    }
}

/// `DeleteArchive with vault "photos" and error "ThrottlingException"`.
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

/// The filters of everything that can be filtered by what was asked, under the names of the API.
///
/// The type must have a method `narrowed(self, Condition) -> Self`. The attributes are those of every filter.
macro_rules! filters {
    ($(#[$attribute:meta])*) => {
        /// Those of this vault.
        $(#[$attribute])*
        pub fn vault(self, name: impl Into<String>) -> Self {
            self.narrowed(Condition::part("vault", name.into(), |request| request.vault()))
        }

        /// Those about this archive: in the path, as the archive that a job retrieves, or as the one that an upload
        /// became.
        $(#[$attribute])*
        pub fn archive(self, id: impl AsRef<str>) -> Self {
            self.narrowed(Condition::part("archive", id.as_ref().to_owned(), |request| {
                request.archive_id().map(ArchiveId::as_str)
            }))
        }

        /// Those about this job: in the path, or as the one that was started.
        $(#[$attribute])*
        pub fn job(self, id: impl AsRef<str>) -> Self {
            self.narrowed(Condition::part("job", id.as_ref().to_owned(), |request| request.job_id().map(JobId::as_str)))
        }

        /// Those about this multipart upload: in the path, or as the one that was started.
        $(#[$attribute])*
        pub fn upload(self, id: impl AsRef<str>) -> Self {
            self.narrowed(Condition::part("upload", id.as_ref().to_owned(), |request| {
                request.upload_id().map(UploadId::as_str)
            }))
        }

        /// Those about exactly these bytes: of the part that is uploaded, or of the output that is asked for
        /// ([`Request::byte_range`](crate::Request::byte_range)). `0..1048576` and `0..=1048575` are the same; `5..` is a
        /// `Range` without an end.
        $(#[$attribute])*
        pub fn range(self, bytes: impl std::ops::RangeBounds<u64>) -> Self {
            self.narrowed(Condition::range(&bytes))
        }

        /// Those of this account.
        $(#[$attribute])*
        pub fn account(self, account: Account) -> Self {
            let condition = Condition::new(format!("account {account}"), move |request| {
                let found = request.account();
                if found == account { Ok(()) } else { Err(format!("its account was {found}")) }
            });
            self.narrowed(condition)
        }

        /// Those signed with the credentials of the principal with this ARN.
        $(#[$attribute])*
        pub fn principal(self, arn: impl Into<String>) -> Self {
            self.narrowed(Condition::part("principal", arn.into(), |request| Some(request.principal().arn())))
        }

        /// Those for this region.
        $(#[$attribute])*
        pub fn region(self, region: impl Into<String>) -> Self {
            self.narrowed(Condition::part("region", region.into(), |request| Some(request.region())))
        }

        /// Those with this header and this value of it.
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

        /// Those for which a condition of the test's own holds.
        #[track_caller]
        $(#[$attribute])*
        pub fn matching(self, condition: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Self {
            self.narrowed(Condition::custom(std::panic::Location::caller(), condition))
        }
    };
}

/// The filters by how a request was answered. Faults do not have them: a fault is decided before there is an answer.
macro_rules! answer_filters {
    ($(#[$attribute:meta])*) => {
        /// Those answered with this status.
        $(#[$attribute])*
        pub fn with_status(self, status: u16) -> Self {
            let condition = Condition::new(format!("status {status}"), move |request| match request.status() {
                Some(found) if found == status => Ok(()),
                Some(found) => Err(format!("its status was {found}")),
                None => Err("it was not answered".into()),
            });
            self.narrowed(condition)
        }

        /// Those answered with this error: an [`ErrorCode`](crate::ErrorCode), or its name.
        $(#[$attribute])*
        pub fn with_error(self, code: impl std::fmt::Display) -> Self {
            self.narrowed(Condition::part("error", code.to_string(), |request| request.error_code()))
        }

        /// Those that were refused, or not answered at all.
        $(#[$attribute])*
        pub fn failed(self) -> Self {
            let condition = Condition::new("a failure", |request| match request.status() {
                Some(status) if status < 400 => Err(format!("its status was {status}")),
                _ => Ok(()),
            });
            self.narrowed(condition)
        }

        /// Those that were granted.
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

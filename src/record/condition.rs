//! The conditions of a filter: what a request must have, and what it has instead.

use std::fmt;
use std::ops::{Bound, RangeBounds};
use std::panic::Location;
use std::sync::Arc;

use crate::domain::account::Account;
use crate::domain::bytes::ByteRange;
use crate::domain::failure::ErrorCode;
use crate::domain::words::{ArchiveId, JobId, Operation, Timestamp, UploadId};

use super::closure::{Closure, Panicked};
use super::line::short;
use super::request::Request;

/// A condition on a request.
#[derive(Clone)]
pub(crate) enum Condition {
    /// The request is of this operation.
    Operation(Operation),
    /// The request names this vault.
    Vault(String),
    /// The request is about the archive with this ID.
    Archive(String),
    /// The request is about the job with this ID.
    Job(String),
    /// The request is about the multipart upload with this ID.
    Upload(String),
    /// The request sends or asks for exactly these bytes. `last` is [`ByteRange::OPEN_END`] for a range without an end.
    Range { first: u64, last: u64 },
    /// The request comes from a principal of this account.
    Account(Account),
    /// The request comes from the principal with this ARN.
    Principal(String),
    /// The request addresses this region.
    Region(String),
    /// The request has this header with this value.
    Header { name: String, value: String },
    /// The request is this attempt of its call, counted from 1.
    Attempt(usize),
    /// The request arrived before this instant of the mock's clock.
    Before(Timestamp),
    /// The request arrived at this instant of the mock's clock, or later.
    Since(Timestamp),
    /// The request was answered with this status.
    Status(u16),
    /// The request was answered with this error code.
    Error(ErrorCode),
    /// The request was refused or not answered.
    Failed,
    /// The request succeeded.
    Succeeded,
    /// The request is about an archive.
    ArchiveRetrieval,
    /// The request is not about an archive.
    InventoryRetrieval,
    /// The request was not refused, so it started a job.
    StartedJob,
    /// A closure of the test accepts the request. It may panic, and it may block.
    Custom(Arc<Closure<CustomCheck>>),
}

/// A closure of the test that decides whether a request matches.
pub(crate) type CustomCheck = dyn Fn(&Request) -> bool + Send + Sync;

/// Why a request does not satisfy a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// Describes what the request has instead.
    Has(String),
    /// The closure of the test panicked.
    Panicked(Panicked),
}

impl Condition {
    /// Creates a condition from a closure of the test, with the location of its declaration.
    pub(crate) fn custom(
        declared: &'static Location<'static>,
        condition: impl Fn(&Request) -> bool + Send + Sync + 'static,
    ) -> Self {
        Condition::Custom(Arc::new(Closure::new("condition", declared, condition)))
    }

    /// Creates the condition that a request is for exactly these bytes.
    ///
    /// # Panics
    ///
    /// If the range is empty.
    #[track_caller]
    pub(crate) fn range(bytes: &impl RangeBounds<u64>) -> Self {
        let first = match bytes.start_bound() {
            Bound::Included(first) => *first,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let last = match bytes.end_bound() {
            Bound::Included(last) => {
                assert!(first <= *last, "invalid range of bytes: the range {first}..={last} is empty");
                *last
            }
            Bound::Excluded(after) => {
                assert!(first < *after, "invalid range of bytes: the range {first}..{after} is empty");
                after - 1
            }
            Bound::Unbounded => ByteRange::OPEN_END,
        };
        Condition::Range { first, last }
    }

    /// Checks a request. Catches a panic of a closure of the test: the caller may be a thread of the server, or may be
    /// dropping the mock of a test that is already panicking.
    pub(super) fn check(&self, request: &Request) -> Result<(), Mismatch> {
        match self {
            Condition::Custom(closure) => match closure.run(|accepts| accepts(request)) {
                Ok(accepted) => custom(accepted).map_err(Mismatch::Has),
                Err(panicked) => Err(Mismatch::Panicked(panicked)),
            },
            plain => plain.compare(request).map_err(Mismatch::Has),
        }
    }

    /// Returns whether a request satisfies the condition. Call this on the thread of the test only: a panic of a
    /// closure of the test propagates to the caller.
    pub(super) fn fits(&self, request: &Request) -> bool {
        self.compare(request).is_ok()
    }

    /// Compares a request with the condition. Returns an error that says what the request has instead.
    fn compare(&self, request: &Request) -> Result<(), String> {
        match self {
            Condition::Operation(wanted) => match request.operation() {
                Some(found) => ensure(found == *wanted, || format!("it was {found}")),
                None => Err("it did not match an operation".into()),
            },
            Condition::Vault(wanted) => equal("vault", wanted, request.vault()),
            Condition::Archive(wanted) => equal("archive", wanted, request.archive_id().map(ArchiveId::as_str)),
            Condition::Job(wanted) => equal("job", wanted, request.job_id().map(JobId::as_str)),
            Condition::Upload(wanted) => equal("upload", wanted, request.upload_id().map(UploadId::as_str)),
            Condition::Range { first, last } => match request.byte_range() {
                Some(found) => ensure(found == (*first..=*last), || {
                    format!("its bytes were {}", Bytes(*found.start(), *found.end()))
                }),
                None => Err("it names no range of bytes".into()),
            },
            Condition::Account(wanted) => {
                ensure(request.account() == *wanted, || format!("its account was {}", request.account()))
            }
            Condition::Principal(wanted) => equal("principal", wanted, Some(request.principal().arn())),
            Condition::Region(wanted) => equal("region", wanted, Some(request.region())),
            Condition::Header { name, value } => match request.header(name) {
                Some(found) => ensure(found == value, || format!("its header {name} was {found:?}")),
                None => Err(format!("it has no header {name}")),
            },
            Condition::Attempt(wanted) => {
                ensure(request.attempt() == *wanted, || format!("it was attempt {}", request.attempt()))
            }
            Condition::Before(end) => came(request, request.service_time() < *end),
            Condition::Since(start) => came(request, request.service_time() >= *start),
            Condition::Status(wanted) => answered(request, |status| status == *wanted),
            Condition::Error(wanted) => equal("error", wanted.as_str(), request.error_code().map(ErrorCode::as_str)),
            Condition::Failed if request.status().is_none() => Ok(()),
            Condition::Failed => answered(request, |status| status >= 400),
            Condition::Succeeded => answered(request, |status| status < 400),
            Condition::ArchiveRetrieval => ensure(request.archive_id().is_some(), || "it retrieved no archive".into()),
            Condition::InventoryRetrieval => match request.archive_id() {
                Some(archive) => Err(format!("it retrieved archive {:?}", archive.as_str())),
                None => Ok(()),
            },
            Condition::StartedJob => match request.error_code() {
                Some(code) => Err(format!("it was refused with {code}")),
                None => Ok(()),
            },
            Condition::Custom(closure) => custom(closure.run_unguarded(|accepts| accepts(request))),
        }
    }
}

fn ensure(holds: bool, found: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(found()) }
}

fn equal(name: &str, wanted: &str, found: Option<&str>) -> Result<(), String> {
    match found {
        Some(found) => ensure(found == wanted, || format!("its {name} was {:?}", short(found))),
        None => Err(format!("it has no {name}")),
    }
}

fn came(request: &Request, in_time: bool) -> Result<(), String> {
    ensure(in_time, || format!("it came at {}", request.service_time()))
}

fn answered(request: &Request, holds: impl FnOnce(u16) -> bool) -> Result<(), String> {
    match request.status() {
        Some(status) => ensure(holds(status), || format!("its status was {status}")),
        None => Err("it was not answered".into()),
    }
}

fn custom(accepted: bool) -> Result<(), String> {
    ensure(accepted, || "the test's own condition did not hold".into())
}

/// The first and last byte of a range, written `0-1023`, or `1024-` if it has no end.
struct Bytes(u64, u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Bytes(first, ByteRange::OPEN_END) => write!(f, "{first}-"),
            Bytes(first, last) => write!(f, "{first}-{last}"),
        }
    }
}

/// Completes "a request with ..", for example `vault "photos"`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Operation(operation) => write!(f, "{operation}"),
            Condition::Vault(name) => write!(f, "vault {name:?}"),
            Condition::Archive(id) => write!(f, "archive {id:?}"),
            Condition::Job(id) => write!(f, "job {id:?}"),
            Condition::Upload(id) => write!(f, "upload {id:?}"),
            Condition::Range { first, last } => write!(f, "bytes {}", Bytes(*first, *last)),
            Condition::Account(account) => write!(f, "account {account}"),
            Condition::Principal(arn) => write!(f, "principal {arn:?}"),
            Condition::Region(region) => write!(f, "region {region:?}"),
            Condition::Header { name, value } => write!(f, "header {name}: {value}"),
            Condition::Attempt(n) => write!(f, "attempt {n}"),
            Condition::Before(end) => write!(f, "a time before {end}"),
            Condition::Since(start) => write!(f, "a time from {start} on"),
            Condition::Status(status) => write!(f, "status {status}"),
            Condition::Error(code) => write!(f, "error {:?}", code.as_str()),
            Condition::Failed => f.write_str("a failure"),
            Condition::Succeeded => f.write_str("a success"),
            Condition::ArchiveRetrieval => f.write_str("an archive retrieval"),
            Condition::InventoryRetrieval => f.write_str("an inventory retrieval"),
            Condition::StartedJob => f.write_str("a job"),
            Condition::Custom(_) => f.write_str("the test's own condition"),
        }
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Condition({self})")
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mismatch::Has(found) => f.write_str(found),
            Mismatch::Panicked(panicked) => panicked.fmt(f),
        }
    }
}

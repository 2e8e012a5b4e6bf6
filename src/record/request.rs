//! A recorded request and its outcome.

use std::fmt;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use hyper::Method;

use crate::domain::account::{Account, AccountRegion, Caller, Principal};
use crate::domain::bytes::ByteRange;
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::vault::{JobStatus, Subject};
use crate::domain::words::{ArchiveId, JobId, LockId, Operation, RequestId, Timestamp, UploadId};
use crate::text::decimal;
use crate::wire::{Target, content_range};

use super::body::Body;
use super::end::{End, Refusal};
use super::headers::Headers;

/// A request that the mock received: one attempt, on one connection. Clones share one record.
///
/// A request is recorded as soon as its headers have arrived; [`status`](Self::status) and [`body`](Self::body) follow.
///
/// ```
/// # #[cfg(feature = "client")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
/// use glacier_mock::{GlacierMock, Operation, Principal};
///
/// let mock = GlacierMock::start();
/// mock.create_vault("photos");
/// let anna = Principal::new("arn:aws:iam::000000000000:user/anna");
/// let upload = mock.client_as(&anna).upload_archive().vault_name("photos").archive_description("cat.jpg");
/// let stored = upload.body(b"a cat".to_vec().into()).send().await?;
///
/// let request = mock.requests().only();
/// assert_eq!((request.operation(), request.vault()), (Some(Operation::UploadArchive), Some("photos")));
/// assert_eq!(request.principal().arn(), anna.arn());
/// assert_eq!(request.header("x-amz-archive-description"), Some("cat.jpg"));
/// assert_eq!(request.body().unwrap(), b"a cat");
/// assert_eq!((request.status(), request.error_code()), (Some(201), None));
/// assert_eq!(request.archive_id().unwrap().as_str(), stored.archive_id().unwrap());
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "client"))]
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct Request(pub(super) Arc<Entry>);

/// The record of a request: what is known when its headers have arrived, and what is filled in later.
pub(super) struct Entry {
    pub(super) number: usize,
    pub(super) arrival: Arrival,
    pub(super) ids: Ids,
    pub(super) fault: OnceLock<Box<str>>,
    pub(super) interruption: OnceLock<Box<str>>,
    pub(super) body: OnceLock<Body>,
    pub(super) progress: Progress,
    pub(super) end: OnceLock<End>,
    /// How long the request took, once it has ended. A `Duration` would need twice the room.
    pub(super) took_micros: AtomicU64,
}

/// The number of body bytes that have arrived so far.
pub(super) struct Progress(AtomicU64);

impl Progress {
    const NOT_READ: u64 = u64::MAX;

    pub(super) fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    /// Returns `None` if the server has not started to read the body.
    fn get(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|bytes| *bytes != Self::NOT_READ)
    }
}

impl Default for Progress {
    fn default() -> Self {
        Progress(AtomicU64::new(Self::NOT_READ))
    }
}

/// What is known of a request when its headers have arrived.
pub(crate) struct Arrival {
    pub(crate) target: Target,
    pub(crate) caller: Caller,
    /// The account and region that the request addresses. The account may differ from the caller's.
    pub(crate) place: AccountRegion,
    pub(crate) method: Method,
    pub(crate) path: Box<str>,
    pub(crate) query: Option<Box<str>>,
    pub(crate) headers: Headers,
    pub(crate) peer: IpAddr,
    pub(crate) service_time: Timestamp,
    pub(crate) wall_time: SystemTime,
    pub(crate) request_id: RequestId,
}

/// IDs that the path does not contain: they come from the parameters or from the response.
#[derive(Default)]
pub(super) struct Ids {
    pub(super) archive: OnceLock<ArchiveId>,
    /// The job, upload or lock that the request created.
    pub(super) created: OnceLock<Subject>,
    /// The job that a DescribeJob found.
    pub(super) job: OnceLock<JobSeen>,
}

/// The state of a job when a DescribeJob found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JobSeen {
    pub(crate) status: JobStatus,
    pub(crate) waits: Waits,
}

/// Why a job was still in progress, where that may surprise the author of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// The job had ended, or was about to end.
    Not,
    /// Only the test can end the job.
    ForTheTest,
    /// The job was due after this many minutes of real time.
    RealMinutes(u32),
}

impl Request {
    /// Returns the position in the order of arrival, starting at 1.
    pub fn number(&self) -> usize {
        self.0.number
    }

    /// Returns the operation, or `None` if the method and path match no operation.
    pub fn operation(&self) -> Option<Operation> {
        self.0.arrival.target.operation
    }

    /// Returns the account of the credentials that signed the request.
    pub fn account(&self) -> Account {
        self.principal().account()
    }

    /// Returns the principal whose credentials signed the request. An unsigned request, or one with an unknown access
    /// key, counts as the root user of the mock's default account.
    pub fn principal(&self) -> &Principal {
        &self.0.arrival.caller.principal
    }

    /// Returns the region that the request was signed for.
    pub fn region(&self) -> &str {
        &self.0.arrival.place.region
    }

    /// Returns the vault in the path.
    pub fn vault(&self) -> Option<&str> {
        self.0.arrival.target.vault.as_deref()
    }

    /// Returns the archive that the request is about: the archive in the path, the archive that a job retrieves, or the
    /// archive that an upload created.
    pub fn archive_id(&self) -> Option<&ArchiveId> {
        self.0.arrival.target.subject.archive().or(self.0.ids.archive.get())
    }

    /// Returns the job that the request is about: the job in the path, or the job that the request started.
    pub fn job_id(&self) -> Option<&JobId> {
        self.0.arrival.target.subject.job().or(self.0.ids.created.get().and_then(Subject::job))
    }

    /// Returns the multipart upload that the request is about: the upload in the path, or the upload that the request
    /// started.
    pub fn upload_id(&self) -> Option<&UploadId> {
        self.0.arrival.target.subject.upload().or(self.0.ids.created.get().and_then(Subject::upload))
    }

    /// Returns the vault lock that the request is about: the lock in the path, or the lock that the request started.
    pub fn lock_id(&self) -> Option<&LockId> {
        self.0.arrival.target.subject.lock().or(self.0.ids.created.get().and_then(Subject::lock))
    }

    /// Returns the HTTP method.
    pub fn method(&self) -> &str {
        self.0.arrival.method.as_str()
    }

    /// Returns the path exactly as the client sent it, without the query.
    pub fn path(&self) -> &str {
        &self.0.arrival.path
    }

    /// Returns the query exactly as the client sent it.
    pub fn query(&self) -> Option<&str> {
        self.0.arrival.query.as_deref()
    }

    /// Returns the first header with this name (in any case), if its value is ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.arrival.headers.get(name)
    }

    /// Iterates over all headers, with names in lower case. Bytes that are not UTF-8 become replacement characters.
    pub fn headers(&self) -> impl Iterator<Item = (&str, std::borrow::Cow<'_, str>)> {
        self.0.arrival.headers.texts()
    }

    /// Returns the body, once it has arrived.
    pub fn body(&self) -> Option<&Body> {
        self.0.body.get()
    }

    /// Describes how much of the body has arrived, if it is incomplete: the client is still sending it, has stopped, or
    /// was refused meanwhile.
    pub(crate) fn unfinished_body(&self) -> Option<String> {
        if self.body().is_some() {
            return None;
        }
        let arrived = self.0.progress.get()?;
        let length = self.header("content-length").and_then(|length| decimal::<u64>(length.trim()));
        Some(match length {
            Some(length) => format!("{arrived} of {length} bytes of the body arrived"),
            None => format!("{arrived} bytes of the body arrived, its end did not"),
        })
    }

    /// Returns the status of the response, or `None` if there is no response yet, or the connection ended before it.
    pub fn status(&self) -> Option<u16> {
        match self.0.end.get()? {
            End::Answered { status, .. } => Some(*status),
            End::NotAnswered | End::ClientWentAway => None,
        }
    }

    /// Returns the error code of the response, or `None` if it was not answered with an error of the service.
    pub fn error_code(&self) -> Option<ErrorCode> {
        self.refusal().map(|refusal| refusal.failure.code())
    }

    /// Returns the error message of the response.
    pub fn error_message(&self) -> Option<&str> {
        self.refusal().map(|refusal| &*refusal.message)
    }

    /// Returns the cause of the error where the mock knows more than the message of the service says. For an
    /// `AccessDeniedException` this is the statement and policy that decided and the conditions that held; for an
    /// `InvalidSignatureException` it is the mistake that would explain the signature.
    pub fn explanation(&self) -> Option<&str> {
        self.refusal()?.failure.hint()
    }

    /// Returns what was wrong with the request, if it was answered with an error of the service.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        self.refusal().map(|refusal| &refusal.failure)
    }

    /// Returns the account and region that the request addresses. The account may differ from the caller's.
    pub(crate) fn place(&self) -> &AccountRegion {
        &self.0.arrival.place
    }

    /// Returns the job that a DescribeJob found.
    pub(crate) fn job_seen(&self) -> Option<JobSeen> {
        self.0.ids.job.get().copied()
    }

    fn refusal(&self) -> Option<&Refusal> {
        match self.0.end.get()? {
            End::Answered { refusal, .. } => refusal.as_deref(),
            End::NotAnswered | End::ClientWentAway => None,
        }
    }

    /// Returns whether the request was refused or not answered, or its response was interrupted.
    pub(crate) fn has_failed(&self) -> bool {
        self.status().is_none_or(|status| status >= 400) || self.interruption().is_some()
    }

    /// Returns whether the request was answered or its client went away.
    pub fn has_ended(&self) -> bool {
        self.0.end.get().is_some()
    }

    /// Returns whether the connection ended before the response: the client closed it, or a fault did.
    pub fn is_disconnected(&self) -> bool {
        matches!(self.0.end.get(), Some(End::NotAnswered | End::ClientWentAway))
    }

    /// Returns whether a fault ended the connection before the response. The client may give up earlier, for example
    /// during the delay of a fault.
    pub(crate) fn is_not_answered(&self) -> bool {
        self.0.end.get() == Some(&End::NotAnswered)
    }

    /// Returns a description of the fault that applied to this request, for example `ServiceUnavailableException` or `a
    /// reset connection`.
    pub fn fault(&self) -> Option<&str> {
        self.0.fault.get().map(AsRef::as_ref)
    }

    /// Returns why the mock interrupted the response body although no fault asked for it: the file of an archive
    /// ([`Content::from_file`](crate::Content::from_file)) was changed or removed.
    pub fn interruption(&self) -> Option<&str> {
        self.0.interruption.get().map(AsRef::as_ref)
    }

    /// Records that the response body was interrupted. The first reason counts.
    pub(crate) fn is_interrupted(&self, why: String) {
        let _ = self.0.interruption.set(why.into());
    }

    /// Returns the time of arrival on the mock's clock.
    pub fn service_time(&self) -> Timestamp {
        self.0.arrival.service_time
    }

    /// Returns the time of arrival on the wall clock.
    pub fn wall_time(&self) -> SystemTime {
        self.0.arrival.wall_time
    }

    /// Returns the `x-amzn-RequestId` of the response.
    pub fn request_id(&self) -> &str {
        self.0.arrival.request_id.as_str()
    }

    /// Returns the first and last byte that the request sends or asks for: those of the part in an
    /// `UploadMultipartPart` (`Content-Range`), or of the output in a `GetJobOutput` (`Range`). Returns `None` without
    /// a range, or with one in a form that the service ignores. An open range (`bytes=5-`) ends at `u64::MAX - 1`.
    pub fn byte_range(&self) -> Option<RangeInclusive<u64>> {
        let part = || content_range(self.header("content-range")?);
        let asked = || ByteRange::parse_header(self.header("range")?);
        part().or_else(asked).map(|range| range.first()..=range.last())
    }

    /// Returns the number of the attempt within its call, starting at 1, as the SDK reports it; 1 if the client does
    /// not report it.
    pub fn attempt(&self) -> usize {
        let said = self
            .header("amz-sdk-request")
            .and_then(|said| said.split("; ").find_map(|part| part.strip_prefix("attempt=")));
        said.and_then(decimal).unwrap_or(1)
    }

    /// Returns the ID that all attempts of one SDK call share, or `None` if the client does not send one.
    pub fn invocation_id(&self) -> Option<&str> {
        self.header("amz-sdk-invocation-id")
    }
}

/// Prints one line, without the body.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = f.debug_struct("Request");
        line.field("number", &self.number());
        match self.operation() {
            Some(operation) => line.field("operation", &operation),
            None => line.field("method", &self.method()).field("path", &self.path()),
        };
        if let Some(vault) = self.vault() {
            line.field("vault", &vault);
        }
        if let Some(status) = self.status() {
            line.field("status", &status);
        }
        if let Some(code) = self.error_code() {
            line.field("error_code", &code);
        }
        if let Some(arrived) = self.unfinished_body() {
            line.field("body", &format_args!("{arrived}"));
        }
        line.finish_non_exhaustive()
    }
}

//! One request as it arrived, and what became of it.

use std::fmt;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use hyper::Method;

use crate::domain::account::{Account, AccountRegion, Caller, Principal};
use crate::domain::bytes::ByteRange;
use crate::domain::failure::Failure;
use crate::domain::vault::{StatusCode, Subject};
use crate::domain::words::{ArchiveId, JobId, LockId, Operation, RequestId, Timestamp, UploadId};
use crate::wire::{Target, content_range};

use super::body::Body;
use super::headers::Headers;

/// A request that the mock received: one attempt, on one connection. A clone shares the record.
///
/// It is on record from the moment its headers arrived; [`status`](Self::status) and [`body`](Self::body) follow.
#[derive(Clone)]
pub struct Request(pub(super) Arc<Entry>);

/// What is known of a request when its headers are in, and what is filled in later.
pub(super) struct Entry {
    pub(super) number: usize,
    pub(super) arrival: Arrival,
    pub(super) ids: Ids,
    pub(super) marks: OnceLock<Box<Marks>>,
    pub(super) body: OnceLock<Body>,
    pub(super) progress: Progress,
    pub(super) end: OnceLock<End>,
}

/// What few requests have, so that the others have no room for it.
#[derive(Default)]
pub(super) struct Marks {
    pub(super) fault: OnceLock<Box<str>>,
    pub(super) interruption: OnceLock<Box<str>>,
}

/// How many bytes of the body have arrived while the server reads it.
pub(super) struct Progress(AtomicU64);

impl Progress {
    const NOT_READ: u64 = u64::MAX;

    pub(super) fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    /// `None` if the server has not begun to read the body.
    fn get(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|bytes| *bytes != Self::NOT_READ)
    }
}

impl Default for Progress {
    fn default() -> Self {
        Progress(AtomicU64::new(Self::NOT_READ))
    }
}

/// What is known when the headers are in.
pub(crate) struct Arrival {
    pub(crate) target: Target,
    pub(crate) caller: Caller,
    /// The account and region that it is aimed at; the account need not be the caller's.
    pub(crate) scope: AccountRegion,
    pub(crate) method: Method,
    pub(crate) path: Box<str>,
    pub(crate) query: Option<Box<str>>,
    pub(crate) headers: Headers,
    pub(crate) peer: IpAddr,
    pub(crate) service_time: Timestamp,
    pub(crate) wall_time: SystemTime,
    pub(crate) request_id: RequestId,
}

/// What a request turns out to be about, where its path does not say it: from its parameters or its answer.
#[derive(Default)]
pub(super) struct Ids {
    pub(super) archive: OnceLock<ArchiveId>,
    /// A job, an upload or a lock.
    pub(super) begun: OnceLock<Subject>,
    /// What a DescribeJob found.
    pub(super) job: OnceLock<JobSeen>,
}

/// A job as a DescribeJob found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JobSeen {
    pub(crate) status: StatusCode,
    pub(crate) waits: Waits,
}

/// What kept a job in progress, where that may surprise a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// It had ended, or was to end soon.
    Not,
    /// Only the test can end it.
    ForTheTest,
    /// It was to end after so many minutes of real time.
    RealMinutes(u32),
}

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// It was answered.
    Answered { status: u16, refusal: Option<Box<Refusal>> },
    /// The client went away before it could be.
    Disconnected,
}

/// The error that a request was answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// What was wrong. Hints match on its variants, so that a corrected message text cannot silence them.
    pub(crate) failure: Failure,
    /// The error text, written once: the failure formats it anew each time.
    pub(crate) message: String,
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Refusal { message: failure.text().into_owned(), failure }
    }
}

impl Request {
    /// Its place in the order of arrival, from 1.
    pub fn number(&self) -> usize {
        self.0.number
    }

    /// The operation, or `None` if the method and path are those of no operation.
    pub fn operation(&self) -> Option<Operation> {
        self.0.arrival.target.operation
    }

    /// The account of the credentials it was signed with.
    pub fn account(&self) -> Account {
        self.principal().account()
    }

    /// Whose credentials it was signed with: those of nobody, and none, count as those of the root of the mock's own
    /// account.
    ///
    /// ```
    /// # #[cfg(feature = "client")]
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
    /// use glacier_mock::{GlacierMock, Principal};
    ///
    /// let mock = GlacierMock::start();
    /// let anna = Principal::new("arn:aws:iam::111122223333:user/anna");
    /// mock.client_as(&anna).list_vaults().send().await?;
    /// assert_eq!(mock.requests()[0].principal().arn(), anna.arn());
    /// # Ok(())
    /// # }
    /// # #[cfg(not(feature = "client"))]
    /// # fn main() {}
    /// ```
    pub fn principal(&self) -> &Principal {
        &self.0.arrival.caller.principal
    }

    /// The region it was signed for.
    pub fn region(&self) -> &str {
        &self.0.arrival.scope.region
    }

    /// The vault in its path.
    pub fn vault(&self) -> Option<&str> {
        self.0.arrival.target.vault.as_deref()
    }

    /// The archive that it is about: in its path, as the one that a job retrieves, or as the one that an upload became.
    pub fn archive_id(&self) -> Option<&ArchiveId> {
        self.0.arrival.target.subject.archive().or(self.0.ids.archive.get())
    }

    /// The job that it is about: in its path, or the one that it started.
    pub fn job_id(&self) -> Option<&JobId> {
        self.0.arrival.target.subject.job().or(self.0.ids.begun.get().and_then(Subject::job))
    }

    /// The multipart upload that it is about: in its path, or the one that it started.
    pub fn upload_id(&self) -> Option<&UploadId> {
        self.0.arrival.target.subject.upload().or(self.0.ids.begun.get().and_then(Subject::upload))
    }

    /// The vault lock that it is about: in its path, or the one that it started.
    pub fn lock_id(&self) -> Option<&LockId> {
        self.0.arrival.target.subject.lock().or(self.0.ids.begun.get().and_then(Subject::lock))
    }

    /// The HTTP method.
    pub fn method(&self) -> &str {
        self.0.arrival.method.as_str()
    }

    /// The path as the client spelled it, without the query.
    pub fn path(&self) -> &str {
        &self.0.arrival.path
    }

    /// The query as the client spelled it.
    pub fn query(&self) -> Option<&str> {
        self.0.arrival.query.as_deref()
    }

    /// The first header of this name, in any case, if its value is ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.arrival.headers.get(name)
    }

    /// All headers, names in lower case; a value that is not UTF-8 is shown with replacement characters.
    pub fn headers(&self) -> impl Iterator<Item = (&str, std::borrow::Cow<'_, str>)> {
        self.0.arrival.headers.texts()
    }

    /// The body, once it has arrived.
    pub fn body(&self) -> Option<&Body> {
        self.0.body.get()
    }

    /// How much of the body has arrived, if it is not all there: what a request in flight waits for, or how far one came
    /// whose body stopped or was refused.
    pub(crate) fn unfinished_body(&self) -> Option<String> {
        if self.body().is_some() {
            return None;
        }
        let arrived = self.0.progress.get()?;
        let length = self.header("content-length").and_then(|length| length.trim().parse::<u64>().ok());
        Some(match length {
            Some(length) => format!("{arrived} of {length} bytes of the body arrived"),
            None => format!("{arrived} bytes of the body arrived, its end did not"),
        })
    }

    /// The status of the answer; `None` while there is none, or if the client went away before there was.
    pub fn status(&self) -> Option<u16> {
        match self.0.end.get()? {
            End::Answered { status, .. } => Some(*status),
            End::Disconnected => None,
        }
    }

    /// The error code of the answer, for example `ResourceNotFoundException`.
    pub fn error_code(&self) -> Option<&str> {
        self.refusal().map(|refusal| refusal.failure.code().as_str())
    }

    /// The error text of the answer.
    pub fn error_message(&self) -> Option<&str> {
        self.refusal().map(|refusal| &*refusal.message)
    }

    /// What led to the error, where the mock knows more than the service says: for an `AccessDeniedException` which
    /// statement of which policy decided and which of its conditions held, for an `InvalidSignatureException` the slip
    /// that would explain it.
    pub fn explanation(&self) -> Option<&str> {
        self.refusal()?.failure.hint()
    }

    /// What was wrong with the request, if it was answered with an error of the service.
    pub(crate) fn failure(&self) -> Option<&Failure> {
        self.refusal().map(|refusal| &refusal.failure)
    }

    /// The account and region that the request is aimed at; the account need not be the caller's.
    pub(crate) fn scope(&self) -> &AccountRegion {
        &self.0.arrival.scope
    }

    /// The job as a DescribeJob found it.
    pub(crate) fn job_seen(&self) -> Option<JobSeen> {
        self.0.ids.job.get().copied()
    }

    fn refusal(&self) -> Option<&Refusal> {
        match self.0.end.get()? {
            End::Answered { refusal, .. } => refusal.as_deref(),
            End::Disconnected => None,
        }
    }

    /// Whether it was refused, was not answered, or its answer broke off.
    pub(crate) fn has_failed(&self) -> bool {
        self.status().is_none_or(|status| status >= 400) || self.interruption().is_some()
    }

    /// Whether it was answered, or its client went away.
    pub fn has_ended(&self) -> bool {
        self.0.end.get().is_some()
    }

    /// Whether the client went away before it was answered.
    pub fn is_disconnected(&self) -> bool {
        self.0.end.get() == Some(&End::Disconnected)
    }

    /// The fault that it met, in words: `ServiceUnavailableException`, `a reset connection`.
    pub fn fault(&self) -> Option<&str> {
        self.0.marks.get()?.fault.get().map(AsRef::as_ref)
    }

    /// Why the mock broke off the body of the answer, although no fault asked for it: the file of an archive
    /// ([`Content::from_file`](crate::Content::from_file)) has changed or is gone.
    pub fn interruption(&self) -> Option<&str> {
        self.0.marks.get()?.interruption.get().map(AsRef::as_ref)
    }

    /// The body of the answer broke off. The first reason counts.
    pub(crate) fn is_interrupted(&self, why: String) {
        let _ = self.0.marks.get_or_init(Box::default).interruption.set(why.into());
    }

    /// When it arrived, on the mock's clock.
    pub fn service_time(&self) -> Timestamp {
        self.0.arrival.service_time
    }

    /// When it arrived, on the wall's clock.
    pub fn wall_time(&self) -> SystemTime {
        self.0.arrival.wall_time
    }

    /// The `x-amzn-RequestId` of the answer.
    pub fn request_id(&self) -> &str {
        self.0.arrival.request_id.as_str()
    }

    /// The bytes that it carries or asks for, first and last: those of the part in an `UploadMultipartPart`
    /// (`Content-Range`), or of the output in a `GetJobOutput` (`Range`). `None` if it names none, or in a form that the
    /// service does not know; an open range (`bytes=5-`) ends at `u64::MAX - 1`.
    pub fn byte_range(&self) -> Option<RangeInclusive<u64>> {
        let part = || content_range(self.header("content-range")?);
        let asked = || ByteRange::parse_header(self.header("range")?);
        part().or_else(asked).map(|range| range.first()..=range.last())
    }

    /// Which attempt of its call it is, from 1, as its SDK says; 1 from a client that does not say.
    pub fn attempt(&self) -> usize {
        let said = self
            .header("amz-sdk-request")
            .and_then(|said| said.split("; ").find_map(|part| part.strip_prefix("attempt=")));
        said.and_then(|number| number.parse().ok()).unwrap_or(1)
    }

    /// What all attempts of one SDK call have in common; `None` from a client that does not say.
    pub fn invocation_id(&self) -> Option<&str> {
        self.header("amz-sdk-invocation-id")
    }
}

/// One line, without the body.
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

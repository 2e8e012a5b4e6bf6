//! A recorded request and its outcome.

use std::borrow::Cow;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::domain::account::{Account, AccountRegion, Principal};
use crate::domain::bytes::ByteRange;
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::vault::Subject;
use crate::domain::words::{ArchiveId, JobId, LockId, Operation, RequestId, Timestamp, UploadId};
use crate::text::decimal;
use crate::wire::content_range;

use super::body::Body;
use super::end::{End, Refusal};
use super::entry::{Entry, JobSeen};

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

impl Request {
    /// Returns the position in the order of arrival, starting at 1.
    pub fn number(&self) -> usize {
        self.0.number
    }

    /// Returns the operation, or `None` if the method and path match no operation.
    pub fn operation(&self) -> Option<Operation> {
        self.0.arrival.head.target.operation
    }

    /// Returns the account of the credentials that signed the request.
    pub fn account(&self) -> Account {
        self.principal().account()
    }

    /// Returns the principal whose credentials signed the request. An unsigned request, or one with an unknown access
    /// key, counts as the root user of the mock's default account.
    pub fn principal(&self) -> &Principal {
        &self.0.arrival.head.caller.principal
    }

    /// Returns the region that the request was signed for.
    pub fn region(&self) -> &str {
        &self.0.arrival.head.place.region
    }

    /// Returns the vault in the path.
    pub fn vault(&self) -> Option<&str> {
        self.0.arrival.head.target.vault.as_deref()
    }

    /// Returns the archive that the request is about: the archive in the path, the archive that a job retrieves, or the
    /// archive that an upload created.
    pub fn archive_id(&self) -> Option<&ArchiveId> {
        self.0.arrival.head.target.subject.archive().or(self.0.archive.get())
    }

    /// Returns the job that the request is about: the job in the path, or the job that the request started.
    pub fn job_id(&self) -> Option<&JobId> {
        self.0.arrival.head.target.subject.job().or(self.created().and_then(Subject::job))
    }

    /// Returns the multipart upload that the request is about: the upload in the path, or the upload that the request
    /// started.
    pub fn upload_id(&self) -> Option<&UploadId> {
        self.0.arrival.head.target.subject.upload().or(self.created().and_then(Subject::upload))
    }

    /// Returns the vault lock that the request is about: the lock in the path, or the lock that the request started.
    pub fn lock_id(&self) -> Option<&LockId> {
        self.0.arrival.head.target.subject.lock().or(self.created().and_then(Subject::lock))
    }

    /// Returns the HTTP method.
    pub fn method(&self) -> &str {
        self.0.arrival.head.method.as_str()
    }

    /// Returns the path exactly as the client sent it, without the query.
    pub fn path(&self) -> &str {
        &self.0.arrival.head.path
    }

    /// Returns the query exactly as the client sent it.
    pub fn query(&self) -> Option<&str> {
        self.0.arrival.head.query.as_deref()
    }

    /// Returns the first header with this name (in any case), if its value is ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        let value = match self.0.arrival.headers.get(name)? {
            Cow::Borrowed(value) => return Some(value),
            Cow::Owned(_) => self.0.rare().headers.get_or_init(|| self.0.arrival.headers.in_binary()),
        };
        value.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// Iterates over all headers, with names in lower case. Bytes that are not UTF-8 become replacement characters.
    pub fn headers(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.0.arrival.headers.texts()
    }

    /// Returns the job, upload or lock that the request created.
    fn created(&self) -> Option<&Subject> {
        self.0.known_rare()?.created.get()
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
        match self.end()? {
            End::Answered(status) => Some(status),
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
        &self.0.arrival.head.place
    }

    /// Returns the job that a DescribeJob found.
    pub(crate) fn job_seen(&self) -> Option<JobSeen> {
        self.0.known_rare()?.job.get().copied()
    }

    fn end(&self) -> Option<End> {
        self.0.ended.get().map(|(end, _)| end)
    }

    fn refusal(&self) -> Option<&Refusal> {
        // The refusal is recorded before the end.
        self.end().and(self.0.known_rare())?.refusal.get()
    }

    /// Returns whether the request was refused or not answered, or its response was interrupted.
    pub(crate) fn has_failed(&self) -> bool {
        self.status().is_none_or(|status| status >= 400) || self.interruption().is_some()
    }

    /// Returns whether the request was answered or its client went away.
    pub fn has_ended(&self) -> bool {
        self.end().is_some()
    }

    /// Returns whether the connection ended before the response: the client closed it, or a fault did.
    pub fn is_disconnected(&self) -> bool {
        matches!(self.end(), Some(End::NotAnswered | End::ClientWentAway))
    }

    /// Returns whether a fault ended the connection before the response. The client may give up earlier, for example
    /// during the delay of a fault.
    pub(crate) fn is_not_answered(&self) -> bool {
        self.end() == Some(End::NotAnswered)
    }

    /// Returns a description of the fault that applied to this request, for example `ServiceUnavailableException` or `a
    /// reset connection`.
    pub fn fault(&self) -> Option<&str> {
        self.0.known_rare()?.fault.get().map(AsRef::as_ref)
    }

    /// Returns why the mock interrupted the response body although no fault asked for it: the file of an archive
    /// ([`Content::from_file`](crate::Content::from_file)) was changed or removed.
    pub fn interruption(&self) -> Option<&str> {
        self.0.known_rare()?.interruption.get().map(AsRef::as_ref)
    }

    /// Records that the response body was interrupted. The first reason counts.
    pub(crate) fn is_interrupted(&self, why: String) {
        let _ = self.0.rare().interruption.set(why.into());
    }

    /// Returns the time of arrival on the mock's clock.
    pub fn service_time(&self) -> Timestamp {
        self.0.arrival.service_time
    }

    /// Returns the time of arrival on the wall clock.
    pub fn wall_time(&self) -> SystemTime {
        self.0.arrival.wall_time.into()
    }

    /// Returns the time on the wall clock from the arrival of the headers until the mock had decided the response, or
    /// until the connection ended before that. Returns `None` for a request that has not ended.
    pub fn duration(&self) -> Option<Duration> {
        self.0.ended.get().map(|(_, took)| took)
    }

    /// Returns the `x-amzn-RequestId` of the response.
    pub fn request_id(&self) -> &str {
        self.0.rare().request_id.get_or_init(|| self.0.arrival.request_id.to_string().into())
    }

    /// Returns the request ID like [`request_id`](Self::request_id), but stores no text of it on the record.
    pub(crate) fn id_in_response(&self) -> RequestId {
        self.0.arrival.request_id
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

    /// Returns the ID like [`invocation_id`](Self::invocation_id), but stores no text of it on the record.
    pub(crate) fn call_id(&self) -> Option<Cow<'_, str>> {
        self.0.arrival.headers.get("amz-sdk-invocation-id")
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

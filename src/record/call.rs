//! Calls: groups the attempts that an SDK makes for one call.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::domain::failure::ErrorCode;
use crate::domain::words::{ArchiveId, JobId, Operation, UploadId};

use super::attempts::Attempts;
use super::body::Body;
use super::request::Request;

/// One call of the code under test with all attempts that the SDK made for it. Its outcome, its IDs, its headers and
/// its body are those of the last attempt.
///
/// ```
/// # #[cfg(feature = "client")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
/// use glacier_mock::{GlacierMock, Operation};
///
/// let mock = GlacierMock::start();
/// mock.create_vault("photos");
/// let upload = mock.client().upload_archive().vault_name("photos").archive_description("cat.jpg");
/// upload.body(b"a cat".to_vec().into()).send().await?;
///
/// let call = mock.calls(Operation::UploadArchive).only();
/// assert_eq!((call.vault(), call.status()), (Some("photos"), Some(201)));
/// assert_eq!(call.header("x-amz-archive-description"), Some("cat.jpg"));
/// assert_eq!(call.body().unwrap(), b"a cat");
/// assert_eq!(call.attempts().statuses(), [201]);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "client"))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug)]
pub struct Call {
    first: Request,
    /// The attempts after the first.
    retries: Vec<Request>,
    number: usize,
}

impl Call {
    /// Returns the position of this call in the order in which the calls began, starting at 1.
    pub fn number(&self) -> usize {
        self.number
    }

    /// Returns the operation, or `None` if the method and path match no operation.
    pub fn operation(&self) -> Option<Operation> {
        self.first.operation()
    }

    /// Returns the attempts in order. There is always at least one.
    pub fn attempts(&self) -> Attempts {
        let mut attempts = vec![self.first.clone()];
        attempts.extend(self.retries.iter().cloned());
        Attempts(attempts)
    }

    /// Returns the first attempt.
    pub fn first(&self) -> &Request {
        &self.first
    }

    /// Returns the last attempt, whose outcome the code under test received.
    pub fn last(&self) -> &Request {
        self.retries.last().unwrap_or(&self.first)
    }

    /// Returns the status of the last attempt, or `None` if it was not answered.
    pub fn status(&self) -> Option<u16> {
        self.last().status()
    }

    /// Returns the error code of the last attempt, or `None` if it was not answered with an error of the service.
    pub fn error_code(&self) -> Option<ErrorCode> {
        self.last().error_code()
    }

    /// Returns the vault in the path.
    pub fn vault(&self) -> Option<&str> {
        self.last().vault()
    }

    /// Returns the archive that the last attempt is about, as [`Request::archive_id`] does.
    pub fn archive_id(&self) -> Option<&ArchiveId> {
        self.last().archive_id()
    }

    /// Returns the job that the last attempt is about, as [`Request::job_id`] does.
    pub fn job_id(&self) -> Option<&JobId> {
        self.last().job_id()
    }

    /// Returns the multipart upload that the last attempt is about, as [`Request::upload_id`] does.
    pub fn upload_id(&self) -> Option<&UploadId> {
        self.last().upload_id()
    }

    /// Returns the first header of the last attempt with this name (in any case), if its value is ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.last().header(name)
    }

    /// Returns the body of the last attempt, once it has arrived.
    pub fn body(&self) -> Option<&Body> {
        self.last().body()
    }
}

/// Groups requests by `amz-sdk-invocation-id`, in the order in which the calls began. A request without that header
/// becomes a separate call.
pub(crate) fn calls(requests: &[Request]) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut known: HashMap<Cow<'_, str>, usize> = HashMap::new();
    for request in requests {
        let id = request.call_id();
        match id.as_ref().and_then(|id| known.get(id)) {
            Some(&call) => calls[call].retries.push(request.clone()),
            None => {
                if let Some(id) = id {
                    known.insert(id, calls.len());
                }
                let number = calls.len() + 1;
                calls.push(Call { first: request.clone(), retries: Vec::new(), number });
            }
        }
    }
    calls
}

//! Renders an outcome as a response: status, headers and payload. It writes to no socket.

use std::fmt::{self, Display, Write as _};

use bytes::Bytes;
use hyper::header::{ACCEPT_RANGES, CONTENT_RANGE, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION};
use hyper::{Response, StatusCode};
use serde::Serialize;

use crate::domain::account::AccountRegion;
use crate::domain::bytes::{Chunks, Content};
use crate::domain::vault::{Download, Format, JobKind, JobOutput};
use crate::domain::words::Operation;
use crate::service::Outcome;

use super::{locks, request, retrieval_limits, vault_settings, vaults};
use crate::wire::{jobs, uploads};

const ARCHIVE_DESCRIPTION: HeaderName = HeaderName::from_static("x-amz-archive-description");
const ARCHIVE_ID: HeaderName = HeaderName::from_static("x-amz-archive-id");
const CAPACITY_ID: HeaderName = HeaderName::from_static("x-amz-capacity-id");
const JOB_ID: HeaderName = HeaderName::from_static("x-amz-job-id");
const LOCK_ID: HeaderName = HeaderName::from_static("x-amz-lock-id");
const TREE_HASH: HeaderName = HeaderName::from_static(request::TREE_HASH);
const UPLOAD_ID: HeaderName = HeaderName::from_static("x-amz-multipart-upload-id");
/// The mock's own header of a retrieval whose bytes are not those of the tree hash.
const CONTENT: HeaderName = HeaderName::from_static("x-glacier-mock-content");

const JSON: &str = "application/json";

/// The body of a response.
#[derive(Debug)]
pub(crate) enum Payload {
    Empty,
    Json(Bytes),
    /// The bytes of a job's output, chunk by chunk, and what counts them.
    Output(Chunks, Download),
    /// Bytes that do not come from the service, chunk by chunk.
    Chunks(Chunks),
}

impl Payload {
    /// Returns the counter for the bytes of a job's output, if this is one.
    pub(crate) fn download(&self) -> Option<Download> {
        match self {
            Payload::Output(_, download) => Some(download.clone()),
            Payload::Empty | Payload::Json(_) | Payload::Chunks(_) => None,
        }
    }
}

/// Returns the response to a request that the service granted.
pub(crate) fn render(operation: Operation, place: &AccountRegion, outcome: Outcome) -> Response<Payload> {
    let status = operation.success();
    // Location contains the real account, even if the request had `-`.
    let location = |rest: fmt::Arguments<'_>| {
        Reply::new(status).header(LOCATION, format_args!("/{}/vaults/{rest}", place.account))
    };
    match outcome {
        Outcome::Done => Reply::new(status).bare(),
        Outcome::VaultCreated(vault) => location(format_args!("{vault}")).bare(),
        Outcome::Vault(vault) => json_reply(status, &vaults::describe(&vault)),
        Outcome::Vaults(page) => json_reply(status, &vaults::list(&page)),
        Outcome::ArchiveStored { vault, id, tree_hash } => {
            location(format_args!("{vault}/archives/{id}")).header(ARCHIVE_ID, id).header(TREE_HASH, tree_hash).bare()
        }
        Outcome::UploadStarted { vault, id } => {
            location(format_args!("{vault}/multipart-uploads/{id}")).header(UPLOAD_ID, id).bare()
        }
        Outcome::PartStored { tree_hash } => Reply::new(status).header(TREE_HASH, tree_hash).bare(),
        Outcome::Uploads(page) => json_reply(status, &uploads::list_page(&page)),
        Outcome::Parts { upload, page } => json_reply(status, &uploads::parts_page(&upload, &page)),
        Outcome::JobStarted { vault, job } => {
            let id = &job.job.id;
            location(format_args!("{vault}/jobs/{id}")).header(JOB_ID, id).bare()
        }
        Outcome::Job { vault_arn, job } => json_reply(status, &jobs::description(&vault_arn, &job)),
        Outcome::Jobs { vault_arn, page } => json_reply(status, &jobs::list_page(&vault_arn, &page)),
        Outcome::JobOutput(output) => job_output(&output),
        Outcome::Tags(tags) => json_reply(status, &vault_settings::tags(&tags)),
        Outcome::Notifications(set) => json_reply(status, &vault_settings::notifications(&set)),
        Outcome::AccessPolicy(policy) => json_reply(status, &vault_settings::access_policy(&policy)),
        Outcome::LockStarted { id } => Reply::new(status).header(LOCK_ID, id).bare(),
        Outcome::Lock(lock) => json_reply(status, &locks::description(&lock)),
        Outcome::RetrievalPolicy(policy) => json_reply(status, &retrieval_limits::policy(policy)),
        Outcome::CapacityPurchased { id } => Reply::new(status).header(CAPACITY_ID, id).bare(),
        Outcome::Capacity(units) => json_reply(status, &retrieval_limits::capacity(&units)),
    }
}

/// Returns the whole output of a job, or the part that the client asked for.
fn job_output(output: &JobOutput) -> Response<Payload> {
    let reply = match output.range() {
        Some((part, total)) => {
            Reply::new(StatusCode::PARTIAL_CONTENT).header(CONTENT_RANGE, format_args!("bytes {part}/{total}"))
        }
        None => Reply::new(StatusCode::OK),
    };
    let reply = reply.header(ACCEPT_RANGES, "bytes");
    let reply = match output.kind() {
        JobKind::Archive(retrieval) => reply
            .content_type("application/octet-stream")
            .optional(ARCHIVE_DESCRIPTION, retrieval.archive.description.get())
            .optional(TREE_HASH, output.tree_hash())
            .optional(CONTENT, retrieval.archive.is_made_up().then_some("made-up")),
        JobKind::Inventory(retrieval) => reply.content_type(match retrieval.format {
            Format::Json => JSON,
            Format::Csv => "text/csv",
        }),
    };
    reply.with(Payload::Output(output.chunks(), output.download()))
}

/// Returns a response that does not come from the service.
pub(crate) fn custom(status: u16, content_type: &str, body: Bytes) -> Response<Payload> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let reply = Reply::new(status);
    if body.is_empty() {
        return reply.empty();
    }
    reply.header(CONTENT_TYPE, content_type).with(Payload::Chunks(Content::from_bytes(body).chunks()))
}

/// Returns a response with `answer` as compact JSON. An answer declares its fields in the order of the service's keys,
/// and its absent values are null (observed.md 3.1).
pub(super) fn json_reply(status: StatusCode, answer: &impl Serialize) -> Response<Payload> {
    // Most answers are shorter.
    let mut body = Vec::with_capacity(1024);
    // Only a map with other keys than strings, or a `Serialize` that returns an error, can fail. No answer has either.
    let _ = serde_json::to_writer(&mut body, answer);
    Reply::new(status).json(body.into())
}

/// A builder for responses.
struct Reply(Response<Payload>);

impl Reply {
    fn new(status: StatusCode) -> Self {
        let mut response = Response::new(Payload::Empty);
        *response.status_mut() = status;
        Reply(response)
    }

    fn header(self, name: HeaderName, value: impl Display) -> Self {
        self.text(name, &value)
    }

    fn optional(self, name: HeaderName, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.header(name, value),
            None => self,
        }
    }

    fn text(mut self, name: HeaderName, value: &dyn Display) -> Self {
        // The longest value is the location of an archive.
        let mut text = String::with_capacity(256);
        let _ = write!(text, "{value}");
        // The types of all values guarantee ASCII.
        if let Ok(value) = HeaderValue::try_from(text) {
            self.0.headers_mut().insert(name, value);
        }
        self
    }

    fn content_type(mut self, value: &'static str) -> Self {
        self.0.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(value));
        self
    }

    fn json(self, body: Bytes) -> Response<Payload> {
        self.content_type(JSON).with(Payload::Json(body))
    }

    /// Finishes a response whose content is in its headers. 201 and 202 have an empty JSON object as the body; 204 has
    /// no body and no type (observed.md 3.1).
    fn bare(self) -> Response<Payload> {
        if self.0.status() == StatusCode::NO_CONTENT {
            return self.empty();
        }
        self.json(Bytes::from_static(b"{}"))
    }

    /// Finishes a response without a body. It has no Content-Type, because old clients would try to parse the body
    /// (api.md section 1).
    fn empty(self) -> Response<Payload> {
        self.0
    }

    fn with(self, payload: Payload) -> Response<Payload> {
        self.0.map(|_| payload)
    }
}

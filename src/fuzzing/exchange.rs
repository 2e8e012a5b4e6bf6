//! A request that is read, applied and rendered without a socket.

use hyper::HeaderMap;
use serde_json::Value;

use crate::domain::bytes::{BodyHasher, Content};
use crate::domain::words::Operation;
use crate::fixture::GlacierMock;
use crate::wire::{Body, Payload, Query, Request, Target, error_response, parse, render_outcome};

/// A response. A body in JSON is in `json`, and the output of a job is in `output`.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) json: Value,
    pub(super) output: Vec<u8>,
}

/// What a target asks of the mock.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) operation: Operation,
    /// The names and the values of the segments of the path, as the table of operations names them.
    pub(super) path: &'a [(&'a str, &'a str)],
    pub(super) query: Option<&'a str>,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

/// Returns the answer to a request. Panics if it is not one that AWS could give: a success with the operation's status,
/// or an error with a code and a message.
pub(super) fn ask(mock: &GlacierMock, asked: Asked<'_>) -> Answer {
    let Asked { operation, path, query, headers, body } = asked;
    let mut target = Target::of(operation);
    path.iter().for_each(|(name, segment)| target.name(name, segment));
    let mut hasher = BodyHasher::new();
    hasher.update(body);
    let content = Content::from_bytes(body.to_vec().into());
    let body = Body { content, len: body.len() as u64, hashes: hasher.finish() };
    let method = operation.method();
    let request =
        Request { method, path: operation.path(), target: &target, query: Query::parse(query), headers, body: &body };
    let place = mock.mock.own_place();
    let outcome = parse(operation, &request).and_then(|command| mock.mock.service.apply(&place, None, command));
    let response = match outcome {
        Ok(outcome) => render_outcome(operation, &place, outcome),
        Err(failure) => error_response(&failure),
    };
    let (parts, payload) = response.into_parts();
    let (json, output) = match payload {
        Payload::Empty => (Value::Null, Vec::new()),
        Payload::Json(bytes) => (serde_json::from_slice(&bytes).expect("a body that is JSON"), Vec::new()),
        Payload::Output(chunks, _) | Payload::Chunks(chunks) => {
            (Value::Null, chunks.flat_map(|chunk| chunk.expect("bytes in memory").to_vec()).collect())
        }
    };
    let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, json, output };
    match answer.status {
        200..300 => assert!(answer.status == operation.success_status() || answer.status == 206),
        400..500 => check_error(&answer.json),
        status => panic!("status {status}: {}", answer.json),
    }
    answer
}

/// Panics if an error is not in AWS's form.
pub(super) fn check_error(error: &Value) {
    let is_text = |name: &str| error[name].as_str().is_some_and(|text| !text.is_empty());
    let is_whole = error.as_object().is_some_and(|fields| fields.len() == 3);
    assert!(is_whole && is_text("code") && is_text("message") && is_text("type"), "not an error of AWS: {error}");
}

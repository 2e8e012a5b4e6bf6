//! Endpoints of the record: requests and calls.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::extract::State;
use axum::response::{IntoResponse, NoContent, Response};
use bytes::Bytes;
use hyper::HeaderMap;
use hyper::body::{Frame, SizeHint};
use hyper::header::{ACCEPT, CONTENT_TYPE};
use serde::{Deserialize, Serialize};

use crate::control::RecordControl;
use crate::domain::bytes::Chunks;
use crate::record::{Filter, Request};

use super::answer::Json;
use super::contents::{Octets, PlainText};
use super::endpoint::Routes;
use super::error::ApiError;
use super::forms::{CallForm, RecordQuery, RequestForm, within};
use super::parts::Parts;
use super::path::PathOf;
use super::read::{self, Nothing, Query};

/// The media type of lines of JSON.
pub(super) const LINES: &str = "application/x-ndjson";

/// The maximum number of requests in one chunk of the response.
const AT_ONCE: usize = 100;

/// The number of a request.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RequestPath {
    n: usize,
}

/// The requests that match, oldest first.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Requests {
    requests: Vec<RequestForm>,
    /// The number of older requests that are no longer on record.
    dropped: usize,
}

/// The calls that match, oldest first.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Calls {
    calls: Vec<CallForm>,
    /// The number of older requests that are no longer on record.
    dropped: usize,
}

/// How the transcript is written.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct TranscriptQuery {
    /// Adds the parameters, the headers that matter, the attempts and the error message of each call.
    #[serde(default)]
    full: bool,
    /// Groups the calls by resource, for programs that make calls concurrently.
    #[serde(default)]
    by_resource: bool,
}

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/requests", "The requests on record, oldest first", list)
        .described(
            "With `Accept: application/x-ndjson` the response has one request per line, and the header \
             `X-Dropped-Requests` has the number of older requests that the record has dropped.",
        )
        .delete("/requests", "Empties the record", clear)
        .get("/requests/{n}", "A request", one)
        .get("/requests/{n}/body", "The body of a request, as it was received", body)
        .get("/calls", "The calls on record with their attempts, oldest first", calls)
        .get("/transcript", "The record as a text that is the same in every run", transcript)
}

/// The requests as one JSON object, or as lines.
pub(super) enum Listed {
    Whole(Json<Requests>),
    Lines(Vec<Request>, usize),
}

impl IntoResponse for Listed {
    fn into_response(self) -> Response {
        match self {
            Listed::Whole(requests) => requests.into_response(),
            Listed::Lines(found, dropped) => {
                let headers = [(CONTENT_TYPE.as_str(), LINES.to_owned()), ("x-dropped-requests", dropped.to_string())];
                (headers, Body::new(Lines(found.into_iter()))).into_response()
            }
        }
    }
}

async fn list(State(parts): State<Parts>, headers: HeaderMap, query: Query<RecordQuery>) -> Listed {
    let (requests, dropped) = RecordControl(&parts.mock).requests();
    let (after, limit) = (query.form.after.unwrap_or_default(), query.form.limit.unwrap_or(usize::MAX));
    let filter = query.form.filter(&query.place);
    let found = requests.into_iter().filter(|request| request.number() > after && filter.fits(request)).take(limit);
    let found: Vec<_> = found.collect();
    if accepts_lines(&headers) {
        return Listed::Lines(found, dropped);
    }
    Listed::Whole(Json(Requests { requests: found.iter().map(RequestForm::of).collect(), dropped }))
}

fn accepts_lines(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut types = values.flat_map(|value| value.split(','));
    types.any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(LINES)))
}

/// Requests as lines of JSON. Each chunk is serialized only when it is sent.
struct Lines(std::vec::IntoIter<Request>);

impl HttpBody for Lines {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let mut lines = Vec::new();
        for request in self.0.by_ref().take(AT_ONCE) {
            serde_json::to_writer(&mut lines, &RequestForm::of(&request))?;
            lines.push(b'\n');
        }
        Poll::Ready((!lines.is_empty()).then(|| Ok(Frame::data(lines.into()))))
    }
}

async fn clear(State(parts): State<Parts>, _: read::Body<Nothing>) -> NoContent {
    RecordControl(&parts.mock).clear();
    NoContent
}

async fn one(
    State(parts): State<Parts>,
    PathOf(RequestPath { n }): PathOf<RequestPath>,
    _: Query<Nothing>,
) -> Result<Json<RequestForm>, ApiError> {
    Ok(Json(RequestForm::of(&RecordControl(&parts.mock).request(n)?)))
}

async fn body(
    State(parts): State<Parts>,
    PathOf(RequestPath { n }): PathOf<RequestPath>,
    _: Query<Nothing>,
) -> Result<Octets, ApiError> {
    let request = RecordControl(&parts.mock).request(n)?;
    let Some(body) = request.body() else {
        let why = request.unfinished_body().unwrap_or_else(|| "the server has not read it".into());
        return Err(ApiError::not_found(format!("the body of request {n} is not complete: {why}")));
    };
    if body.dropped() > 0 {
        return Err(ApiError::not_found(format!(
            "the record did not keep the body of request {n}: {} of its {} bytes were dropped",
            body.dropped(),
            body.len()
        )));
    }
    Ok(Octets(Body::new(Stored(body.to_chunks()))))
}

/// The bytes of a body, chunk by chunk.
struct Stored(Chunks);

impl HttpBody for Stored {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.0.next().map(|chunk| chunk.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.remaining())
    }
}

async fn calls(State(parts): State<Parts>, query: Query<RecordQuery>) -> Json<Calls> {
    let (calls, dropped) = RecordControl(&parts.mock).calls();
    let (after, limit) = (query.form.after.unwrap_or_default(), query.form.limit.unwrap_or(usize::MAX));
    let filter = query.form.filter(&query.place);
    let found = calls.iter().filter(|call| call.number() > after && filter.fits(call.last())).take(limit);
    Json(Calls { calls: found.map(CallForm::of).collect(), dropped })
}

async fn transcript(State(parts): State<Parts>, query: Query<TranscriptQuery>) -> PlainText {
    let mut transcript = RecordControl(&parts.mock).transcript(within(Filter::default(), &query.place));
    if query.form.full {
        transcript = transcript.full();
    }
    if query.form.by_resource {
        transcript = transcript.by_resource();
    }
    let mut text = transcript.to_string();
    if !text.is_empty() {
        text.push('\n');
    }
    PlainText(text)
}

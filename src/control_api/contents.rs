//! Answers that are not JSON, or only say that a request succeeded.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use hyper::header::CONTENT_TYPE;
use serde::Serialize;

use super::answer::Json;

/// A plain text.
pub(super) struct PlainText(pub(super) String);

/// Bytes, as a body that is streamed.
pub(super) struct Octets(pub(super) Body);

/// The answer to a request that succeeded and returns nothing else.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Done {
    /// Always `true`.
    ok: bool,
}

impl Done {
    pub(super) fn new() -> Json<Self> {
        Json(Done { ok: true })
    }
}

impl IntoResponse for PlainText {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "text/plain; charset=utf-8")], self.0).into_response()
    }
}

impl IntoResponse for Octets {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "application/octet-stream")], self.0).into_response()
    }
}

//! Answers in JSON.

use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use hyper::header::CONTENT_TYPE;
use serde::Serialize;

/// An answer in JSON, with status 200.
pub(super) struct Json<T>(pub(super) T);

/// The answer to a request that created something, with status 201.
pub(super) struct Created<T>(pub(super) T);

/// The answer to a request that created something, with status 201, or changed it, with status 200.
pub(super) enum CreatedOrChanged<T> {
    Created(T),
    Changed(T),
}

/// Returns an answer in JSON.
pub(super) fn json(status: StatusCode, form: &impl Serialize) -> Response {
    match serde_json::to_vec(form) {
        Ok(json) => (status, [(CONTENT_TYPE, "application/json")], json).into_response(),
        // A form can be written: its keys are texts.
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        json(StatusCode::OK, &self.0)
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        json(StatusCode::CREATED, &self.0)
    }
}

impl<T: Serialize> IntoResponse for CreatedOrChanged<T> {
    fn into_response(self) -> Response {
        match self {
            CreatedOrChanged::Created(form) => Created(form).into_response(),
            CreatedOrChanged::Changed(form) => Json(form).into_response(),
        }
    }
}

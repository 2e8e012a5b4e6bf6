//! The error of an endpoint, and how it is answered.

use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use serde::Serialize;

use crate::control::{ControlError, ErrorKind};

use super::BASE;
use super::answer::json;

/// Why a request was refused. It changed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
}

/// What is answered when a request was refused.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct ErrorForm {
    error: ErrorMembers,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ErrorMembers {
    /// One of `invalid_request`, `forbidden`, `not_found`, `method_not_allowed`, `conflict`, `payload_too_large`,
    /// `unsupported_media_type`, `verification_failed`, `internal_error` and `not_kept`.
    code: &'static str,
    /// What is wrong. For a failed verification, the report.
    message: String,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        ApiError { status, code, message: message.into() }
    }

    /// Returns the error with another message.
    pub(super) fn with_message(self, change: impl FnOnce(String) -> String) -> Self {
        ApiError { message: change(self.message), ..self }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", message)
    }

    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// The error of a verification that failed, with its report.
    pub(super) fn verification_failed(report: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "verification_failed", report)
    }

    pub(super) fn too_large(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", message)
    }

    /// The error of a change that could not be written to the file of the state.
    pub(super) fn not_kept(reason: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_kept", reason)
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", message)
    }

    pub(super) fn media_type(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)
    }
}

impl From<ControlError> for ApiError {
    fn from(ControlError { kind, message, member }: ControlError) -> Self {
        let message = member.map_or_else(|| message.clone(), |member| format!("{member}: {message}"));
        match kind {
            ErrorKind::Invalid => Self::invalid(message),
            ErrorKind::NoVault | ErrorKind::NotFound => Self::not_found(message),
            ErrorKind::Conflict => Self::new(StatusCode::CONFLICT, "conflict", message),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let ApiError { status, code, message } = self;
        json(status, &ErrorForm { error: ErrorMembers { code, message } })
    }
}

/// Answers a request to a path that does not exist.
pub(super) async fn no_such_path(request: axum::extract::Request) -> ApiError {
    let path = request.uri().path();
    let advice = match path.trim_end_matches('/') {
        without if without.len() < path.len() && without.len() > BASE.len() => {
            format!(": the paths do not end with a slash, try {without}")
        }
        _ => String::new(),
    };
    ApiError::not_found(format!("there is no {path} in the control API{advice}"))
}

/// Answers a request with a method that its path does not have.
pub(super) async fn no_such_method(request: axum::extract::Request) -> ApiError {
    let message = format!("{} does not have the method {}", request.uri().path(), request.method());
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}

//! Answers with status 201.

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{Operation, Response as Documented};
use axum::Json;
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use schemars::JsonSchema;
use serde::Serialize;

/// The answer to a request that created something, with status 201.
pub(super) struct Created<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self.0)).into_response()
    }
}

impl<T: JsonSchema> OperationOutput for Created<T> {
    type Inner = T;

    fn operation_response(context: &mut GenContext, operation: &mut Operation) -> Option<Documented> {
        Json::<T>::operation_response(context, operation)
    }

    fn inferred_responses(context: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Documented)> {
        Self::operation_response(context, operation).into_iter().map(|answer| (Some(201), answer)).collect()
    }
}

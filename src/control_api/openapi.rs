//! Serves the OpenAPI document.
//!
//! A test generates the document from the forms of the endpoints, and fails if the file is not equal to it. Generating it
//! in the program would add seven seconds to the time that the program takes to compile.

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use hyper::header::CONTENT_TYPE;

use super::BASE;
use super::parts::Parts;

/// The document, which the test in `describe/document.rs` writes and checks.
pub(super) const DOCUMENT: &str = include_str!("openapi.json");

pub(super) fn routes() -> Router<Parts> {
    Router::new().route(&format!("{BASE}/openapi.json"), get(document))
}

async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT)
}

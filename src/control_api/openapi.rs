//! Serves the OpenAPI document.
//!
//! A test generates the document from the forms of the endpoints, and fails if the file is not equal to it. If the
//! program generated it, it would have 14 more crates and 354,000 more lines of LLVM IR (of 2.8 million).

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use hyper::header::CONTENT_TYPE;

use super::BASE;

/// The document, which the test in `describe/document.rs` writes and checks.
pub(super) const DOCUMENT: &str = include_str!("openapi.json");

pub(super) fn routes() -> Router {
    Router::new().route(&format!("{BASE}/openapi.json"), get(document))
}

async fn document() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT)
}

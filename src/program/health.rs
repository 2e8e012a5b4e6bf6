//! The health endpoint of LocalStack, for scripts and wait strategies that were made for LocalStack.

use axum::Router;
use axum::routing::get;
use hyper::header::CONTENT_TYPE;
use serde_json::json;

const PATH: &str = "/_localstack/health";

/// Returns whether a request is for this endpoint.
pub(super) fn takes<B>(request: &hyper::Request<B>) -> bool {
    request.uri().path() == PATH
}

pub(super) fn router() -> Router {
    let health = json!({
        "services": { "glacier": "running" },
        "edition": "glacier-mock",
        "version": env!("CARGO_PKG_VERSION"),
    });
    let answer = ([(CONTENT_TYPE, "application/json")], health.to_string());
    Router::new().route(PATH, get(async move || answer))
}

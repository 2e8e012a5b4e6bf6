//! The OpenAPI document, which is generated from the forms of the endpoints.

use aide::axum::ApiRouter;
use aide::openapi::{Info, OpenApi};
use axum::Router;
use axum::body::Bytes;
use axum::response::IntoResponse;
use axum::routing::get;
use hyper::header::CONTENT_TYPE;

use super::{BASE, parts::Parts};

/// Adds the document of a router to it, at `/openapi.json`.
pub(super) fn with_document(endpoints: ApiRouter<Parts>) -> Router<Parts> {
    let mut document = OpenApi {
        info: Info {
            title: "glacier-mock".into(),
            summary: Some("The control API of glacier-mock".into()),
            version: env!("CARGO_PKG_VERSION").into(),
            ..Info::default()
        },
        ..OpenApi::default()
    };
    let endpoints = endpoints.finish_api(&mut document);
    let json = serde_json::to_vec(&document).expect("the keys of the document are texts");
    let json = Bytes::from(json);
    let answer = move || async move { ([(CONTENT_TYPE, "application/json")], json).into_response() };
    endpoints.route(&format!("{BASE}/openapi.json"), get(answer))
}

//! The OpenAPI document, which is generated from the forms of the endpoints.

use aide::axum::ApiRouter;
use aide::generate::in_context;
use aide::openapi::{Info, License, OpenApi, ReferenceOr, Server};
use axum::Router;
use axum::body::Bytes;
use axum::response::IntoResponse;
use axum::routing::get;
use hyper::header::CONTENT_TYPE;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;

use super::error::ApiError;
use super::{BASE, parts::Parts};

const DESCRIPTION: &str = "Controls a mock of the vault-based Amazon S3 Glacier: its clock, its jobs, the faults that it \
                           injects, and its record of requests. The mock serves this API and Glacier on the same port. \
                           Requests of this API need no signature and are not on the record.";

/// Begins a document. The forms of the endpoints that are added to a router on this thread become part of it.
pub(super) fn begin() {
    // By default aide writes an earlier dialect of JSON Schema, but OpenAPI 3.1 uses this one.
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "#/components/schemas/".into();
        settings.meta_schema = None;
    });
    in_context(|context| context.schema = SchemaGenerator::new(settings));
}

/// Adds the document of a router to it, at `/openapi.json`.
pub(super) fn with_document(endpoints: ApiRouter<Parts>) -> Router<Parts> {
    let licence = License {
        name: "MIT OR Apache-2.0".into(),
        identifier: Some("MIT OR Apache-2.0".into()),
        ..License::default()
    };
    let mut document = OpenApi {
        info: Info {
            title: "glacier-mock".into(),
            summary: Some("The control API of glacier-mock".into()),
            description: Some(DESCRIPTION.into()),
            license: Some(licence),
            version: env!("CARGO_PKG_VERSION").into(),
            ..Info::default()
        },
        servers: vec![Server { url: "/".into(), ..Server::default() }],
        ..OpenApi::default()
    };
    let endpoints = endpoints.finish_api_with(&mut document, |document| document.default_response::<ApiError>());
    name_operations(&mut document);
    let json = serde_json::to_vec(&document).expect("the keys of the document are texts");
    let json = Bytes::from(json);
    let answer = move || async move { ([(CONTENT_TYPE, "application/json")], json).into_response() };
    endpoints.route(&format!("{BASE}/openapi.json"), get(answer))
}

/// Gives each operation an ID, such as `post_clock_advance`, and a tag, the first segment of its path.
fn name_operations(document: &mut OpenApi) {
    let Some(paths) = &mut document.paths else { return };
    for (path, item) in &mut paths.paths {
        let ReferenceOr::Item(item) = item else { continue };
        let segments: Vec<_> = path.trim_start_matches(BASE).split('/').filter(|segment| !segment.is_empty()).collect();
        let name = segments.join("_").replace(['{', '}'], "").replace('-', "_");
        let methods =
            [("get", &mut item.get), ("put", &mut item.put), ("post", &mut item.post), ("delete", &mut item.delete)];
        for (method, operation) in methods {
            let Some(operation) = operation else { continue };
            operation.operation_id.get_or_insert_with(|| format!("{method}_{name}"));
            if operation.tags.is_empty() {
                operation.tags.extend(segments.first().map(|&segment| segment.to_owned()));
            }
        }
    }
}

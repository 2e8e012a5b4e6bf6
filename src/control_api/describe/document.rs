//! Generates the document, and tests that the file in the program is current.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::super::endpoint::Endpoint;
use super::super::error::ApiError;
use super::super::openapi::DOCUMENT;
use super::super::{BASE, endpoints};
use super::{Description, Output};

const DESCRIPTION: &str = "Controls a mock of the vault-based Amazon S3 Glacier: its clock, its jobs, the faults that it \
                           injects, and its record of requests. The mock serves this API and Glacier on the same port. \
                           Requests of this API need no signature and are not on the record.";

/// Returns the document of all endpoints.
fn document() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = SchemaGenerator::new(settings);
    let mut paths = Map::new();
    for endpoint in endpoints().0 {
        let operation;
        (operation, generator) = describe(&endpoint, generator);
        let path = paths.entry(format!("{BASE}{}", endpoint.path)).or_insert_with(|| json!({}));
        path[method(&endpoint)] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "glacier-mock",
            "summary": "The control API of glacier-mock",
            "description": DESCRIPTION,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
            "version": env!("CARGO_PKG_VERSION"),
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": { "schemas": generator.take_definitions(true) },
    })
}

/// Returns the name of the member that describes an endpoint.
fn method(endpoint: &Endpoint) -> String {
    endpoint.method.as_str().to_lowercase()
}

/// Describes an endpoint. Its ID is the method with the path, such as `post_clock_advance`, and its tag is the first
/// segment of the path.
fn describe(endpoint: &Endpoint, generator: SchemaGenerator) -> (Value, SchemaGenerator) {
    let mut description = Description { generator, parameters: Vec::new(), body: None, responses: Map::new() };
    ApiError::describe(&mut description);
    (endpoint.describe)(&mut description);
    let Description { generator, parameters, body, responses } = description;
    let segments: Vec<_> = endpoint.path.split('/').filter(|segment| !segment.is_empty()).collect();
    let name = segments.join("_").replace(['{', '}'], "").replace('-', "_");
    let mut operation = json!({
        "operationId": format!("{}_{name}", method(endpoint)),
        "summary": endpoint.summary,
        "tags": &segments[..1],
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(text) = endpoint.description {
        operation["description"] = text.into();
    }
    if let Some(body) = body {
        operation["requestBody"] = body;
    }
    (operation, generator)
}

/// The command that writes the file.
const UPDATE: &str = "UPDATE_OPENAPI=1 cargo test --all-features --lib openapi";

/// Compares the file in the program with the document that the types of the handlers generate. If the environment
/// variable `UPDATE_OPENAPI` is set, the test writes the file instead.
#[test]
fn the_openapi_file_is_the_document_of_the_endpoints() {
    let document = document();
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/src/control_api/openapi.json");
        std::fs::write(file, serde_json::to_string_pretty(&document).unwrap() + "\n").unwrap();
        return;
    }
    let file: Value = serde_json::from_str(DOCUMENT).unwrap_or_default();
    let different =
        document["paths"].as_object().unwrap().iter().find(|(path, methods)| file["paths"][path] != **methods);
    let different = different.map(|(path, _)| path);
    assert!(file == document, "src/control_api/openapi.json is not current, first in {different:?}: run `{UPDATE}`");
}

//! What all endpoints have in common: paths, methods, bodies, and the record.

use serde_json::{Value, json};

use super::{call, ok, refused, send, start};

#[test]
fn a_path_that_does_not_exist_is_not_found() {
    let mock = start();
    for path in ["", "/", "/clocks", "/clock/", "/health/x"] {
        refused(&mock, "GET", path, Value::Null, 404, "not_found");
    }
    let message = refused(&mock, "GET", "/clock/", Value::Null, 404, "not_found");
    assert!(message.ends_with("do not end with a slash, try /_glacier-mock/v1/clock"), "{message}");
}

#[test]
fn a_method_that_a_path_does_not_have_is_refused() {
    let mock = start();
    refused(&mock, "GET", "/clock/advance", Value::Null, 405, "method_not_allowed");
    refused(&mock, "DELETE", "/clock", Value::Null, 405, "method_not_allowed");
}

#[test]
fn a_refusal_names_the_member_that_is_wrong() {
    let mock = start();
    let message = |body| refused(&mock, "POST", "/clock/advance", body, 400, "invalid_request");
    assert!(message(json!({"by": "soon"})).starts_with("by: \"soon\" is not a duration"));
    assert!(message(json!({"by": "1h", "and": 1})).starts_with("and: unknown field `and`"));
    assert_eq!(message(json!(["1h"])), "expected a JSON object");
    assert!(message(json!({"by": 4})).ends_with("expected a duration such as \"4h\""));
    assert!(message(json!({"by": "1h", "account": 12})).ends_with("expected an account such as \"111122223333\""));
    assert_eq!(message(json!({"by": "1h", "account": "12"})).split(':').next(), Some("account"));
    assert_eq!(message(json!({"by": "1h", "region": "a b"})).split(':').next(), Some("region"));
    for path in ["/clock?account=12", "/clock?region=", "/clock?limit=1"] {
        refused(&mock, "GET", path, Value::Null, 400, "invalid_request");
    }
    let broken = send(&mock, "POST", "/clock/advance", &[("Content-Type", "application/json")], br#"{"by": "1h""#);
    assert_eq!(broken.status, 400);
}

#[test]
fn a_body_that_is_too_large_is_refused() {
    let mock = start();
    let body = format!(r#"{{"by": "{}"}}"#, "1".repeat(17 << 20));
    let response = send(&mock, "POST", "/clock/advance", &[("Content-Type", "application/json")], body.as_bytes());
    assert_eq!(response.status, 413);
    assert!(response.text().contains(r#""code":"payload_too_large""#));
}

#[test]
fn requests_to_the_control_api_are_not_on_the_record() {
    let mock = start();
    ok(&mock, "GET", "/health", Value::Null);
    call(&mock, "POST", "/nothing", json!({}));
    mock.requests().assert_count(0);
}

#[test]
fn the_document_has_every_endpoint_and_is_json() {
    let mock = start();
    let document = ok(&mock, "GET", "/openapi.json", Value::Null);
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/_glacier-mock/v1/clock/advance"]["post"].is_object());
}

#[test]
fn every_operation_of_the_document_is_described() {
    let document = ok(&start(), "GET", "/openapi.json", Value::Null);
    assert_eq!(document["info"]["license"]["identifier"], "MIT OR Apache-2.0");
    assert!(document["info"]["description"].is_string());
    assert_eq!(document["servers"], json!([{"url": "/"}]));
    let paths = document["paths"].as_object().unwrap();
    let operations: Vec<_> = paths.values().flat_map(|path| path.as_object().unwrap().values()).collect();
    let mut ids = Vec::new();
    for operation in operations {
        let id = operation["operationId"].as_str().unwrap();
        assert!(id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{id}");
        assert!(!ids.contains(&id), "{id} is there twice");
        ids.push(id);
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{id}");
        assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{id}");
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.contains_key("default") && answers.keys().any(|status| status.starts_with('2')), "{id}");
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["schema"].is_object(), "{id}: {parameter}");
        }
    }
    for id in ["post_faults", "delete_faults_id", "get_requests_n_body", "get_requests_stream", "post_verify"] {
        assert!(ids.contains(&id), "{id} is not in {ids:?}");
    }
}

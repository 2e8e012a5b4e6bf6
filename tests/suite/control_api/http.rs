//! What all endpoints have in common: paths, methods, bodies, and the record.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use glacier_mock::GlacierMock;
use serde_json::{Value, json};

use super::{BASE, call, ok, refused, send, start, started};

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

/// A request with a member twice does not say which one is meant.
#[test]
fn a_member_that_is_given_twice_is_refused() {
    let mock = start();
    mock.vault("v").create();
    let json = [("Content-Type", "application/json")];
    for (path, body, message) in [
        ("/reset", r#"{"only": ["faults"], "only": ["vaults"]}"#, "duplicate field `only` at line 1"),
        ("/reset", r#"{"account": "000000000000", "account": "111122223333"}"#, "duplicate field `account` at line 1"),
        ("/faults", r#"{"effect": "resets", "match": {"vault": "a", "vault": "b"}}"#, "match: duplicate field `vault`"),
        ("/reset?account=000000000000", r#"{"account": "111122223333"}"#, "account: the request names two accounts"),
        ("/reset?region=us-east-1&region=eu-west-1", "", "region: the request names two regions"),
    ] {
        let response = send(&mock, "POST", path, &json, body.as_bytes());
        assert_eq!(response.status, 400, "{path} {body}");
        let error = serde_json::from_slice::<Value>(&response.body).unwrap()["error"].clone();
        assert_eq!(error["code"], "invalid_request");
        assert!(error["message"].as_str().unwrap().starts_with(message), "{error}");
    }
    assert!(mock.vault("v").exists());
    // The same account twice is not a contradiction.
    let by = json!({"by": "1h", "account": "000000000000"});
    assert_eq!(call(&mock, "POST", "/clock/advance?account=000000000000", by).0, 200);
}

/// A deletion with a body that it does not know could be meant to delete less.
#[test]
fn a_deletion_refuses_what_it_does_not_know() {
    let mock = start();
    let id = ok(&mock, "POST", "/faults", json!({"effect": "resets", "operation": "DeleteVault"}))["id"].clone();
    assert!(crate::support::raw(&mock, b"GET /-/vaults HTTP/1.1\r\nHost: localhost\r\n\r\n").status >= 200);
    for path in ["/requests", "/faults", &format!("/faults/{id}"), "/jobs/rules"] {
        let message = refused(&mock, "DELETE", path, json!({"vault": "v"}), 400, "invalid_request");
        assert!(message.starts_with("vault: unknown field `vault`"), "{message}");
        refused(&mock, "DELETE", &format!("{path}?vault=v"), Value::Null, 400, "invalid_request");
    }
    mock.requests().assert_count(1);
    assert_eq!(ok(&mock, "GET", "/faults", Value::Null)["faults"].as_array().unwrap().len(), 1);
    assert_eq!(send(&mock, "DELETE", "/faults", &[], b"").status, 204);
}

/// Values of every type are read as they are written.
#[test]
fn the_values_of_a_policy_are_kept() {
    let mock = start();
    let condition =
        json!({"Bool": {"aws:SecureTransport": false}, "NumericLessThan": {"aws:MultiFactorAuthAge": 3600}});
    let statement = json!({"Effect": "Deny", "Principal": "*", "Action": ["glacier:DeleteArchive", "glacier:DeleteVault"],
        "Resource": "arn:aws:glacier:us-east-1:000000000000:vaults/v", "Condition": condition});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]});
    let vault = ok(&mock, "PUT", "/vaults/v", json!({"access_policy": policy, "tags": null}));
    assert_eq!(vault["access_policy"], policy);
}

#[test]
fn a_body_that_is_too_large_is_refused() {
    let mock = start();
    let body = format!(r#"{{"by": "{}"}}"#, "1".repeat(17 << 20));
    let response = send(&mock, "POST", "/clock/advance", &[("Content-Type", "application/json")], body.as_bytes());
    assert_eq!(response.status, 413);
    assert!(
        response.text().contains(r#""code":"payload_too_large","message":"the body has more than 16777216 bytes""#)
    );
}

/// The client keeps the connection open and sends nothing more.
#[test]
fn a_body_that_stalls_is_refused_and_changes_nothing() {
    let mock = started(GlacierMock::builder().stalled_upload_after(Duration::from_millis(20)));
    mock.vault("v").create();
    for (endpoint, kind) in
        [("POST /reset", "application/json"), ("POST /vaults/v/archives", "application/octet-stream")]
    {
        let answer = answer_to(&mock, endpoint, kind, 2, "{");
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("no data arrived for 20ms"), "{answer}");
    }
    assert!(mock.vault("v").exists() && mock.vault("v").archives().is_empty());
}

/// Sends the head of a request and the beginning of its body, and returns all that the server answers until it closes the
/// connection.
fn answer_to(mock: &GlacierMock, endpoint: &str, kind: &str, length: usize, body: &str) -> String {
    let (method, path) = endpoint.split_once(' ').unwrap();
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    write!(
        stream,
        "{method} {BASE}{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: {kind}\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn requests_to_the_control_api_are_not_on_the_record() {
    let mock = start();
    ok(&mock, "GET", "/health", Value::Null);
    call(&mock, "POST", "/nothing", json!({}));
    mock.requests().assert_count(0);
}

/// Returns a path without the names of its parameters, which differ between the page and the document.
fn without_names(path: &str) -> String {
    let mut parts = path.split('{');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |path, part| path + "{}" + part.split_once('}').unwrap().1)
}

/// Returns the methods and paths of the table of endpoints in docs/control-api.md, except those that are planned.
fn endpoints_of_the_page() -> BTreeSet<(String, String)> {
    let page = include_str!("../../../docs/control-api.md");
    let methods = ["GET", "PUT", "POST", "DELETE"];
    let mut endpoints = BTreeSet::new();
    for row in page.lines().filter(|row| row.starts_with("| ") && !row.contains("| planned")) {
        let mut current = Vec::new();
        for (n, part) in row.split('|').nth(1).unwrap().split('`').enumerate() {
            let named: Vec<_> = part.split([' ', ',']).filter(|word| methods.contains(word)).collect();
            if n % 2 == 0 && !named.is_empty() {
                current = named;
            } else if n % 2 == 1 && part.starts_with('/') {
                endpoints.extend(current.iter().map(|method| ((*method).to_owned(), without_names(part))));
            }
        }
    }
    endpoints
}

#[test]
fn the_document_and_the_page_have_the_same_endpoints() {
    let document = ok(&start(), "GET", "/openapi.json", Value::Null);
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, methods)| {
        let path = without_names(path.strip_prefix(BASE).unwrap());
        let methods = methods.as_object().unwrap().keys();
        methods.map(move |method| (method.to_uppercase(), path.clone())).collect::<Vec<_>>()
    });
    assert_eq!(operations.collect::<BTreeSet<_>>(), endpoints_of_the_page());
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
        assert!(!ids.contains(&id), "the document has {id} twice");
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

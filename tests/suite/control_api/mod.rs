//! The control API, over a socket (docs/control-api.md).

mod accounts;
mod archives;
mod clock;
mod console;
mod explain;
mod faults;
mod faults_applied;
mod guard;
mod guides;
mod http;
mod job_rules;
mod jobs;
mod notifications;
mod outages;
mod requests;
mod resets;
mod state;
mod stream;
mod uploads;
mod vaults;
mod verification;

use glacier_mock::{Clock, GlacierMock, GlacierMockBuilder};
use serde_json::Value;

use crate::support::{RawResponse, raw};

/// The path of the current version.
const BASE: &str = "/_glacier-mock/v1";

/// Starts a mock that serves the control API.
fn start() -> GlacierMock {
    started(GlacierMock::builder())
}

fn started(builder: GlacierMockBuilder) -> GlacierMock {
    builder.control_api(true).start()
}

/// Sends a request with these headers to a path of the control API. `localhost` is its host, unless the headers have one.
fn send(mock: &GlacierMock, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> RawResponse {
    let mut request = format!("{method} {BASE}{path} HTTP/1.1\r\nContent-Length: {}\r\n", body.len());
    if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        request += "Host: localhost\r\n";
    }
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    raw(mock, &[request.as_bytes(), b"\r\n", body].concat())
}

/// Sends a JSON body, or none if it is null. Returns the status and the JSON of the response, which is null if it is
/// empty.
#[track_caller]
fn call(mock: &GlacierMock, method: &str, path: &str, body: Value) -> (u16, Value) {
    let headers: &[_] = if body.is_null() { &[] } else { &[("Content-Type", "application/json")] };
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    let response = send(mock, method, path, headers, &body);
    if response.body.is_empty() {
        return (response.status, Value::Null);
    }
    assert_eq!(response.header("content-type"), Some("application/json"), "{method} {path}: {}", response.text());
    (response.status, serde_json::from_slice(&response.body).unwrap())
}

/// Sends a request that succeeds, and returns the JSON of the response.
#[track_caller]
fn ok(mock: &GlacierMock, method: &str, path: &str, body: Value) -> Value {
    let (status, answer) = call(mock, method, path, body);
    assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
    answer
}

/// Sends a request that is refused with this status and code, and returns the message.
#[track_caller]
fn refused(mock: &GlacierMock, method: &str, path: &str, body: Value, status: u16, code: &str) -> String {
    let answered = call(mock, method, path, body);
    let message = answered.1["error"]["message"].as_str().unwrap_or_default().to_owned();
    assert_eq!((answered.0, answered.1["error"]["code"].as_str()), (status, Some(code)), "{method} {path}: {message}");
    assert!(!message.is_empty());
    message
}

#[test]
fn the_health_says_that_the_mock_is_running() {
    let mock = started(GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")));
    let health = ok(&mock, "GET", "/health", Value::Null);
    assert_eq!(health["status"], "running");
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(health["now"], "2026-01-31T00:00:00.000Z");
}

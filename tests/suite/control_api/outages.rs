//! Outages: the port refuses connections.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;

use glacier_mock::GlacierMock;
use serde_json::{Value, json};

use super::{BASE, call, ok, refused, send, start};
use crate::support::{request, until};

fn is_refused(mock: &GlacierMock) -> bool {
    TcpStream::connect(mock.address()).is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

/// A client that has the answer cannot connect, and a connection that was open before is reset.
#[test]
fn connections_are_refused_as_soon_as_the_answer_has_come() {
    for _ in 0..20 {
        let mock = start();
        let list = request("GET", "/-/vaults", &[], b"");
        let mut open = TcpStream::connect(mock.address()).unwrap();
        open.write_all(&list).unwrap();
        let mut buffer = [0; 1];
        open.read_exact(&mut buffer).unwrap();
        assert_eq!(call(&mock, "POST", "/outages", json!({"for": "1h"})), (204, Value::Null));
        assert!(is_refused(&mock));
        // The rest of the first answer may still come, but no second one. The connection may be closed already.
        let _ = open.write_all(&list);
        let mut seen = Vec::new();
        let _ = open.read_to_end(&mut seen);
        assert!(!String::from_utf8_lossy(&seen).contains("HTTP/1.1"));
        mock.requests().assert_count(1);
    }
}

#[test]
fn the_connection_is_closed_behind_the_answer() {
    let mock = start();
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    let body = r#"{"for": "1h"}"#;
    let head = format!(
        "POST {BASE}/outages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 204 ") && answer.contains("connection: close\r\n"), "{answer}");
    assert!(is_refused(&mock));
}

#[test]
fn an_outage_ends_by_itself_and_the_state_is_kept() {
    let mock = start();
    mock.create_vault("v");
    for _ in 0..3 {
        ok(&mock, "POST", "/outages", json!({"for": "5ms"}));
        until("the port is open again", || !is_refused(&mock));
        ok(&mock, "GET", "/vaults/v", Value::Null);
    }
}

/// The port opens when the last outage ends. One of them is the test's own, because a closed port takes no requests.
#[test]
fn outages_overlap() {
    let mock = start();
    ok(&mock, "POST", "/outages", json!({"for": "1h"}));
    mock.outage().end();
    assert!(is_refused(&mock));

    let mock = start();
    ok(&mock, "POST", "/outages", json!({"for": "1ms"}));
    let other = mock.outage();
    assert!(is_refused(&mock));
    other.end();
    until("the port is open again", || !is_refused(&mock));
    ok(&mock, "GET", "/health", Value::Null);
}

#[test]
fn an_invalid_outage_is_refused_and_the_port_stays_open() {
    let mock = start();
    for body in [
        json!({}),
        json!({"for": "0s"}),
        json!({"for": "-1s"}),
        json!({"for": 2}),
        json!({"for": "2s", "until": "now"}),
        Value::Null,
    ] {
        refused(&mock, "POST", "/outages", body, 400, "invalid_request");
    }
    let broken = send(&mock, "POST", "/outages", &[("Content-Type", "application/json")], b"{");
    assert_eq!(broken.status, 400);
    assert!(!is_refused(&mock));
}

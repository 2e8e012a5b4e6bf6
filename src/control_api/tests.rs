//! A wait and a stream end when their client disconnects.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::BASE;
use crate::GlacierMock;

/// Waits until the number of references to a mock is as wanted. A request in progress holds at least one.
fn until_references(mock: &GlacierMock, wanted: impl Fn(usize) -> bool) {
    let started = Instant::now();
    while !wanted(Arc::strong_count(&mock.mock)) {
        assert!(started.elapsed() < Duration::from_secs(60), "{}", Arc::strong_count(&mock.mock));
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn ends_with_its_client(head: &str, body: &str) {
    let mock = GlacierMock::builder().control_api(true).start();
    let send = |head: &str, body: &str| {
        let mut stream = TcpStream::connect(mock.address()).unwrap();
        let length = body.len();
        write!(stream, "{head} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n").unwrap();
        write!(stream, "Content-Length: {length}\r\n\r\n{body}").unwrap();
        stream
    };
    let before = Arc::strong_count(&mock.mock);
    let client = send(head, body);
    until_references(&mock, |count| count > before);
    // While the first request is in progress, another one is answered.
    send(&format!("GET {BASE}/health"), "").read_exact(&mut [0; 12]).unwrap();
    until_references(&mock, |count| count > before);
    drop(client);
    until_references(&mock, |count| count <= before);
}

#[test]
fn a_wait_ends_with_its_client() {
    ends_with_its_client(&format!("POST {BASE}/wait"), r#"{"operation": "ListVaults", "timeout": "1000h"}"#);
}

#[test]
fn a_stream_ends_with_its_client() {
    ends_with_its_client(&format!("GET {BASE}/requests/stream"), "");
}

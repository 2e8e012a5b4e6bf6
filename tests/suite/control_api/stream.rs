//! The stream of requests that end.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

use glacier_mock::{Clock, GlacierMock};
use serde_json::{Value, json};

use super::{BASE, ok, refused, send, start, started};
use crate::support::{TIMEOUT, raw, request, until};

/// A reader of the stream.
struct Events(BufReader<TcpStream>);

impl Events {
    /// Opens the stream with a query and headers, and reads the headers of the response.
    fn open(mock: &GlacierMock, query: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(mock.address()).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        write!(stream, "GET {BASE}/requests/stream{query} HTTP/1.0\r\nHost: localhost\r\n{headers}\r\n").unwrap();
        let mut events = Events(BufReader::new(stream));
        let mut head = Vec::new();
        loop {
            match events.line().unwrap() {
                line if line.is_empty() => break,
                line => head.push(line.to_ascii_lowercase()),
            }
        }
        assert!(head[0].ends_with(" 200 ok"), "{head:?}");
        assert!(head.contains(&"content-type: text/event-stream".to_owned()), "{head:?}");
        events
    }

    /// Returns the next line without its end, or `None` at the end of the stream.
    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        (self.0.read_line(&mut line).unwrap() > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// Returns the number of the next event, which is also that in its data.
    fn next(&mut self) -> Option<u64> {
        let (mut id, mut data) = (None, Value::Null);
        loop {
            let line = self.line()?;
            if let Some(number) = line.strip_prefix("id: ") {
                id = Some(number.parse().unwrap());
            } else if let Some(json) = line.strip_prefix("data: ") {
                data = serde_json::from_str(json).unwrap();
            } else if line.is_empty() && id.is_some() {
                assert_eq!(data["number"].as_u64(), id, "{data}");
                assert_ne!(data["state"], "in_flight");
                return id;
            }
        }
    }
}

fn get(mock: &GlacierMock) {
    raw(mock, &request("GET", "/-/vaults", &[], b""));
}

#[test]
fn each_request_that_ends_is_an_event() {
    let mock = start();
    get(&mock);
    let mut events = Events::open(&mock, "", "");
    get(&mock);
    assert_eq!(events.next(), Some(2));
    get(&mock);
    get(&mock);
    assert_eq!((events.next(), events.next()), (Some(3), Some(4)));
}

#[test]
fn a_request_is_an_event_when_it_ends_and_not_before() {
    let mock = started(GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")));
    let mut events = Events::open(&mock, "", "");
    ok(&mock, "POST", "/faults", json!({"effect": {"delayed": "1h"}}));
    let mut open = TcpStream::connect(mock.address()).unwrap();
    open.write_all(&request("GET", "/-/vaults", &[], b"")).unwrap();
    until("request 1 is on record", || mock.requests().first().is_some_and(|request| request.fault().is_some()));
    get(&mock);
    assert_eq!(events.next(), Some(2));
    ok(&mock, "POST", "/clock/advance", json!({"by": "1h"}));
    assert_eq!(events.next(), Some(1));
    // Request 1 ended after request 2, so that a reader that has seen 2 continues with it.
    assert_eq!(Events::open(&mock, "?after=2", "").next(), Some(1));
    get(&mock);
    assert_eq!(Events::open(&mock, "?after=1", "").next(), Some(3));
}

#[test]
fn the_stream_resumes_after_a_request() {
    let mock = start();
    (0..5).for_each(|_| get(&mock));
    until("all have ended", || mock.requests().iter().all(|request| request.has_ended()));
    assert_eq!(Events::open(&mock, "?after=3", "").next(), Some(4));
    assert_eq!(Events::open(&mock, "?after=0", "").next(), Some(1));
    // The header is that of a client that lost the connection, which repeats the query.
    let mut resumed = Events::open(&mock, "?after=0", "Last-Event-ID: 4\r\n");
    assert_eq!(resumed.next(), Some(5));
    get(&mock);
    assert_eq!(resumed.next(), Some(6));
    send(&mock, "DELETE", "/requests", &[], b"");
    get(&mock);
    assert_eq!(resumed.next(), Some(7));
    let invalid = send(&mock, "GET", "/requests/stream", &[("Last-Event-ID", "x")], b"");
    assert_eq!((invalid.status, invalid.text().contains("Last-Event-ID")), (400, true));
    refused(&mock, "GET", "/requests/stream?after=x", Value::Null, 400, "invalid_request");
    refused(&mock, "GET", "/requests/stream?limit=1", Value::Null, 400, "invalid_request");
}

#[test]
fn the_stream_of_another_account_is_empty() {
    let mock = start();
    let mut other = Events::open(&mock, "?account=111122223333&after=0", "");
    let mut own = Events::open(&mock, "?region=us-east-1", "");
    get(&mock);
    assert_eq!(own.next(), Some(1));
    let headers =
        [("Authorization", "AWS4-HMAC-SHA256 Credential=111122223333/20260131/us-east-1/glacier/aws4_request")];
    raw(&mock, &request("GET", "/-/vaults", &headers, b""));
    assert_eq!(other.next(), Some(2));
}

#[test]
fn the_stream_ends_with_the_mock() {
    let mock = start();
    let mut events = Events::open(&mock, "", "");
    get(&mock);
    assert_eq!(events.next(), Some(1));
    drop(mock);
    // The connection is closed or reset.
    let mut rest = Vec::new();
    let _ = events.0.read_to_end(&mut rest);
    assert!(rest.is_empty(), "{}", String::from_utf8_lossy(&rest));
}

/// A client that does not read delays no request. It misses those that the record has dropped.
#[test]
fn a_slow_reader_delays_no_request() {
    let mock = started(GlacierMock::builder().keep_requests(10));
    let mut slow = Events::open(&mock, "", "");
    // More than the buffers of a connection hold.
    let long = format!("/-/vaults/{}", "v".repeat(8_000));
    for _ in 0..2_000 {
        assert_eq!(raw(&mock, &request("GET", &long, &[], b"")).status, 404);
    }
    let mut seen = vec![slow.next().unwrap()];
    while *seen.last().unwrap() < 2_000 {
        seen.push(slow.next().unwrap());
    }
    assert!(seen.len() < 2_000, "the reader was not slow");
    assert!(seen.is_sorted(), "{seen:?}");
}

//! The record: requests, their bodies, calls, and the transcript.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use glacier_mock::{Clock, GlacierMock, Operation, Principal, Step};
use serde_json::{Value, json};

use super::{BASE, ok, refused, send, start, started};
use crate::support::{HOUR, TIMEOUT, bytes, raw, request, sha256, tree_hash, until};

fn frozen() -> GlacierMock {
    started(GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).seed(1))
}

fn upload(mock: &GlacierMock, vault: &str, headers: &[(&str, &str)], body: &[u8]) -> u16 {
    let (sha256, tree_hash) = (sha256(body), tree_hash(body));
    let mut all = vec![("x-amz-content-sha256", &*sha256), ("x-amz-sha256-tree-hash", &*tree_hash)];
    all.extend(headers);
    raw(mock, &request("POST", &format!("/-/vaults/{vault}/archives"), &all, body)).status
}

fn get(mock: &GlacierMock, path: &str) -> u16 {
    raw(mock, &request("GET", path, &[], b"")).status
}

/// Returns the numbers of the requests or calls that a path lists.
fn numbers(mock: &GlacierMock, path: &str) -> Vec<u64> {
    let listed = ok(mock, "GET", path, Value::Null);
    let list = listed.get("requests").or(listed.get("calls")).unwrap().as_array().unwrap().clone();
    list.iter().map(|item| item["number"].as_u64().unwrap()).collect()
}

#[test]
fn a_request_has_all_that_the_record_has() {
    let mock = frozen();
    let vault = mock.create_vault("v");
    let headers =
        [("x-amz-archive-description", "cat"), ("amz-sdk-invocation-id", "one"), ("amz-sdk-request", "attempt=2")];
    assert_eq!(upload(&mock, "v", &headers, b"a cat"), 201);
    until("it has ended", || mock.requests()[0].has_ended());
    let mut seen = ok(&mock, "GET", "/requests", Value::Null)["requests"][0].clone();
    assert_eq!(seen, ok(&mock, "GET", "/requests/1", Value::Null));
    let recorded = mock.requests().only();
    assert_eq!(seen["wall_time"].as_str().unwrap().len(), "2026-01-31T00:00:00.000Z".len());
    assert!(seen["duration"].as_str().unwrap().ends_with('s'), "{seen}");
    for varies in ["wall_time", "duration"] {
        seen.as_object_mut().unwrap().remove(varies);
    }
    let hash = tree_hash(b"a cat");
    let expected = json!({
        "number": 1, "time": "2026-01-31T00:00:00.000Z", "state": "answered", "operation": "UploadArchive",
        "method": "POST", "path": "/-/vaults/v/archives", "query": null, "account": "000000000000",
        "path_account": "000000000000", "region": "us-east-1", "vault": "v", "archive": vault.archives()[0].id().as_str(),
        "job": null, "upload": null, "lock": null, "principal": "arn:aws:iam::000000000000:root",
        "access_key": null,
        "headers": {"host": "glacier", "content-length": "5", "x-amz-glacier-version": "2012-06-01",
                    "x-amz-content-sha256": sha256(b"a cat"), "x-amz-sha256-tree-hash": hash,
                    "x-amz-archive-description": "cat", "amz-sdk-invocation-id": "one", "amz-sdk-request": "attempt=2"},
        "body": {"length": 5, "sha256": sha256(b"a cat"), "tree_hash": hash, "dropped": 0}, "unfinished_body": null,
        "byte_range": null, "attempt": 2, "invocation_id": "one", "request_id": recorded.request_id(), "status": 201,
        "error": null, "message": null, "explanation": null, "fault": null, "interruption": null
    });
    assert_eq!(seen, expected);
}

#[test]
fn a_refused_request_has_its_error_and_the_explanation_of_the_policy() {
    let mock = frozen();
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "no", "Effect": "Deny", "Principal": "*",
                   "Action": "glacier:DeleteArchive", "Resource": "*"}]}"#;
    mock.create_vault("v").set_access_policy(policy);
    raw(&mock, &request("DELETE", "/-/vaults/v/archives/x?a=b", &[("Range", "bytes=5-")], b""));
    let seen = ok(&mock, "GET", "/requests/1", Value::Null);
    assert_eq!((&seen["status"], &seen["error"]), (&json!(403), &json!("AccessDeniedException")));
    assert_eq!((&seen["query"], &seen["byte_range"]), (&json!("a=b"), &json!([5, null])));
    assert!(seen["message"].as_str().unwrap().contains("not authorized"), "{seen}");
    assert!(seen["explanation"].as_str().unwrap().contains("\"no\""), "{seen}");
}

#[test]
fn secrets_are_not_shown() {
    let mock = start();
    let headers = [
        ("Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20260131/us-east-1/glacier/aws4_request, Signature=5ec2e7"),
        ("x-amz-security-token", "t0ken"),
        ("Cookie", "session=5ec2e7"),
    ];
    raw(&mock, &request("GET", "/-/vaults", &headers, b""));
    raw(&mock, &request("GET", "/-/vaults", &[("Authorization", "Bearer t0ken")], b""));
    let text = ok(&mock, "GET", "/requests", Value::Null).to_string();
    assert!(!text.contains("5ec2e7") && !text.contains("t0ken"), "{text}");
    assert!(text.contains("Credential=AKID/20260131/us-east-1/glacier/aws4_request, Signature=(hidden)"), "{text}");
}

/// A key that the mock does not know is on the record as it was sent.
#[test]
fn the_access_key_is_that_of_the_signature() {
    let mock = start();
    for key in ["any", "111122223333"] {
        let signed = format!("AWS4-HMAC-SHA256 Credential={key}/20260131/us-east-1/glacier/aws4_request");
        raw(&mock, &request("GET", "/-/vaults", &[("Authorization", &signed)], b""));
    }
    raw(&mock, &request("GET", "/-/vaults", &[("Authorization", "Bearer t0ken")], b""));
    let listed = ok(&mock, "GET", "/requests", Value::Null);
    let keys: Vec<_> = listed["requests"].as_array().unwrap().iter().map(|seen| seen["access_key"].clone()).collect();
    assert_eq!(keys, [json!("any"), json!("111122223333"), Value::Null]);
}

#[test]
fn an_unknown_parameter_is_refused_with_those_that_exist() {
    let mock = start();
    for (path, message) in [
        ("/requests?valt=v", "`after`, `limit`, `account`, `region`"),
        ("/transcript?ful=true", "unknown field `ful`, expected one of `full`, `by_resource`, `account`, `region`"),
        ("/clock?limit=1", "unknown field `limit`, expected `account` or `region`"),
    ] {
        let answered = refused(&mock, "GET", path, Value::Null, 400, "invalid_request");
        assert!(answered.ends_with(message), "{answered} instead of {message}");
    }
}

#[test]
fn requests_and_calls_are_filtered() {
    let mock = frozen();
    mock.create_vault("v");
    let other = Principal::new("arn:aws:iam::111122223333:user/anna");
    mock.add_principal(other.clone());
    get(&mock, "/-/vaults/v");
    get(&mock, "/-/vaults/w");
    get(&mock, "/-/vaults");
    let credential =
        format!("AWS4-HMAC-SHA256 Credential={}/20260131/eu-west-1/glacier/aws4_request", other.access_key());
    raw(&mock, &request("GET", "/-/vaults", &[("Authorization", &credential)], b""));
    upload(&mock, "v", &[], b"a cat");
    let archive = mock.requests().last().unwrap().archive_id().unwrap().to_string();
    for list in ["requests", "calls"] {
        let numbers = |query: &str| numbers(&mock, &format!("/{list}?{query}"));
        assert_eq!(numbers(""), [1, 2, 3, 4, 5]);
        assert_eq!(numbers("vault=v"), [1, 5]);
        assert_eq!(numbers("operation=ListVaults"), [3, 4]);
        assert_eq!(numbers("operation=ListVaults&account=111122223333"), [4]);
        assert_eq!(numbers("account=000000000000"), [1, 2, 3, 5]);
        assert_eq!(numbers("region=eu-west-1"), [4]);
        assert_eq!(numbers("principal=arn:aws:iam::111122223333:user/anna"), [4]);
        assert_eq!(numbers("status=404"), [2]);
        assert_eq!(numbers("error=ResourceNotFoundException"), [2]);
        assert_eq!(numbers("failed=true"), [2]);
        assert_eq!(numbers("failed=false"), [1, 3, 4, 5]);
        assert_eq!(numbers(&format!("archive={archive}")), [5]);
        assert!(numbers("job=x").is_empty() && numbers("upload=x").is_empty());
        assert_eq!(numbers("after=2"), [3, 4, 5]);
        assert_eq!(numbers("after=1&limit=2&failed=false"), [3, 4]);
        assert!(numbers("limit=0").is_empty());
        for invalid in [
            "operation=PutVault",
            "status=x",
            "error=x",
            "failed=1",
            "after=-1",
            "limit=x",
            "account=1",
            "vualt=v",
            "after=1&after=2",
        ] {
            let message = refused(&mock, "GET", &format!("/{list}?{invalid}"), Value::Null, 400, "invalid_request");
            assert!(message.contains(invalid.split('=').next().unwrap()), "{message}");
        }
    }
}

#[test]
fn calls_have_their_attempts() {
    let mock = start();
    mock.create_vault("v");
    mock.fault(Operation::DescribeVault).service_unavailable();
    for attempt in ["attempt=1", "attempt=2"] {
        let headers = [("amz-sdk-invocation-id", "one"), ("amz-sdk-request", attempt)];
        raw(&mock, &request("GET", "/-/vaults/v", &headers, b""));
        get(&mock, "/-/vaults");
    }
    let calls = ok(&mock, "GET", "/calls", Value::Null);
    assert_eq!(calls["dropped"], 0);
    let calls = calls["calls"].as_array().unwrap();
    assert_eq!(calls.len(), 3);
    let first = &calls[0];
    assert_eq!(
        (&first["number"], &first["operation"], &first["vault"]),
        (&json!(1), &json!("DescribeVault"), &json!("v"))
    );
    assert_eq!((&first["status"], &first["error"]), (&json!(200), &Value::Null));
    let attempts = first["attempts"].as_array().unwrap();
    let seen: Vec<_> =
        attempts.iter().map(|attempt| [&attempt["number"], &attempt["status"], &attempt["fault"]]).collect();
    assert_eq!(seen[0], [&json!(1), &json!(500), &json!("ServiceUnavailableException")]);
    assert_eq!(seen[1], [&json!(3), &json!(200), &Value::Null]);
    // A filter is about the last attempt.
    assert!(numbers(&mock, "/calls?failed=true").is_empty());
}

/// Sends a request of HTTP/1.0, whose response ends with the connection, and returns the headers and the body.
fn old(mock: &GlacierMock, path: &str, headers: &str) -> (String, String) {
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    write!(stream, "GET {BASE}{path} HTTP/1.0\r\nHost: localhost\r\n{headers}\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body.to_owned())
}

#[test]
fn requests_can_be_read_as_lines() {
    let mock = started(GlacierMock::builder().keep_requests(250));
    for _ in 0..252 {
        assert_eq!(get(&mock, "/-/vaults"), 200);
    }
    for accept in ["application/x-ndjson", "text/html, Application/X-NDJSON;q=0.9"] {
        let (head, body) = old(&mock, "/requests?after=3", &format!("Accept: {accept}\r\n"));
        assert!(head.contains("content-type: application/x-ndjson"), "{head}");
        assert!(head.contains("x-dropped-requests: 2"), "{head}");
        let lines: Vec<Value> = body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let list = ok(&mock, "GET", "/requests?after=3", Value::Null);
        assert_eq!((lines.len(), &list["dropped"]), (249, &json!(2)));
        assert_eq!(list["requests"], Value::from(lines));
    }
    assert!(old(&mock, "/requests?limit=0", "Accept: application/x-ndjson\r\n").1.is_empty());
}

#[test]
fn a_body_is_returned_as_it_was_received() {
    let mock = started(GlacierMock::builder().keep_body_bytes(3 << 20));
    mock.create_vault("v");
    let large = bytes(2 << 20);
    assert_eq!(upload(&mock, "v", &[], &large), 201);
    assert_eq!(upload(&mock, "v", &[], &bytes(4 << 20)), 201);
    get(&mock, "/-/vaults");
    let body = send(&mock, "GET", "/requests/1/body", &[], b"");
    assert_eq!(body.header("content-type"), Some("application/octet-stream"));
    assert!(body.status == 200 && body.body == large);
    let message = refused(&mock, "GET", "/requests/2/body", Value::Null, 404, "not_found");
    assert_eq!(message, "the record did not keep the body of request 2: 1048576 of its 4194304 bytes were dropped");
    let empty = send(&mock, "GET", "/requests/3/body", &[], b"");
    assert_eq!((empty.status, empty.body.len()), (200, 0));
}

#[test]
fn a_body_that_has_not_arrived_is_not_found() {
    let mock = start();
    mock.create_vault("v");
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.write_all(b"POST /-/vaults/v/archives HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc").unwrap();
    let message = || refused(&mock, "GET", "/requests/1/body", Value::Null, 404, "not_found");
    until("three bytes have arrived", || {
        mock.requests().len() == 1
            && message() == "the body of request 1 is not complete: 3 of 9 bytes of the body arrived"
    });
    drop(stream);
    until("the request has ended", || mock.requests()[0].has_ended());
    let seen = ok(&mock, "GET", "/requests/1", Value::Null);
    assert_eq!(seen["body"], Value::Null);
    assert_eq!(seen["unfinished_body"], "3 of 9 bytes of the body arrived");
}

#[test]
fn a_request_that_is_not_on_record_is_not_found() {
    let mock = started(GlacierMock::builder().keep_requests(1));
    get(&mock, "/-/vaults");
    get(&mock, "/-/vaults");
    for path in ["", "/body"] {
        let message = |n: &str| refused(&mock, "GET", &format!("/requests/{n}{path}"), Value::Null, 404, "not_found");
        assert_eq!(message("1"), "there is no request 1: the record has dropped it");
        assert_eq!(message("0"), "there is no request 0: it has not been made");
        assert_eq!(message("3"), "there is no request 3: it has not been made");
        refused(&mock, "GET", &format!("/requests/x{path}"), Value::Null, 400, "invalid_request");
    }
    assert_eq!(numbers(&mock, "/requests"), [2]);
}

#[test]
fn the_record_is_emptied_and_the_numbers_continue() {
    let mock = start();
    get(&mock, "/-/vaults");
    assert_eq!(send(&mock, "DELETE", "/requests", &[], b"").status, 204);
    assert!(numbers(&mock, "/requests").is_empty() && numbers(&mock, "/calls").is_empty());
    get(&mock, "/-/vaults");
    assert_eq!((numbers(&mock, "/requests"), numbers(&mock, "/calls")), (vec![2], vec![1]));
    refused(&mock, "DELETE", "/requests?vault=v", Value::Null, 400, "invalid_request");
    assert_eq!(numbers(&mock, "/requests"), [2]);
}

#[test]
fn the_transcript_is_that_of_the_fixture() {
    let mock = frozen();
    mock.create_vault("v");
    upload(&mock, "v", &[("x-amz-archive-description", "cat")], b"a cat");
    mock.clock().advance(HOUR);
    get(&mock, "/-/vaults/w");
    let text = |query: &str| {
        let answer = send(&mock, "GET", &format!("/transcript{query}"), &[], b"");
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=utf-8"));
        answer.text().to_owned()
    };
    assert_eq!(
        text(""),
        "UploadArchive  v  archive-1  5 bytes 51e46741  201\n+1h00m  DescribeVault  w  404 ResourceNotFoundException\n"
    );
    assert_eq!(text("?full=true"), format!("{}\n", mock.transcript().full()));
    assert_eq!(text("?by_resource=true&full=false"), format!("{}\n", mock.transcript().by_resource()));
    assert_ne!(text("?by_resource=true"), text("?full=true"));
    assert_eq!(text("?account=111122223333"), "");
    refused(&mock, "GET", "/transcript?full=yes", Value::Null, 400, "invalid_request");
    mock.assert_sequence([Step::from(Operation::UploadArchive), Operation::DescribeVault.into()]);
}

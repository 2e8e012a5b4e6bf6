//! Clients that stop sending, close half of the connection, send too much or do not speak HTTP.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use glacier_mock::{Clock, GlacierMock, Operation};

use crate::support::{TIMEOUT, panic_message, raw, request, sha256, until};

/// Sends bytes, keeps the sending half open, and reads until the server closes the connection.
fn exchange(mock: &GlacierMock, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// The head of an upload of ten bytes, and the first five bytes of its body.
fn half_an_upload() -> Vec<u8> {
    let hash = sha256(b"0123456789");
    let headers = [("x-amz-content-sha256", &*hash), ("x-amz-sha256-tree-hash", &*hash)];
    let mut upload = request("POST", "/-/vaults/v/archives", &headers, b"0123456789");
    upload.truncate(upload.len() - 5);
    upload
}

/// The error is RequestTimeoutException (observed.md 2.B).
#[tokio::test(start_paused = true)]
async fn an_upload_that_stalls_is_answered_408() {
    let mock = GlacierMock::builder().stalled_upload_after(Duration::from_millis(50)).start();
    mock.create_vault("v");
    let mut chunked = String::from_utf8(half_an_upload()).unwrap();
    chunked = chunked.replace("Content-Length: 10", "Transfer-Encoding: chunked").replace("01234", "5\r\n01234\r\n");
    for (upload, arrived) in [
        (half_an_upload(), "5 of 10 bytes of the body arrived"),
        (chunked.into_bytes(), "5 bytes of the body arrived, its end did not"),
        (request("POST", "/-/vaults/v/jobs", &[("Content-Length", "7")], b""), "0 of 7 bytes of the body arrived"),
    ] {
        // `request` adds its own Content-Length, which would contradict this one.
        let upload = String::from_utf8(upload).unwrap().replace("Content-Length: 0\r\n", "");
        let answer = exchange(&mock, upload.as_bytes());
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains(r#""code":"RequestTimeoutException","message":"Request timed out.""#), "{answer}");
        let last = mock.requests().last().unwrap().clone();
        assert!(format!("{last:?}").contains(arrived), "{last:?}");
        assert!(last.body().is_none());
    }
    assert!(mock.vault("v").archives().is_empty() && mock.vault("v").jobs().is_empty());
}

/// A failure report of a test that waits for the request shows what the request lacks.
#[test]
fn the_record_shows_how_much_of_a_body_has_arrived() {
    let mock = GlacierMock::start();
    mock.create_vault("v");
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    let upload = half_an_upload();
    stream.write_all(&upload).unwrap();
    until("the record shows the body", || {
        mock.requests().first().is_some_and(|request| format!("{request:?}").contains("5 of 10 bytes"))
    });
    let report = panic_message(|| mock.calls(Operation::DeleteVault).assert_count(1));
    assert!(report.contains("UploadArchive  v  in flight  (5 of 10 bytes of the body arrived)"), "{report}");
    // The rest of the body may still arrive.
    stream.write_all(b"56789").unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    assert_eq!(&status, b"HTTP/1.1 201");
}

/// A fault that acts after part of the body has arrived has the same timeout as an upload.
#[test]
fn a_fault_does_not_wait_forever_for_a_stalled_body() {
    let mock = GlacierMock::builder().stalled_upload_after(Duration::from_millis(50)).start();
    mock.create_vault("v");
    mock.fault(Operation::UploadArchive).resets_after(8);
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream.write_all(&half_an_upload()).unwrap();
    let error = stream.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    let missed = panic_message(|| mock.verify());
    assert!(missed.contains("had only 5 bytes"), "{missed}");
}

/// A longer document is refused before the rest of it is read, or even sent.
#[test]
fn parameters_beyond_a_mebibyte_are_refused_as_they_arrive() {
    let mock = GlacierMock::start();
    mock.create_vault("v");
    let declared = |method: &str, path: &str| {
        format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nx-amz-glacier-version: 2012-06-01\r\nContent-Length: 4294967296\r\n\r\n"
        )
    };
    for (method, path) in [
        ("POST", "/-/vaults/v/jobs"),
        ("PUT", "/-/vaults/v/access-policy"),
        ("POST", "/-/vaults/v/lock-policy"),
        ("POST", "/-/vaults/v/tags?operation=add"),
        ("PUT", "/-/vaults/v/notification-configuration"),
        ("PUT", "/-/policies/data-retrieval"),
        ("GET", "/-/vaults"),
        ("DELETE", "/-/vaults/v"),
        ("POST", "/-/vaults/v/multipart-uploads"),
    ] {
        let answer = exchange(&mock, declared(method, path).as_bytes());
        assert!(answer.starts_with("HTTP/1.1 400 "), "{path}: {answer}");
        assert!(answer.contains("InvalidParameterValueException"), "{path}: {answer}");
        assert!(answer.contains("Invalid Content-Length: 4294967296"), "{path}: {answer}");
    }
    let nowhere = exchange(&mock, declared("POST", "/favicon.ico").as_bytes());
    assert!(nowhere.contains(r#""code":"BadRequest""#), "{nowhere}");

    // A body without a length is refused once more than 1 MiB has arrived. This one never ends.
    let head = "POST /-/vaults/v/jobs HTTP/1.1\r\nHost: x\r\nx-amz-glacier-version: 2012-06-01\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut endless = format!("{head}100001\r\n").into_bytes();
    endless.resize(endless.len() + 0x10_0001, b' ');
    let answer = exchange(&mock, &endless);
    assert!(answer.contains("Invalid Content-Length: 1048577"), "{answer}");
    // A body of exactly 1 MiB is read.
    let full = raw(&mock, &request("POST", "/-/vaults/v/jobs", &[], &[b' '; 1 << 20]));
    assert!(!full.text().contains("Content-Length"), "{}", full.text());
    assert!(mock.vault("v").exists());
}

/// The client gets the error response, not a reset connection.
#[test]
fn a_client_that_keeps_sending_receives_the_refusal() {
    let mock = GlacierMock::start();
    mock.create_vault("v");
    let whole = request("POST", "/-/vaults/v/jobs", &[], &vec![b' '; 8 << 20]);
    let (first, rest) = whole.split_at(1000);
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream.write_all(first).unwrap();
    assert_eq!(stream.peek(&mut [0]).unwrap(), 1);
    stream.write_all(rest).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("Invalid Content-Length: 8388608"), "{answer}");
}

#[test]
fn archives_may_exceed_the_limit_for_parameters() {
    let mock = GlacierMock::start();
    mock.create_vault("v");
    let body = vec![7; 3 << 20];
    let (plain, tree) = (sha256(&body), crate::support::tree_hash(&body));
    let headers = [("x-amz-content-sha256", &*plain), ("x-amz-sha256-tree-hash", &*tree)];
    assert_eq!(raw(&mock, &request("POST", "/-/vaults/v/archives", &headers, &body)).status, 201);
}

/// The HTTP layer refuses the request before it has read all of it, and the client reads only after it has sent all.
#[test]
fn a_client_that_keeps_sending_receives_the_answer_to_invalid_http() {
    let mock = GlacierMock::start();
    let long = "a".repeat(8 << 20);
    for (request, status) in [
        (format!("GET /-/vaults HTTP/1.1\r\nHost: x\r\nX-Long: {long}\r\n\r\n"), "HTTP/1.1 431 "),
        (format!("GET /{long} HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 431 "),
        (format!("no request\r\n\r\n{long}"), "HTTP/1.1 400 "),
    ] {
        let answer = exchange(&mock, request.as_bytes());
        assert!(answer.starts_with(status), "{answer:?}");
    }
}

#[test]
fn a_client_that_closes_its_sending_half_is_answered() {
    let mock = GlacierMock::start();
    let requests = [
        (request("PUT", "/-/vaults/v", &[], b""), "HTTP/1.1 201 "),
        (request("POST", "/-/vaults/v/jobs", &[], br#"{"Type":"inventory-retrieval"}"#), "HTTP/1.1 202 "),
        (request("GET", "/-/vaults/none", &[], b""), "HTTP/1.1 404 "),
    ];
    for n in 0..100 {
        for (request, status) in &requests {
            let mut stream = TcpStream::connect(mock.address()).unwrap();
            stream.set_read_timeout(Some(TIMEOUT)).unwrap();
            stream.write_all(request).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with(status), "try {n}: {answer:?}");
        }
    }
    assert_eq!(mock.requests().len(), 300);
    assert!(mock.requests().iter().all(|request| !request.is_disconnected()));
}

/// The request is dropped when its client disconnects while a fault delays it.
#[test]
fn a_client_that_disconnects_during_a_delay_is_not_served() {
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).start();
    mock.fault(Operation::CreateVault).delayed(Duration::from_secs(3600));
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.write_all(&request("PUT", "/-/vaults/v", &[], b"")).unwrap();
    mock.wait_for(Operation::CreateVault).arrived().within(TIMEOUT).blocking().assert_count(1);
    drop(stream);
    until("the client's end is noticed", || mock.requests()[0].is_disconnected());
    mock.clock().advance(Duration::from_secs(3600));
    assert!(!mock.vault("v").exists());
}

//! Verification more than once: each judges only the calls since the one before it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use glacier_mock::{GlacierMock, Operation};

use crate::support::{panic_message, raw, request};

fn create(mock: &GlacierMock) {
    raw(mock, &request("PUT", "/-/vaults/v", &[], b""));
}

#[test]
fn a_strict_mock_judges_each_call_once() {
    let mock = GlacierMock::builder().strict(true).start();
    mock.expect(Operation::CreateVault).once();
    create(&mock);
    mock.verify();
    mock.verify();
    drop(mock);
    let mock = GlacierMock::builder().strict(true).start();
    create(&mock);
    assert!(mock.try_verify().unwrap_err().to_string().contains("unexpected call 1: CreateVault (the mock is strict)"));
    mock.verify();
    create(&mock);
    assert!(panic_message(|| drop(mock)).contains("unexpected call 2: CreateVault (the mock is strict)"));
}

#[test]
fn an_expectation_counts_the_calls_since_the_last_verification() {
    let mock = GlacierMock::start();
    // Also a call that was made before the expectation was declared.
    create(&mock);
    mock.expect(Operation::CreateVault).once();
    mock.verify();
    for _ in 0..2 {
        mock.expect(Operation::CreateVault).once();
        create(&mock);
        mock.verify();
    }
    mock.expect(Operation::CreateVault).once();
    let text = mock.try_verify().unwrap_err().to_string();
    assert!(text.contains("expected exactly 1 call of CreateVault, but there were 0\n"), "{text}");
    assert!(text.contains("call 3 matches, but an earlier verification has already counted it\n"), "{text}");
    // A verification without expectations ends the time that the next one judges, too.
    create(&mock);
    mock.verify();
    mock.expect(Operation::CreateVault).never();
    mock.verify();
    // Other assertions examine the whole record.
    mock.calls(Operation::CreateVault).assert_count(4);
}

/// An SDK call that a verification has seen may make further attempts.
#[test]
fn a_call_belongs_to_the_time_of_its_first_attempt() {
    let mock = GlacierMock::builder().strict(true).start();
    let attempt = |id: &str| {
        raw(&mock, &request("GET", "/-/vaults", &[("amz-sdk-invocation-id", id)], b""));
    };
    mock.expect(Operation::ListVaults).once();
    attempt("first");
    mock.verify();
    attempt("first");
    mock.verify();
    attempt("second");
    mock.expect(Operation::ListVaults).once();
    mock.verify();
    assert_eq!(mock.calls(Operation::ListVaults)[0].attempts().len(), 2);
}

/// The requests of a mock keep their numbers after a reset.
#[test]
fn a_reset_mock_judges_the_calls_after_the_reset() {
    let mock = GlacierMock::start();
    create(&mock);
    mock.verify();
    mock.reset();
    mock.expect(Operation::CreateVault).once();
    create(&mock);
    mock.verify();
}

/// The error response ends the connection.
#[test]
fn a_request_that_is_no_operation_is_judged_once() {
    let mock = GlacierMock::builder().strict(true).start();
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.write_all(b"GET /elsewhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    stream.read_to_end(&mut Vec::new()).unwrap();
    assert!(mock.try_verify().unwrap_err().to_string().contains("unexpected call 1: GET /elsewhere"));
    mock.verify();
}

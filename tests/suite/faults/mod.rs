//! Faults: what the SDK and a raw socket see of each, and whether the state of the service has changed.

mod answers;
mod jobs;
mod matching;
mod outages;
mod time;

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::config::retry::RetryConfig;
use aws_sdk_glacier::error::SdkError;
use glacier_mock::{ErrorCode, GlacierMock, Operation};

use crate::support::{MIB, bytes, mock_with_vault, panic_message, raw, refusal, request};

/// A client that does not retry, so that a test sees the result of one attempt.
fn one_attempt(mock: &GlacierMock) -> Client {
    Client::from_conf(mock.glacier_config().retry_config(RetryConfig::disabled()).build())
}

/// Sends a request over a raw socket. Returns all bytes of the response, and the error that ended the connection, if
/// any.
fn raw_end(mock: &GlacierMock, bytes: &[u8]) -> (Vec<u8>, Option<ErrorKind>) {
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.write_all(bytes).unwrap();
    let mut seen = Vec::new();
    let end = stream.read_to_end(&mut seen).err().map(|error| error.kind());
    (seen, end)
}

fn vaults(mock: &GlacierMock) -> usize {
    ["a", "b", "c"].iter().filter(|name| mock.vault(name).exists()).count()
}

#[track_caller]
fn assert_broken<T: std::fmt::Debug, E: std::fmt::Debug>(result: Result<T, SdkError<E>>) {
    assert!(matches!(result, Err(SdkError::DispatchFailure(_) | SdkError::ResponseError(_))), "{result:?}");
}

/// Each error has its status and message, and nothing is stored.
#[tokio::test]
async fn every_error_of_the_service_can_be_injected() {
    let mock = GlacierMock::start();
    let glacier = one_attempt(&mock);
    for &code in ErrorCode::ALL {
        mock.fault(Operation::CreateVault).error(code);
        let (status, seen, text) = refusal(glacier.create_vault().vault_name("a").send().await);
        assert_eq!((status, seen.as_str()), (code.status(), code.as_str()));
        assert!(text.starts_with(&code.message()), "{text}");
        assert_eq!(vaults(&mock), 0, "{code}");
    }
    let list = || mock.fault(Operation::ListVaults);
    list().service_unavailable();
    list().throttled();
    list().request_timeout();
    list().insufficient_capacity();
    list().policy_enforced();
    list().access_denied();
    list().expired_token();
    list().invalid_signature();
    list().no_longer_supported();
    let mut seen = Vec::new();
    for _ in 0..9 {
        seen.push(refusal(glacier.list_vaults().send().await));
    }
    let statuses: Vec<_> = seen.iter().map(|(status, ..)| *status).collect();
    assert_eq!(statuses, [500, 400, 408, 503, 400, 403, 403, 403, 400]);
    let codes: Vec<_> = seen[4..].iter().map(|(_, code, _)| code.trim_end_matches("Exception")).collect();
    assert_eq!(codes, ["PolicyEnforced", "AccessDenied", "ExpiredToken", "InvalidSignature", "NoLongerSupported"]);
}

/// A fault that is used up does not fire again.
#[tokio::test]
async fn retries_are_attempts_of_one_call() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).vault("a").times(2).service_unavailable();
    let glacier = mock.client();
    glacier.create_vault().vault_name("b").send().await.unwrap();
    glacier.create_vault().vault_name("a").send().await.unwrap();
    glacier.create_vault().vault_name("a").send().await.unwrap();
    let calls = mock.calls(Operation::CreateVault);
    let statuses: Vec<_> = calls.iter().map(|call| call.attempts().statuses()).collect();
    assert_eq!(statuses, [vec![201], vec![500, 500, 201], vec![201]]);
    let faults: Vec<_> = mock.requests().iter().map(|request| request.fault().map(str::to_owned)).collect();
    let unavailable = Some("ServiceUnavailableException".to_owned());
    assert_eq!(faults, [None, unavailable.clone(), unavailable, None, None]);
}

#[tokio::test]
async fn faults_are_used_up_in_order() {
    let mock = GlacierMock::start();
    mock.fault(Operation::ListVaults).throttled();
    mock.fault_any().error(ErrorCode::AccessDeniedException);
    mock.fault(Operation::ListVaults).answers(502, "<html>Bad Gateway</html>");
    let glacier = one_attempt(&mock);
    let list = async || glacier.list_vaults().send().await;
    assert_eq!(refusal(list().await).1, "ThrottlingException");
    assert_eq!(refusal(list().await).1, "AccessDeniedException");
    let foreign = list().await.unwrap_err();
    let foreign = foreign.raw_response().unwrap();
    assert_eq!((foreign.status().as_u16(), foreign.headers().get("x-amzn-requestid")), (502, None));
    list().await.unwrap();
}

#[test]
fn an_answer_of_a_proxy_replaces_that_of_the_service() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).answers(502, "<html>Bad Gateway</html>");
    mock.fault(Operation::CreateVault).answers(503, "");
    let proxy = raw(&mock, &request("PUT", "/-/vaults/a", &[], b""));
    assert_eq!((proxy.status, proxy.text()), (502, "<html>Bad Gateway</html>"));
    assert_eq!(proxy.header("content-type"), Some("text/html"));
    let empty = raw(&mock, &request("PUT", "/-/vaults/a", &[], b""));
    assert_eq!((empty.status, empty.body.len(), empty.header("content-type")), (503, 0, None));
    assert_eq!(vaults(&mock), 0);
}

/// The client receives an RST.
#[tokio::test]
async fn a_reset_before_the_service_changes_nothing() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).times(2).resets();
    let (seen, end) = raw_end(&mock, &request("PUT", "/-/vaults/a", &[], b""));
    assert_eq!((seen.len(), end), (0, Some(ErrorKind::ConnectionReset)));
    assert_broken(one_attempt(&mock).create_vault().vault_name("a").send().await);
    assert_eq!(vaults(&mock), 0);
    assert_eq!(mock.requests()[0].status(), None);
    assert_eq!(mock.requests()[0].fault(), Some("a reset connection"));
    mock.client().create_vault().vault_name("a").send().await.unwrap();
}

/// The client receives an RST in the middle of the body.
#[tokio::test]
async fn a_reset_in_the_middle_of_the_request_stores_nothing() {
    let (mock, _) = mock_with_vault().await;
    mock.fault(Operation::UploadArchive).times(2).resets_after(MIB as u64);
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    let head = format!("POST /-/vaults/v/archives HTTP/1.1\r\nHost: glacier\r\nContent-Length: {}\r\n\r\n", 4 * MIB);
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&bytes(MIB - 1)).unwrap();
    // One byte less than the fault needs, so the connection is still open.
    stream.set_nonblocking(true).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    stream.set_nonblocking(false).unwrap();
    stream.write_all(&[7]).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::ConnectionReset);

    let glacier = one_attempt(&mock);
    assert_broken(glacier.upload_archive().vault_name("v").body(bytes(4 * MIB).into()).send().await);
    assert_eq!(mock.requests().last().unwrap().fault(), Some("a connection reset after 1048576 bytes of the request"));
    assert_eq!(mock.vault("v").archives().len(), 0);
    // A shorter body is reset at its end, and verification reports that the fault had no effect.
    mock.fault(Operation::UploadArchive).resets_after(10);
    assert_broken(glacier.upload_archive().vault_name("v").body(b"short".to_vec().into()).send().await);
    let text = panic_message(|| mock.verify());
    assert!(text.contains("had no effect: the body of the request had only 5 bytes"), "{text}");
}

/// The client receives an RST. A retry of the SDK stores a second archive.
#[tokio::test]
async fn a_reset_after_the_commit_leaves_the_change_in_place() {
    let (mock, glacier) = mock_with_vault().await;
    mock.fault(Operation::CreateVault).reset_after_commit();
    let (seen, end) = raw_end(&mock, &request("PUT", "/-/vaults/a", &[], b""));
    assert_eq!((seen.len(), end), (0, Some(ErrorKind::ConnectionReset)));
    assert_eq!(vaults(&mock), 1);

    mock.fault(Operation::UploadArchive).reset_after_commit();
    glacier.upload_archive().vault_name("v").body(b"once?".to_vec().into()).send().await.unwrap();
    assert_eq!(mock.calls(Operation::UploadArchive).only().attempts().statuses(), [None, Some(201)]);
    assert_eq!(mock.vault("v").archives().len(), 2);
}

/// The connection is closed without a response.
#[tokio::test]
async fn a_lost_answer_leaves_the_change_in_place() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).times(2).loses_answer();
    let (seen, end) = raw_end(&mock, &request("PUT", "/-/vaults/a", &[], b""));
    assert_eq!((seen.len(), end), (0, None));
    assert_eq!(vaults(&mock), 1);
    assert_broken(one_attempt(&mock).create_vault().vault_name("b").send().await);
    assert_eq!(vaults(&mock), 2);
}

/// 100 delayed requests and one that hangs do not delay others. The delay is longer than this test can take, so none of
/// the delayed requests can end.
#[tokio::test]
async fn a_delayed_request_delays_no_other() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).times(100).delayed(Duration::from_secs(3600));
    mock.fault(Operation::DeleteVault).never_answers();
    let glacier = mock.client();
    let mut waiting = tokio::task::JoinSet::new();
    for n in 0..100 {
        waiting.spawn(glacier.create_vault().vault_name(format!("v{n}")).send());
    }
    let hanging = tokio::spawn(glacier.delete_vault().vault_name("v0").send());
    // All of them are on record before the test sends the others.
    while mock.requests().len() < 101 {
        tokio::task::yield_now().await;
    }
    for _ in 0..10 {
        let quick = tokio::time::timeout(Duration::from_secs(30), glacier.list_vaults().send());
        quick.await.expect("the request was delayed").unwrap();
    }
    let delayed = mock.requests().operation(Operation::CreateVault);
    assert!(delayed.len() == 100 && delayed.iter().all(|request| !request.has_ended()));
    waiting.abort_all();
    hanging.abort();
}

/// Verification waits only for requests that may still be answered.
#[tokio::test]
async fn verification_does_not_wait_for_an_answer_that_never_comes() {
    let mock = GlacierMock::start();
    mock.fault(Operation::ListVaults).never_answers();
    let listing = tokio::spawn(mock.client().list_vaults().send());
    mock.expect(Operation::CreateVault).never();
    let listed = mock.wait_for(Operation::ListVaults).within(Duration::from_secs(30)).await;
    assert_eq!((listed.only().status(), listed.only().last().fault()), (None, Some("no answer")));
    mock.verify();
    listing.abort();
}

#[tokio::test]
async fn a_delayed_request_is_served_afterwards() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).delayed(Duration::from_millis(20));
    let started = std::time::Instant::now();
    mock.client().create_vault().vault_name("a").send().await.unwrap();
    assert!(started.elapsed() >= Duration::from_millis(20));
    assert_eq!(vaults(&mock), 1);
}

#[tokio::test]
async fn a_fault_that_did_not_fire_fails_verification() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).vault("a").times(2).throttled();
    mock.fault(Operation::DeleteVault).optional().service_unavailable();
    refusal(one_attempt(&mock).create_vault().vault_name("a").send().await);
    let text = panic_message(|| mock.verify());
    assert!(text.starts_with(concat!("declared at ", file!(), ":")), "{text}");
    let rule =
        "the fault ThrottlingException for CreateVault with vault \"a\" should have fired 2 times but fired once";
    assert!(text.contains(rule) && text.contains("`.optional()`"), "{text}");
    assert!(!text.contains("DeleteVault"), "{text}");
    // Dropping verifies too.
    mock.fault(Operation::ListVaults).resets();
    assert!(
        panic_message(|| drop(mock)).contains("the fault a reset connection for ListVaults should have fired once")
    );
}

/// The report marks the requests to which a fault applied.
#[test]
fn a_report_names_the_fault() {
    let mock = GlacierMock::start();
    mock.fault(Operation::ListVaults).throttled();
    raw(&mock, &request("GET", "/-/vaults", &[], b""));
    let text = panic_message(|| mock.calls(Operation::ListVaults).assert_none());
    assert!(text.contains("400  ThrottlingException: Rate exceeded  [fault: ThrottlingException]"), "{text}");
}

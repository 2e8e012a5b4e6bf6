//! The conditions that select the requests to which a fault applies.

use std::time::Duration;

use glacier_mock::{Clock, GlacierMock, Operation};

use super::one_attempt;
use crate::support::{MIB, bytes, mock_with_vault, panic_message, raw, refusal, request};

/// The fault applies to the attempts of that call, as many as `times` allows.
#[tokio::test]
async fn a_fault_can_select_the_nth_call() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).nth_call(2).times(2).service_unavailable();
    let glacier = mock.client();
    for name in ["a", "b", "c"] {
        glacier.create_vault().vault_name(name).send().await.unwrap();
        glacier.list_vaults().send().await.unwrap();
    }
    let calls = mock.calls(Operation::CreateVault);
    let statuses: Vec<_> = calls.iter().map(|call| call.attempts().statuses()).collect();
    assert_eq!(statuses, [vec![201], vec![500, 500, 201], vec![201]]);
    // Each request without an invocation ID is a separate call.
    mock.fault(Operation::ListVaults).nth_call(3).throttled();
    let seen: Vec<_> = (0..4).map(|_| raw(&mock, &request("GET", "/-/vaults", &[], b"")).status).collect();
    assert_eq!(seen, [200, 200, 400, 200]);
    mock.verify();
}

/// A fault also counts requests to which another fault applies.
#[tokio::test]
async fn each_fault_counts_every_request() {
    let mock = GlacierMock::start();
    mock.fault(Operation::ListVaults).throttled();
    mock.fault(Operation::ListVaults).nth_call(2).service_unavailable();
    let seen: Vec<_> = (0..3).map(|_| raw(&mock, &request("GET", "/-/vaults", &[], b"")).status).collect();
    assert_eq!(seen, [400, 500, 200]);
}

#[tokio::test]
async fn a_fault_can_select_the_nth_attempt() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).nth_attempt(1).times(2).service_unavailable();
    mock.fault(Operation::CreateVault).vault("b").nth_attempt(2).throttled();
    let glacier = mock.client();
    for name in ["a", "b", "c"] {
        glacier.create_vault().vault_name(name).send().await.unwrap();
    }
    let calls = mock.calls(Operation::CreateVault);
    let statuses: Vec<_> = calls.iter().map(|call| call.attempts().statuses()).collect();
    assert_eq!(statuses, [vec![500, 201], vec![500, 400, 201], vec![201]]);
    let attempts: Vec<_> = calls[1].attempts().iter().map(|attempt| attempt.attempt()).collect();
    assert_eq!(attempts, [1, 2, 3]);
}

/// The range is that of a part or of a download.
#[tokio::test]
async fn a_fault_can_select_a_byte_range_or_a_header() {
    let (mock, _) = mock_with_vault().await;
    let glacier = one_attempt(&mock);
    let mib = MIB as u64;
    mock.fault(Operation::UploadMultipartPart).range(mib..2 * mib).service_unavailable();
    let started = glacier.initiate_multipart_upload().vault_name("v").part_size("1048576").send().await.unwrap();
    let upload = started.upload_id().unwrap();
    let part = async |n: usize| {
        let range = format!("bytes {}-{}/*", n * MIB, (n + 1) * MIB - 1);
        let part = glacier.upload_multipart_part().vault_name("v").upload_id(upload).range(range);
        part.body(bytes(MIB).into()).send().await
    };
    part(0).await.unwrap();
    assert_eq!(refusal(part(1).await).0, 500);
    part(1).await.unwrap();
    mock.calls(Operation::UploadMultipartPart).range(mib..=2 * mib - 1).assert_count(2);
    mock.calls(Operation::UploadMultipartPart).range(mib..).assert_none();

    let vault = mock.vault("v");
    let archive = vault.put_archive("a", bytes(10));
    let job = crate::support::initiate(&glacier, "v", crate::support::retrieval(&archive)).await;
    mock.fault(Operation::GetJobOutput).range(3..).throttled();
    mock.fault(Operation::GetJobOutput).header("range", "bytes=1-2").service_unavailable();
    let output = async |range: &str| glacier.get_job_output().vault_name("v").job_id(&job).range(range).send().await;
    output("bytes=3-9").await.unwrap();
    assert_eq!(refusal(output("bytes=3-").await).0, 400);
    assert_eq!(refusal(output("bytes=1-2").await).0, 500);
    let ranges: Vec<_> = mock.requests().iter().rev().take(2).map(|request| request.byte_range()).collect();
    assert_eq!(ranges, [Some(1..=2), Some(3..=u64::MAX - 1)]);
    mock.verify();
}

#[tokio::test]
async fn a_fault_can_wait_for_another_request() {
    let mock = GlacierMock::start();
    mock.fault(Operation::ListVaults).after(Operation::CreateVault).throttled();
    mock.fault(Operation::DeleteVault).after_matching(|request| request.vault() == Some("b")).access_denied();
    let glacier = one_attempt(&mock);
    glacier.list_vaults().send().await.unwrap();
    glacier.create_vault().vault_name("a").send().await.unwrap();
    glacier.delete_vault().vault_name("a").send().await.unwrap();
    assert_eq!(refusal(glacier.list_vaults().send().await).1, "ThrottlingException");
    glacier.list_vaults().send().await.unwrap();
    // The fault does not apply to the request that it waits for.
    glacier.delete_vault().vault_name("b").send().await.unwrap();
    assert_eq!(refusal(glacier.delete_vault().vault_name("b").send().await).1, "AccessDeniedException");
    mock.verify();
    mock.fault(Operation::ListVaults).after(Operation::DeleteArchive).throttled();
    let text = panic_message(|| mock.verify());
    assert!(
        text.contains("the fault ThrottlingException for ListVaults after DeleteArchive should have fired once"),
        "{text}"
    );
}

#[tokio::test]
async fn a_fault_can_be_limited_to_a_period() {
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T10:00:00Z")).start();
    mock.fault(Operation::ListVaults).since("2026-01-31T11:00:00Z").before("2026-01-31T12:00:00Z").always().throttled();
    let glacier = one_attempt(&mock);
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(glacier.list_vaults().send().await.is_ok());
        mock.clock().advance(Duration::from_secs(30 * 60));
    }
    assert_eq!(seen, [true, true, false, false, true]);
    mock.verify();
}

/// The rate is on the mock's clock.
#[tokio::test]
async fn a_rate_limit_allows_a_burst_and_a_rate() {
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T10:00:00Z")).start();
    mock.fault(Operation::ListVaults).throttled_beyond(3, Duration::from_secs(10));
    let glacier = one_attempt(&mock);
    let list = async |times: usize| {
        let mut granted = 0;
        for _ in 0..times {
            granted += usize::from(glacier.list_vaults().send().await.is_ok());
        }
        granted
    };
    assert_eq!(list(5).await, 3);
    mock.clock().advance(Duration::from_secs(20));
    assert_eq!(list(5).await, 2);
    mock.clock().advance(Duration::from_secs(3600));
    assert_eq!(list(5).await, 3);
    mock.verify();
    // A limit that was never reached fails verification.
    mock.fault(Operation::ListVaults).throttled_beyond(3, Duration::from_secs(10));
    assert_eq!(list(3).await, 3);
    let text = panic_message(|| mock.verify());
    let rule = "ThrottlingException for ListVaults beyond 3 at once and one each 10s should have fired at least once";
    assert!(text.contains(rule), "{text}");
}

#[test]
fn misuse_of_a_fault_panics_at_once() {
    let mock = GlacierMock::start();
    let fault = || mock.fault(Operation::ListVaults);
    assert!(panic_message(|| fault().times(0).throttled()).contains("leave it out"));
    assert!(panic_message(|| fault().before("tomorrow").throttled()).contains("is not a valid timestamp"));
    assert!(panic_message(|| fault().drops_header("a b")).contains("is not a valid header name"));
    assert!(panic_message(|| fault().sets_header("a", "\n")).contains("is not a valid header value"));
    assert!(panic_message(|| fault().sets_header("Content-Length", "1")).contains("wrong_content_length"));
    for status in [0, 99, 100, 101, 199, 1000, u16::MAX] {
        assert!(panic_message(|| fault().answers(status, "")).contains("use one from 200 to 999"), "{status}");
    }
    assert!(panic_message(|| fault().answers(204, "a body")).contains("cannot have a body"));
    assert!(panic_message(|| fault().answers(304, "a body")).contains("cannot have a body"));
    assert!(std::panic::catch_unwind(|| fault().nth_call(0).throttled()).is_err());
    assert!(std::panic::catch_unwind(|| fault().nth_attempt(0).throttled()).is_err());
    mock.verify();
}

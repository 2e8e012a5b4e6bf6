//! Faults that change the response after the service has processed the request.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::config::StalledStreamProtectionConfig;
use aws_sdk_glacier::config::retry::RetryConfig;
use aws_sdk_glacier::error::SdkError;
use glacier_mock::{GlacierMock, Operation};

use super::{assert_broken, one_attempt, raw_end, vaults};
use crate::support::{
    MIB, bytes, initiate, mock_with_vault, output, panic_message, raw, request, retrieval, tree_hash, upload,
};

/// Starts a mock with an archive of `size` bytes and a completed job that retrieves it. Returns the mock, a client, the
/// bytes and the ID of the job.
async fn with_job(size: usize) -> (GlacierMock, Client, Vec<u8>, String) {
    let (mock, _) = mock_with_vault().await;
    let glacier = one_attempt(&mock);
    let whole = bytes(size);
    let archive = upload(&glacier, "v", &whole).await;
    let job = initiate(&glacier, "v", retrieval(&archive)).await;
    (mock, glacier, whole, job)
}

fn download(job: &str) -> Vec<u8> {
    request("GET", &format!("/-/vaults/v/jobs/{job}/output"), &[], b"")
}

/// The connection is closed after the given number of bytes.
#[tokio::test]
async fn a_truncated_body_ends_before_its_declared_length() {
    let (mock, glacier) = mock_with_vault().await;
    let whole = bytes(2 * MIB);
    let archive = upload(&glacier, "v", &whole).await;
    let job = initiate(&glacier, "v", retrieval(&archive)).await;
    for cut in [0, 1, 700 * 1024, 2 * MIB - 1] {
        mock.fault(Operation::GetJobOutput).times(2).cut_body_after(cut as u64);
        let (seen, _) = raw_end(&mock, &request("GET", &format!("/-/vaults/v/jobs/{job}/output"), &[], b""));
        let head = seen.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        assert!(String::from_utf8_lossy(&seen[..head]).contains("content-length: 2097152\r\n"));
        assert!(seen[head..] == whole[..cut], "{} bytes instead of {cut}", seen.len() - head);
        let cut_short = one_attempt(&mock).get_job_output().vault_name("v").job_id(&job).send().await.unwrap();
        assert!(cut_short.body.collect().await.is_err(), "{cut}");
    }
    // After the faults, the download succeeds.
    assert!(output(&glacier, "v", &job).await == whole);
}

/// The length and the headers are correct.
#[tokio::test]
async fn only_the_tree_hash_reveals_a_flipped_bit() {
    let (mock, glacier, whole, job) = with_job(2 * MIB + 5).await;
    for at in [0, 1, MIB, 2 * MIB + 4] {
        mock.fault(Operation::GetJobOutput).times(2).flips_byte(at as u64);
        let mut expected = whole.clone();
        expected[at] ^= 1;
        let seen = raw(&mock, &download(&job));
        assert!(seen.body == expected, "byte {at}");
        assert_eq!(seen.header("content-length"), Some("2097157"));
        let answer = glacier.get_job_output().vault_name("v").job_id(&job).send().await.unwrap();
        let checksum = answer.checksum().unwrap().to_owned();
        let body = answer.body.collect().await.unwrap().to_vec();
        assert!(body == expected);
        assert_ne!(tree_hash(&body), checksum);
        assert_eq!(tree_hash(&whole), checksum);
    }
    // The stored archive is unchanged.
    assert!(output(&glacier, "v", &job).await == whole);
}

#[tokio::test]
async fn headers_can_be_wrong_or_missing() {
    let (mock, glacier, whole, job) = with_job(MIB).await;
    let fault = || mock.fault(Operation::GetJobOutput).times(2);
    let seen = async || {
        let raw = raw(&mock, &download(&job));
        let sdk = glacier.get_job_output().vault_name("v").job_id(&job).send().await.unwrap();
        let by_sdk = (sdk.checksum().map(str::to_owned), sdk.content_type().map(str::to_owned));
        assert!(raw.body == whole && sdk.body.collect().await.unwrap().to_vec() == whole);
        (raw.header("x-amz-sha256-tree-hash").map(str::to_owned), by_sdk)
    };
    let right = tree_hash(&whole);

    fault().wrong_checksum();
    let (raw_checksum, (checksum, _)) = seen().await;
    let checksum = checksum.unwrap();
    assert_eq!(raw_checksum.as_ref(), Some(&checksum));
    assert_eq!((checksum.len(), &checksum[1..]), (64, &right[1..]));
    assert_ne!(checksum, right);

    fault().drops_header("x-amz-sha256-tree-hash");
    assert_eq!(seen().await, (None, (None, Some("application/octet-stream".into()))));
    fault().sets_header("content-type", "text/html");
    assert_eq!(seen().await, (Some(right.clone()), (Some(right), Some("text/html".into()))));

    // The upload is stored, but the client does not get its ID.
    mock.fault(Operation::UploadArchive).drops_header("x-amz-archive-id");
    let stored = glacier.upload_archive().vault_name("v").body(b"bytes".to_vec().into()).send().await.unwrap();
    assert_eq!(stored.archive_id(), None);
    assert_eq!(mock.vault("v").archives().len(), 2);
}

/// Asserts that the SDK could not deserialize a successful response.
#[track_caller]
fn assert_unreadable<E: std::fmt::Debug>(error: &SdkError<E>) {
    assert_eq!(error.raw_response().map(|answer| answer.status().as_u16()), Some(200));
    assert!(format!("{error:?}").contains("DeserializeError"), "{error:?}");
}

/// The service has processed the request.
#[tokio::test]
async fn malformed_or_truncated_json_cannot_be_deserialized() {
    let (mock, _) = mock_with_vault().await;
    let glacier = one_attempt(&mock);
    let whole = raw(&mock, &request("GET", "/-/vaults/v", &[], b""));

    mock.fault(Operation::DescribeVault).times(2).malformed_json();
    let seen = raw(&mock, &request("GET", "/-/vaults/v", &[], b""));
    assert_eq!(seen.text(), whole.text().strip_suffix('}').unwrap().to_owned() + ")");
    assert_eq!(seen.header("content-length"), whole.header("content-length"));
    let error = glacier.describe_vault().vault_name("v").send().await.unwrap_err();
    assert_unreadable(&error);

    mock.fault(Operation::DescribeVault).times(2).truncated_json_after(17);
    let seen = raw(&mock, &request("GET", "/-/vaults/v", &[], b""));
    assert_eq!((seen.text(), seen.header("content-length")), (&whole.text()[..17], Some("17")));
    let error = glacier.describe_vault().vault_name("v").send().await.unwrap_err();
    assert_unreadable(&error);

    // The state has changed, although the response lacks a header.
    mock.fault(Operation::PurchaseProvisionedCapacity).drops_header("x-amz-capacity-id");
    glacier.purchase_provisioned_capacity().send().await.unwrap();
    let units = glacier.list_provisioned_capacity().send().await.unwrap();
    assert_eq!(units.provisioned_capacity_list().len(), 1);
}

/// With a length that is too small, the rest of the body follows anyway. With one that is too large, the connection
/// closes early.
#[tokio::test]
async fn a_wrong_content_length_does_not_change_the_body() {
    let (mock, glacier, whole, job) = with_job(MIB).await;
    let fault = || mock.fault(Operation::GetJobOutput).times(2);

    fault().wrong_content_length(100);
    let (seen, end) = raw_end(&mock, &download(&job));
    let head = seen.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
    let headers = String::from_utf8_lossy(&seen[..head]).into_owned();
    assert!(headers.starts_with("HTTP/1.1 200 OK\r\n") && headers.contains("content-length: 100\r\n"), "{headers}");
    assert!(headers.contains("x-amz-sha256-tree-hash") && headers.contains("date: "), "{headers}");
    assert!(seen[head..] == whole && end.is_none());
    assert!(output(&glacier, "v", &job).await == whole[..100]);

    fault().wrong_content_length(MIB as u64 + 1);
    let (seen, end) = raw_end(&mock, &download(&job));
    assert!(seen.ends_with(&whole) && end.is_none());
    let answer = glacier.get_job_output().vault_name("v").job_id(&job).send().await.unwrap();
    assert!(answer.body.collect().await.is_err());

    // The service has processed the request.
    mock.fault(Operation::CreateVault).wrong_content_length(7);
    assert_broken(glacier.create_vault().vault_name("a").send().await);
    assert_eq!(vaults(&mock), 1);
    assert_eq!(mock.requests().last().unwrap().status(), Some(201));
    assert!(output(&glacier, "v", &job).await == whole);
}

/// The given number of bytes arrives, and then none.
#[tokio::test]
async fn a_stalled_body_keeps_its_connection_open() {
    let (mock, _, whole, job) = with_job(2 * MIB).await;
    mock.fault(Operation::GetJobOutput).times(2).stalls_after(MIB as u64 + 7);

    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.write_all(&download(&job)).unwrap();
    let mut seen = vec![0; 16 * 1024];
    let mut length = 0;
    while length < MIB + 7 || !seen[..length].ends_with(&whole[MIB..MIB + 7]) {
        seen.resize(length + 16 * 1024, 0);
        length += stream.read(&mut seen[length..]).unwrap();
    }
    stream.set_nonblocking(true).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);

    // The SDK's stalled-stream protection ends the download if the user enabled it.
    let protected = StalledStreamProtectionConfig::enabled().grace_period(Duration::from_millis(1)).build();
    let config = mock.glacier_config().stalled_stream_protection(protected);
    let config = config.retry_config(RetryConfig::disabled());
    let answer = Client::from_conf(config.build()).get_job_output().vault_name("v").job_id(&job).send().await.unwrap();
    let error = answer.body.collect().await.unwrap_err();
    let text = format!("{error:?}");
    assert!(text.contains("ThroughputBelowMinimum") || text.contains("minimum throughput"), "{text}");
    assert_eq!(mock.requests().last().unwrap().fault(), Some("a body stalled after 1048583 bytes"));
}

/// The chunks arrive on the mock's clock, or in wall time if the fault says so.
#[tokio::test(start_paused = true)]
async fn a_slow_body_arrives_whole_at_the_given_rate() {
    let (mock, glacier, whole, job) = with_job(1000).await;
    mock.fault(Operation::GetJobOutput).dribbles(100);
    let started = tokio::time::Instant::now();
    assert!(output(&glacier, "v", &job).await == whole);
    let took = started.elapsed();
    // Ten bytes arrive every tenth of a second, without a pause after the last ones.
    assert!((Duration::from_millis(9_900)..Duration::from_secs(10)).contains(&took), "{took:?}");

    // In wall time, two chunks arrive a tenth of a second apart, and no paused time passes.
    mock.fault(Operation::GetJobOutput).times(2).in_wall_time().dribbles(5_000);
    let wall = std::time::Instant::now();
    assert!(raw(&mock, &download(&job)).body == whole);
    assert!(output(&glacier, "v", &job).await == whole);
    assert!(wall.elapsed() >= Duration::from_millis(200) && started.elapsed() == took);
}

/// A fault may fire for a response that it cannot change. A test that relies on it must not pass.
#[tokio::test]
async fn a_fault_without_an_effect_fails_verification() {
    let (mock, glacier, whole, job) = with_job(10).await;
    let output_fault = || mock.fault(Operation::GetJobOutput);
    output_fault().flips_byte(10);
    output_fault().cut_body_after(10);
    output_fault().stalls_after(11);
    output_fault().malformed_json();
    output_fault().drops_header("x-amz-archive-id");
    output_fault().wrong_content_length(10);
    output_fault().optional().flips_byte(10);
    mock.fault(Operation::DeleteVault).wrong_checksum();
    for _ in 0..7 {
        assert!(output(&glacier, "v", &job).await == whole);
    }
    glacier.delete_vault().vault_name("none").send().await.unwrap();
    let text = panic_message(|| mock.verify());
    let reasons: Vec<_> =
        text.lines().filter_map(|line| line.split_once("had no effect: ")).map(|(_, why)| why).collect();
    assert_eq!(
        reasons,
        [
            "the response body had only 10 bytes",
            "the response body had only 10 bytes",
            "the response body had only 10 bytes",
            "the response is not JSON",
            "the response has no header x-amz-archive-id",
            "the response body really had 10 bytes",
            "the response has no header x-amz-sha256-tree-hash",
        ],
        "{text}"
    );
    assert!(text.contains("the fault a bit flipped in byte 10 for GetJobOutput had no effect"), "{text}");
}

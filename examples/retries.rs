//! Survives errors with the retries of the SDK, whose attempts are one call on record: `cargo run --example retries`.

use aws_sdk_glacier::Client;
use aws_sdk_glacier::config::retry::RetryConfig;
use glacier_mock::{GlacierMock, Operation};

/// The code under test.
async fn backup(glacier: &Client, bytes: &[u8]) -> Option<String> {
    let stored = glacier.upload_archive().vault_name("photos").body(bytes.to_vec().into()).send().await.ok()?;
    stored.archive_id().map(str::to_owned)
}

#[cfg_attr(test, tokio::test)]
async fn a_backup_survives_two_errors_but_not_three() {
    let mock = GlacierMock::start();
    mock.create_vault("photos");

    mock.fault(Operation::UploadArchive).times(2).service_unavailable();
    assert!(backup(&mock.client(), b"a cat").await.is_some());
    let upload = mock.calls(Operation::UploadArchive).only();
    assert_eq!(upload.attempts().statuses(), [500, 500, 201]);

    mock.fault(Operation::UploadArchive).times(3).throttled();
    assert!(backup(&mock.client(), b"a dog").await.is_none());
    let upload = mock.calls(Operation::UploadArchive).failed().only();
    assert_eq!(upload.attempts().statuses(), [400, 400, 400]);
    assert_eq!(mock.vault("photos").archives().len(), 1);

    // A client that the test configures for more attempts than the SDK's default.
    let patient = mock.glacier_config().retry_config(RetryConfig::standard().with_max_attempts(5)).build();
    mock.fault(Operation::UploadArchive).times(4).answers(502, "<html>Bad Gateway</html>");
    assert!(backup(&Client::from_conf(patient), b"a bird").await.is_some());

    let calls = mock.calls(Operation::UploadArchive);
    for call in &calls {
        println!("call {}: attempts {:?}", call.number(), call.attempts().statuses());
    }
    calls.assert_count(3);
}

#[cfg(not(test))]
#[tokio::main(flavor = "current_thread")]
async fn main() {
    a_backup_survives_two_errors_but_not_three().await;
}

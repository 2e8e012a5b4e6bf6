//! The record of requests, and `assert_sequence`, the simplest assertion on it.

use glacier_mock::{GlacierMock, Operation};

use crate::support::{mock_with_vault, panic_message, raw, request, sha256, upload};

#[tokio::test]
async fn a_request_is_recorded_with_all_its_properties() {
    let (mock, glacier) = mock_with_vault().await;
    let archive = upload(&glacier, "v", b"bytes").await;
    glacier.delete_archive().vault_name("v").archive_id(&archive).send().await.unwrap();
    let requests = mock.requests();
    let [create, upload, delete] = &requests[..] else { panic!("{requests:?}") };
    assert_eq!((create.number(), upload.number(), delete.number()), (1, 2, 3));

    assert_eq!((upload.operation(), upload.vault()), (Some(Operation::UploadArchive), Some("v")));
    assert_eq!((upload.method(), upload.path(), upload.query()), ("POST", "/-/vaults/v/archives", None));
    assert_eq!((upload.account().to_string(), upload.region()), ("000000000000".into(), "us-east-1"));
    assert_eq!(upload.header("X-Amz-Glacier-Version"), Some("2012-06-01"));
    assert!(upload.headers().any(|(name, value)| name == "x-amz-content-sha256" && value == sha256(b"bytes")));
    let body = upload.body().unwrap();
    assert_eq!((body.len(), body.to_vec()), (5, b"bytes".to_vec()));
    assert_eq!((body.sha256().to_string(), body.tree_hash().to_string()), (sha256(b"bytes"), sha256(b"bytes")));
    assert_eq!((upload.status(), upload.error_code()), (Some(201), None));
    assert_eq!(delete.archive_id().unwrap(), &*archive);
    assert!(create.service_time() <= upload.service_time() && create.wall_time() <= upload.wall_time());
    assert_ne!(create.request_id(), upload.request_id());
    assert!(upload.invocation_id().is_some());
}

#[tokio::test]
async fn refusals_are_recorded_too() {
    let mock = GlacierMock::start();
    mock.client().describe_job().vault_name("v").job_id("j").send().await.unwrap_err();
    let requests = mock.requests();
    assert_eq!((requests[0].status(), requests[0].job_id().unwrap().as_str()), (Some(404), "j"));
    assert_eq!(requests[0].error_code(), Some("ResourceNotFoundException"));
    assert!(requests[0].error_message().unwrap().starts_with("Vault not found for ARN: "));
}

#[tokio::test]
async fn assert_sequence_compares_every_call() {
    let (mock, glacier) = mock_with_vault().await;
    upload(&glacier, "v", b"x").await;
    mock.assert_sequence([Operation::CreateVault, Operation::UploadArchive]);

    let text = panic_message(|| mock.assert_sequence([Operation::CreateVault, Operation::DeleteVault]));
    assert_eq!(
        text,
        "expected call 2 to be DeleteVault, but it was UploadArchive\n   1  CreateVault    v  201\n   2  UploadArchive  v  201          <- here\n"
    );
    let text = panic_message(|| mock.assert_sequence([Operation::CreateVault]));
    assert!(text.starts_with("expected 1 call, but there was another: UploadArchive\n"), "{text}");
    let all = [Operation::CreateVault, Operation::UploadArchive, Operation::DeleteVault];
    let text = panic_message(|| mock.assert_sequence(all));
    assert!(text.starts_with("expected call 3 to be DeleteVault, but there was none\n"), "{text}");
}

#[test]
fn a_failing_assertion_shows_refusals_and_unknown_requests() {
    let mock = GlacierMock::start();
    let text = panic_message(|| mock.assert_sequence([Operation::CreateVault]));
    assert!(
        text.starts_with("expected call 1 to be CreateVault, but there was none\n  (no request arrived)\n"),
        "{text}"
    );
    raw(&mock, &request("GET", "/-/vaults/v", &[], b""));
    raw(&mock, &request("GET", "/favicon.ico", &[], b""));
    let text = panic_message(|| mock.assert_sequence([Operation::DescribeVault, Operation::CreateVault]));
    assert!(text.contains("it was GET /favicon.ico, which is not an operation of Glacier"), "{text}");
    assert!(text.contains("404  ResourceNotFoundException: Vault not found for ARN: "), "{text}");
}

/// All attempts of one SDK call share an invocation ID. Each request without one is a separate call.
#[test]
fn attempts_of_one_call_count_once() {
    let mock = GlacierMock::start();
    for id in ["a", "a", "b", "", ""] {
        raw(&mock, &request("GET", "/-/vaults", &[("amz-sdk-invocation-id", id)], b""));
    }
    mock.assert_sequence([Operation::ListVaults; 4]);
    assert_eq!(mock.requests().len(), 5);
}

/// A panic message that contains requests stays short.
#[tokio::test]
async fn debug_output_omits_bodies() {
    let (mock, glacier) = mock_with_vault().await;
    upload(&glacier, "v", &[b'x'; 100_000]).await;
    assert!(format!("{:?}", mock.requests()).len() < 1000);
    assert_eq!(format!("{:?}", mock.requests()[1].body().unwrap()), "Body(100000 bytes)");
}

//! The record of requests, and `assert_sequence`, the simplest assertion on it.

use glacier_mock::{ErrorCode, GlacierMock, JobTiming, Operation};

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
    assert_eq!(body, b"bytes");
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
    assert_eq!(requests[0].error_code(), Some(ErrorCode::ResourceNotFoundException));
    assert!(requests[0].error_message().unwrap().starts_with("Vault not found for ARN: "));
}

/// A call has the properties of its last attempt.
#[tokio::test]
async fn a_call_has_the_properties_of_its_last_attempt() {
    let mock = GlacierMock::builder().jobs(JobTiming::manual()).start();
    let photos = mock.create_vault("v");
    let archive = photos.put_archive("cat.jpg", b"a cat");
    let attempt = |attempt: &str, body: &str| {
        let (id, attempt) = (("amz-sdk-invocation-id", "one"), ("amz-sdk-request", attempt));
        raw(&mock, &request("POST", "/-/vaults/v/jobs", &[id, attempt], body.as_bytes()))
    };
    let retrieval = format!(r#"{{"Type": "archive-retrieval", "ArchiveId": "{}"}}"#, archive.as_str());
    assert_eq!(attempt("attempt=1", "{").status, 400);
    assert_eq!(attempt("attempt=2", &retrieval).status, 202);
    let call = mock.calls(Operation::InitiateJob).only();
    assert_eq!(call.attempts().statuses(), [400, 202]);
    assert_eq!(call.attempts()[0].error_code(), Some(ErrorCode::SerializationException));
    assert_eq!((call.status(), call.error_code(), call.vault()), (Some(202), None, Some("v")));
    assert_eq!(call.header("AMZ-SDK-Request"), Some("attempt=2"));
    assert_eq!(call.body().unwrap(), &*retrieval);
    assert_eq!((call.archive_id(), call.job_id()), (Some(&archive), Some(mock.jobs().all()[0].id())));
    assert_eq!(call.upload_id(), None);

    let upload = photos.start_upload("dog.jpg", 1024 * 1024);
    raw(&mock, &request("DELETE", &format!("/-/vaults/v/multipart-uploads/{upload}"), &[], b""));
    assert_eq!(mock.calls(Operation::AbortMultipartUpload).only().upload_id(), Some(&upload));
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

/// Without the check, `0..0` would match a request for `bytes=0-`, and `5..5` no request at all.
#[test]
#[expect(clippy::reversed_empty_ranges, reason = "the test passes empty ranges deliberately")]
fn an_empty_range_of_bytes_panics() {
    let mock = GlacierMock::start();
    let expect = || mock.expect(Operation::GetJobOutput);
    for (run, range) in [
        (&(|| expect().range(0..0).never()) as &dyn Fn(), "0..0"),
        (&|| expect().range(..0).never(), "0..0"),
        (&|| expect().range(5..5).never(), "5..5"),
        (&|| expect().range(5..=4).never(), "5..=4"),
        (&|| mock.calls(Operation::GetJobOutput).range(5..2).assert_none(), "5..2"),
        (&|| mock.fault(Operation::GetJobOutput).range(5..5).throttled(), "5..5"),
    ] {
        assert_eq!(panic_message(run), format!("invalid range of bytes: the range {range} is empty"));
    }
    expect().range(5..6).never();
    expect().range(0..).never();
}

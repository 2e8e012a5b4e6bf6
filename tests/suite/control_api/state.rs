//! The state of a running mock as a file.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use glacier_mock::{Clock, Content, GlacierMock, GlacierMockBuilder, JobTiming, Operation, Principal};
use serde_json::{Value, json};

use super::{BASE, call, ok, send, started};
use crate::support::{HOUR, RawResponse};

const NOON: &str = "2026-01-31T12:00:00Z";
const EVENING: &str = "2026-01-31T20:00:00Z";
const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:done";
const RAW: [(&str, &str); 1] = [("Content-Type", "application/octet-stream")];

fn frozen(instant: &str) -> GlacierMockBuilder {
    GlacierMock::builder().clock(Clock::frozen(instant)).seed(7)
}

/// Exports the state of a mock.
#[track_caller]
fn export(mock: &GlacierMock) -> Vec<u8> {
    let response = send(mock, "GET", "/state", &[], b"");
    assert_eq!(response.status, 200, "{}", response.text());
    response.body
}

fn import(mock: &GlacierMock, file: &[u8]) -> RawResponse {
    send(mock, "PUT", "/state", &RAW, file)
}

/// Imports a file that is refused with this status and code, and returns the message.
#[track_caller]
fn refused(mock: &GlacierMock, file: &[u8], status: u16, code: &str) -> String {
    let response = import(mock, file);
    let error = serde_json::from_slice::<Value>(&response.body).unwrap()["error"].clone();
    assert_eq!((response.status, error["code"].as_str()), (status, Some(code)), "{error}");
    error["message"].as_str().unwrap().to_owned()
}

/// Returns a mock with a vault that has an archive, a job in progress and a job that has ended.
fn used() -> GlacierMock {
    let mock = started(frozen(NOON).principals([Principal::new("arn:aws:iam::000000000000:user/anna")]));
    mock.clock().advance(HOUR);
    let photos =
        mock.create_vault("photos").tag("team", "blue").set_notifications(TOPIC, ["InventoryRetrievalCompleted"]);
    photos.put_archive("cat.jpg", b"a cat");
    photos.start_inventory_retrieval();
    mock.set_job_timing(JobTiming::manual());
    photos.start_inventory_retrieval();
    mock.vault_in("111122223333", "eu-west-1", "scans").create();
    mock
}

/// Returns what the control API shows of the state, without the record.
fn seen(mock: &GlacierMock) -> Vec<Value> {
    let paths = ["/vaults", "/vaults/photos", "/jobs", "/clock", "/notifications", "/principals", "/usage"];
    paths.iter().map(|path| call(mock, "GET", path, Value::Null).1).collect()
}

#[tokio::test]
async fn an_imported_state_answers_as_the_exported_one() {
    let original = used();
    let file = export(&original);
    assert!(file.starts_with(b"glacier-mock state\nformat 2\n"));
    // Later and earlier than the state.
    for instant in [EVENING, "2020-01-01T00:00:00Z"] {
        let copy = started(frozen(instant));
        copy.create_vault("mine").put_archive("", b"mine");
        let response = import(&copy, &file);
        assert_eq!((response.status, response.body.len()), (204, 0));
        assert_eq!(seen(&copy), seen(&original));
        assert_eq!(copy.vaults()[0].archives()[0].to_vec(), b"a cat");
        // The same requests receive the same IDs, and the timing of jobs is that of the file.
        let ids = async |mock: &GlacierMock| {
            let glacier = mock.client();
            let body = aws_sdk_glacier::primitives::ByteStream::from_static(b"a dog");
            let archive = glacier.upload_archive().vault_name("photos").body(body).send().await.unwrap();
            let job = mock.vault("photos").start_inventory_retrieval();
            let request = mock.requests().iter().last().unwrap().request_id().to_owned();
            (archive.archive_id, job.id().clone(), job.status(), request)
        };
        let fresh = started(frozen(EVENING));
        assert_eq!(import(&fresh, &file).status, 204);
        assert_eq!(ids(&copy).await, ids(&fresh).await);
    }
}

#[tokio::test]
async fn what_belongs_to_the_test_stays() {
    let mock = started(frozen(EVENING).principals([Principal::new("arn:aws:iam::000000000000:user/bob")]));
    let announced = Arc::new(AtomicUsize::new(0));
    let count = announced.clone();
    mock.on_notification(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    mock.client().list_vaults().send().await.unwrap();
    mock.fault(Operation::ListProvisionedCapacity).optional().always().service_unavailable();
    mock.expect(Operation::DeleteVault).never();
    ok(&mock, "POST", "/jobs/rules", json!({"vault": "photos", "outcome": {"fails": "the tape is torn"}}));

    assert_eq!(import(&mock, &export(&used())).status, 204);
    mock.calls(Operation::ListVaults).assert_count(1);
    mock.client().list_provisioned_capacity().send().await.unwrap_err();
    let arns: Vec<_> = mock.principals().iter().map(|principal| principal.arn().to_owned()).collect();
    assert_eq!(arns, ["arn:aws:iam::000000000000:user/anna", "arn:aws:iam::000000000000:user/bob"]);
    let job = mock.vault("photos").start_inventory_retrieval();
    assert_eq!(job.message().as_deref(), Some("the tape is torn"));
    assert_eq!(announced.load(Ordering::SeqCst), 1);
    mock.clock().advance(HOUR);
    assert_eq!(mock.clock().now().to_string(), "2026-01-31T14:00:00.000Z");
}

#[test]
fn a_reset_returns_to_the_start_and_not_to_the_imported_state() {
    let mock = started(frozen(EVENING));
    assert_eq!(import(&mock, &export(&used())).status, 204);
    assert_eq!(mock.vaults().len(), 2);
    ok(&mock, "POST", "/reset", Value::Null);
    assert!(mock.vaults().is_empty() && mock.principals().is_empty());
    assert_eq!(mock.clock().now().to_string(), "2026-01-31T20:00:00.000Z");
    // The clock alone does not return while there are vaults.
    assert_eq!(import(&mock, &export(&used())).status, 204);
    super::refused(&mock, "POST", "/reset", json!({"only": ["clock"]}), 409, "conflict");
    ok(&mock, "POST", "/reset", json!({"only": ["clock", "vaults"]}));
    assert_eq!(mock.clock().now().to_string(), "2026-01-31T20:00:00.000Z");
}

#[test]
fn a_clock_that_runs_continues_at_the_instant_of_the_state() {
    let file = export(&used());
    let mock = started(GlacierMock::builder().clock(Clock::wall()));
    assert_eq!(import(&mock, &file).status, 204);
    let instant = "2026-01-31T13:00:00Z".parse().unwrap();
    let first = mock.clock().now();
    assert!(first >= instant && first.since(instant) < HOUR, "{first}");
    crate::support::until("the clock runs", || mock.clock().now() > first);
}

#[tokio::test]
async fn a_wait_for_a_job_notices_the_new_state() {
    let original = started(frozen(NOON).jobs(JobTiming::manual()));
    original.create_vault("photos").start_inventory_retrieval();
    let file = export(&original);
    let mock = started(frozen(NOON));
    let job = mock.jobs().wait_for_one();
    let (job, response) = tokio::join!(job, async { import(&mock, &file) });
    assert_eq!((job.vault(), response.status), ("photos", 204));
}

#[test]
fn a_file_that_is_refused_changes_nothing() {
    let file = export(&used());
    let mock = started(frozen(EVENING));
    mock.create_vault("mine");
    let before = seen(&mock);
    let mut flipped = file.clone();
    *flipped.last_mut().unwrap() ^= 1;
    for (bad, reason) in [
        (&b""[..], "it is not a file that glacier-mock saved, or it was truncated"),
        (b"{}", "it is not a file that glacier-mock saved, or it was truncated"),
        (&[b'x'; 5000], "it is not a file that glacier-mock saved"),
        (&file[..file.len() / 2], "it is damaged: "),
        (&flipped, "it is damaged: "),
    ] {
        let message = refused(&mock, bad, 400, "invalid_request");
        assert!(message.starts_with(&format!("the state cannot be loaded: {reason}")), "{message}");
    }
    for builder in [frozen(NOON).account("111122223333"), frozen(NOON).region("eu-west-1")] {
        let other = started(builder);
        let message = refused(&mock, &export(&other), 409, "conflict");
        let expected =
            format!("the state belongs to account {} and region {}, and this", other.account(), other.region());
        assert!(message.starts_with(&expected), "{message}");
    }
    for (headers, status) in
        [(&[][..], 415), (&[("Content-Type", "application/json")], 415), (&[("Content-Type", "text/plain")], 403)]
    {
        assert_eq!(send(&mock, "PUT", "/state", headers, &file).status, status);
    }
    for path in ["/state?embed_files=true", "/state?x=1"] {
        assert_eq!(send(&mock, "PUT", path, &RAW, &file).status, 400);
    }
    assert_eq!(seen(&mock), before);
    assert_eq!(send(&mock, "GET", "/state?embed_files=2", &[], b"").status, 400);
}

#[test]
fn the_bytes_of_files_are_exported_unless_the_client_declines() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("cat.jpg");
    std::fs::write(&path, vec![7; 100_000]).unwrap();
    let original = started(frozen(NOON));
    original.create_vault("photos").put_archive("cat.jpg", Content::from_file(&path));
    let whole = export(&original);
    let paths = send(&original, "GET", "/state?embed_files=false", &[], b"");
    assert_eq!(paths.header("content-length"), Some(&*paths.body.len().to_string()));
    assert_eq!(paths.header("content-disposition"), Some("attachment; filename=\"state.glacier\""));
    let copy = started(frozen(NOON));
    for file in [&whole, &paths.body] {
        assert_eq!(import(&copy, file).status, 204);
        assert_eq!(copy.vault("photos").archives()[0].to_vec(), vec![7; 100_000]);
    }
    std::fs::remove_file(&path).unwrap();
    assert_eq!(import(&copy, &whole).status, 204);
    let message = refused(&copy, &paths.body, 400, "invalid_request");
    assert!(message.contains("cat.jpg of an archive cannot be used: "), "{message}");
    // The export needs the file that is missing.
    let response = send(&original, "GET", "/state", &[], b"");
    assert_eq!(response.status, 500, "{}", response.text());
}

#[test]
fn the_document_describes_both_directions() {
    let document = ok(&started(GlacierMock::builder()), "GET", "/openapi.json", Value::Null);
    let state = &document["paths"][format!("{BASE}/state")];
    let bytes = "application/octet-stream";
    assert!(state["get"]["responses"]["200"]["content"][bytes].is_object(), "{state}");
    assert!(state["put"]["requestBody"]["content"][bytes].is_object(), "{state}");
    assert_eq!(state["get"]["parameters"][0]["name"], "embed_files");
}

//! The parameters of InitiateJob.

use hyper::HeaderMap;

use crate::domain::vault::JobStatus;
use crate::domain::words::Operation;
use crate::fixture::GlacierMock;

use super::arranged::{Arranged, CAT, VAULT, settings};
use super::exchange::{Answer, Asked, ask};

/// Sends a body to InitiateJob, and asks for everything about the job that starts.
pub fn parameters(input: &[u8]) {
    let mock = settings().start();
    let arranged = Arranged::new(&mock);
    let send = |operation, path: &[(&str, &str)], body: &[u8]| {
        ask(&mock, Asked { operation, path, query: None, headers: &HeaderMap::new(), body })
    };
    let body = arranged.fill_in("", input);
    let started = send(Operation::InitiateJob, &[("vault", VAULT)], &body);
    if started.status != 202 {
        assert!(mock.jobs().all().is_empty(), "a job of a refused request");
        return;
    }
    let id = started.headers["x-amz-job-id"].to_str().expect("ASCII").to_owned();
    let path = [("vault", VAULT), ("job", id.as_str())];
    let job = send(Operation::DescribeJob, &path, b"").json;
    let list = send(Operation::ListJobs, &path[..1], b"").json;
    assert_eq!(list["JobList"][0], job, "ListJobs and DescribeJob differ");
    assert_eq!(job["StatusCode"], "Succeeded", "{job}");
    check_output(&job, &send(Operation::GetJobOutput, &path, b""));
    // A day later the job is not known any more.
    mock.clock().advance(std::time::Duration::from_secs(25 * 60 * 60));
    assert_eq!(send(Operation::DescribeJob, &path, b"").status, 404);
    check_control(&mock);
}

/// Compares the output of a job with its description.
fn check_output(job: &serde_json::Value, answer: &Answer) {
    assert_eq!(answer.status, 200, "{job}");
    if job["Action"] == "ArchiveRetrieval" {
        assert_eq!(answer.output, CAT, "the whole archive is less than a MiB, and so is each range of it");
        return;
    }
    assert_eq!(job["InventorySizeInBytes"], answer.output.len(), "{job}");
    if job["InventoryRetrievalParameters"]["Format"] == "JSON" {
        let inventory: serde_json::Value = serde_json::from_slice(&answer.output).expect("an inventory in JSON");
        assert!(inventory["ArchiveList"].as_array().is_some_and(|list| list.len() <= 1), "{inventory}");
    }
}

/// Reads everything that a test can read about jobs.
fn check_control(mock: &GlacierMock) {
    assert!(mock.jobs().all().iter().all(|job| job.status() != JobStatus::InProgress));
    let _ = (mock.usage(), mock.leftovers().len());
}

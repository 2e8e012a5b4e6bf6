//! The life of a job: InitiateJob, DescribeJob and ListJobs (api.md sections 5 and 6, observed.md 2.D and 3.4).

mod inventories;
mod output;
mod parameters;

use std::time::Duration;

use aws_sdk_glacier::types::StatusCode as SdkStatus;
use glacier_mock::{Clock, GlacierMock, JobStatus, JobTiming, Tier};

use crate::support::{
    ARN, initiate, inventory, mock_with_vault, output, panic_message, raw, refusal, request, retrieval, tree_hash,
    upload,
};

async fn mock_with(timing: JobTiming) -> (GlacierMock, aws_sdk_glacier::Client) {
    let mock = GlacierMock::builder().jobs(timing).start();
    let glacier = mock.client();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    (mock, glacier)
}

fn describe(mock: &GlacierMock, job: &str) -> serde_json::Value {
    let response = raw(mock, &request("GET", &format!("/-/vaults/v/jobs/{job}"), &[], b""));
    assert_eq!(response.status, 200, "{}", response.text());
    serde_json::from_slice(&response.body).unwrap()
}

/// The response has every field in the observed order, also those that are null (observed.md 3.4).
#[tokio::test]
async fn an_archive_job_is_described_in_progress_and_complete() {
    let (mock, glacier) = mock_with(JobTiming::manual()).await;
    let archive = upload(&glacier, "v", b"12345").await;
    let parameters = retrieval(&archive).description("my job").sns_topic("arn:aws:sns:us-east-1:111122223333:t");
    let started = glacier.initiate_job().vault_name("v").job_parameters(parameters.build()).send().await.unwrap();
    let id = started.job_id().unwrap();
    assert_eq!(id.len(), 92);
    assert_eq!(started.location(), Some(&*format!("/000000000000/vaults/v/jobs/{id}")));
    assert_eq!(started.job_output_path(), None);

    let response = raw(&mock, &request("GET", &format!("/-/vaults/v/jobs/{id}"), &[], b""));
    let created = describe(&mock, id)["CreationDate"].as_str().unwrap().to_owned();
    let hash = tree_hash(b"12345");
    assert_eq!(
        response.text(),
        format!(
            r#"{{"Action":"ArchiveRetrieval","ArchiveId":"{archive}","ArchiveSHA256TreeHash":"{hash}","ArchiveSizeInBytes":5,"Completed":false,"CompletionDate":null,"CreationDate":"{created}","InventoryRetrievalParameters":null,"InventorySizeInBytes":null,"JobDescription":"my job","JobId":"{id}","RetrievalByteRange":"0-4","SHA256TreeHash":"{hash}","SNSTopic":"arn:aws:sns:us-east-1:111122223333:t","StatusCode":"InProgress","StatusMessage":null,"Tier":"Standard","VaultARN":"{ARN}"}}"#
        )
    );
    mock.jobs().get(id).unwrap().complete();
    let done = describe(&mock, id);
    assert_eq!(done["Completed"], true);
    assert_eq!(done["StatusCode"], "Succeeded");
    assert_eq!(done["StatusMessage"], "Succeeded");
    assert!(done["CompletionDate"].as_str().unwrap() >= &*created);
}

#[tokio::test]
async fn an_inventory_job_is_described_in_progress_and_complete() {
    let (mock, glacier) = mock_with(JobTiming::manual()).await;
    upload(&glacier, "v", b"12345").await;
    let id = initiate(&glacier, "v", inventory()).await;
    let before = describe(&mock, &id);
    assert_eq!(
        before["InventoryRetrievalParameters"].to_string(),
        r#"{"EndDate":null,"Format":"JSON","Limit":null,"Marker":null,"StartDate":null}"#
    );
    for null in [
        "ArchiveId",
        "ArchiveSHA256TreeHash",
        "ArchiveSizeInBytes",
        "InventorySizeInBytes",
        "RetrievalByteRange",
        "SHA256TreeHash",
        "Tier",
        "JobDescription",
        "SNSTopic",
    ] {
        assert!(before.as_object().unwrap().contains_key(null) && before[null].is_null(), "{null}: {before}");
    }
    mock.jobs().wait_for_one().await.complete();
    let size = describe(&mock, &id)["InventorySizeInBytes"].as_u64().unwrap();
    assert_eq!(size as usize, output(&glacier, "v", &id).await.len());
}

#[tokio::test]
async fn a_test_can_fail_a_job_with_a_message() {
    let (mock, glacier) = mock_with(JobTiming::manual()).await;
    let archive = upload(&glacier, "v", b"12345").await;
    let id = initiate(&glacier, "v", retrieval(&archive)).await;
    let job = mock.jobs().wait_for_one().await;
    assert_eq!((job.id().as_str(), job.vault()), (&*id, "v"));
    assert_eq!(job.archive_id().unwrap(), &*archive);
    job.fail("Archive is damaged");
    assert_eq!(job.status(), JobStatus::Failed);
    let seen = glacier.describe_job().vault_name("v").job_id(&id).send().await.unwrap();
    assert_eq!((seen.status_code(), seen.status_message()), (Some(&SdkStatus::Failed), Some("Archive is damaged")));
    assert!(seen.completed() && seen.completion_date().is_some());
    refusal(glacier.get_job_output().vault_name("v").job_id(&id).send().await);
}

/// The mock's clock follows tokio's, so the test can let two hours pass.
#[tokio::test]
async fn a_job_takes_the_configured_time() {
    let (mock, glacier) = mock_with(JobTiming::after(Duration::from_secs(7200))).await;
    let archive = upload(&glacier, "v", b"12345").await;
    let id = initiate(&glacier, "v", retrieval(&archive)).await;
    let job = mock.jobs().get(&id).unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(7190)).await;
    assert_eq!(job.status(), JobStatus::InProgress);
    tokio::time::advance(Duration::from_secs(20)).await;
    assert_eq!(job.status(), JobStatus::Succeeded);
    tokio::time::resume();
    assert_eq!(output(&glacier, "v", &id).await, b"12345");
}

/// The output is available "for at least 24 hours; then the job is gone (404)" (api.md section 5).
#[tokio::test]
async fn a_job_expires_24_hours_after_its_end() {
    let (_mock, glacier) = mock_with(JobTiming::instant()).await;
    let archive = upload(&glacier, "v", b"12345").await;
    let id = initiate(&glacier, "v", retrieval(&archive)).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(24 * 3600 - 60)).await;
    tokio::time::resume();
    assert_eq!(output(&glacier, "v", &id).await, b"12345");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
    let (status, code, text) = refusal(glacier.describe_job().vault_name("v").job_id(&id).send().await);
    assert_eq!((status, code.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!(text, format!("The job ID was not found: {id}"));
    refusal(glacier.get_job_output().vault_name("v").job_id(&id).send().await);
    assert!(glacier.list_jobs().vault_name("v").send().await.unwrap().job_list().is_empty());
}

/// The output of a completed job stays available. A job that is in progress at the deletion fails. A job that is
/// started after the deletion is accepted and fails.
#[tokio::test]
async fn deleting_an_archive_fails_its_jobs_that_have_not_ended() {
    let (mock, glacier) = mock_with(JobTiming::manual()).await;
    let archive = upload(&glacier, "v", b"12345").await;
    let done = initiate(&glacier, "v", retrieval(&archive)).await;
    mock.jobs().wait_for_one().await.complete();
    let running = initiate(&glacier, "v", retrieval(&archive)).await;
    // The clock counts milliseconds. A job that completes in the millisecond of the deletion would succeed.
    glacier.delete_archive().vault_name("v").archive_id(&archive).send().await.unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_millis(5)).await;
    tokio::time::resume();
    mock.jobs().wait_for_one().await.complete();
    let late = initiate(&glacier, "v", retrieval(&archive)).await;
    mock.jobs().wait_for_one().await.complete();

    assert_eq!(output(&glacier, "v", &done).await, b"12345");
    for failed in [running, late] {
        let job = describe(&mock, &failed);
        assert_eq!(job["StatusCode"], "Failed");
        assert_eq!(job["StatusMessage"], format!("The archive ID was not found: {archive}"));
        refusal(glacier.get_job_output().vault_name("v").job_id(&failed).send().await);
    }
}

/// The handle and DescribeJob agree.
#[tokio::test]
async fn a_handle_shows_what_the_service_describes() {
    let start = "2026-01-31T00:00:00Z";
    let mock = GlacierMock::builder().clock(Clock::frozen(start)).jobs(JobTiming::manual()).start();
    let photos = mock.create_vault("v");
    let archive = photos.put_archive("cat.jpg", b"a cat");
    let glacier = mock.client();
    mock.clock().advance(Duration::from_secs(60));
    let bulk = retrieval(archive.as_str()).tier("Bulk").description("my job").build();
    let started = glacier.initiate_job().vault_name("v").job_parameters(bulk).send().await.unwrap();
    let listed = initiate(&glacier, "v", inventory()).await;
    let (bulk, listed) = (mock.jobs().get(started.job_id().unwrap()).unwrap(), mock.jobs().get(&listed).unwrap());
    assert_eq!(bulk.created().to_string(), "2026-01-31T00:01:00.000Z");
    assert_eq!((bulk.tier(), bulk.description()), (Some(Tier::Bulk), Some("my job")));
    assert_eq!((listed.tier(), listed.description()), (None, None));
    assert_eq!((bulk.message(), bulk.completed()), (None, None));

    mock.clock().advance(Duration::from_secs(60));
    bulk.fail("Archive is damaged");
    listed.complete();
    mock.clock().advance(Duration::from_secs(60));
    assert_eq!(bulk.message().as_deref(), Some("Archive is damaged"));
    assert_eq!(listed.message().as_deref(), Some("Succeeded"));
    assert_eq!(bulk.completed().unwrap().to_string(), "2026-01-31T00:02:00.000Z");
    let described = describe(&mock, bulk.id().as_str());
    assert_eq!(described["CreationDate"], bulk.created().to_string());
    assert_eq!(described["CompletionDate"], bulk.completed().unwrap().to_string());
    assert_eq!(described["Tier"], bulk.tier().unwrap().as_str());
    assert_eq!(described["StatusMessage"], bulk.message().unwrap());
    listed.expire();
    assert!(panic_message(|| _ = listed.message()).contains("no longer knows job"));
    assert!(panic_message(|| _ = listed.completed()).contains("no longer knows job"));
}

#[tokio::test]
async fn jobs_are_listed_in_pages_and_by_status() {
    let (mock, glacier) = mock_with(JobTiming::manual()).await;
    let empty = raw(&mock, &request("GET", "/-/vaults/v/jobs", &[], b""));
    assert_eq!(empty.text(), r#"{"JobList":[],"Marker":null}"#);
    let mut ids = Vec::new();
    for _ in 0..53 {
        ids.push(initiate(&glacier, "v", inventory()).await);
    }
    mock.jobs().get(&ids[0]).unwrap().complete();
    mock.jobs().get(&ids[1]).unwrap().fail("no");

    let first = glacier.list_jobs().vault_name("v").send().await.unwrap();
    assert_eq!((first.job_list().len(), first.marker()), (50, Some(&*ids[50])));
    let rest = glacier.list_jobs().vault_name("v").set_marker(first.marker().map(Into::into)).send().await.unwrap();
    assert_eq!((rest.job_list().len(), rest.marker()), (3, None));
    let listed = first.job_list().iter().chain(rest.job_list()).map(|job| job.job_id().unwrap().to_owned());
    assert_eq!(listed.collect::<Vec<_>>(), ids);

    let count = async |status: Option<&str>, completed: Option<&str>| {
        let list = glacier.list_jobs().vault_name("v").set_statuscode(status.map(Into::into));
        let list = list.set_completed(completed.map(Into::into)).limit(1000).send().await.unwrap();
        list.job_list().len()
    };
    assert_eq!(count(Some("Succeeded"), None).await, 1);
    assert_eq!(count(Some("Failed"), Some("true")).await, 1);
    assert_eq!(count(Some("Failed"), Some("false")).await, 0);
    assert_eq!(count(None, Some("true")).await, 2);
    assert_eq!(count(Some("InProgress"), None).await, 50);

    let list = || glacier.list_jobs().vault_name("v");
    let (status, code, text) = refusal(list().statuscode("finished").send().await);
    assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
    assert_eq!(text, "The job status code is not valid: finished");
    assert_eq!(refusal(list().completed("yes").send().await).2, "Invalid completed: yes");
    assert_eq!(refusal(list().limit(0).send().await).2, "Invalid limit: 0");
    assert_eq!(refusal(list().marker("nonsense").send().await).2, "Invalid marker: nonsense");
}

#[tokio::test]
async fn list_jobs_and_describe_job_agree() {
    let (mock, glacier) = mock_with_vault().await;
    let id = initiate(&glacier, "v", inventory()).await;
    let list = raw(&mock, &request("GET", "/-/vaults/v/jobs", &[], b""));
    let list: serde_json::Value = serde_json::from_slice(&list.body).unwrap();
    assert_eq!(list["JobList"][0], describe(&mock, &id));
}

#[tokio::test]
async fn an_unknown_job_is_not_found() {
    let (_mock, glacier) = mock_with_vault().await;
    let (status, code, text) = refusal(glacier.describe_job().vault_name("v").job_id("never-was").send().await);
    assert_eq!((status, code.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!(text, "The job ID was not found: never-was");
}

#[tokio::test]
async fn a_test_can_wait_for_the_job_that_the_code_starts() {
    let (mock, glacier) = mock_with(JobTiming::manual()).await;
    let restore = tokio::spawn(async move { initiate(&glacier, "v", inventory()).await });
    let job = mock.jobs().wait_for_one().await;
    assert_eq!(*job.id(), restore.await.unwrap());
}

#[test]
fn a_test_can_wait_for_a_job_without_async() {
    let mock = GlacierMock::builder().jobs(JobTiming::manual()).start();
    raw(&mock, &request("PUT", "/-/vaults/v", &[], b""));
    std::thread::scope(|scope| {
        scope.spawn(|| raw(&mock, &request("POST", "/-/vaults/v/jobs", &[], br#"{"Type":"inventory-retrieval"}"#)));
        assert_eq!(mock.jobs().wait_for_one().blocking().vault(), "v");
    });
}

#[tokio::test]
async fn a_job_ends_only_once() {
    let (mock, glacier) = mock_with(JobTiming::manual()).await;
    initiate(&glacier, "v", inventory()).await;
    let job = mock.jobs().wait_for_one().await;
    job.complete();
    let text = panic_message(|| job.fail("late"));
    assert!(text.contains("has already ended: Succeeded") && text.contains("JobTiming::manual()"), "{text}");

    glacier.delete_vault().vault_name("v").send().await.unwrap();
    assert!(panic_message(|| _ = job.status()).contains("no longer knows job"));
}

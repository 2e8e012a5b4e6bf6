//! Restores with jobs that fail or hang, and with faults of the requests about them.

use aws_sdk_glacier::Client;
use aws_sdk_glacier::types::StatusCode;
use glacier_mock::{GlacierMock, JobTiming, Operation};
use tokio::time::sleep;

use crate::support::{HOUR, output, retrieval};

/// The code under test: continues with an existing job or starts one, and gives up after the given number of hours.
async fn restore(glacier: &Client, archive: &str, hours: u32) -> Result<Vec<u8>, &'static str> {
    let jobs = glacier.list_jobs().vault_name("v").send().await.unwrap();
    let known = jobs.job_list().iter().find(|job| job.archive_id() == Some(archive));
    let job = match known.and_then(|job| job.job_id()) {
        Some(job) => job.to_owned(),
        None => crate::support::initiate(glacier, "v", retrieval(archive)).await,
    };
    for _ in 0..hours {
        let seen = glacier.describe_job().vault_name("v").job_id(&job).send().await.unwrap();
        match seen.status_code() {
            Some(StatusCode::Succeeded) => return Ok(output(glacier, "v", &job).await),
            Some(StatusCode::Failed) => return Err("the job failed"),
            _ => sleep(HOUR).await,
        }
    }
    Err("timed out")
}

/// One job fails, one never completes, and one completes after the code gave up. The next restore finds the last one.
#[tokio::test(start_paused = true)]
async fn code_can_be_tested_with_jobs_that_fail_hang_or_end_late() {
    let mock = GlacierMock::builder().jobs(JobTiming::by_tier()).start();
    let vault = mock.create_vault("v");
    let [failed, hung, late] = ["failed", "hung", "late"].map(|name| vault.put_archive(name, name.as_bytes()));
    mock.next_job().archive(&failed).fails_after(2 * HOUR, "Archive is damaged");
    mock.next_job().archive(&hung).never_completes();
    mock.next_job().archive(&late).takes(7 * HOUR);
    let glacier = mock.client();

    assert_eq!(restore(&glacier, &failed, 6).await, Err("the job failed"));
    assert_eq!(restore(&glacier, &hung, 6).await, Err("timed out"));
    assert_eq!(restore(&glacier, &late, 6).await, Err("timed out"));
    sleep(HOUR).await;
    assert_eq!(restore(&glacier, &late, 6).await, Ok(b"late".to_vec()));
    mock.calls(Operation::InitiateJob).assert_count(3);
    assert!(mock.jobs().all().iter().filter(|job| job.status() == glacier_mock::JobStatus::InProgress).count() == 1);
}

/// Faults of requests do not affect the job in the service.
#[tokio::test(start_paused = true)]
async fn a_job_completes_while_its_polls_fail() {
    let mock = GlacierMock::builder().jobs(JobTiming::by_tier()).start();
    let archive = mock.create_vault("v").put_archive("a cat", b"a cat");
    mock.fault(Operation::DescribeJob).nth_attempt(1).times(4).service_unavailable();
    mock.fault(Operation::DescribeJob).after(Operation::DescribeJob).delayed(HOUR / 2);
    mock.fault(Operation::InitiateJob).reset_after_commit();
    assert_eq!(restore(&mock.client(), &archive, 6).await, Ok(b"a cat".to_vec()));
    // The response to the first attempt was lost, so one call started two jobs.
    assert_eq!(mock.calls(Operation::InitiateJob).only().attempts().statuses(), [None, Some(202)]);
    assert_eq!(mock.jobs().all().len(), 2);
}

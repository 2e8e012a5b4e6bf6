//! Compares the calls of a restore with a snapshot of insta: `cargo run --example transcript`.

use std::time::Duration;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::types::JobParameters;
use glacier_mock::{GlacierMock, JobTiming, Operation};

/// The code under test.
async fn restore(glacier: &Client, archive: &str) -> Vec<u8> {
    let retrieval = JobParameters::builder().r#type("archive-retrieval").archive_id(archive).tier("Expedited").build();
    let job = glacier.initiate_job().vault_name("photos").job_parameters(retrieval).send().await.unwrap();
    let job = job.job_id().unwrap_or_default();
    while !glacier.describe_job().vault_name("photos").job_id(job).send().await.unwrap().completed() {
        tokio::time::sleep(Duration::from_secs(120)).await;
    }
    let output = glacier.get_job_output().vault_name("photos").job_id(job).send().await.unwrap();
    output.body.collect().await.unwrap().to_vec()
}

#[cfg_attr(test, tokio::test(start_paused = true))]
async fn the_calls_of_a_restore() {
    let mock = GlacierMock::builder().jobs(JobTiming::after(Duration::from_secs(180))).start();
    let cat = mock.create_vault("photos").put_archive("cat.jpg", b"a cat");
    mock.fault(Operation::GetJobOutput).service_unavailable();

    assert_eq!(restore(&mock.client(), &cat).await, b"a cat");

    // `cargo insta review` shows what changed, and accepts it.
    println!("{}", mock.transcript());
    insta::assert_snapshot!(mock.transcript(), @r"
    InitiateJob  photos  job-1  archive-1  Expedited  202
    DescribeJob  photos  job-1  200 InProgress
    +0h02m  DescribeJob  photos  job-1  200 InProgress
    +0h04m  DescribeJob  photos  job-1  200 Succeeded
    +0h04m  GetJobOutput  photos  job-1  500 200
    ");
}

#[cfg(not(test))]
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    the_calls_of_a_restore().await;
}

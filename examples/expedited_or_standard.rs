//! Falls back to a Standard retrieval when there is no capacity for an Expedited one: `cargo run --example expedited_or_standard`.

use std::time::Duration;

use aws_sdk_glacier::operation::initiate_job::InitiateJobError;
use aws_sdk_glacier::types::JobParameters;
use aws_sdk_glacier::{Client, Error};
use glacier_mock::{GlacierMock, JobTiming, Operation};

/// The code under test: prefers Expedited, and accepts Standard.
async fn restore(glacier: &Client, vault: &str, archive: &str) -> Result<Vec<u8>, Error> {
    let ask = async |tier: &str| {
        let retrieval = JobParameters::builder().r#type("archive-retrieval").archive_id(archive).tier(tier).build();
        glacier.initiate_job().vault_name(vault).job_parameters(retrieval).send().await
    };
    let job = match ask("Expedited").await {
        Err(error) if error.as_service_error().is_some_and(InitiateJobError::is_insufficient_capacity_exception) => {
            ask("Standard").await?
        }
        other => other?,
    };
    let job = job.job_id().unwrap_or_default();
    while !glacier.describe_job().vault_name(vault).job_id(job).send().await?.completed() {
        tokio::time::sleep(Duration::from_secs(15 * 60)).await;
    }
    let output = glacier.get_job_output().vault_name(vault).job_id(job).send().await?;
    Ok(output.body.collect().await.map(|bytes| bytes.to_vec()).unwrap_or_default())
}

#[cfg_attr(test, tokio::test(start_paused = true))]
async fn standard_is_taken_where_expedited_is_short() {
    let mock = GlacierMock::builder().jobs(JobTiming::by_tier()).start();
    let archive = mock.create_vault("photos").put_archive("cat.jpg", b"a cat");
    // All attempts of the first call.
    mock.fault(Operation::InitiateJob).nth_call(1).times(3).insufficient_capacity();

    let started = mock.clock().now();
    assert_eq!(restore(&mock.client(), "photos", archive.as_str()).await.unwrap(), b"a cat");

    let asked = mock.calls(Operation::InitiateJob);
    assert_eq!(asked[0].attempts().statuses(), [503, 503, 503]);
    assert_eq!(asked[1].attempts().statuses(), [202]);
    let hours = mock.clock().now().since(started).as_secs() / 3600;
    assert_eq!(hours, 4);
    println!("restored by Standard, after {hours} hours of the mock's clock");
}

#[cfg(not(test))]
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    standard_is_taken_where_expedited_is_short().await;
}

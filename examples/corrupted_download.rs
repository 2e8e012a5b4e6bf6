//! Detects a download with one wrong bit by its tree hash: `cargo run --example corrupted_download`.

use aws_sdk_glacier::{Client, Error};
use glacier_mock::{GlacierMock, Operation, tree_hash};

/// The code under test: accepts only bytes with the right tree hash, and downloads them up to three times.
async fn download(glacier: &Client, vault: &str, job: &str) -> Result<Option<Vec<u8>>, Error> {
    for _ in 0..3 {
        let output = glacier.get_job_output().vault_name(vault).job_id(job).send().await?;
        let Some(checksum) = output.checksum().map(str::to_owned) else { continue };
        if let Ok(bytes) = output.body.collect().await {
            let bytes = bytes.to_vec();
            // A program has a function for this; the crate's own is enough for an example.
            if tree_hash(&bytes) == checksum {
                return Ok(Some(bytes));
            }
        }
    }
    Ok(None)
}

#[cfg_attr(test, tokio::test)]
async fn a_corrupted_download_is_detected() {
    let mock = GlacierMock::start();
    let scan: Vec<u8> = (0..3_000_000_u32).map(|n| (n / 1000) as u8).collect();
    let archive = mock.create_vault("photos").put_archive("scan", scan.clone());
    let retrieval = aws_sdk_glacier::types::JobParameters::builder().r#type("archive-retrieval").archive_id(archive);
    let job = mock.client().initiate_job().vault_name("photos").job_parameters(retrieval.build()).send().await.unwrap();
    let job = job.job_id().unwrap();

    mock.fault(Operation::GetJobOutput).flips_byte(2_999_999);
    mock.fault(Operation::GetJobOutput).drops_header("x-amz-sha256-tree-hash");
    assert!(download(&mock.client(), "photos", job).await.unwrap() == Some(scan));
    mock.calls(Operation::GetJobOutput).assert_count(3);

    mock.fault(Operation::GetJobOutput).times(3).flips_byte(0);
    assert_eq!(download(&mock.client(), "photos", job).await.unwrap(), None);
    for request in mock.requests().operation(Operation::GetJobOutput) {
        println!("{}  {}", request.status().unwrap_or_default(), request.fault().unwrap_or("no fault"));
    }
}

#[cfg(not(test))]
#[tokio::main(flavor = "current_thread")]
async fn main() {
    a_corrupted_download_is_detected().await;
}

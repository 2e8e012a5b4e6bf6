//! Continues an interrupted download where it stopped, with a Range header: `cargo run --example continue_download`.

use aws_sdk_glacier::{Client, Error};
use glacier_mock::{GlacierMock, KIB, Operation};

/// The code under test: keeps the bytes that it has and requests the rest.
async fn download(glacier: &Client, vault: &str, job: &str, size: usize) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::with_capacity(size);
    while bytes.len() < size {
        let output = glacier.get_job_output().vault_name(vault).job_id(job);
        let output = if bytes.is_empty() { output } else { output.range(format!("bytes={}-", bytes.len())) };
        let mut body = output.send().await?.body;
        // An error in the middle of the body ends only this attempt.
        while let Some(Ok(piece)) = body.next().await {
            bytes.extend_from_slice(&piece);
        }
    }
    Ok(bytes)
}

#[cfg_attr(test, tokio::test)]
async fn a_download_continues_where_it_was_cut() {
    let mock = GlacierMock::start();
    let scan: Vec<u8> = (0..2_000_000_u32).map(|n| (n / 1000) as u8).collect();
    let vault = mock.create_vault("photos");
    let archive = vault.put_archive("scan", scan.clone());
    let retrieval = aws_sdk_glacier::types::JobParameters::builder().r#type("archive-retrieval").archive_id(archive);
    let job = mock.client().initiate_job().vault_name("photos").job_parameters(retrieval.build()).send().await.unwrap();

    mock.fault(Operation::GetJobOutput).cut_body_after(700 * KIB);
    mock.fault(Operation::GetJobOutput).cut_body_after(0);
    mock.fault(Operation::GetJobOutput).loses_answer();
    let downloaded = download(&mock.client(), "photos", job.job_id().unwrap(), scan.len()).await.unwrap();

    assert!(downloaded == scan);
    let calls = mock.calls(Operation::GetJobOutput);
    calls.clone().range(700 * KIB..).assert_count(2);
    for call in &calls {
        println!(
            "{:?} from byte {}",
            call.attempts().statuses(),
            call.first().byte_range().map_or(0, |range| *range.start())
        );
    }
}

#[cfg(not(test))]
#[tokio::main(flavor = "current_thread")]
async fn main() {
    a_download_continues_where_it_was_cut().await;
}

//! Finds what a restore leaves behind when a download breaks off: `cargo run --example nothing_left_open`.

use aws_sdk_glacier::Client;
use aws_sdk_glacier::types::JobParameters;
use glacier_mock::{GlacierMock, Operation};

/// The code under test. It starts a new job after a download that broke off, although the output is still there.
async fn restore(glacier: &Client, archive: &str) -> Vec<u8> {
    loop {
        let retrieval = JobParameters::builder().r#type("archive-retrieval").archive_id(archive).build();
        let job = glacier.initiate_job().vault_name("photos").job_parameters(retrieval).send().await.unwrap();
        let id = job.job_id().unwrap_or_default();
        let output = glacier.get_job_output().vault_name("photos").job_id(id).send().await.unwrap();
        if let Ok(bytes) = output.body.collect().await {
            return bytes.to_vec();
        }
    }
}

#[cfg_attr(test, tokio::test)]
async fn a_download_that_broke_off_leaves_an_output() {
    let mock = GlacierMock::start();
    let cat = mock.create_vault("photos").put_archive("cat.jpg", vec![7; 1 << 20]);

    // Without a fault nothing is left.
    assert_eq!(restore(&mock.client(), &cat).await.len(), 1 << 20);
    mock.assert_nothing_left_open();

    // AWS charges for the first retrieval, whose output is lost.
    mock.fault(Operation::GetJobOutput).cut_body_after(1000);
    assert_eq!(restore(&mock.client(), &cat).await.len(), 1 << 20);
    let left = mock.leftovers();
    println!("{left}");
    assert_eq!(left.len(), 1);
    left.without_downloads().assert_none();
}

#[cfg(not(test))]
#[tokio::main(flavor = "current_thread")]
async fn main() {
    a_download_that_broke_off_leaves_an_output().await;
}

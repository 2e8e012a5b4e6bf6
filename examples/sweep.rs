//! Finds out whether an upload survives any single fault: `cargo run --example sweep`.

use aws_sdk_glacier::{Client, Error};
use glacier_mock::{FaultSweep, GlacierMock, Sweep};

/// The naive code under test.
async fn upload(glacier: &Client, bytes: &[u8]) -> Result<(), Error> {
    let begun = glacier.initiate_multipart_upload().vault_name("photos").part_size("1048576").send().await?;
    let id = begun.upload_id().unwrap_or_default();
    let part = glacier.upload_multipart_part().vault_name("photos").upload_id(id);
    let range = format!("bytes 0-{}/*", bytes.len() - 1);
    let sent = part.range(range).body(bytes.to_vec().into()).send().await?;
    // The tree hash of the only part is that of the archive.
    let complete = glacier.complete_multipart_upload().vault_name("photos").upload_id(id);
    complete.archive_size(bytes.len().to_string()).set_checksum(sent.checksum).send().await?;
    Ok(())
}

/// The careful code under test: whatever happens, it looks for open uploads and aborts them.
async fn upload_and_tidy(glacier: &Client, bytes: &[u8]) -> Result<(), Error> {
    let uploaded = upload(glacier, bytes).await;
    for _ in 0..3 {
        if tidy(glacier).await.is_ok() {
            break;
        }
    }
    uploaded
}

async fn tidy(glacier: &Client) -> Result<(), Error> {
    let open = glacier.list_multipart_uploads().vault_name("photos").send().await?;
    for id in open.uploads_list().iter().filter_map(|upload| upload.multipart_upload_id()) {
        glacier.abort_multipart_upload().vault_name("photos").upload_id(id).send().await?;
    }
    Ok(())
}

fn sweep<'a>(program: impl AsyncFn(&Client, &[u8]) -> Result<(), Error> + 'a) -> Sweep<'a> {
    FaultSweep::new(GlacierMock::builder)
        .arrange(|mock| {
            mock.create_vault("photos");
        })
        .run(async move |mock| program(&mock.client(), b"a cat").await)
        .check(|mock, result| {
            if result.is_ok() {
                assert_eq!(mock.vault("photos").archives().len(), 1);
            }
            mock.assert_nothing_left_open();
        })
}

#[cfg_attr(test, tokio::test(start_paused = true))]
async fn an_upload_survives_any_single_fault() {
    let naive = sweep(upload).report().await;
    assert!(naive.failures().iter().all(|failure| failure.message().contains("multipart upload")));
    println!("the naive upload:\n{naive}");

    let careful = sweep(upload_and_tidy).await;
    println!("the careful upload:\n{careful}");
    assert!(!naive.failures().is_empty() && careful.runs() > naive.runs());
}

#[cfg(not(test))]
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() {
    an_upload_survives_any_single_fault().await;
}

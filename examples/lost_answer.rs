//! Stores an upload only once although its response is lost: `cargo run --example lost_answer`.
//!
//! A retry of `UploadArchive` stores a second archive, because the request has no ID. A multipart upload has one:
//! completing it again returns the archive of the first completion.

use aws_sdk_glacier::{Client, Error};
use glacier_mock::{GlacierMock, Operation, tree_hash};

/// The naive code under test: the SDK retries the upload.
async fn upload(glacier: &Client, bytes: &[u8]) -> Result<String, Error> {
    let stored = glacier.upload_archive().vault_name("photos").body(bytes.to_vec().into()).send().await?;
    Ok(stored.archive_id().unwrap_or_default().to_owned())
}

/// The careful code under test: a retry of any request leaves one archive. It sends up to 1 MiB, in
/// one part.
async fn upload_once(glacier: &Client, bytes: &[u8]) -> Result<String, Error> {
    let begun = glacier.initiate_multipart_upload().vault_name("photos").part_size("1048576").send().await?;
    let upload = begun.upload_id().unwrap_or_default();
    let part = glacier.upload_multipart_part().vault_name("photos").upload_id(upload);
    part.range(format!("bytes 0-{}/*", bytes.len() - 1)).body(bytes.to_vec().into()).send().await?;
    // A program has a function for the tree hash; the crate's own is enough for an example.
    let hash = tree_hash(bytes).to_string();
    let complete = glacier.complete_multipart_upload().vault_name("photos").upload_id(upload);
    let stored = complete.archive_size(bytes.len().to_string()).checksum(hash).send().await?;
    Ok(stored.archive_id().unwrap_or_default().to_owned())
}

#[cfg_attr(test, tokio::test)]
async fn an_upload_whose_answer_is_lost_is_stored_once() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("photos");

    mock.fault(Operation::UploadArchive).reset_after_commit();
    upload(&mock.client(), b"a cat").await.unwrap();
    assert_eq!(vault.archives().len(), 2, "the retry stores a second archive");

    mock.fault(Operation::CompleteMultipartUpload).reset_after_commit();
    let id = upload_once(&mock.client(), b"a dog").await.unwrap();
    assert_eq!(mock.calls(Operation::CompleteMultipartUpload).only().attempts().statuses(), [None, Some(201)]);
    assert_eq!(vault.archives().len(), 2 + 1);
    assert_eq!(vault.archive(&id).unwrap().to_vec(), b"a dog");
    println!("stored by UploadArchive: 2 archives; by a multipart upload: 1");
}

#[cfg(not(test))]
#[tokio::main(flavor = "current_thread")]
async fn main() {
    an_upload_whose_answer_is_lost_is_stored_once().await;
}

//! Resumes a multipart upload after the process that began it died: `cargo run --example resume_upload`.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_glacier::{Client, Error};
use glacier_mock::{GlacierMock, Operation, tree_hash};

const PART: usize = 1 << 20;

/// The code under test: continues an upload of the vault if there is one, and begins one otherwise.
async fn upload(glacier: &Client, vault: &str, bytes: &[u8]) -> Result<String, Error> {
    let begun = glacier.list_multipart_uploads().vault_name(vault).send().await?;
    let id = match begun.uploads_list().first().and_then(|upload| upload.multipart_upload_id()) {
        Some(id) => id.to_owned(),
        None => {
            let begin = glacier.initiate_multipart_upload().vault_name(vault).part_size(PART.to_string());
            begin.send().await?.upload_id().unwrap_or_default().to_owned()
        }
    };
    let there = glacier.list_parts().vault_name(vault).upload_id(&id).send().await?;
    let there: HashSet<_> = there.parts().iter().filter_map(|part| part.range_in_bytes()).collect();

    for (n, part) in bytes.chunks(PART).enumerate() {
        let range = format!("{}-{}", n * PART, n * PART + part.len() - 1);
        if !there.contains(&*range) {
            let range = format!("bytes {range}/*");
            let put = glacier.upload_multipart_part().vault_name(vault).upload_id(&id).range(range);
            put.body(part.to_vec().into()).send().await?;
        }
    }
    let complete = glacier.complete_multipart_upload().vault_name(vault).upload_id(&id);
    // A program has a function for the tree hash; the crate's own is enough for an example.
    let complete = complete.archive_size(bytes.len().to_string()).checksum(tree_hash(bytes).to_string());
    Ok(complete.send().await?.archive_id().unwrap_or_default().to_owned())
}

#[cfg_attr(test, tokio::test)]
async fn an_upload_is_resumed_after_the_process_died() {
    let mock = GlacierMock::start();
    mock.create_vault("photos");
    let scan: Vec<u8> = (0..5 * PART + 7).map(|n| (n / 1000) as u8).collect();

    // The process dies while it uploads its third part.
    mock.fault(Operation::UploadMultipartPart).nth_call(3).never_answers();
    let (glacier, bytes) = (mock.client(), scan.clone());
    let process = tokio::spawn(async move { upload(&glacier, "photos", &bytes).await });
    let third =
        mock.wait_for(Operation::UploadMultipartPart).at_least(3).arrived().within(Duration::from_secs(10)).await;
    third.assert_count(3);
    process.abort();

    let id = upload(&mock.client(), "photos", &scan).await.unwrap();

    assert!(mock.vault("photos").archive(&id).unwrap().to_vec() == scan);
    // What had arrived before was not sent again.
    let parts = mock.calls(Operation::UploadMultipartPart);
    parts.clone().range(0..PART as u64).assert_count(1);
    parts.clone().succeeded().assert_count(6);
    mock.calls(Operation::InitiateMultipartUpload).assert_count(1);
    println!("resumed: 6 parts are stored, {} were sent, one of them without a response", parts.len());
}

#[cfg(not(test))]
#[tokio::main(flavor = "current_thread")]
async fn main() {
    an_upload_is_resumed_after_the_process_died().await;
}

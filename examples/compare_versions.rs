//! Compares the calls of two versions of a program: `cargo run --example compare_versions`.

use aws_sdk_glacier::Client;
use glacier_mock::GlacierMock;

const FILES: [(&str, &[u8]); 3] = [("cat.jpg", b"a cat"), ("dog.jpg", b"a dog"), ("owl.jpg", b"an owl")];

async fn store(glacier: &Client, name: &str, bytes: &[u8]) {
    let upload = glacier.upload_archive().vault_name("photos").archive_description(name);
    upload.body(bytes.to_vec().into()).send().await.unwrap();
}

/// The code under test: version 1 stores one file after the other.
async fn version_1(glacier: &Client) {
    glacier.create_vault().vault_name("photos").send().await.unwrap();
    for (name, bytes) in FILES {
        store(glacier, name, bytes).await;
    }
}

/// Version 2 stores all files at once.
async fn version_2(glacier: &Client) {
    glacier.create_vault().vault_name("photos").send().await.unwrap();
    let uploads = FILES.map(|(name, bytes)| {
        let glacier = glacier.clone();
        tokio::spawn(async move { store(&glacier, name, bytes).await })
    });
    for upload in uploads {
        upload.await.unwrap();
    }
}

#[cfg_attr(test, tokio::test)]
async fn both_versions_make_the_same_calls() {
    let (old, new) = (GlacierMock::start(), GlacierMock::start());
    version_1(&old.client()).await;
    version_2(&new.client()).await;

    // Grouped by what they are about, the calls do not depend on the order in which the uploads arrived.
    let (old, new) = (old.transcript().full().by_resource(), new.transcript().full().by_resource());
    println!("{new}");
    assert_eq!(old, new);
}

#[cfg(not(test))]
#[tokio::main(flavor = "current_thread")]
async fn main() {
    both_versions_make_the_same_calls().await;
}

//! State that a test arranges without requests, and that the code under test then uses.

use std::collections::BTreeMap;

use glacier_mock::{Account, GlacierMock, JobStatus, LockState, Vault};

use super::{START, TOPIC, frozen};
use crate::support::{MIB, POLICY, bytes, initiate, inventory, output, refusal, retrieval, tree_hash};

fn descriptions(vault: &Vault) -> Vec<String> {
    vault.archives().iter().map(|archive| archive.description().unwrap_or("-").to_owned()).collect()
}

#[tokio::test]
async fn an_arranged_archive_can_be_retrieved() {
    let mock = frozen();
    let cat = bytes(3 * MIB + 5);
    let id = mock.create_vault("photos").put_archive("cat.jpg", &cat[..]);
    assert_eq!(id.as_str().len(), 138);
    assert!(mock.requests().is_empty());

    let glacier = mock.client();
    let job = initiate(&glacier, "photos", retrieval(id.as_str())).await;
    assert!(output(&glacier, "photos", &job).await == cat, "the bytes differ");
    let described = glacier.describe_job().vault_name("photos").job_id(&job).send().await.unwrap();
    assert_eq!(described.archive_sha256_tree_hash(), Some(&*tree_hash(&cat)));

    let job = initiate(&glacier, "photos", inventory()).await;
    let listed: serde_json::Value = serde_json::from_slice(&output(&glacier, "photos", &job).await).unwrap();
    assert_eq!(listed["ArchiveList"][0]["ArchiveDescription"], "cat.jpg");
    assert_eq!(listed["ArchiveList"][0]["CreationDate"], START);
}

#[tokio::test]
async fn an_arranged_upload_can_be_completed() {
    let mock = GlacierMock::start();
    let (whole, photos) = (bytes(2 * MIB + 7), mock.create_vault("photos"));
    let upload = photos.start_upload("cat.tar", MIB as u64);
    photos.put_part(&upload, 0, &whole[..MIB]).put_part(&upload, 2 * MIB as u64, &whole[2 * MIB..]);
    assert!(mock.requests().is_empty());

    // The code under test lists the parts to find the missing one.
    let glacier = mock.client();
    let parts = glacier.list_parts().vault_name("photos").upload_id(&upload).send().await.unwrap();
    let ranges: Vec<_> = parts.parts().iter().map(|part| part.range_in_bytes().unwrap()).collect();
    assert_eq!(ranges, ["0-1048575", "2097152-2097158"]);
    photos.put_part(&upload, MIB as u64, &whole[MIB..2 * MIB]);
    let done = glacier.complete_multipart_upload().vault_name("photos").upload_id(&upload);
    let done = done.archive_size(whole.len().to_string()).checksum(tree_hash(&whole)).send().await.unwrap();

    let archive = photos.archive(done.archive_id().unwrap()).unwrap();
    assert_eq!(archive.description(), Some("cat.tar"));
    assert!(archive.to_vec() == whole, "the bytes differ");
    assert!(photos.uploads().is_empty());
}

#[tokio::test]
async fn arranged_settings_are_returned() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v").tag("owner", "me").tag("project", "cats").tag("owner", "you");
    vault.set_access_policy(POLICY).set_notifications(TOPIC, ["ArchiveRetrievalCompleted"]).lock(POLICY);
    assert!(mock.requests().is_empty());

    let glacier = mock.client();
    let tags = glacier.list_tags_for_vault().vault_name("v").send().await.unwrap();
    let tags: BTreeMap<_, _> = tags.tags().unwrap().iter().map(|(key, value)| (&**key, &**value)).collect();
    assert_eq!(tags, BTreeMap::from([("owner", "you"), ("project", "cats")]));
    let set = glacier.get_vault_access_policy().vault_name("v").send().await.unwrap();
    assert_eq!(set.policy().unwrap().policy(), Some(POLICY));
    let set = glacier.get_vault_notifications().vault_name("v").send().await.unwrap();
    let set = set.vault_notification_config().unwrap();
    assert_eq!((set.sns_topic(), set.events()), (Some(TOPIC), &["ArchiveRetrievalCompleted".to_owned()][..]));
    let lock = glacier.get_vault_lock().vault_name("v").send().await.unwrap();
    assert_eq!((lock.state(), lock.policy(), lock.expiration_date()), (Some("Locked"), Some(POLICY), None));
}

#[tokio::test]
async fn an_arranged_lock_can_be_completed_with_its_id() {
    let mock = frozen();
    let id = mock.create_vault("v").initiate_lock(POLICY);
    assert!(mock.requests().is_empty());

    let glacier = mock.client();
    let lock = glacier.get_vault_lock().vault_name("v").send().await.unwrap();
    assert_eq!((lock.state(), lock.expiration_date()), (Some("InProgress"), Some("2026-02-01T00:00:00.000Z")));
    glacier.complete_vault_lock().vault_name("v").lock_id(&id).send().await.unwrap();
    assert_eq!(mock.vault("v").vault_lock().unwrap().state(), LockState::Locked);
}

#[tokio::test]
async fn an_arranged_deletion_deletes_the_archive() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    let (gone, kept) = (vault.put_archive("gone", "1"), vault.put_archive("kept", "2"));
    vault.delete_archive(&gone).delete_archive(&gone);
    assert!(mock.requests().is_empty());
    assert!(vault.archive(&gone).is_none() && vault.archive(&kept).is_some());
    assert_eq!(descriptions(&vault), ["kept"]);

    let glacier = mock.client();
    let job = initiate(&glacier, "v", retrieval(gone.as_str())).await;
    assert_eq!(mock.jobs().get(&job).unwrap().status(), JobStatus::Failed);
}

/// Creating a vault that exists changes nothing.
#[tokio::test]
async fn vaults_of_other_accounts_and_regions_are_separate() {
    let mock = GlacierMock::start();
    let other = mock.vault_in(Account::new("111122223333"), "eu-west-1", "v");
    mock.create_vault("v").tag("whose", "mine");
    assert!(!other.exists());
    let id = other.create().tag("whose", "theirs").put_archive("cat.jpg", "a cat");
    other.create();
    assert_eq!(other.archives().len(), 1);
    assert_eq!(mock.vault("v").tags()["whose"], "mine");
    assert!(mock.vault("v").archives().is_empty());

    let glacier = mock.client_for(Account::new("111122223333"), "eu-west-1");
    glacier.delete_archive().vault_name("v").archive_id(&id).send().await.unwrap();
    assert!(other.archives().is_empty());
}

#[tokio::test]
async fn an_account_with_an_arranged_archive_is_not_a_new_customer() {
    let mock = GlacierMock::builder().no_longer_supported(true).start();
    let glacier = mock.client();
    mock.create_vault("v");
    assert_eq!(refusal(glacier.describe_vault().vault_name("v").send().await).1, "NoLongerSupportedException");
    mock.vault("v").put_archive("", "since 2013");
    glacier.describe_vault().vault_name("v").send().await.unwrap();
}

#[test]
fn arranging_uses_the_ids_of_the_seed() {
    let run = |seed| {
        let mock = GlacierMock::builder().seed(seed).start();
        let vault = mock.create_vault("v");
        (vault.put_archive("", "x"), vault.start_upload("", MIB as u64), vault.initiate_lock(POLICY))
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

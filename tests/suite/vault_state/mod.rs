//! State that the code under test created, and that the test reads without requests.

mod arranged;
mod misuse;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use aws_sdk_glacier::types::{VaultLockPolicy, VaultNotificationConfig};
use glacier_mock::{Archive, Clock, Digest, GlacierMock, InventoryMode, JobTiming, LockState, Timestamp};

use crate::support::{
    DAY, MIB, POLICY, bytes, initiate, inventory, mock_with_vault, policy, retrieval, tree_hash, upload,
};

const START: &str = "2026-01-31T00:00:00Z";
const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:done";

fn frozen() -> GlacierMock {
    GlacierMock::builder().clock(Clock::frozen(START)).start()
}

fn start() -> Timestamp {
    START.parse::<Timestamp>().unwrap()
}

#[tokio::test]
async fn uploaded_archives_are_visible() {
    let mock = frozen();
    let (glacier, body) = (mock.client(), bytes(MIB + 1));
    assert!(!mock.vault("v").exists());
    glacier.create_vault().vault_name("v").send().await.unwrap();
    assert!(mock.vault("v").exists() && mock.vault("v").archives().is_empty());

    mock.clock().advance(Duration::from_secs(90));
    let first = upload(&glacier, "v", &body).await;
    let small = glacier.upload_archive().vault_name("v").archive_description("small");
    small.body(b"small".to_vec().into()).send().await.unwrap();

    let archives = mock.vault("v").archives();
    assert_eq!(archives.iter().map(Archive::description).collect::<Vec<_>>(), [None, Some("small")]);
    let archive = mock.vault("v").archive(&first).unwrap();
    assert_eq!(archive.id(), archives[0].id());
    assert_eq!(archive.id().as_str(), first);
    assert_eq!(archive.size(), body.len() as u64);
    assert_eq!(archive.tree_hash().to_string(), tree_hash(&body));
    assert_eq!(archive.created().since(start()), Duration::from_secs(90));
    assert!(archive.to_vec() == body, "the bytes differ");
    assert_eq!(archives[1].tree_hash(), Digest::sha256(b"small"));

    // A list that the test has read does not change.
    glacier.delete_archive().vault_name("v").archive_id(&first).send().await.unwrap();
    assert_eq!(mock.vault("v").archives().len(), 1);
    assert!(mock.vault("v").archive(&first).is_none());
    assert!(archives.len() == 2 && archive.to_vec() == body);
}

/// `Vault::archives` reads the current state, and DescribeVault shows the last inventory.
#[tokio::test]
async fn archives_are_visible_before_the_inventory() {
    let mock = GlacierMock::builder().clock(Clock::frozen(START)).inventory(InventoryMode::daily()).start();
    let vault = mock.create_vault("v");
    vault.put_archive("cat.jpg", "a cat");
    let count = async || mock.client().describe_vault().vault_name("v").send().await.unwrap().number_of_archives();
    assert_eq!((vault.archives().len(), count().await), (1, 0));
    vault.take_inventory();
    assert_eq!(count().await, 1);
}

#[tokio::test]
async fn an_incomplete_upload_is_visible() {
    let mock = frozen();
    mock.create_vault("v");
    let glacier = mock.client();
    let begun = glacier.initiate_multipart_upload().vault_name("v").part_size(MIB.to_string());
    let begun = begun.archive_description("a big cat").send().await.unwrap();
    let id = begun.upload_id().unwrap();
    let body = bytes(MIB + 3);
    for (range, part) in [("bytes 1048576-1048578/*", &body[MIB..]), ("bytes 0-1048575/*", &body[..MIB])] {
        let put = glacier.upload_multipart_part().vault_name("v").upload_id(id).range(range);
        put.body(part.to_vec().into()).send().await.unwrap();
    }

    let uploads = mock.vault("v").uploads();
    let [upload] = &uploads[..] else { panic!("{uploads:?}") };
    assert_eq!(upload.id().as_str(), id);
    assert_eq!((upload.description(), upload.part_size()), (Some("a big cat"), MIB as u64));
    assert_eq!(upload.created(), start());
    let ranges: Vec<RangeInclusive<u64>> = upload.parts().iter().map(|part| part.range()).collect();
    assert_eq!(ranges, [0..=1_048_575, 1_048_576..=1_048_578]);
    assert_eq!(upload.parts()[1].tree_hash().to_string(), tree_hash(&body[MIB..]));

    mock.clock().advance(DAY);
    assert!(mock.vault("v").uploads().is_empty());
}

/// There are more parts and uploads than fit on a page of ListParts and ListMultipartUploads.
#[test]
fn every_part_and_every_upload_is_visible() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    let uploads: Vec<_> = (0..60).map(|_| vault.start_upload("", MIB as u64)).collect();
    (0..60).for_each(|n| _ = vault.put_part(&uploads[0], n * MIB as u64, "x"));
    let seen = vault.uploads();
    assert_eq!(seen.iter().map(|upload| upload.id().clone()).collect::<Vec<_>>(), uploads);
    assert_eq!((seen[0].parts().len(), seen[1].parts().len(), seen[1].description()), (60, 0, None));
}

#[tokio::test]
async fn only_the_jobs_of_the_vault_are_listed() {
    let mock = GlacierMock::builder().clock(Clock::frozen(START)).jobs(JobTiming::manual()).start();
    let glacier = mock.client();
    let id = mock.create_vault("v").put_archive("", "x");
    mock.create_vault("other");
    let first = initiate(&glacier, "v", inventory()).await;
    initiate(&glacier, "other", inventory()).await;
    let second = initiate(&glacier, "v", retrieval(id.as_str())).await;

    let jobs = mock.vault("v").jobs();
    assert_eq!(jobs.iter().map(|job| job.id()).collect::<Vec<_>>(), [&first, &second]);
    assert_eq!((jobs[1].archive_id(), jobs[1].vault()), (Some(&id), "v"));
    jobs[0].complete();
    let described = glacier.describe_job().vault_name("v").job_id(&first).send().await.unwrap();
    assert!(described.completed());
    mock.clock().advance(DAY);
    assert_eq!(mock.vault("v").jobs().len(), 1);
}

#[tokio::test]
async fn settings_are_visible() {
    let (mock, glacier) = mock_with_vault().await;
    let vault = mock.vault("v");
    assert!(vault.tags().is_empty());
    assert_eq!((vault.access_policy(), vault.notifications(), vault.vault_lock()), (None, None, None));

    glacier.add_tags_to_vault().vault_name("v").tags("owner", "me").send().await.unwrap();
    glacier.set_vault_access_policy().vault_name("v").policy(policy(POLICY)).send().await.unwrap();
    let config = VaultNotificationConfig::builder().sns_topic(TOPIC);
    let config = config.events("InventoryRetrievalCompleted").events("ArchiveRetrievalCompleted").build();
    glacier.set_vault_notifications().vault_name("v").vault_notification_config(config).send().await.unwrap();

    assert_eq!(vault.tags(), BTreeMap::from([("owner".to_owned(), "me".to_owned())]));
    assert_eq!(vault.access_policy().as_deref(), Some(POLICY));
    let set = vault.notifications().unwrap();
    assert_eq!(set.topic(), TOPIC);
    assert_eq!(set.events(), ["InventoryRetrievalCompleted", "ArchiveRetrievalCompleted"]);
}

#[tokio::test]
async fn a_lock_is_visible_until_it_expires() {
    let mock = frozen();
    let glacier = mock.client();
    mock.create_vault("v");
    let begin = async || {
        let policy = VaultLockPolicy::builder().policy(POLICY).build();
        let begun = glacier.initiate_vault_lock().vault_name("v").policy(policy).send().await.unwrap();
        begun.lock_id().unwrap().to_owned()
    };
    let id = begin().await;
    let lock = mock.vault("v").vault_lock().unwrap();
    assert_eq!((lock.id().as_str(), lock.policy(), lock.state()), (&*id, POLICY, LockState::InProgress));
    assert_eq!((lock.created(), lock.expires().unwrap().since(start())), (start(), DAY));
    mock.clock().advance(DAY);
    assert_eq!(mock.vault("v").vault_lock(), None);

    let id = begin().await;
    glacier.complete_vault_lock().vault_name("v").lock_id(id).send().await.unwrap();
    mock.clock().advance(DAY);
    let lock = mock.vault("v").vault_lock().unwrap();
    assert_eq!((lock.state(), lock.expires()), (LockState::Locked, None));
}

#[test]
fn debug_output_omits_the_bytes_of_archives() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    vault.put_archive("cat.jpg", "ABCABC");
    let shown = format!("{:?}", vault.archives());
    assert!(shown.contains(r#"description: Some("cat.jpg"), size: 6"#) && !shown.contains("ABC"), "{shown}");
}

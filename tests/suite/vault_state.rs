//! State without calls: vaults that the test looks at, and vaults that it arranges.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::panic::{self, AssertUnwindSafe, Location, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_glacier::types::{VaultLockPolicy, VaultNotificationConfig};
use glacier_mock::{
    Account, Archive, Clock, Digest, GlacierMock, InventoryMode, JobTiming, LockState, Operation, StatusCode, Step,
    Timestamp, Vault,
};

use crate::support::{
    MIB, POLICY, bytes, initiate, inventory, mock_with_vault, output, policy, refusal, retrieval, tree_hash, upload,
};

const DAY: Duration = Duration::from_secs(24 * 3600);
const START: &str = "2026-01-31T00:00:00Z";
const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:done";

fn frozen() -> GlacierMock {
    GlacierMock::builder().clock(Clock::frozen(START)).start()
}

fn start() -> Timestamp {
    Timestamp::parse(START).unwrap()
}

fn panic_of(misuse: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(misuse)).expect_err("it should have panicked");
    panic.downcast_ref::<String>().expect("panics have a text").clone()
}

fn descriptions(vault: &Vault) -> Vec<String> {
    vault.archives().iter().map(|archive| archive.description().unwrap_or("-").to_owned()).collect()
}

// Arranged by the test, seen by the code under test.

#[tokio::test]
async fn an_arranged_archive_is_retrieved() {
    let mock = frozen();
    let cat = bytes(3 * MIB + 5);
    let id = mock.create_vault("photos").put_archive("cat.jpg", &cat[..]);
    assert_eq!(id.as_str().len(), 138);
    assert!(mock.requests().is_empty());

    let glacier = mock.client();
    let job = initiate(&glacier, "photos", retrieval(id.as_str())).await;
    assert!(output(&glacier, "photos", &job).await == cat, "other bytes");
    let described = glacier.describe_job().vault_name("photos").job_id(&job).send().await.unwrap();
    assert_eq!(described.archive_sha256_tree_hash(), Some(&*tree_hash(&cat)));

    let job = initiate(&glacier, "photos", inventory()).await;
    let listed: serde_json::Value = serde_json::from_slice(&output(&glacier, "photos", &job).await).unwrap();
    assert_eq!(listed["ArchiveList"][0]["ArchiveDescription"], "cat.jpg");
    assert_eq!(listed["ArchiveList"][0]["CreationDate"], START);
}

#[tokio::test]
async fn an_arranged_upload_is_completed() {
    let mock = GlacierMock::start();
    let (whole, photos) = (bytes(2 * MIB + 7), mock.create_vault("photos"));
    let upload = photos.start_upload("cat.tar", MIB as u64);
    photos.put_part(&upload, 0, &whole[..MIB]).put_part(&upload, 2 * MIB as u64, &whole[2 * MIB..]);
    assert!(mock.requests().is_empty());

    // The code under test finds out what is missing.
    let glacier = mock.client();
    let parts = glacier.list_parts().vault_name("photos").upload_id(&upload).send().await.unwrap();
    let ranges: Vec<_> = parts.parts().iter().map(|part| part.range_in_bytes().unwrap()).collect();
    assert_eq!(ranges, ["0-1048575", "2097152-2097158"]);
    photos.put_part(&upload, MIB as u64, &whole[MIB..2 * MIB]);
    let done = glacier.complete_multipart_upload().vault_name("photos").upload_id(&upload);
    let done = done.archive_size(whole.len().to_string()).checksum(tree_hash(&whole)).send().await.unwrap();

    let archive = photos.archive(done.archive_id().unwrap()).unwrap();
    assert_eq!(archive.description(), Some("cat.tar"));
    assert!(archive.to_vec() == whole, "other bytes");
    assert!(photos.uploads().is_empty());
}

#[tokio::test]
async fn arranged_settings_are_given_back() {
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
async fn an_arranged_trial_is_completed_with_its_id() {
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
async fn an_arranged_deletion_is_one() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    let (gone, kept) = (vault.put_archive("gone", "1"), vault.put_archive("kept", "2"));
    vault.delete_archive(&gone).delete_archive(&gone);
    assert!(mock.requests().is_empty());
    assert!(vault.archive(&gone).is_none() && vault.archive(&kept).is_some());
    assert_eq!(descriptions(&vault), ["kept"]);

    let glacier = mock.client();
    let job = initiate(&glacier, "v", retrieval(gone.as_str())).await;
    assert_eq!(mock.jobs().get(&job).unwrap().status(), StatusCode::Failed);
}

/// Creating again changes nothing.
#[tokio::test]
async fn other_accounts_and_regions_have_vaults_of_their_own() {
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

/// Who has something stored is no new customer.
#[tokio::test]
async fn an_arranged_archive_makes_an_old_customer() {
    let mock = GlacierMock::builder().no_longer_supported().start();
    let glacier = mock.client();
    mock.create_vault("v");
    assert_eq!(refusal(glacier.describe_vault().vault_name("v").send().await).1, "NoLongerSupportedException");
    mock.vault("v").put_archive("", "since 2013");
    glacier.describe_vault().vault_name("v").send().await.unwrap();
}

// Done by the code under test, seen by the test.

#[tokio::test]
async fn uploaded_archives_are_there() {
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
    assert!(archive.to_vec() == body, "other bytes");
    assert_eq!(archives[1].tree_hash(), Digest::of(b"small"));

    // What the test holds does not change.
    glacier.delete_archive().vault_name("v").archive_id(&first).send().await.unwrap();
    assert_eq!(mock.vault("v").archives().len(), 1);
    assert!(mock.vault("v").archive(&first).is_none());
    assert!(archives.len() == 2 && archive.to_vec() == body);
}

/// Inventories have no say in what there is.
#[tokio::test]
async fn archives_are_there_before_the_inventory_is() {
    let mock = GlacierMock::builder().clock(Clock::frozen(START)).inventory(InventoryMode::Daily).start();
    let vault = mock.create_vault("v");
    vault.put_archive("cat.jpg", "a cat");
    let count = async || mock.client().describe_vault().vault_name("v").send().await.unwrap().number_of_archives();
    assert_eq!((vault.archives().len(), count().await), (1, 0));
    vault.take_inventory();
    assert_eq!(count().await, 1);
}

#[tokio::test]
async fn an_upload_that_was_left_behind_shows() {
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

/// Also the parts that come after the first page of ListParts.
#[test]
fn every_part_and_every_upload_shows() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    let uploads: Vec<_> = (0..60).map(|_| vault.start_upload("", MIB as u64)).collect();
    (0..60).for_each(|n| _ = vault.put_part(&uploads[0], n * MIB as u64, "x"));
    let seen = vault.uploads();
    assert_eq!(seen.iter().map(|upload| upload.id().clone()).collect::<Vec<_>>(), uploads);
    assert_eq!((seen[0].parts().len(), seen[1].parts().len(), seen[1].description()), (60, 0, None));
}

#[tokio::test]
async fn jobs_are_those_of_the_vault() {
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
async fn settings_show() {
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
async fn a_lock_shows_until_it_lapses() {
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

// The fixture itself.

#[test]
fn arranging_gives_out_the_ids_of_the_seed() {
    let run = |seed| {
        let mock = GlacierMock::builder().seed(seed).start();
        let vault = mock.create_vault("v");
        (vault.put_archive("", "x"), vault.start_upload("", MIB as u64), vault.initiate_lock(POLICY))
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn bytes_do_not_show_in_debug_output() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    vault.put_archive("cat.jpg", "ABCABC");
    let shown = format!("{:?}", vault.archives());
    assert!(shown.contains(r#"description: Some("cat.jpg"), size: 6"#) && !shown.contains("ABC"), "{shown}");
}

#[test]
fn a_missing_vault_is_said_to_be_missing() {
    let mock = GlacierMock::start();
    let vault = mock.vault("none");
    assert!(!vault.exists() && !mock.vault("no name").exists());
    let uses: [&dyn Fn(); 16] = [
        &|| _ = vault.archives(),
        &|| _ = vault.archive("id"),
        &|| _ = vault.uploads(),
        &|| _ = vault.jobs(),
        &|| _ = vault.tags(),
        &|| _ = vault.vault_lock(),
        &|| _ = vault.access_policy(),
        &|| _ = vault.notifications(),
        &|| _ = vault.put_archive("", "x"),
        &|| _ = vault.delete_archive("id"),
        &|| _ = vault.start_upload("", MIB as u64),
        &|| _ = vault.put_part("id", 0, "x"),
        &|| _ = vault.tag("key", "value"),
        &|| _ = vault.lock(POLICY),
        &|| _ = vault.set_access_policy(POLICY),
        &|| _ = vault.set_notifications(TOPIC, ["ArchiveRetrievalCompleted"]),
    ];
    for (n, use_it) in uses.iter().enumerate() {
        let text = panic_of(use_it);
        assert!(
            text.starts_with("there is no vault \"none\" in account 000000000000 and region us-east-1"),
            "{n}: {text}"
        );
        assert!(text.ends_with("with `.create()`"), "{n}: {text}");
    }
    let text = panic_of(|| _ = mock.vault("no name").put_archive("", "x"));
    assert!(text.starts_with("there is no vault \"no name\""), "{text}");
}

/// What the wire would refuse, a test cannot arrange; nothing is changed by trying.
#[test]
fn misuse_says_what_to_do() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v").lock(POLICY);
    let upload = vault.start_upload("", MIB as u64);
    let part = |first, len| vault.put_part(&upload, first, vec![0; len]);
    let cases: [(&dyn Fn(), &str, &str); 19] = [
        (&|| _ = mock.create_vault("my vault"), "be created", "Invalid vault name: my vault. A name has"),
        (&|| _ = vault.put_archive("", ""), "take the archive", "Invalid Content-Length: 0. An archive has"),
        (&|| _ = vault.put_archive("ü", "x"), "take the archive", "Invalid archive description. An archive has"),
        (&|| _ = vault.delete_archive("x"), "delete the archive", "archive ID was not found: x. Pass the ID"),
        (&|| _ = vault.start_upload("ü", MIB as u64), "start the upload", "description. A description has"),
        (&|| _ = vault.start_upload("", 1_000_000), "start the upload", "1048576 and 4294967296 bytes. A description"),
        (&|| _ = part(1, 1), "take the part", "Invalid Content-Range: bytes 1-1/*. A part has"),
        (&|| _ = part(0, MIB + 1), "take the part", "Invalid Content-Range: bytes 0-1048576/*. A part has"),
        (&|| _ = part(0, 0), "take the part", "Invalid Content-Length: 0. A part has"),
        (&|| _ = part(u64::MAX, 1), "take the part", "Invalid Content-Range: bytes 18446744073709551615-"),
        (&|| _ = part(10_000 * MIB as u64, 1), "take the part", "limit of 10000 parts. A part has"),
        (&|| _ = vault.put_part("x", 0, "x"), "take the part", "The upload ID was not found: x. A part has"),
        (&|| _ = vault.tag("aws:x", ""), "take the tag", "Invalid tag key: aws:x. A vault has at most 50 tags"),
        (&|| _ = vault.lock("{}"), "be locked", "lock policy is invalid. Provide a valid policy. A lock policy is"),
        (&|| _ = vault.initiate_lock(POLICY), "be locked", "vaults/v. A lock policy is"),
        (&|| _ = vault.set_access_policy("{}"), "take the access policy", "Provide a valid policy. A policy is"),
        (
            &|| _ = vault.set_access_policy("{}"),
            "take the access policy",
            "The flaw in this policy: Statement is missing",
        ),
        (&|| _ = vault.set_notifications("x", ["x"]), "take the notifications", "Invalid event: x. Pass the ARN"),
        (&|| _ = vault.set_notifications(TOPIC, [""; 0]), "take the notifications", "missing: events. Pass the ARN"),
    ];
    for (n, (misuse, cannot, text)) in cases.iter().enumerate() {
        let panic = panic_of(misuse);
        assert!(panic.contains(&format!(" cannot {cannot}: the service would refuse with ")), "{n}: {panic}");
        assert!(panic.contains(text), "{n}: {panic}");
    }
    assert!(vault.archives().is_empty() && vault.tags().is_empty() && vault.uploads()[0].parts().is_empty());
    assert_eq!((vault.access_policy(), vault.notifications()), (None, None));
}

#[test]
fn misuse_is_reported_at_the_line_of_the_test() {
    let mock = GlacierMock::start();
    let (vault, none) = (mock.create_vault("v"), mock.vault("none"));
    let uses: [&dyn Fn() -> u32; 9] = [
        &|| (line(), _ = mock.create_vault("my vault")).0,
        &|| (line(), _ = vault.put_archive("", "")).0,
        &|| (line(), _ = vault.lock("{}")).0,
        &|| (line(), _ = none.archives()).0,
        &|| (line(), _ = none.tag("key", "value")).0,
        &|| (line(), mock.all_calls().assert_count(-1)).0,
        &|| (line(), mock.requests().assert_count(-1..3)).0,
        &|| (line(), mock.expect(Operation::ListVaults).times(3..3)).0,
        &|| (line(), _ = Step::times(Operation::ListVaults, -1)).0,
    ];
    for (n, use_it) in uses.iter().enumerate() {
        let (expected, seen) = where_it_panics(use_it);
        assert_eq!(seen, (file!().to_owned(), expected), "{n}");
    }
}

thread_local! {
    static LINE: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// Notes the line of its caller.
#[track_caller]
fn line() -> u32 {
    LINE.set(Location::caller().line());
    LINE.get()
}

/// The line noted last, and the place of the panic.
fn where_it_panics(misuse: &dyn Fn() -> u32) -> (u32, (String, u32)) {
    let place = Arc::new(Mutex::new(None));
    let (noted, thread) = (place.clone(), std::thread::current().id());
    let before = Arc::new(panic::take_hook());
    let others = before.clone();
    panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == thread {
            let at = info.location().unwrap();
            *noted.lock().unwrap() = Some((at.file().to_owned(), at.line()));
        } else {
            others(info);
        }
    }));
    let panicked = catch_unwind(AssertUnwindSafe(misuse)).is_err();
    _ = panic::take_hook();
    panic::set_hook(Box::new(move |info| before(info)));
    assert!(panicked);
    (LINE.get(), place.lock().unwrap().take().unwrap())
}

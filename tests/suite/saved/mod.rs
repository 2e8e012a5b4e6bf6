//! Saved states: what a loaded mock has, and which files are refused.

mod damage;
mod formats;
mod full;

use std::path::Path;
use std::{fs, io};

use glacier_mock::{
    Clock, Content, GIB, GlacierMock, InventoryMode, JobStatus, JobTiming, MIB, Principal, RetrievalPolicy,
};
use tempfile::TempDir;

use crate::support::{DAY, HOUR, MINUTE, bytes, panic_message};

const NOON: &str = "2026-01-31T12:00:00Z";

fn frozen() -> GlacierMock {
    GlacierMock::builder().clock(Clock::frozen(NOON)).seed(7).start()
}

fn load(path: &Path) -> GlacierMock {
    GlacierMock::builder().load(path).start()
}

fn error_of(path: &Path) -> io::Error {
    GlacierMock::builder().load(path).try_start().err().unwrap()
}

/// Saves a mock and loads the file in another one.
fn copy(mock: &GlacierMock) -> GlacierMock {
    let folder = TempDir::new().unwrap();
    mock.save(folder.path().join("state"));
    load(&folder.path().join("state"))
}

#[test]
fn a_copy_has_the_time_the_place_and_the_settings_of_the_original() {
    let mock = GlacierMock::builder()
        .clock(Clock::frozen(NOON))
        .account("111122223333")
        .region("eu-west-1")
        .jobs(JobTiming::after_polls(3))
        .inventory(InventoryMode::daily())
        .count_overhead(false)
        .start();
    mock.clock().advance(5 * HOUR);
    mock.set_job_timing(JobTiming::manual());
    let anna = Principal::new("arn:aws:iam::111122223333:user/anna").with_access_key("ANNA").with_secret("hers");
    mock.add_principal(anna.clone());
    let photos = mock.create_vault("photos");
    let cat = photos.put_archive("cat.jpg", b"a cat");
    photos.take_inventory();

    let copy = copy(&mock);
    assert_eq!((copy.account(), copy.region()), (mock.account(), "eu-west-1"));
    assert_eq!(copy.clock().now(), mock.clock().now());
    assert_eq!(copy.principal("ANNA"), anna);
    let photos = copy.vault("photos");
    assert_eq!(photos.start_retrieval(&cat).status(), JobStatus::InProgress);
    // Without the overhead, and by the daily inventory.
    assert_eq!(photos.archives().len(), 1);
    copy.clock().advance(HOUR);
    assert_eq!(copy.clock().now(), mock.clock().now() + HOUR);
    assert!(copy.requests().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_copy_follows_the_time_that_the_original_follows() {
    let mock = GlacierMock::start();
    mock.clock().advance(40 * DAY);
    let lock_id = {
        let glacier = mock.client();
        mock.create_vault("v");
        let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"glacier:*","Resource":"arn:aws:glacier:us-east-1:000000000000:vaults/v"}]}"#;
        let policy = aws_sdk_glacier::types::VaultLockPolicy::builder().policy(policy).build();
        let lock = glacier.initiate_vault_lock().vault_name("v").policy(policy).send().await.unwrap();
        lock.lock_id().unwrap().to_owned()
    };
    tokio::time::sleep(23 * HOUR).await;
    let copy = copy(&mock);
    assert_eq!(copy.clock().now(), mock.clock().now());
    tokio::time::sleep(59 * MINUTE).await;
    assert_eq!(copy.clock().now(), mock.clock().now());
    let complete = |lock_id: String| copy.client().complete_vault_lock().vault_name("v").lock_id(lock_id).send();
    tokio::time::sleep(2 * MINUTE).await;
    assert!(complete(lock_id).await.is_err(), "the lock expired after 24 hours");
}

#[test]
fn another_clock_does_not_start_before_the_saved_instant() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state");
    let mock = frozen();
    mock.save(&path);
    let later = mock.clock().now() + DAY;
    let at = |clock| GlacierMock::builder().load(&path).clock(clock).try_start();
    assert_eq!(at(Clock::frozen(later)).unwrap().clock().now(), later);
    assert!(at(Clock::wall()).unwrap().clock().now() >= mock.clock().now());
    let error = at(Clock::frozen("2026-01-31T11:59:59Z")).err().unwrap();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    let text = error.to_string();
    let expected = "the clock is frozen at 2026-01-31T11:59:59.000Z, before 2026-01-31T12:00:00.000Z";
    assert!(text.contains(expected) && text.contains(path.to_str().unwrap()), "{text}");
}

#[test]
fn a_reset_returns_to_the_loaded_state() {
    let mock = frozen();
    let photos = mock.create_vault("photos");
    let cat = photos.put_archive("cat.jpg", b"a cat");
    let copy = copy(&mock);
    let next = |mock: &GlacierMock| mock.vault("photos").put_archive("dog.jpg", b"a dog");
    let dog = next(&copy);
    copy.vault("photos").delete_archive(&cat);
    copy.clock().advance(DAY);
    copy.reset();
    assert_eq!(copy.clock().now(), mock.clock().now());
    assert_eq!(copy.vault("photos").archives().len(), 1);
    assert_eq!(copy.vault("photos").archive(&cat).unwrap().to_vec(), b"a cat");
    assert_eq!((next(&copy), next(&mock)), (dog.clone(), dog));
}

/// The file of two equal bodies is about as large as that of one, and a repeat takes the space of its block.
#[test]
fn equal_bodies_are_stored_once_and_repeats_as_their_block() {
    let folder = TempDir::new().unwrap();
    let size = |name: &str, mock: &GlacierMock| {
        let path = folder.path().join(name);
        mock.save(&path);
        fs::metadata(path).unwrap().len()
    };
    let body = bytes(5 * MIB as usize + 13);
    let mock = frozen();
    let vault = mock.create_vault("v");
    let first = vault.put_archive("one", body.clone());
    let once = size("once", &mock);
    let second = vault.put_archive("two", body.clone());
    let huge = vault.put_archive("huge", Content::repeat("abc", 500 * GIB + 1));
    let twice = size("twice", &mock);
    assert!(once > 5 * MIB && twice < once + MIB, "{once} and {twice} bytes");

    let copy = load(&folder.path().join("twice"));
    let vault = copy.vault("v");
    for id in [first, second] {
        assert!(vault.archive(&id).unwrap().to_vec() == body);
    }
    let (copied, original) = (vault.archive(&huge).unwrap(), mock.vault("v").archive(&huge).unwrap());
    assert_eq!((copied.size(), copied.tree_hash()), (500 * GIB + 1, original.tree_hash()));
}

#[test]
fn content_of_a_file_is_saved_as_its_path_or_embedded() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("scan"), bytes(3_000_000)).unwrap();
    let mock = frozen();
    let id = mock.create_vault("v").put_archive("a scan", Content::from_file(at("scan")));
    mock.save(at("paths"));
    mock.saver().embed_files().save(at("embedded"));
    assert!(fs::metadata(at("paths")).unwrap().len() < 2_000_000);
    let read = |name: &str| load(&at(name)).vault("v").archive(&id).unwrap().to_vec();
    assert!(read("paths") == bytes(3_000_000) && read("embedded") == bytes(3_000_000));

    let mut changed = bytes(3_000_000);
    changed[1_234_567] ^= 1;
    fs::write(at("scan"), changed).unwrap();
    let text = error_of(&at("paths")).to_string();
    assert!(text.contains("has changed since the state was saved; save the state with `embed_files()`"), "{text}");
    fs::remove_file(at("scan")).unwrap();
    let error = error_of(&at("paths"));
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(error.to_string().contains(at("scan").to_str().unwrap()), "{error}");
    assert!(read("embedded") == bytes(3_000_000));
}

#[test]
fn an_error_names_the_file_and_the_start_panics_with_it() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("missing");
    let error = error_of(&missing);
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    let message = panic_message(|| drop(load(&missing)));
    assert!(message.starts_with("glacier-mock cannot load the state of a mock from "), "{message}");
    assert!(message.contains(missing.to_str().unwrap()), "{message}");

    let other = folder.path().join("other");
    fs::write(&other, vec![b'x'; 100_000]).unwrap();
    let error = error_of(&other);
    assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    assert!(error.to_string().ends_with("it is not a file that glacier-mock saved"), "{error}");
}

/// A save that fails leaves the file that was there, and no other.
#[test]
fn a_save_that_fails_changes_nothing() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("scan"), "a scan").unwrap();
    let mock = frozen();
    mock.create_vault("v").put_archive("a scan", Content::from_file(at("scan")));
    mock.save(at("state"));
    let before = fs::read(at("state")).unwrap();
    fs::write(at("scan"), "another").unwrap();
    let error = mock.try_save(at("state")).unwrap_err().to_string();
    assert!(error.contains(at("state").to_str().unwrap()) && error.contains("changed"), "{error}");
    assert!(fs::read(at("state")).unwrap() == before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    let nowhere = folder.path().join("no-such-folder").join("state");
    let message = panic_message(|| mock.save(&nowhere));
    assert!(message.contains("cannot save the state of the mock to"), "{message}");
}

/// The state of the account: capacity, the policy and what counts against it, charges, and what was left open.
#[tokio::test]
async fn a_copy_has_what_the_account_has_used_and_left_open() {
    let mock = GlacierMock::builder().clock(Clock::frozen(NOON)).jobs(JobTiming::after(4 * HOUR)).start();
    let (glacier, photos) = (mock.client(), mock.create_vault("photos"));
    let cat = photos.put_archive("cat.jpg", bytes(2 * MIB as usize));
    glacier.purchase_provisioned_capacity().send().await.unwrap();
    glacier.initiate_multipart_upload().vault_name("photos").part_size("1048576").send().await.unwrap();
    let retrieval = aws_sdk_glacier::types::JobParameters::builder().r#type("archive-retrieval");
    let retrieval = retrieval.archive_id(cat.as_str()).build();
    let job = glacier.initiate_job().vault_name("photos").job_parameters(retrieval.clone()).send().await.unwrap();
    mock.clock().advance(5 * HOUR);
    let output = glacier.get_job_output().vault_name("photos").job_id(job.job_id().unwrap()).range("bytes=0-1048575");
    output.send().await.unwrap().body.collect().await.unwrap();
    glacier.initiate_job().vault_name("photos").job_parameters(retrieval).send().await.unwrap();

    let copy = copy(&mock);
    let seen = |mock: &GlacierMock| {
        (
            format!("{:?}", mock.usage()),
            format!("{:?}", mock.leftovers()),
            mock.provisioned_capacity(),
            mock.retrieval_policy(),
        )
    };
    assert_eq!(seen(&copy), seen(&mock));
    assert_eq!(copy.retrieval_policy(), RetrievalPolicy::None);
    assert_eq!(format!("{:?}", copy.usage()).matches("1048576").count(), 1, "{:?}", copy.usage());
}

/// The first notification that is published is that of the first job of the copy.
#[cfg(feature = "publish")]
#[test]
fn notifications_from_before_the_save_are_not_published_again() {
    use crate::publish::receiver::{Receiver, Reply};

    let receiver = Receiver::start(|_| Reply::Status(200, "<PublishResponse/>"));
    let mock = frozen();
    let topic = "arn:aws:sns:us-east-1:000000000000:done";
    let vault = mock.create_vault("v").set_notifications(topic, ["InventoryRetrievalCompleted"]);
    vault.start_inventory_retrieval();
    let folder = TempDir::new().unwrap();
    mock.save(folder.path().join("state"));
    let builder = GlacierMock::builder().load(folder.path().join("state"));
    let copy = builder.publish_to(receiver.endpoint()).log(false).start();
    let job = copy.vault("v").start_inventory_retrieval();
    assert!(receiver.wait_for(1)[0].parameter("Message").contains(job.id().as_str()));
    assert_eq!(copy.notifications().len(), 2);
}

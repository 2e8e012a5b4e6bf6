//! Changes that a test makes to a mock without requests: starting and ending jobs, removing, resetting; and the handles
//! for it.

use std::time::Duration;

use aws_sdk_glacier::types::{DataRetrievalPolicy, DataRetrievalRule};
use glacier_mock::{
    Account, Clock, ErrorCode, GlacierMock, InventoryMode, JobStatus, JobTiming, LockState, MIB, Operation, Principal,
    RetrievalPolicy, Timestamp, Vault,
};

use crate::support::{HOUR, POLICY, TIMEOUT, initiate, inventory, panic_message, refusal, retrieval};

const START: &str = "2026-01-31T00:00:00Z";
const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:done";

#[tokio::test]
async fn a_vault_is_removed_with_everything_in_it() {
    let mock = GlacierMock::builder().jobs(JobTiming::manual()).start();
    let vault = mock.create_vault("v").lock(POLICY);
    let archive = vault.put_archive("a", b"a");
    let job = vault.start_retrieval(&archive);
    vault.remove();
    assert!(!vault.exists() && mock.jobs().all().is_empty());
    assert!(panic_message(|| job.complete()).contains("the service no longer knows job"));
    let answer = mock.client().describe_vault().vault_name("v").send().await;
    assert_eq!(refusal(answer).1, ErrorCode::ResourceNotFoundException.as_str());
    // A new vault of the same name is empty and has no lock.
    let again = mock.create_vault("v");
    assert!(again.archives().is_empty() && again.vault_lock().is_none());
    assert!(panic_message(|| mock.vault("w").remove()).contains("there is no vault \"w\""));
}

#[tokio::test]
async fn a_test_can_complete_or_abort_an_upload() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    let upload = vault.start_upload("two parts", MIB);
    vault.put_part(&upload, MIB, b"the end");
    let gap = panic_message(|| drop(vault.complete_upload(&upload)));
    assert!(gap.contains("cannot complete the upload"), "{gap}");
    vault.put_part(&upload, 0, vec![7; MIB as usize]);
    let archive = vault.archive(vault.complete_upload(&upload)).unwrap();
    assert_eq!((archive.size(), archive.description()), (MIB + 7, Some("two parts")));
    assert!(vault.uploads().is_empty() && mock.requests().is_empty());

    let other = vault.start_upload("", MIB);
    vault.abort_upload(&other);
    assert!(vault.uploads().is_empty());
    assert!(panic_message(|| drop(vault.abort_upload("none"))).contains("cannot abort the upload"));
}

#[tokio::test]
async fn jobs_started_by_the_test_are_seen_by_the_client() {
    let mock = GlacierMock::builder().inventory(InventoryMode::live()).jobs(JobTiming::manual()).start();
    let vault = mock.create_vault("v");
    let archive = vault.put_archive("a", b"a");
    mock.next_job().retrieval().fails("damaged");
    let failed = vault.start_retrieval(&archive);
    assert_eq!(failed.status(), JobStatus::Failed);
    let inventory = vault.start_inventory_retrieval();
    assert_eq!((inventory.status(), inventory.archive_id()), (JobStatus::InProgress, None));
    let listed = mock.client().list_jobs().vault_name("v").send().await.unwrap();
    let ids: Vec<_> = listed.job_list().iter().filter_map(|job| job.job_id()).collect();
    assert_eq!(ids, [failed.id().as_str(), inventory.id().as_str()]);
    assert!(panic_message(|| drop(vault.start_retrieval("none"))).contains("cannot start the job"));
}

/// The callback runs before `start_retrieval` returns.
#[test]
fn a_callback_can_expire_the_job_that_is_being_started() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v").set_notifications(TOPIC, ["ArchiveRetrievalCompleted"]);
    let jobs = mock.jobs();
    mock.on_notification(move |notification| jobs.get(notification.job_id()).unwrap().expire());
    let job = vault.start_retrieval(vault.put_archive("a", b"a"));
    assert!(panic_message(|| _ = job.status()).contains("the service no longer knows job"));
    assert!(mock.jobs().all().is_empty());
    mock.verify();
}

#[test]
fn a_test_can_remove_the_settings_of_a_vault() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v").tag("a", "1").tag("b", "2").set_access_policy(POLICY);
    vault.set_notifications(TOPIC, ["ArchiveRetrievalCompleted"]);
    vault.remove_tag("a").remove_tag("none").remove_access_policy().remove_notifications();
    assert_eq!(vault.tags().into_keys().collect::<Vec<_>>(), ["b"]);
    assert!(vault.access_policy().is_none() && vault.notifications().is_none());
    vault.remove_access_policy().remove_notifications();
}

#[test]
fn a_test_can_complete_or_abort_a_lock() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    let first = vault.initiate_lock(POLICY);
    vault.abort_lock();
    assert!(vault.vault_lock().is_none());
    let second = vault.initiate_lock(POLICY);
    assert!(panic_message(|| drop(vault.complete_lock(&first))).contains("cannot complete the lock"));
    vault.complete_lock(&second);
    assert_eq!(vault.vault_lock().unwrap().state(), LockState::Locked);
    assert!(panic_message(|| drop(vault.abort_lock())).contains("cannot abort the lock"));
}

#[tokio::test]
async fn the_limits_of_an_account_can_be_read() {
    let mock = GlacierMock::builder().clock(Clock::frozen(START)).start();
    assert_eq!(mock.retrieval_policy(), RetrievalPolicy::None);
    let rule = DataRetrievalRule::builder().strategy("BytesPerHour").bytes_per_hour(5).build();
    let policy = DataRetrievalPolicy::builder().rules(rule).build();
    let glacier = mock.client();
    glacier.set_data_retrieval_policy().policy(policy).send().await.unwrap();
    assert_eq!(mock.retrieval_policy(), RetrievalPolicy::BytesPerHour(5));

    let bought = glacier.purchase_provisioned_capacity().send().await.unwrap();
    let units = mock.provisioned_capacity();
    assert_eq!(units[0].id().as_str(), bought.capacity_id().unwrap());
    let dates = (units[0].start().to_string(), units[0].expiration().to_string());
    assert_eq!(dates, ("2026-01-31T00:00:00.000Z".into(), "2026-02-28T00:00:00.000Z".into()));
    mock.clock().advance(28 * 24 * HOUR);
    assert!(mock.provisioned_capacity().is_empty());
}

#[tokio::test]
async fn a_reset_restores_the_initial_state() {
    let anna = Principal::new("arn:aws:iam::111122223333:user/anna").with_access_key("ANNA");
    let mock = GlacierMock::builder().seed(5).clock(Clock::frozen(START)).principals([anna]).start();
    let first = mock.create_vault("v").put_archive("a", b"a");
    let glacier = mock.client();
    glacier.purchase_provisioned_capacity().send().await.unwrap();
    mock.add_principal(Principal::new("arn:aws:iam::111122223333:user/otto").with_access_key("OTTO"));
    mock.fault(Operation::ListVaults).throttled();
    mock.next_job().fails("never used");
    mock.expect(Operation::DeleteArchive).once();
    mock.set_job_timing(JobTiming::manual());
    mock.on_notification(|_| panic!("the callback was not removed"));
    mock.clock().advance(HOUR);

    mock.reset();

    assert!(mock.vaults().is_empty() && mock.requests().is_empty() && mock.notifications().is_empty());
    assert!(mock.provisioned_capacity().is_empty());
    assert_eq!(mock.clock().now(), START.parse::<Timestamp>().unwrap());
    assert_eq!(mock.principals().iter().map(Principal::access_key).collect::<Vec<_>>(), ["ANNA"]);
    glacier.list_vaults().send().await.unwrap();
    // The same seed gives the same IDs again, and jobs complete at once again.
    let vault = mock.create_vault("v").set_notifications(TOPIC, ["ArchiveRetrievalCompleted"]);
    assert_eq!(vault.put_archive("a", b"a"), first);
    assert_eq!(vault.start_retrieval(&first).status(), JobStatus::Succeeded);
    mock.verify();
}

#[tokio::test]
async fn the_record_can_be_emptied() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    mock.forget_requests();
    assert!(mock.requests().is_empty() && mock.all_calls().is_empty());
    assert_eq!(mock.requests().dropped(), 0);
    glacier.list_vaults().send().await.unwrap();
    mock.assert_sequence([Operation::ListVaults]);
    assert!(mock.vault("v").exists());
}

#[tokio::test]
async fn emptying_the_record_does_not_affect_a_request_in_flight() {
    let mock = GlacierMock::builder().clock(Clock::frozen(START)).start();
    mock.fault(Operation::CreateVault).answer_delayed(HOUR);
    let glacier = mock.client();
    let call = tokio::spawn(async move { glacier.create_vault().vault_name("v").send().await });
    mock.wait_for(Operation::CreateVault).arrived().within(TIMEOUT).await;
    mock.forget_requests();
    mock.clock().advance(2 * HOUR);
    call.await.unwrap().unwrap();
    assert!(mock.requests().is_empty());
}

#[tokio::test]
async fn a_bounded_record_counts_only_what_the_bound_dropped() {
    let mock = GlacierMock::builder().keep_requests(2).start();
    let glacier = mock.client();
    for _ in 0..3 {
        glacier.list_vaults().send().await.unwrap();
    }
    assert_eq!(mock.requests().dropped(), 1);
    mock.forget_requests();
    for _ in 0..4 {
        glacier.list_vaults().send().await.unwrap();
    }
    assert_eq!((mock.requests().len(), mock.requests().dropped()), (2, 2));
}

#[test]
fn all_vaults_are_listed_with_their_accounts_and_regions() {
    let mock = GlacierMock::start();
    mock.create_vault("v");
    mock.vault_in(Account::new("111122223333"), "eu-west-1", "v").create();
    let places: Vec<_> =
        mock.vaults().iter().map(|vault| (vault.account().to_string(), vault.region().to_owned())).collect();
    assert_eq!(places, [("000000000000".into(), "us-east-1".into()), ("111122223333".into(), "eu-west-1".to_owned())]);
}

#[tokio::test]
async fn handles_do_not_borrow_the_mock() {
    fn setup() -> (GlacierMock, Vault) {
        let mock = GlacierMock::builder().jobs(JobTiming::manual()).start();
        let vault = mock.create_vault("v");
        (mock, vault)
    }
    let (mock, vault) = setup();
    let archive = vault.put_archive("a", b"a");
    let (seen, clock) = (vault.clone(), mock.clock());
    let archives = tokio::spawn(async move { (seen.archives().len(), clock.now()) });
    assert_eq!(archives.await.unwrap().0, 1);
    let waiting = tokio::spawn(mock.jobs().wait_for_one());
    initiate(&mock.client(), "v", retrieval(archive.as_str())).await;
    assert_eq!(waiting.await.unwrap().archive_id(), Some(&archive));
    let outage = mock.outage();
    drop(mock);
    // The port was closed for good, so the end of the outage does not open it again.
    drop(outage);
}

#[test]
fn a_handle_that_outlives_its_mock_panics_with_the_reason() {
    let mock = GlacierMock::builder().jobs(JobTiming::manual()).start();
    let vault = mock.create_vault("v");
    let job = vault.start_retrieval(vault.put_archive("a", b"a"));
    let (clock, jobs) = (mock.clock(), mock.jobs());
    let explain = mock.explain(Operation::DescribeVault);
    drop(mock);
    let uses: [Box<dyn FnOnce() + '_>; 6] = [
        Box::new(|| drop(vault.archives())),
        Box::new(|| assert!(vault.exists())),
        Box::new(|| job.complete()),
        Box::new(|| clock.advance(HOUR)),
        Box::new(|| drop(jobs.all())),
        Box::new(|| drop(explain.for_vault("v"))),
    ];
    for (n, used) in uses.into_iter().enumerate() {
        let message = panic_message(used);
        assert!(message.starts_with("the GlacierMock of this handle was dropped"), "{n}: {message}");
    }
}

/// The first use of a mock in a runtime with paused time is that of a handle that was created before.
#[test]
fn the_clock_follows_the_paused_runtime_in_which_a_kept_handle_is_used() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    vault.start_upload("forgotten", MIB);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        assert_eq!(vault.uploads().len(), 1);
        tokio::time::sleep(25 * HOUR).await;
        assert!(vault.uploads().is_empty(), "an upload expires after 24 hours");
    });
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_a_notification_can_be_spawned_and_lets_paused_time_pass() {
    let mock = GlacierMock::builder().inventory(InventoryMode::live()).jobs(JobTiming::by_tier()).start();
    mock.create_vault("v").set_notifications(TOPIC, ["InventoryRetrievalCompleted"]);
    let waiting = tokio::spawn(mock.wait_for_notification());
    let job = initiate(&mock.client(), "v", inventory()).await;
    assert_eq!(waiting.await.unwrap().job_id().as_str(), job);
}

#[test]
fn a_test_without_async_waits_for_a_notification() {
    let mock = GlacierMock::builder().jobs(JobTiming::after(Duration::from_millis(5))).start();
    let vault = mock.create_vault("v").set_notifications(TOPIC, ["ArchiveRetrievalCompleted"]);
    let job = vault.start_retrieval(vault.put_archive("a", b"a"));
    assert_eq!(mock.wait_for_notification().blocking().job_id(), job.id());
}

//! Notifications about jobs that have ended (api.md section 7, observed.md 3.4).

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::types::VaultNotificationConfig;
use glacier_mock::{Clock, GlacierMock, JobTiming};

use crate::support::{initiate, inventory, raw, request, retrieval, upload};

const VAULT_TOPIC: &str = "arn:aws:sns:us-east-1:111122223333:vault";
const JOB_TOPIC: &str = "arn:aws:sns:us-east-1:111122223333:job";

async fn mock(timing: JobTiming, events: &[&str]) -> (GlacierMock, Client) {
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).jobs(timing).start();
    let glacier = mock.client();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    configure(&glacier, events).await;
    (mock, glacier)
}

async fn configure(glacier: &Client, events: &[&str]) {
    let events = events.iter().map(|event| (*event).to_owned()).collect();
    let config = VaultNotificationConfig::builder().sns_topic(VAULT_TOPIC).set_events(Some(events)).build();
    glacier.set_vault_notifications().vault_name("v").vault_notification_config(config).send().await.unwrap();
}

fn topics(mock: &GlacierMock) -> Vec<String> {
    mock.notifications().iter().map(|notification| notification.topic().to_owned()).collect()
}

/// The vault's topic gets a notification if the event is configured. The job's topic always gets one.
#[tokio::test]
async fn notifications_go_to_the_topics_of_the_vault_and_of_the_job() {
    let (mock, glacier) = mock(JobTiming::instant(), &["ArchiveRetrievalCompleted"]).await;
    let archive = upload(&glacier, "v", b"x").await;
    initiate(&glacier, "v", inventory()).await;
    assert!(topics(&mock).is_empty());
    initiate(&glacier, "v", inventory().sns_topic(JOB_TOPIC)).await;
    assert_eq!(topics(&mock), [JOB_TOPIC]);
    initiate(&glacier, "v", retrieval(&archive)).await;
    assert_eq!(topics(&mock), [JOB_TOPIC, VAULT_TOPIC]);
    initiate(&glacier, "v", retrieval(&archive).sns_topic(JOB_TOPIC)).await;
    assert_eq!(topics(&mock), [JOB_TOPIC, VAULT_TOPIC, VAULT_TOPIC, JOB_TOPIC]);
}

/// Jobs end by time, by the test, or at once with a failure. The order is that of their ends.
#[tokio::test]
async fn a_job_is_announced_once_however_it_ends() {
    let events = ["ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"];
    let (mock, glacier) = mock(JobTiming::after(Duration::from_secs(3600)), &events).await;
    let by_time = initiate(&glacier, "v", inventory()).await;
    let by_hand = initiate(&glacier, "v", inventory()).await;
    mock.next_job().fails("Archive is damaged");
    let failed = initiate(&glacier, "v", inventory()).await;
    mock.jobs().get(&by_hand).unwrap().complete();
    mock.clock().advance(Duration::from_secs(3600));
    mock.clock().advance(Duration::from_secs(7 * 24 * 3600));

    let notifications = mock.notifications();
    let announced: Vec<_> = notifications.iter().map(|notification| notification.job_id()).collect();
    assert_eq!(announced, [&failed, &by_hand, &by_time]);
    assert!(notifications.iter().all(|notification| notification.vault() == "v"));
    assert_eq!(notifications[2].time().to_string(), "2026-01-31T01:00:00.000Z");
    let message: serde_json::Value = serde_json::from_str(&notifications[0].message()).unwrap();
    assert_eq!(
        (message["StatusCode"].as_str(), message["StatusMessage"].as_str()),
        (Some("Failed"), Some("Archive is damaged"))
    );
}

#[tokio::test]
async fn the_message_equals_the_description_of_the_job() {
    let (mock, glacier) = mock(JobTiming::after_polls(0), &["InventoryRetrievalCompleted"]).await;
    let id = initiate(&glacier, "v", inventory().description("mine")).await;
    assert!(mock.notifications().is_empty());
    let described = raw(&mock, &request("GET", &format!("/-/vaults/v/jobs/{id}"), &[], b""));
    assert_eq!(mock.notifications()[0].message(), described.text());
    // Further polls announce nothing.
    raw(&mock, &request("GET", "/-/vaults/v/jobs", &[], b""));
    raw(&mock, &request("GET", &format!("/-/vaults/v/jobs/{id}"), &[], b""));
    assert_eq!(mock.notifications().len(), 1);
}

/// A change of the configuration between the end of a job and the next request has no effect on that job.
#[tokio::test]
async fn the_configuration_at_the_end_of_the_job_applies() {
    let (mock, glacier) = mock(JobTiming::after(Duration::from_secs(60)), &["InventoryRetrievalCompleted"]).await;
    initiate(&glacier, "v", inventory()).await;
    mock.clock().advance(Duration::from_secs(61));
    glacier.delete_vault_notifications().vault_name("v").send().await.unwrap();
    initiate(&glacier, "v", inventory()).await;
    mock.clock().advance(Duration::from_secs(61));
    configure(&glacier, &["InventoryRetrievalCompleted"]).await;
    assert_eq!(mock.notifications().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_notification_lets_paused_time_pass() {
    let mock = GlacierMock::builder().jobs(JobTiming::by_tier()).start();
    let glacier = mock.client();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    let job = initiate(&glacier, "v", inventory().sns_topic(JOB_TOPIC)).await;
    let notification = mock.wait_for_notification().await;
    assert_eq!((notification.topic(), notification.job_id().as_str()), (JOB_TOPIC, &*job));
}

#[tokio::test]
async fn waiting_ends_when_the_test_completes_a_job() {
    let (mock, glacier) = mock(JobTiming::manual(), &["InventoryRetrievalCompleted"]).await;
    let code = tokio::spawn(async move { initiate(&glacier, "v", inventory()).await });
    mock.jobs().wait_for_one().await.complete();
    assert_eq!(*mock.wait_for_notification().await.job_id(), code.await.unwrap());
}

/// The callback may use the mock, because no lock is held while it runs.
#[tokio::test]
async fn a_callback_receives_each_notification() {
    let (mock, glacier) = mock(JobTiming::instant(), &["InventoryRetrievalCompleted"]).await;
    let mock = Arc::new(mock);
    let told = Arc::new(Mutex::new(Vec::new()));
    let (callback_told, weak) = (told.clone(), Arc::downgrade(&mock));
    mock.on_notification(move |notification| {
        let known = weak.upgrade().unwrap().jobs().get(notification.job_id()).is_some();
        callback_told.lock().unwrap().push((notification.job_id().to_string(), known));
    });
    let id = initiate(&glacier, "v", inventory()).await;
    assert_eq!(*told.lock().unwrap(), [(id, true)]);
}

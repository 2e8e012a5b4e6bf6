//! Delays and stalls: the clock on which they pass, and their interaction with paused time.

use std::sync::Arc;
use std::time::Duration;

use glacier_mock::{Clock, ErrorCode, GlacierMock, Operation};
use tokio::time::{Instant, timeout};

use super::{one_attempt, vaults};
use crate::support::{
    HOUR, MIB, TIMEOUT, bytes, initiate, inventory, mock_with_vault, output, panic_message, retrieval, upload,
};

/// Under paused time a delay of hours takes no real time, and exactly the delay passes.
#[tokio::test(start_paused = true)]
async fn a_delay_passes_on_the_mocks_clock() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).times(20).delayed(6 * HOUR);
    mock.fault(Operation::ListVaults).times(20).answer_delayed(HOUR);
    let glacier = mock.client();
    for _ in 0..20 {
        let started = Instant::now();
        glacier.create_vault().vault_name("a").send().await.unwrap();
        assert_eq!(started.elapsed(), 6 * HOUR);
        glacier.list_vaults().send().await.unwrap();
        assert_eq!(started.elapsed(), 7 * HOUR);
        // A request without a fault takes no paused time.
        glacier.describe_vault().vault_name("a").send().await.unwrap();
        assert_eq!(started.elapsed(), 7 * HOUR);
    }
}

/// The timeout is that of the code under test.
#[tokio::test(start_paused = true)]
async fn a_timeout_fires_only_if_it_is_shorter_than_the_delay() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).times(2).delayed(Duration::from_secs(60));
    let glacier = one_attempt(&mock);
    let started = Instant::now();
    let create = |name: &str| glacier.create_vault().vault_name(name).send();
    assert!(timeout(Duration::from_secs(59), create("a")).await.is_err());
    assert_eq!(started.elapsed(), Duration::from_secs(59));
    timeout(Duration::from_secs(61), create("b"))
        .await
        .expect("the timeout fired although the delay was shorter")
        .unwrap();
    assert_eq!(started.elapsed(), Duration::from_secs(119));
    // The client that gave up was never served.
    assert_eq!(vaults(&mock), 1);
    assert_eq!(mock.requests()[0].status(), None);
}

/// A response that never arrives and a body that stalls do not hold paused time.
#[tokio::test(start_paused = true)]
async fn paused_time_passes_while_a_request_hangs() {
    let (mock, glacier) = mock_with_vault().await;
    let archive = upload(&glacier, "v", &bytes(MIB)).await;
    let job = initiate(&glacier, "v", retrieval(&archive)).await;
    mock.fault(Operation::ListVaults).never_answers();
    mock.fault(Operation::GetJobOutput).stalls_after(1000);
    let started = Instant::now();
    assert!(timeout(HOUR, glacier.list_vaults().send()).await.is_err());
    assert_eq!(started.elapsed(), HOUR);
    let answer = glacier.get_job_output().vault_name("v").job_id(&job).send().await.unwrap();
    assert!(timeout(HOUR, answer.body.collect()).await.is_err());
    assert_eq!(started.elapsed(), 2 * HOUR);
    assert!(output(&glacier, "v", &job).await == bytes(MIB));
}

/// The client holds paused time during the delay.
#[tokio::test(start_paused = true)]
async fn a_delay_in_wall_time_takes_no_paused_time() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).in_wall_time().delayed(Duration::from_millis(50));
    let (started, wall) = (Instant::now(), std::time::Instant::now());
    let created = mock.client().create_vault().vault_name("a").send();
    timeout(Duration::from_secs(1), created).await.unwrap().unwrap();
    assert_eq!(started.elapsed(), Duration::ZERO);
    assert!(wall.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn a_frozen_clock_delays_until_it_is_advanced() {
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T10:00:00Z")).start();
    mock.fault(Operation::CreateVault).delayed(HOUR);
    let creating = tokio::spawn(mock.client().create_vault().vault_name("a").send());
    mock.wait_for(Operation::CreateVault).arrived().within(Duration::from_secs(30)).await.assert_count(1);
    mock.clock().advance(HOUR - Duration::from_secs(1));
    assert!(mock.requests()[0].status().is_none() && vaults(&mock) == 0);
    mock.clock().advance(Duration::from_secs(1));
    creating.await.unwrap().unwrap();
    assert_eq!(vaults(&mock), 1);
}

/// A test that sees what a request has done may advance the clock before the server gets to the delay of the response.
/// The callback does that while the request is applied.
#[tokio::test]
async fn the_delay_of_a_response_starts_when_the_request_is_applied() {
    let mock = Arc::new(GlacierMock::builder().clock(Clock::frozen("2026-01-31T10:00:00Z")).start());
    mock.create_vault("v");
    mock.next_job().completes_now();
    let advanced = Arc::downgrade(&mock);
    mock.on_notification(move |_| advanced.upgrade().unwrap().clock().advance(HOUR));
    mock.fault(Operation::InitiateJob).answer_delayed(HOUR);
    let job = inventory().sns_topic("arn:aws:sns:us-east-1:111122223333:t");
    let glacier = mock.client();
    let initiated = timeout(TIMEOUT, initiate(&glacier, "v", job)).await;
    initiated.expect("the time that passed while the request was applied does not count");
}

/// The test blocks its thread and with it its runtime. Real time passes nevertheless.
#[tokio::test]
async fn a_delay_ends_while_the_tests_thread_is_blocked() {
    let mock = GlacierMock::start();
    mock.fault(Operation::ListVaults).delayed(Duration::from_millis(30));
    let wall = std::time::Instant::now();
    let list = crate::support::request("GET", "/-/vaults", &[], b"");
    assert_eq!(crate::support::raw(&mock, &list).status, 200);
    assert!(wall.elapsed() >= Duration::from_millis(30));
}

/// This holds under paused time too. When the delay has ended, the client holds time again.
#[tokio::test(start_paused = true)]
async fn advancing_ends_a_delay() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).delayed(HOUR);
    let glacier = mock.client();
    let started = Instant::now();
    let creating = tokio::spawn(async move {
        timeout(Duration::from_secs(30 * 60), glacier.create_vault().vault_name("a").send()).await
    });
    // Yielding keeps the runtime busy, so its paused time does not jump.
    while mock.requests().is_empty() {
        tokio::task::yield_now().await;
    }
    mock.clock().advance(HOUR);
    creating.await.unwrap().expect("the timeout fired although the delay had ended").unwrap();
    assert!(started.elapsed() < Duration::from_secs(30 * 60));
}

/// The delay before an error passes on the mock's clock, and only the requests that the fault applies to wait.
#[tokio::test(start_paused = true)]
async fn an_error_and_a_reset_can_be_delayed() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).times(2).after_delay(6 * HOUR).access_denied();
    mock.fault(Operation::ListVaults).after_delay(HOUR).resets();
    mock.fault(Operation::ListVaults).after_delay(HOUR).delayed(2 * HOUR);
    let glacier = one_attempt(&mock);
    let started = Instant::now();
    for n in 1..=2 {
        glacier.create_vault().vault_name("a").send().await.unwrap_err();
        assert_eq!(started.elapsed(), n * 6 * HOUR);
    }
    glacier.create_vault().vault_name("a").send().await.unwrap();
    assert_eq!(started.elapsed(), 12 * HOUR);
    glacier.list_vaults().send().await.unwrap_err();
    assert_eq!(started.elapsed(), 13 * HOUR);
    glacier.list_vaults().send().await.unwrap();
    assert_eq!(started.elapsed(), 16 * HOUR);
    let requests = mock.requests();
    assert_eq!(requests[0].error_code(), Some(ErrorCode::AccessDeniedException));
    assert_eq!(requests[0].fault(), Some("AccessDeniedException after a delay of 21600s"));
    assert_eq!(requests[3].fault(), Some("a reset connection after a delay of 3600s"));
}

/// The service processes the request after the delay, and the response is lost afterwards.
#[tokio::test(start_paused = true)]
async fn a_lost_answer_can_be_delayed() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).after_delay(HOUR).loses_answer();
    let started = Instant::now();
    one_attempt(&mock).create_vault().vault_name("a").send().await.unwrap_err();
    assert_eq!(started.elapsed(), HOUR);
    let vault = one_attempt(&mock).describe_vault().vault_name("a").send().await.unwrap();
    assert_eq!(vault.creation_date(), Some(&*mock.clock().now().to_string()));
}

/// A client that gives up during the delay is not served.
#[tokio::test(start_paused = true)]
async fn a_timeout_fires_during_the_delay_before_an_error() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).after_delay(HOUR).service_unavailable();
    let create = one_attempt(&mock).create_vault().vault_name("a").send();
    assert!(timeout(Duration::from_secs(60), create).await.is_err());
    let call = mock.wait_for(Operation::CreateVault).within(TIMEOUT).await.only();
    assert!(call.last().is_disconnected(), "{call:?}");
}

/// `in_wall_time` may come before or after the delay.
#[tokio::test(start_paused = true)]
async fn a_delay_before_an_error_can_use_wall_time() {
    let mock = GlacierMock::start();
    let delay = Duration::from_millis(50);
    mock.fault(Operation::CreateVault).in_wall_time().after_delay(delay).access_denied();
    mock.fault(Operation::CreateVault).after_delay(delay).in_wall_time().access_denied();
    let (started, wall) = (Instant::now(), std::time::Instant::now());
    for n in 1..=2 {
        let create = one_attempt(&mock).create_vault().vault_name("a").send();
        timeout(Duration::from_secs(1), create).await.unwrap().unwrap_err();
        assert!(wall.elapsed() >= n * delay);
    }
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[test]
fn a_report_names_the_delay_before_an_error() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).always().once().after_delay(HOUR).throttled();
    let text = panic_message(|| mock.verify());
    let headline = "the fault ThrottlingException after a delay of 3600s for CreateVault should have fired once";
    assert!(text.contains(headline), "{text}");
}

//! Tests of code that sleeps for hours, with `start_paused`, and the client that keeps paused time from jumping.

use std::time::Duration;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::types::StatusCode as SdkStatus;
use glacier_mock::{Event, GlacierMock, JobTiming, Operation};
use tokio::time::{Instant, sleep, timeout};

use crate::support::{HOUR, MIB, bytes, inventory, retrieval};

const CALL: Duration = Duration::from_secs(30);

/// The code under test: polls every 15 minutes, with a timeout of 30 seconds around each call.
async fn restore(glacier: &Client, archive: &str) -> Vec<u8> {
    let initiate = glacier.initiate_job().vault_name("v").job_parameters(retrieval(archive).build());
    let job = timeout(CALL, initiate.send()).await.expect("the call timed out after 30 seconds").unwrap();
    let job = job.job_id().unwrap();
    loop {
        let describe = glacier.describe_job().vault_name("v").job_id(job);
        let seen = timeout(CALL, describe.send()).await.expect("the call timed out after 30 seconds").unwrap();
        if seen.completed() {
            assert_eq!(seen.status_code(), Some(&SdkStatus::Succeeded));
            break;
        }
        sleep(Duration::from_secs(15 * 60)).await;
    }
    let output = glacier.get_job_output().vault_name("v").job_id(job);
    let output = timeout(CALL, output.send()).await.expect("the call timed out after 30 seconds").unwrap();
    timeout(CALL, output.body.collect()).await.expect("the call timed out after 30 seconds").unwrap().to_vec()
}

#[tokio::test(start_paused = true)]
async fn four_hours_of_polling_pass_in_paused_time() {
    let mock = GlacierMock::builder().jobs(JobTiming::by_tier()).start();
    let glacier = mock.client();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    let archive = crate::support::upload(&glacier, "v", b"a cat").await;
    let (started, service_started) = (Instant::now(), mock.clock().now());

    assert_eq!(restore(&glacier, &archive).await, b"a cat");

    let took = started.elapsed();
    assert!((4 * HOUR..5 * HOUR).contains(&took), "{took:?}");
    assert!(mock.clock().now() > service_started);
    let polls = mock.requests().iter().filter(|r| r.operation() == Some(Operation::DescribeJob)).count();
    assert!((16..=20).contains(&polls), "{polls}");
}

/// A call takes no paused time, however much real time it takes.
#[tokio::test(start_paused = true)]
async fn timeouts_around_calls_do_not_fire() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    let started = Instant::now();
    let large = bytes(8 * MIB);
    timeout(CALL, glacier.create_vault().vault_name("v").send()).await.unwrap().unwrap();
    let upload = glacier.upload_archive().vault_name("v").body(large.clone().into());
    let stored = timeout(CALL, upload.send()).await.unwrap().unwrap();
    let archive = stored.archive_id().unwrap();
    assert!(timeout(CALL, restore(&glacier, archive)).await.unwrap() == large);
    for _ in 0..20 {
        timeout(CALL, glacier.list_vaults().send()).await.unwrap().unwrap();
    }
    // Many concurrent calls, each with a timer.
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let glacier = glacier.clone();
        calls.spawn(async move { timeout(CALL, glacier.describe_vault().vault_name("v").send()).await });
    }
    while let Some(call) = calls.join_next().await {
        call.unwrap().unwrap().unwrap();
    }
    assert_eq!(started.elapsed(), Duration::ZERO);
}

/// Code may sleep before it reads the body of a response.
#[tokio::test(start_paused = true)]
async fn an_unread_body_does_not_stop_time() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    let large = bytes(4 * MIB);
    let archive = crate::support::upload(&glacier, "v", &large).await;
    let job = crate::support::initiate(&glacier, "v", retrieval(&archive)).await;
    let output = glacier.get_job_output().vault_name("v").job_id(job).send().await.unwrap();
    sleep(HOUR).await;
    assert!(output.body.collect().await.unwrap().to_vec() == large);
}

#[tokio::test(start_paused = true)]
async fn tokios_advance_moves_jobs() {
    let mock = GlacierMock::builder().jobs(JobTiming::after(2 * HOUR)).start();
    let glacier = mock.client();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    let job = crate::support::initiate(&glacier, "v", inventory()).await;
    let completed = async || glacier.describe_job().vault_name("v").job_id(&job).send().await.unwrap().completed();
    tokio::time::advance(2 * HOUR - Duration::from_secs(1)).await;
    assert!(!completed().await);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(completed().await);
}

#[tokio::test(start_paused = true)]
async fn advancing_the_mocks_clock_adds_to_tokios_time() {
    let mock = GlacierMock::builder().jobs(JobTiming::after(2 * HOUR)).start();
    let glacier = mock.client();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    crate::support::initiate(&glacier, "v", inventory()).await;
    tokio::time::advance(HOUR).await;
    let before = mock.clock().now();
    assert!(matches!(mock.clock().advance_to_next_event()[..], [Event::JobCompleted { .. }]));
    let left = before.to_string()[..19].to_owned();
    assert_ne!(left, mock.clock().now().to_string()[..19]);
    assert!(mock.jobs().all()[0].status() == glacier_mock::JobStatus::Succeeded);
}

/// An idle connection has no timer, so paused time does not jump while the test waits for something outside of tokio.
#[tokio::test(start_paused = true)]
async fn waiting_for_a_thread_takes_no_paused_time() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    let started = Instant::now();
    for _ in 0..10 {
        glacier.list_vaults().send().await.unwrap();
        let (done, is_done) = tokio::sync::oneshot::channel();
        // Long enough for the idle runtime to jump to its next timer if it had one.
        std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(5));
            done.send(()).unwrap();
        });
        is_done.await.unwrap();
    }
    assert_eq!(started.elapsed(), Duration::ZERO);
}

/// Drops a paused runtime while the unfinished work that `begun` returned is still alive. Panics if the drop does not
/// return.
fn drop_runtime_before<T: Send + 'static>(begun: impl FnOnce(&tokio::runtime::Runtime) -> T + Send + 'static) {
    let (done, is_done) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let unfinished = begun(&runtime);
        drop(runtime);
        done.send(unfinished).unwrap_or_else(|_| panic!("the test has timed out"));
    });
    is_done.recv_timeout(Duration::from_secs(60)).expect("the runtime did not shut down");
}

#[test]
fn a_call_that_outlives_its_paused_runtime_does_not_block_its_shutdown() {
    drop_runtime_before(|runtime| {
        let mock = GlacierMock::start();
        // A delay in wall time, during which the client holds paused time.
        mock.fault(Operation::ListVaults).in_wall_time().delayed(HOUR);
        let glacier = mock.client();
        let mut call = Box::pin(async move { glacier.list_vaults().send().await });
        runtime.block_on(async {
            let arrived = mock.wait_for(Operation::ListVaults).arrived().within(Duration::from_secs(30));
            let mut arrived = std::pin::pin!(arrived);
            std::future::poll_fn(|context| {
                assert!(call.as_mut().poll(context).is_pending());
                arrived.as_mut().poll(context).map(drop)
            })
            .await;
        });
        (mock, call)
    });
}

#[test]
fn a_half_read_body_that_outlives_its_paused_runtime_does_not_block_its_shutdown() {
    drop_runtime_before(|runtime| {
        let (mock, body) = runtime.block_on(async {
            let mock = GlacierMock::start();
            let archive = mock.create_vault("v").put_archive("large", vec![7; 16 * MIB]);
            let glacier = mock.client();
            let job = crate::support::initiate(&glacier, "v", retrieval(archive.as_str())).await;
            let output = glacier.get_job_output().vault_name("v").job_id(job).send().await.unwrap();
            let mut body = output.body;
            // Reads until the client waits for the next chunk.
            std::future::poll_fn(|context| {
                while let std::task::Poll::Ready(piece) = std::pin::Pin::new(&mut body).poll_next(context) {
                    piece.expect("the body ended early").unwrap();
                }
                std::task::Poll::Ready(())
            })
            .await;
            (mock, body)
        });
        (mock, body)
    });
}

/// The call is polled for the first time while its runtime shuts down.
#[test]
fn a_call_that_starts_during_shutdown_does_not_block_it() {
    struct CallsOnDrop(Option<Client>);

    impl Drop for CallsOnDrop {
        fn drop(&mut self) {
            let glacier = self.0.take().unwrap();
            let mut call = Box::pin(async move { glacier.list_vaults().send().await });
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            let _ = call.as_mut().poll(&mut context);
            std::mem::forget(call);
        }
    }

    drop_runtime_before(|runtime| {
        let mock = GlacierMock::start();
        let calls = CallsOnDrop(Some(mock.client()));
        runtime.spawn(async move {
            let _calls = calls;
            std::future::pending::<()>().await
        });
        runtime.block_on(tokio::task::yield_now());
        mock
    });
}

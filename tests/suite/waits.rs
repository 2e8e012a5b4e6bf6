//! Waits for calls, jobs and notifications: their timeouts, the runtimes that poll them, and the end of their mock.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

use glacier_mock::{GlacierMock, Job, JobTiming, Operation, Vault, Wait};
use tokio::runtime::{Builder, Runtime};

use crate::support::{HOUR, TIMEOUT, panic_message, raw, request};

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:done";
const SHORT: Duration = Duration::from_millis(100);
const DROPPED: &str = "the GlacierMock of this handle was dropped";

/// A vault whose jobs are announced, and a job in it.
fn with_job(timing: JobTiming) -> (GlacierMock, Vault, Job) {
    let mock = GlacierMock::builder().jobs(timing).start();
    let vault = mock.create_vault("v").set_notifications(TOPIC, ["ArchiveRetrievalCompleted"]);
    let job = vault.start_retrieval(vault.put_archive("a", b"a"));
    (mock, vault, job)
}

fn list(mock: &GlacierMock) {
    assert_eq!(raw(mock, &request("GET", "/-/vaults", &[], b"")).status, 200);
}

fn runtime(is_paused: bool) -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(is_paused).build().unwrap()
}

/// The message of the panic that ends a future.
async fn failure<T: Send + 'static>(wait: impl Future<Output = T> + Send + 'static) -> String {
    let panic = tokio::spawn(wait).await.err().expect("the wait should panic").into_panic();
    *panic.downcast::<String>().unwrap()
}

async fn poll_once(wait: &mut (impl Future + Unpin)) {
    poll_fn(|context| {
        assert!(Pin::new(&mut *wait).poll(context).is_pending());
        Poll::Ready(())
    })
    .await;
}

#[tokio::test]
async fn a_wait_looks_before_it_times_out() {
    let (mock, _, job) = with_job(JobTiming::manual());
    list(&mock);
    for _ in 0..100 {
        mock.jobs().wait_for_one().within(Duration::ZERO).await;
        mock.jobs().wait_for_one().within(Duration::ZERO).blocking();
        mock.wait_for(Operation::ListVaults).within(Duration::ZERO).await;
        mock.wait_for(Operation::ListVaults).matching(|_| true).within(Duration::ZERO).blocking();
    }
    job.complete();
    for _ in 0..100 {
        mock.wait_for_notification().within(Duration::ZERO).await;
        mock.wait_for_notification().within(Duration::ZERO).blocking();
    }
    let text = failure(mock.jobs().wait_for_one().within(Duration::ZERO)).await;
    assert!(text.contains("timed out after 0ns: expected a job in progress"), "{text}");
}

#[tokio::test]
async fn a_wait_that_begins_after_the_drop_of_its_mock_says_so() {
    let waits = || {
        let (mock, _, job) = with_job(JobTiming::manual());
        mock.jobs().get(job.id()).unwrap().complete();
        let other = mock.vault("v").start_retrieval(mock.vault("v").archives()[0].id());
        list(&mock);
        (mock.wait_for(Operation::ListVaults), mock.jobs().wait_for_one(), mock.wait_for_notification(), other)
    };
    let (calls, jobs, notifications, _job) = waits();
    let texts = [failure(calls).await, failure(jobs).await, failure(notifications).await];
    let (calls, jobs, notifications, _job) = waits();
    let blocking = [
        panic_message(|| drop(calls.blocking())),
        panic_message(|| drop(jobs.blocking())),
        panic_message(|| drop(notifications.blocking())),
    ];
    for text in texts.iter().chain(&blocking) {
        assert!(text.starts_with(concat!("waited for at ", file!(), ":")) && text.contains(DROPPED), "{text}");
    }
}

#[tokio::test]
async fn the_drop_of_a_mock_ends_its_waits() {
    let mock = GlacierMock::start();
    let mut calls = mock.wait_for(Operation::ListVaults).within(TIMEOUT);
    let mut job = mock.jobs().wait_for_one().within(TIMEOUT);
    let mut notification = mock.wait_for_notification().within(TIMEOUT);
    poll_once(&mut calls).await;
    poll_once(&mut job).await;
    poll_once(&mut notification).await;
    let blocking = mock.jobs().wait_for_one().within(TIMEOUT);
    let thread = std::thread::spawn(move || panic_message(|| drop(blocking.blocking())));
    drop(mock);
    let texts = [failure(calls).await, failure(job).await, failure(notification).await, thread.join().unwrap()];
    for text in texts {
        assert!(text.starts_with(concat!("waited for at ", file!(), ":")) && text.contains(DROPPED), "{text}");
    }
}

#[test]
fn a_wait_may_move_to_another_runtime() {
    for (first, second) in [(false, true), (true, true), (true, false)] {
        let (mock, _, job) = with_job(JobTiming::after(HOUR));
        let mut wait = mock.wait_for_notification().within(TIMEOUT);
        let runtime_of_start = runtime(first);
        runtime_of_start.block_on(poll_once(&mut wait));
        drop(runtime_of_start);
        if !second {
            mock.clock().advance(HOUR);
        }
        let notification = runtime(second).block_on(wait);
        assert_eq!(notification.job_id(), job.id());
    }
}

/// Polls a wait without a runtime.
fn poll_outside<T: Send + 'static>(wait: Wait<T>) -> T {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut wait = pin!(wait);
    loop {
        match wait.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

#[test]
fn a_wait_needs_no_runtime() {
    let (mock, _, job) = with_job(JobTiming::after(SHORT));
    assert_eq!(poll_outside(mock.wait_for_notification()).job_id(), job.id());
    // The wait begins in a runtime, and the job starts when that has shut down.
    let mock = GlacierMock::builder().jobs(JobTiming::after(SHORT)).start();
    let vault = mock.create_vault("v").set_notifications(TOPIC, ["ArchiveRetrievalCompleted"]);
    let mut begun = mock.wait_for_notification();
    runtime(false).block_on(poll_once(&mut begun));
    let job = vault.start_retrieval(vault.put_archive("a", b"a"));
    assert_eq!(poll_outside(begun).job_id(), job.id());
}

#[test]
fn a_wait_needs_no_timers_in_its_runtime() {
    let (mock, _, job) = with_job(JobTiming::after(SHORT));
    let runtime = Builder::new_current_thread().build().unwrap();
    let notification = runtime.block_on(mock.wait_for_notification());
    assert_eq!(notification.job_id(), job.id());
}

#[tokio::test]
async fn a_wait_that_is_changed_after_its_start_starts_again() {
    let mock = GlacierMock::start();
    let mut calls = mock.wait_for(Operation::ListVaults).within(TIMEOUT);
    poll_once(&mut calls).await;
    list(&mock);
    let text = failure(calls.vault("none").within(SHORT)).await;
    assert!(text.contains("timed out after 100ms: ") && text.contains("vault \"none\""), "{text}");
    let mut calls = mock.wait_for(Operation::CreateVault).within(TIMEOUT);
    poll_once(&mut calls).await;
    let text = failure(calls.at_least(7).within(SHORT)).await;
    assert!(text.contains("at least 7"), "{text}");
    let mut job = mock.jobs().wait_for_one().within(TIMEOUT);
    poll_once(&mut job).await;
    let text = failure(job.within(SHORT)).await;
    assert!(text.contains("timed out after 100ms: "), "{text}");
}

/// The condition blocks longer than the wait may take.
#[tokio::test]
async fn a_condition_that_blocks_does_not_delay_the_timeout() {
    let mock = GlacierMock::start();
    list(&mock);
    let (gate, blocked) = mpsc::channel::<()>();
    let blocked = Arc::new(Mutex::new(blocked));
    let wait = || {
        let blocked = blocked.clone();
        let condition = move |_: &_| blocked.lock().unwrap().recv_timeout(TIMEOUT).is_ok();
        mock.wait_for(Operation::ListVaults).matching(condition).within(SHORT)
    };
    let start = Instant::now();
    let (waiting, blocking) = (wait(), wait());
    let texts = [failure(waiting).await, panic_message(|| drop(blocking.blocking()))];
    assert!(start.elapsed() < TIMEOUT, "{:?}", start.elapsed());
    drop(gate);
    for text in texts {
        assert!(text.ends_with("timed out after 100ms: a condition of the wait has not returned yet"), "{text}");
    }
}

/// The caller of `blocking` may be a task whose share of time is used up.
#[tokio::test]
async fn a_blocking_wait_in_a_task_ends() {
    let (mock, _, job) = with_job(JobTiming::manual());
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    (0..1000).for_each(|n| sender.send(n).unwrap());
    while tokio::task::coop::has_budget_remaining() {
        receiver.recv().await.unwrap();
    }
    assert_eq!(mock.jobs().wait_for_one().within(TIMEOUT).blocking().id(), job.id());
}

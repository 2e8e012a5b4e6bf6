//! One mock that several tests share, each with its own runtime: in a `static`, as an rstest fixture with `#[once]`, or
//! started before `block_on`.

use std::sync::{Arc, Barrier, LazyLock, OnceLock, mpsc};
use std::time::Duration;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::error::DisplayErrorContext;
use glacier_mock::{GlacierMock, JobTiming, Operation};
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, sleep, timeout};

use crate::support::{HOUR, MINUTE, TIMEOUT, initiate, inventory, output, raw, request, retrieval, upload};

/// The maximum number of polls, more than a job of several hours needs.
const POLLS: usize = 1000;

/// The runtime of `#[tokio::test(start_paused = true)]`.
fn paused() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

/// The runtime of `#[tokio::test]`.
fn running() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn by_tier() -> GlacierMock {
    GlacierMock::builder().jobs(JobTiming::by_tier()).start()
}

/// The code under test: it sleeps between polls.
async fn restore(glacier: &Client, vault: &str, tier: &str, pause: Duration) -> Vec<u8> {
    glacier.create_vault().vault_name(vault).send().await.unwrap();
    let archive = upload(glacier, vault, vault.as_bytes()).await;
    let job = initiate(glacier, vault, retrieval(&archive).tier(tier)).await;
    finished(glacier, vault, &job, pause).await;
    output(glacier, vault, &job).await
}

async fn finished(glacier: &Client, vault: &str, job: &str, pause: Duration) {
    for _ in 0..POLLS {
        if glacier.describe_job().vault_name(vault).job_id(job).send().await.unwrap().completed() {
            return;
        }
        sleep(pause).await;
    }
    panic!("the job in {vault} is still in progress after {POLLS} polls: the mock's clock does not advance");
}

/// One of the tests that share a mock. The mock learns about its runtime only through the client.
async fn restores(mock: &GlacierMock, vault: &str, tier: &str, pause: Duration) {
    assert_eq!(restore(&mock.client(), vault, tier, pause).await, vault.as_bytes());
    let calls = mock.all_calls().vault(vault);
    let (first, last) = (&calls[0], &calls[calls.len() - 1]);
    let passed = last.last().service_time().since(first.last().service_time());
    assert!(passed >= if tier == "Standard" { 4 * HOUR } else { 2 * MINUTE }, "{passed:?}");
}

/// Ten tests of this binary share one mock, in any order and on any number of threads. Half of them take only minutes
/// of paused time, so that together they stay below the 24 hours after which a job's output expires.
mod ten_tests_on_a_static {
    use super::*;

    static MOCK: LazyLock<GlacierMock> = LazyLock::new(by_tier);

    macro_rules! tests {
        ($($name:ident: $tier:literal every $pause:expr;)*) => {$(
            #[tokio::test(start_paused = true)]
            async fn $name() {
                restores(&MOCK, stringify!($name), $tier, $pause).await;
            }
        )*};
    }

    tests! {
        one: "Standard" every 15 * MINUTE;
        two: "Expedited" every MINUTE;
        three: "Standard" every 15 * MINUTE;
        four: "Expedited" every MINUTE;
        five: "Standard" every 15 * MINUTE;
        six: "Expedited" every MINUTE;
        seven: "Standard" every 15 * MINUTE;
        eight: "Expedited" every MINUTE;
        nine: "Standard" every 15 * MINUTE;
        ten: "Expedited" every MINUTE;
    }
}

/// Mocks that were started outside of the runtime of the test that uses them.
fn elsewhere() -> [(&'static str, GlacierMock, Option<Runtime>); 5] {
    let started_in = |runtime: &Runtime| runtime.block_on(async { by_tier() });
    let (asleep, awake) = (paused(), running());
    [
        ("outside of a runtime", by_tier(), None),
        ("in a paused runtime that is gone", started_in(&paused()), None),
        ("in a running runtime that is gone", started_in(&running()), None),
        ("in a paused runtime that nothing drives", started_in(&asleep), Some(asleep)),
        ("in a running runtime that nothing drives", started_in(&awake), Some(awake)),
    ]
}

#[test]
fn paused_time_of_the_calling_runtime_moves_a_mock_that_was_started_elsewhere() {
    for (place, mock, _kept) in elsewhere() {
        println!("started {place}");
        for test in ["a", "b", "c"] {
            paused().block_on(restores(&mock, test, "Standard", 15 * MINUTE));
        }
    }
}

/// Runs ten tests on a number of threads. Each thread takes the next test that is left.
fn ten_tests_on_threads(threads: usize, tier: &'static str, pause: Duration, at_once: Option<&Barrier>) {
    let mock = by_tier();
    let next = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let test = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    if test >= 10 {
                        return;
                    }
                    paused().block_on(async {
                        if let Some(barrier) = at_once {
                            barrier.wait();
                        }
                        restores(&mock, &format!("v{test}"), tier, pause).await;
                    });
                }
            });
        }
    });
}

#[test]
fn ten_tests_share_a_mock_on_any_number_of_threads() {
    ten_tests_on_threads(1, "Standard", 15 * MINUTE, None);
    ten_tests_on_threads(3, "Expedited", MINUTE, None);
    ten_tests_on_threads(10, "Expedited", MINUTE, Some(&Barrier::new(10)));
}

/// rstest's `#[once]` works like this: the first test starts the mock in its own runtime.
#[test]
fn a_fixture_that_is_made_once_serves_later_tests() {
    static ONCE: OnceLock<GlacierMock> = OnceLock::new();
    for test in ["first", "second", "third"] {
        paused().block_on(async { restores(ONCE.get_or_init(by_tier), test, "Standard", 15 * MINUTE).await });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    /// A property test creates a runtime for each case. Here the mock is started before the runtime.
    #[test]
    fn a_property_test_restores_in_paused_time(pause in 1_u64..120) {
        let mock = by_tier();
        paused().block_on(restores(&mock, "v", "Standard", Duration::from_secs(pause * 60)));
    }
}

/// Paused time counts from the first use of the mock in the runtime, which need not be a request.
#[test]
fn a_test_may_advance_tokios_time_before_its_first_request() {
    let mock = GlacierMock::builder().jobs(JobTiming::after(2 * HOUR)).start();
    paused().block_on(async {
        let vault = mock.create_vault("v");
        tokio::time::advance(3 * HOUR).await;
        let archive = vault.put_archive("a cat", b"a cat");
        tokio::time::advance(HOUR).await;
        let age = mock.clock().now().since(vault.archives()[0].created());
        assert!((HOUR..HOUR + TIMEOUT).contains(&age), "{age:?}");
        let job = initiate(&mock.client(), "v", retrieval(&archive)).await;
        tokio::time::advance(2 * HOUR).await;
        assert!(mock.client().describe_job().vault_name("v").job_id(&job).send().await.unwrap().completed());
    });
}

/// The time that a runtime added remains after it has shut down.
#[test]
fn the_times_of_several_runtimes_add_up() {
    let mock = GlacierMock::start();
    let started = mock.clock().now();
    let passed = || mock.clock().now().since(started);
    let (one, two) = (paused(), paused());
    for (runtime, hours) in [(&one, 1), (&two, 2), (&one, 3)] {
        runtime.block_on(async {
            mock.clock().now();
            sleep(hours * HOUR).await;
        });
    }
    assert!((6 * HOUR..6 * HOUR + TIMEOUT).contains(&passed()), "{:?}", passed());
    let before = mock.clock().now();
    drop((one, two));
    assert!(mock.clock().now() >= before);
    assert!(passed() < 6 * HOUR + TIMEOUT, "{:?}", passed());
}

/// Resumed time is real time, which the clock counts already.
#[test]
fn a_resumed_runtime_is_not_counted_twice() {
    for (place, mock, _kept) in elsewhere() {
        // The clock may count real time from here on, so the test measures it too.
        let started = mock.clock().now();
        let real = std::time::Instant::now();
        paused().block_on(async {
            mock.clock().now();
            sleep(HOUR).await;
            assert!(mock.clock().now().since(started) >= HOUR, "{place}");
            tokio::time::resume();
            mock.clock().now();
            sleep(Duration::from_millis(200)).await;
            let passed = mock.clock().now().since(started);
            let real = real.elapsed();
            assert!(passed >= HOUR + Duration::from_millis(200), "{place}: {passed:?}");
            // The clock shows whole milliseconds.
            assert!(passed <= HOUR + real + Duration::from_millis(1), "{place}: {passed:?}, {real:?} of it real time");
        });
    }
}

/// This applies also if the runtime that started the mock was paused.
#[test]
fn real_time_passes_when_the_paused_runtimes_are_gone() {
    let mock = paused().block_on(async {
        let mock = GlacierMock::builder().jobs(JobTiming::after(Duration::from_millis(50))).start();
        mock.create_vault("v");
        mock
    });
    running().block_on(async {
        let glacier = mock.client();
        let job = initiate(&glacier, "v", inventory()).await;
        let done = finished(&glacier, "v", &job, Duration::from_millis(10));
        timeout(TIMEOUT, done).await.expect("the mock's clock does not advance");
    });
}

/// A delay passes in the paused time of the caller, wherever the mock was started.
#[test]
fn a_delay_follows_the_time_of_the_caller() {
    for (place, mock, _kept) in elsewhere() {
        mock.fault(Operation::ListVaults).delayed(6 * HOUR);
        mock.fault(Operation::ListVaults).answer_delayed(HOUR);
        let (done, is_done) = mpsc::channel();
        let glacier = mock.client();
        std::thread::spawn(move || {
            let took = paused().block_on(async {
                let started = Instant::now();
                glacier.list_vaults().send().await.unwrap();
                glacier.list_vaults().send().await.unwrap();
                started.elapsed()
            });
            done.send(took).unwrap();
        });
        let took = is_done.recv_timeout(TIMEOUT).unwrap_or_else(|_| panic!("started {place}: the delay does not end"));
        // A few real milliseconds may pass within a delay, which shortens it for the caller.
        assert!((7 * HOUR - TIMEOUT..=7 * HOUR).contains(&took), "started {place}: the calls took {took:?}");
    }
}

/// This holds also if another runtime uses the mock after the request was sent.
#[test]
fn a_delay_passes_in_the_runtime_of_its_call() {
    let mock = Arc::new(GlacierMock::start());
    let other = Arc::new(paused());
    // The condition must not own the mock, which would be a cycle, or a runtime, which must not be dropped on the
    // mock's threads.
    let weak = (Arc::downgrade(&mock), Arc::downgrade(&other));
    let fault = mock.fault(Operation::ListVaults).matching(move |_| {
        let (mock, other) = (weak.0.upgrade().unwrap(), weak.1.upgrade().unwrap());
        std::thread::spawn(move || other.block_on(async { mock.clock().now() })).join().is_ok()
    });
    fault.delayed(6 * HOUR);
    let (done, is_done) = mpsc::channel();
    let glacier = mock.client();
    std::thread::spawn(move || {
        paused().block_on(async {
            let started = Instant::now();
            glacier.list_vaults().send().await.unwrap();
            done.send(started.elapsed()).unwrap();
        });
    });
    let took = is_done.recv_timeout(TIMEOUT).expect("the delay does not end");
    assert!((6 * HOUR - TIMEOUT..=6 * HOUR).contains(&took), "{took:?}");
}

#[test]
fn a_delay_ends_in_real_time_when_the_paused_runtime_is_gone() {
    let runtime = paused();
    let mock = Arc::new(runtime.block_on(async { GlacierMock::start() }));
    mock.fault(Operation::ListVaults).times(2).delayed(Duration::from_millis(50));
    let list = |mock: Arc<GlacierMock>| {
        let (done, is_done) = mpsc::channel();
        std::thread::spawn(move || done.send(raw(&mock, &request("GET", "/-/vaults", &[], b"")).status));
        is_done
    };
    // This request is delayed when the runtime shuts down.
    let waiting = list(mock.clone());
    mock.wait_for(Operation::ListVaults).arrived().within(TIMEOUT).blocking().assert_count(1);
    drop(runtime);
    for answer in [waiting, list(mock.clone())] {
        assert_eq!(answer.recv_timeout(TIMEOUT).expect("the delay does not end"), 200);
    }
}

/// A connection works only in the runtime that opened it, which drives it.
#[test]
fn a_client_has_connections_for_each_runtime() {
    let mock = Arc::new(GlacierMock::start());
    let glacier = mock.client();
    let first = running();
    first.block_on(glacier.list_vaults().send()).unwrap();
    let call = || async { timeout(Duration::from_secs(20), glacier.list_vaults().send()).await };
    running().block_on(call()).expect("the call used a connection of a runtime that nothing drives").unwrap();
    drop(first);
    running().block_on(call()).expect("the call used a connection of a runtime that was dropped").unwrap();
}

/// Runtimes start and shut down while calls of other runtimes are in progress.
#[test]
fn a_static_client_serves_concurrent_tests() {
    static CLIENT: LazyLock<(GlacierMock, Client)> = LazyLock::new(|| {
        let mock = GlacierMock::start();
        let client = mock.client();
        (mock, client)
    });
    std::thread::scope(|scope| {
        for thread in 0..8 {
            scope.spawn(move || {
                for test in 0..20 {
                    running().block_on(async {
                        let glacier = &CLIENT.1;
                        let vault = format!("v{thread}");
                        glacier.create_vault().vault_name(&vault).send().await.unwrap();
                        glacier.describe_vault().vault_name(&vault).send().await.unwrap_or_else(|error| {
                            panic!("test {test} of thread {thread}: {}", DisplayErrorContext(&error))
                        });
                    });
                }
            });
        }
    });
}

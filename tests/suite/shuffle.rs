//! `builder().shuffle(seed)`: requests that are in flight together, in an order that the seed decides.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, Instant};

use aws_sdk_glacier::Client;
use aws_sdk_glacier::config::retry::RetryConfig;
use glacier_mock::{FaultSweep, GlacierMock, Operation, Request, SweepFault};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use crate::support::HOUR;

const NAMES: [&str; 3] = ["cats", "dogs", "owls"];

fn paused() -> Runtime {
    Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

async fn create(glacier: &Client, name: &str) {
    glacier.create_vault().vault_name(name).send().await.unwrap();
}

/// Waits for all futures, and polls them in their order.
async fn join_all<F: Future>(futures: impl IntoIterator<Item = F>) {
    let mut all: Vec<_> = futures.into_iter().map(|future| Some(Box::pin(future))).collect();
    poll_fn(|context| {
        for slot in &mut all {
            if slot.as_mut().is_some_and(|future| future.as_mut().poll(context).is_ready()) {
                *slot = None;
            }
        }
        if all.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

/// How the code under test makes several calls at once.
#[derive(Clone, Copy, Debug)]
enum Together {
    Joined,
    Spawned,
    Selected,
}

/// The order in which the service processed requests, and the order in which the code under test received the responses.
type Orders = (Vec<String>, Vec<String>);

/// Creates three vaults at once.
async fn orders(together: Together, mock: &GlacierMock) -> Orders {
    let glacier = mock.client();
    let answered = RefCell::new(Vec::new());
    let one = async |name: &'static str| {
        create(&glacier, name).await;
        answered.borrow_mut().push(name.to_owned());
    };
    match together {
        Together::Joined => join_all(NAMES.map(one)).await,
        Together::Spawned => {
            let mut tasks = JoinSet::new();
            for name in NAMES {
                let glacier = glacier.clone();
                tasks.spawn(async move {
                    create(&glacier, name).await;
                    name
                });
            }
            while let Some(name) = tasks.join_next().await {
                answered.borrow_mut().push(name.unwrap().to_owned());
            }
        }
        // `select!` polls its branches in a random order.
        Together::Selected => {
            let [mut first, mut second, mut third] = NAMES.map(|name| Box::pin(one(name)));
            let mut is_over = [false; 3];
            while is_over != [true; 3] {
                tokio::select! {
                    () = &mut first, if !is_over[0] => is_over[0] = true,
                    () = &mut second, if !is_over[1] => is_over[1] = true,
                    () = &mut third, if !is_over[2] => is_over[2] = true,
                }
            }
        }
    }
    let processed = mock.calls(Operation::CreateVault).iter().map(|call| call.vault().unwrap().to_owned()).collect();
    (processed, answered.into_inner())
}

fn orders_of_seed(runtime: &Runtime, together: Together, seed: u64) -> Orders {
    runtime.block_on(async { orders(together, &GlacierMock::builder().shuffle(seed).start()).await })
}

#[test]
fn a_seed_has_one_order_however_the_calls_are_made() {
    for together in [Together::Joined, Together::Spawned, Together::Selected] {
        let first = orders_of_seed(&paused(), together, 3);
        for _ in 0..30 {
            assert_eq!(orders_of_seed(&paused(), together, 3), first, "{together:?}");
        }
    }
}

/// Without paused time the leader watches the runtime in real time.
#[test]
fn a_seed_has_one_order_without_paused_time() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    for together in [Together::Joined, Together::Spawned, Together::Selected] {
        let seeds = |runtime: &Runtime| [1, 2, 3].map(|seed| orders_of_seed(runtime, together, seed));
        assert_eq!(seeds(&runtime), seeds(&paused()), "{together:?}");
    }
}

/// A response takes longer than the time after which a runtime counts as idle. It still has its turns before later
/// requests.
#[test]
fn a_slow_response_changes_no_order_without_paused_time() {
    let slow = |runtime: &Runtime, seed| {
        runtime.block_on(async {
            let mock = GlacierMock::builder().shuffle(seed).start();
            let sleeps = |request: &Request| {
                if request.vault() == Some("cats") {
                    std::thread::sleep(Duration::from_millis(100));
                }
                false
            };
            mock.fault(Operation::CreateVault).matching(sleeps).optional().throttled();
            orders(Together::Joined, &mock).await
        })
    };
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    for seed in 0..6 {
        assert_eq!(slow(&runtime, seed), slow(&paused(), seed), "seed {seed}");
    }
}

/// The order is not compared: it may differ if the machine does not run a thread for a while.
#[test]
fn calls_of_a_runtime_with_several_threads_have_their_turns() {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (mut processed, mut answered) = orders_of_seed(&runtime, Together::Spawned, 1);
    processed.sort();
    answered.sort();
    assert_eq!((processed, answered), (NAMES.map(str::to_owned).into(), NAMES.map(str::to_owned).into()));
}

#[test]
fn seeds_reach_every_order_of_processing_and_of_responses() {
    let runtime = paused();
    let seen: Vec<_> = (0..100).map(|seed| orders_of_seed(&runtime, Together::Spawned, seed)).collect();
    let processed: BTreeSet<_> = seen.iter().map(|(processed, _)| processed).collect();
    let answered: BTreeSet<_> = seen.iter().map(|(_, answered)| answered).collect();
    assert_eq!((processed.len(), answered.len()), (6, 6));
    // A request that is processed later may be answered earlier.
    assert!(seen.iter().any(|(processed, answered)| processed != answered));
}

/// The code under test continues with its next call before another request has its turn.
#[test]
fn calls_that_follow_a_response_are_in_flight_with_the_others() {
    let run = |seed| {
        paused().block_on(async {
            let mock = GlacierMock::builder().shuffle(seed).start();
            let glacier = mock.client();
            let chain = async |name: &'static str| {
                create(&glacier, name).await;
                for _ in 0..10 {
                    tokio::task::yield_now().await;
                }
                // Work in a separate thread also keeps a runtime busy.
                tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(2))).await.unwrap();
                glacier.delete_vault().vault_name(name).send().await.unwrap();
            };
            tokio::join!(chain("cats"), chain("dogs"));
            mock.transcript().to_string()
        })
    };
    let transcripts: BTreeSet<_> = (0..40).map(run).collect();
    // Two calls of each of two vaults have six orders that keep the order of each vault.
    assert_eq!(transcripts.len(), 6, "{transcripts:#?}");
    assert_eq!(run(5), run(5));
}

/// Code with a race: it assumes that responses arrive in the order in which it made the calls.
async fn store_in_the_order_of_responses(glacier: &Client) -> Vec<String> {
    let mut tasks = JoinSet::new();
    for body in [b"a cat", b"a dog"] {
        let upload = glacier.upload_archive().vault_name("photos").body(body.to_vec().into());
        tasks.spawn(async move { upload.send().await.unwrap().archive_id.unwrap() });
    }
    let mut ids = Vec::new();
    while let Some(id) = tasks.join_next().await {
        ids.push(id.unwrap());
    }
    ids
}

#[test]
fn a_race_fails_for_a_named_seed_each_time() {
    let is_right = |seed| {
        paused().block_on(async {
            let mock = GlacierMock::builder().shuffle(seed).start();
            mock.create_vault("photos");
            let ids = store_in_the_order_of_responses(&mock.client()).await;
            mock.vault("photos").archive(&ids[0]).unwrap().bytes(..) == b"a cat"
        })
    };
    let wrong = (0..20).find(|seed| !is_right(*seed)).expect("no seed finds the race");
    let right = (0..20).find(|seed| is_right(*seed)).expect("each seed fails");
    for _ in 0..10 {
        assert!(!is_right(wrong) && is_right(right), "{wrong} {right}");
    }
}

/// Calls one after the other leave the choices to those that are made at once.
#[test]
fn calls_one_after_the_other_do_not_change_the_order_of_later_ones() {
    let with_calls_before = |calls| {
        paused().block_on(async {
            let mock = GlacierMock::builder().shuffle(3).start();
            for _ in 0..calls {
                mock.client().list_vaults().send().await.unwrap();
            }
            orders(Together::Spawned, &mock).await
        })
    };
    assert_eq!(with_calls_before(0), with_calls_before(3));
}

#[tokio::test(start_paused = true)]
async fn a_reset_starts_the_order_again() {
    let mock = GlacierMock::builder().shuffle(3).start();
    let first = orders(Together::Spawned, &mock).await;
    mock.reset();
    assert_eq!(orders(Together::Spawned, &mock).await, first);
}

#[tokio::test(start_paused = true)]
async fn the_seed_of_the_order_is_that_of_the_ids_unless_the_test_sets_another() {
    let id = |mock: GlacierMock| mock.create_vault("photos").put_archive("cat.jpg", b"a cat").to_string();
    let usual = id(GlacierMock::builder().shuffle(3).start());
    assert_eq!(id(GlacierMock::builder().seed(3).start()), usual);
    assert_eq!(id(GlacierMock::builder().seed(4).shuffle(3).start()), id(GlacierMock::builder().seed(4).start()));
}

/// While a request is delayed, the other requests continue.
#[tokio::test(start_paused = true)]
async fn a_request_that_a_fault_delays_keeps_no_other_waiting() {
    for seed in 0..10 {
        let mock = GlacierMock::builder().shuffle(seed).start();
        mock.fault(Operation::CreateVault).vault("cats").delayed(HOUR);
        mock.fault(Operation::CreateVault).vault("dogs").never_answers();
        let glacier = mock.client();
        let began = tokio::time::Instant::now();
        let never = tokio::time::timeout(2 * HOUR, create(&glacier, "dogs"));
        let late = async {
            create(&glacier, "cats").await;
            began.elapsed()
        };
        let soon = async {
            create(&glacier, "owls").await;
            began.elapsed()
        };
        let (never, late, soon) = tokio::join!(never, late, soon);
        never.unwrap_err();
        assert!(late >= HOUR && late < HOUR + Duration::from_secs(1), "seed {seed}: {late:?}");
        assert!(soon < Duration::from_secs(1), "seed {seed}: {soon:?}");
    }
}

/// The limit in real time is five seconds for each delayed request, and a second for each turn while time is held.
#[test]
fn a_delay_in_wall_time_keeps_no_other_waiting() {
    for runtime in [paused(), Builder::new_current_thread().enable_all().build().unwrap()] {
        let began = Instant::now();
        for seed in 0..10 {
            runtime.block_on(async {
                let mock = GlacierMock::builder().shuffle(seed).start();
                mock.fault(Operation::CreateVault).vault("cats").optional().in_wall_time().delayed(HOUR);
                let glacier = mock.client();
                let late = create(&glacier, "cats");
                let soon = async {
                    for name in ["dogs", "owls", "eels"] {
                        create(&glacier, name).await;
                    }
                };
                tokio::select! {
                    () = late => panic!("a delayed request was answered"),
                    () = soon => {}
                }
            });
        }
        assert!(began.elapsed() < Duration::from_secs(25), "the limits in real time gave the turns");
    }
}

/// A retry of the SDK is another request, which waits for turns like any other.
#[test]
fn retries_are_shuffled_too() {
    let run = |seed| {
        paused().block_on(async {
            let mock = GlacierMock::builder().shuffle(seed).start();
            mock.fault(Operation::CreateVault).times(2).service_unavailable();
            mock.fault(Operation::CreateVault).times(1).loses_answer();
            orders(Together::Spawned, &mock).await;
            mock.transcript().to_string()
        })
    };
    for seed in 0..5 {
        assert_eq!(run(seed), run(seed), "seed {seed}");
    }
    assert!((0..20).map(run).collect::<BTreeSet<_>>().len() > 5);
}

/// A request that waits for its turn has not been sent. It can be dropped, and the others go on.
#[tokio::test(start_paused = true)]
async fn a_request_that_is_given_up_while_it_waits_is_never_sent() {
    let mock = GlacierMock::builder().shuffle(1).start();
    let glacier = mock.client();
    let dropped = async {
        let mut call = Box::pin(create(&glacier, "cats"));
        poll_fn(|context| {
            assert!(call.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
    };
    tokio::join!(dropped, create(&glacier, "dogs"), create(&glacier, "owls"));
    assert_eq!(mock.vaults().len(), 2);
    mock.calls(Operation::CreateVault).vault("cats").assert_none();
}

#[tokio::test(start_paused = true)]
async fn a_request_that_waits_when_its_mock_is_dropped_fails_with_the_reason() {
    let mock = GlacierMock::builder().shuffle(1).start();
    let glacier = mock.client();
    let mut calls: Vec<Pin<Box<dyn Future<Output = _>>>> =
        vec![Box::pin(glacier.list_vaults().send()), Box::pin(glacier.list_vaults().limit(1).send())];
    poll_fn(|context| {
        for call in &mut calls {
            assert!(call.as_mut().poll(context).is_pending());
        }
        Poll::Ready(())
    })
    .await;
    drop(mock);
    for call in calls {
        let error = format!("{:?}", call.await.unwrap_err());
        assert!(error.contains("was dropped: keep it in a variable"), "{error}");
    }
}

/// The runtime that gives the turns is gone; the future continues in another one.
#[test]
fn a_request_that_waits_when_its_runtime_shuts_down_continues_in_another() {
    let mock = GlacierMock::builder().shuffle(1).start();
    let glacier = mock.client();
    let mut call = Box::pin(create(&glacier, "cats"));
    let first = paused();
    first.block_on(poll_fn(|context| {
        assert!(call.as_mut().poll(context).is_pending());
        Poll::Ready(())
    }));
    drop(first);
    // Time jumps if nothing lets the request go on.
    paused().block_on(async { tokio::time::timeout(HOUR, call).await.unwrap() });
    assert!(mock.vault("cats").exists());
}

/// What keeps paused time from advancing also keeps the runtime from being idle. A request inside of it would wait for
/// ever.
#[tokio::test(start_paused = true)]
async fn a_request_inside_of_something_that_holds_time_has_its_turn() {
    let mock = GlacierMock::builder().shuffle(1).start();
    let glacier = mock.client();
    let began = tokio::time::Instant::now();
    mock.hold_time(create(&glacier, "cats")).await;
    assert!(began.elapsed() >= Duration::from_millis(2), "the limit in real time gave the turns");
    let runtime = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || runtime.block_on(create(&glacier, "dogs"))).await.unwrap();
    assert_eq!(mock.vaults().len(), 2);
}

/// Each run of a sweep has the same order.
#[tokio::test(start_paused = true)]
async fn a_sweep_of_a_shuffled_mock_has_the_same_runs_each_time() {
    let sweep = async || {
        let sweep = FaultSweep::new(|| GlacierMock::builder().shuffle(7));
        let report = sweep
            .without(SweepFault::LateAnswer)
            .run(async |mock| orders(Together::Joined, mock).await)
            .check(|mock, _| Err::<(), _>(mock.transcript().to_string()))
            .report()
            .await;
        format!("{:?} {:?}", report.names(), report.failures())
    };
    assert_eq!(sweep().await, sweep().await);
}

/// The configurations from which code under test makes clients have the same turns.
#[tokio::test(start_paused = true)]
async fn all_clients_of_a_mock_share_the_turns() {
    let run = async |seed| {
        let mock = GlacierMock::builder().shuffle(seed).start();
        let one = Client::from_conf(mock.glacier_config().retry_config(RetryConfig::disabled()).build());
        let two = Client::new(&mock.sdk_config());
        let three = mock.client_for("111122223333", "eu-west-1");
        tokio::join!(create(&one, "cats"), create(&two, "dogs"), create(&three, "owls"));
        mock.transcript().to_string()
    };
    let mut seen = BTreeSet::new();
    for seed in 0..40 {
        let transcript = run(seed).await;
        assert_eq!(transcript, run(seed).await);
        seen.insert(transcript);
    }
    assert_eq!(seen.len(), 6);
}

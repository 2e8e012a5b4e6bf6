//! A panic or a hang breaks only its run.

use std::future::Future;
use std::io::{BufRead as _, BufReader};
use std::pin::Pin;
use std::process::{Command, Stdio};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use glacier_mock::{GlacierMock, Operation, SweepFault};

use super::{broken, with_only};
use crate::support::TIMEOUT;

/// Set in child processes that run the test named `child_of_..`. Without it the test does nothing.
const CHILD: &str = "GLACIER_MOCK_SUITE_CHILD";

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_scenario_breaks_its_run_only() {
    let report = with_only(&[SweepFault::ExpiredToken, SweepFault::CutBody])
        .run(async |mock| {
            let glacier = mock.client();
            glacier.list_vaults().send().await.expect("no first list");
            glacier.list_vaults().send().await.expect("no second list");
        })
        .check(|_, ()| ())
        .report()
        .await;
    let [first, second] = report.failures() else { panic!("{report}") };
    assert!(first.message().starts_with("no first list"), "{report}");
    assert!(second.message().starts_with("no second list"), "{report}");
    assert!(first.place().unwrap().starts_with(file!()), "{report}");
}

/// The sweep inside has caught panics when the scenario of the one outside panics.
#[tokio::test(start_paused = true)]
async fn a_scenario_may_run_a_sweep() {
    let report = with_only(&[SweepFault::ExpiredToken])
        .run(async |mock| {
            let inside = with_only(&[SweepFault::ExpiredToken])
                .run(async |mock| mock.client().list_vaults().send().await.expect("no list inside"))
                .check(|_, _| ())
                .report()
                .await;
            assert_eq!(broken(&inside), ["call 1 ListVaults, expired token"]);
            mock.client().delete_vault().vault_name("photos").send().await.expect("no delete outside");
        })
        .check(|_, ()| ())
        .report()
        .await;
    let [failure] = report.failures() else { panic!("{report}") };
    assert!(failure.message().starts_with("no delete outside"), "{report}");
    assert!(failure.place().is_some_and(|place| place.starts_with(file!())), "{report}");
}

/// Tasks run in other threads, and time is real.
#[tokio::test(flavor = "multi_thread")]
async fn a_sweep_runs_in_a_runtime_with_several_threads() {
    let report = with_only(&[SweepFault::ExpiredToken, SweepFault::ServiceUnavailable])
        .parallel(3)
        .run(async |mock| {
            let glacier = mock.client();
            tokio::spawn(async move { glacier.list_vaults().send().await.is_ok() }).await.unwrap()
        })
        .check(|_, is_listed| if is_listed { Ok(()) } else { Err("no list") })
        .report()
        .await;
    let (error, token) = ("service unavailable at every attempt", "expired token");
    assert_eq!(broken(&report), [format!("call 1 ListVaults, {error}"), format!("call 1 ListVaults, {token}")]);
}

/// A value whose drop panics.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_a_drop_breaks_its_run_only() {
    let report = with_only(&[SweepFault::ExpiredToken])
        .run(async |mock| mock.client().list_vaults().send().await.is_err().then(|| Bomb))
        .check(|_, bomb| drop(bomb))
        .report()
        .await;
    assert_eq!(broken(&report), ["call 1 ListVaults, expired token"]);
}

/// The limit drops the scenario, and with it the values that it holds.
#[tokio::test(start_paused = true)]
async fn a_panic_of_a_drop_after_a_hang_breaks_its_run_only() {
    let report = with_only(&[SweepFault::ExpiredToken])
        .run(async |mock| {
            if mock.client().list_vaults().send().await.is_err() {
                let _bomb = Bomb;
                std::future::pending::<()>().await;
            }
        })
        .check(|_, ()| ())
        .report()
        .await;
    let [failure] = report.failures() else { panic!("{report}") };
    assert!(failure.message().starts_with("hangs: "), "{report}");
}

/// A future that was not written as an `async` block is dropped after it is finished.
#[tokio::test(start_paused = true)]
async fn a_panic_of_the_drop_of_a_finished_future_breaks_its_run_only() {
    struct Finished<'m>(Pin<Box<dyn Future<Output = bool> + 'm>>, Option<Bomb>);
    impl Future for Finished<'_> {
        type Output = ();
        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
            self.0.as_mut().poll(context).map(|is_ok| {
                if is_ok {
                    std::mem::forget(self.1.take());
                }
            })
        }
    }
    fn scenario(mock: &GlacierMock) -> Finished<'_> {
        Finished(Box::pin(async { mock.client().list_vaults().send().await.is_ok() }), Some(Bomb))
    }
    let report = with_only(&[SweepFault::ExpiredToken]).run(scenario).check(|_, ()| ()).report().await;
    assert_eq!(broken(&report), ["call 1 ListVaults, expired token"]);
    assert_eq!(report.failures()[0].message(), "dropped");
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_arrangement_is_reported() {
    let report = with_only(&[])
        .arrange(|mock| drop(mock.create_vault("no valid name")))
        .run(async |mock| mock.client().list_vaults().send().await.is_ok())
        .check(|_, _| ())
        .report()
        .await;
    assert_eq!(broken(&report), ["no fault"]);
}

#[test]
fn child_of_a_sweep_with_panics() {
    if std::env::var_os(CHILD).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let report = with_only(&[SweepFault::ExpiredToken])
            .run(async |mock| mock.client().list_vaults().send().await.expect("no list"))
            .check(|_, _| ())
            .report();
        assert_eq!(runtime.block_on(report).failures().len(), 1);
        // Other panics are printed as usual, also after a sweep.
        std::thread::spawn(|| panic!("another panic")).join().unwrap_err();
    }
}

/// A sweep may catch hundreds of panics, which would hide its report.
#[test]
fn panics_of_runs_are_not_printed() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--nocapture", "--exact", "sweep::limits::child_of_a_sweep_with_panics"]).env(CHILD, "1");
    let output = command.stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.contains("another panic") && !stderr.contains("no list"), "{stderr}");
}

/// Blocks for as long as [`a_run_that_blocks_its_thread_is_named`] may have to wait.
#[tokio::test(start_paused = true)]
async fn child_of_a_sweep_that_blocks() {
    if std::env::var_os(CHILD).is_some() {
        with_only(&[])
            .wall_time_limit(Duration::from_millis(100))
            .run(async |_| std::thread::sleep(TIMEOUT))
            .check(|_, ()| ())
            .report()
            .await;
    }
}

/// Such a run cannot be ended, and the name of the test says nothing about the run.
#[test]
fn a_run_that_blocks_its_thread_is_named() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "sweep::limits::child_of_a_sweep_that_blocks"]).env(CHILD, "1");
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
    let said = lines.find(|line| line.contains("has blocked its thread"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(said.is_some_and(|said| said.ends_with("and cannot be ended: no fault")));
}

/// Under paused time a run that waits for ever ends after half a second.
#[tokio::test(start_paused = true)]
async fn a_run_that_waits_for_ever_is_ended() {
    let began = Instant::now();
    let report = with_only(&[SweepFault::ExpiredToken])
        .run(async |mock| {
            if mock.client().list_vaults().send().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
        .check(|_, ()| ())
        .report()
        .await;
    let [failure] = report.failures() else { panic!("{report}") };
    assert_eq!(failure.message(), "hangs: not finished after 168h of tokio's time");
    assert!(began.elapsed() < Duration::from_secs(25), "the limit in real time ended the run");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_polls_for_ever_is_ended() {
    let report = with_only(&[SweepFault::ExpiredToken])
        .time_limit(Duration::from_secs(90))
        .run(async |mock| {
            if mock.client().list_vaults().send().await.is_err() {
                loop {
                    tokio::time::sleep(Duration::from_secs(10)).await;
                }
            }
        })
        .check(|_, ()| ())
        .report()
        .await;
    let [failure] = report.failures() else { panic!("{report}") };
    assert_eq!(failure.message(), "hangs: not finished after 90s of tokio's time");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_computes_for_ever_is_ended() {
    let report = with_only(&[SweepFault::ExpiredToken])
        .wall_time_limit(Duration::from_millis(300))
        .run(async |mock| {
            if mock.client().list_vaults().send().await.is_err() {
                loop {
                    tokio::task::yield_now().await;
                }
            }
        })
        .check(|_, ()| ())
        .report()
        .await;
    let failure = report.failures().last().unwrap_or_else(|| panic!("{report}"));
    assert_eq!(failure.message(), "hangs: not finished after 300ms of real time");
}

/// A timer of the limit would make paused time jump while the scenario waits for something outside of its runtime.
#[tokio::test(start_paused = true)]
async fn the_limits_move_no_time_while_a_scenario_waits_outside_of_tokio() {
    with_only(&[SweepFault::ExpiredToken])
        .run(async |mock| {
            let before = mock.clock().now();
            let endpoint = mock.address();
            let request = std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(20));
                let mut stream = std::net::TcpStream::connect(endpoint).unwrap();
                let head = "GET /-/vaults HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-amz-glacier-version: 2012-06-01\r\n\r\n";
                std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
                std::io::copy(&mut stream, &mut std::io::sink()).unwrap();
            });
            mock.wait_for(Operation::ListVaults).await;
            request.join().unwrap();
            mock.clock().now().since(before)
        })
        .check(|_, passed| assert!(passed < Duration::from_secs(60), "{passed:?} passed"))
        .await;
}

/// A scenario that returns early leaves requests in flight, which end before the check.
#[tokio::test(start_paused = true)]
async fn the_check_sees_no_request_in_flight() {
    with_only(&[SweepFault::ExpiredToken])
        .arrange(|mock: &GlacierMock| {
            let late = mock.fault(Operation::CreateVault).optional().always();
            late.delayed(Duration::from_secs(3600));
        })
        .run(async |mock| {
            let glacier = mock.client();
            let call = glacier.create_vault().vault_name("photos").send();
            tokio::time::timeout(Duration::from_secs(1), call).await.is_ok()
        })
        .check(|mock, _| assert!(mock.requests().iter().all(|request| request.has_ended())))
        .await;
}

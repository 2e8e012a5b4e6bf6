//! One run alone, and several side by side.

use std::cell::Cell;
use std::process::{Command, Stdio};

use glacier_mock::{FaultSweep, GlacierMock, SweepReport};

use crate::support::panic_message;

/// Set in child processes that run the test named `child_of_the_environment`. Without it the test does nothing.
const CHILD: &str = "GLACIER_MOCK_SUITE_CHILD";
const NAME: &str = "call 2 ListVaults, reset after commit at every attempt";

async fn report(sweep: FaultSweep<'_>) -> SweepReport {
    let scenario = async |mock: &GlacierMock| {
        let glacier = mock.client();
        let created = glacier.create_vault().vault_name("photos").send().await.is_ok();
        created && glacier.list_vaults().send().await.is_ok()
    };
    sweep.run(scenario).check(|_, done| if done { Ok(()) } else { Err("not done") }).report().await
}

fn sweep<'a>() -> FaultSweep<'a> {
    FaultSweep::new(GlacierMock::builder)
}

#[tokio::test(start_paused = true)]
async fn a_run_is_repeated_by_its_name() {
    let only = report(sweep().only(NAME)).await;
    assert_eq!(only.names(), [NAME]);
    assert_eq!(only.failures()[0].message(), "not done");
    assert_eq!(report(sweep().only("no fault")).await.runs(), 0);
}

#[test]
fn a_name_that_no_run_has_panics_with_those_that_exist() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let message = panic_message(|| drop(runtime.block_on(report(sweep().only("call 9 ListVaults, throttled")))));
    assert!(message.contains("has no run \"call 9 ListVaults, throttled\""), "{message}");
    assert!(message.contains("\n  call 1 CreateVault, throttled\n"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn child_of_the_environment() {
    if std::env::var_os(CHILD).is_some() {
        println!("runs: {:?}", report(sweep()).await.names());
    }
}

fn child(only: &str) -> (String, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--nocapture", "--exact", "sweep::selection::child_of_the_environment"]);
    command.env(CHILD, "1").env("GLACIER_MOCK_SWEEP_ONLY", only).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn the_environment_variable_selects_a_run() {
    let (stdout, _) = child(NAME);
    assert!(stdout.contains(&format!("runs: [\"{NAME}\"]")), "{stdout}");
    let (stdout, _) = child(&format!(" {NAME}\n"));
    assert!(stdout.contains(&format!("runs: [\"{NAME}\"]")), "{stdout}");
    let (stdout, stderr) = child("call 9 ListVaults, throttled");
    assert!(stdout.contains("runs: []"), "{stdout}");
    assert!(stderr.contains("has no run \"call 9 ListVaults, throttled\" (GLACIER_MOCK_SWEEP_ONLY)"), "{stderr}");
    let (stdout, _) = child("");
    assert!(stdout.matches("CreateVault").count() > 10, "{stdout}");
}

/// Returns the largest number of scenarios that were running at once.
async fn most_at_once(sweep: FaultSweep<'_>) -> usize {
    let (now, most) = (Cell::new(0), Cell::new(0));
    sweep
        .run(async |mock| {
            now.set(now.get() + 1);
            most.set(most.get().max(now.get()));
            let done = mock.client().list_vaults().send().await.is_ok();
            now.set(now.get() - 1);
            done
        })
        .check(|_, _| ())
        .await;
    most.get()
}

#[tokio::test(start_paused = true)]
async fn runs_go_one_after_the_other_or_side_by_side() {
    assert_eq!(most_at_once(sweep()).await, 1);
    assert_eq!(most_at_once(sweep().parallel(4)).await, 4);
}

#[tokio::test(start_paused = true)]
async fn runs_side_by_side_have_the_same_report() {
    let (one, four) = (report(sweep()).await, report(sweep().parallel(4)).await);
    assert_eq!((one.names(), one.failures()), (four.names(), four.failures()));
}

#[test]
#[should_panic(expected = "a sweep cannot have 0 runs side by side")]
fn no_runs_side_by_side_are_refused() {
    let _ = sweep().parallel(0);
}

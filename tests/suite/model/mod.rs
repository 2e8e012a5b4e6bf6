//! Random sequences of operations, sent to the mock over the wire and applied to a naive model of the service.

mod answer;
mod archives;
mod calls;
mod generate;
mod jobs;
#[cfg(feature = "state")]
mod kept;
mod known;
mod ops;
mod replays;
mod run;
#[cfg(feature = "state")]
mod saved;
mod service;
mod settings;
mod uploads;
mod wire;

use proptest::test_runner::{Config, FileFailurePersistence, TestCaseError, TestError, TestRunner};

use ops::Ops;

/// The file for the seeds of failures, which later runs try first. A seed is valid only until `generate` changes, so
/// add a failure that is worth keeping to `replays`.
const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/model/regressions.txt");

#[test]
fn the_mock_and_the_model_agree() {
    let config = Config {
        cases: std::env::var("PROPTEST_CASES").map_or(128, |cases| cases.parse().unwrap()),
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(REGRESSIONS))),
        max_shrink_iters: 20_000,
        max_shrink_time: 120_000,
        ..Config::default()
    };
    let case = |ops: Ops| run::agree(&ops.0).map_err(TestCaseError::fail);
    match TestRunner::new(config).run(&generate::sequences(), case) {
        Ok(()) => {}
        Err(TestError::Abort(reason)) => panic!("{reason}"),
        Err(TestError::Fail(reason, Ops(ops))) => {
            let ops = run::minimized(ops);
            let difference = run::agree(&ops).err().unwrap_or(reason.to_string());
            panic!("the mock and the model differ in {difference}\nafter{:?}", Ops(ops));
        }
    }
}

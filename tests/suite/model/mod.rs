//! Random sequences of operations, against the mock through the wire and against a naive model of the service.

mod answer;
mod archives;
mod calls;
mod generate;
mod jobs;
mod known;
mod ops;
mod replays;
mod run;
mod service;
mod settings;
mod uploads;
mod wire;

use proptest::test_runner::{Config, FileFailurePersistence, TestCaseError, TestError, TestRunner};

use ops::Ops;

/// Where the seeds of failures are kept, to be tried first ever after. They mean something as long as `generate` stays
/// as it is; a failure worth keeping belongs into `replays`.
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
            let ops = run::without_the_needless(ops);
            let difference = run::agree(&ops).err().unwrap_or(reason.to_string());
            panic!("the mock and the model part in {difference}\nafter{:?}", Ops(ops));
        }
    }
}

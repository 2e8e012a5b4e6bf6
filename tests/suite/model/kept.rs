//! Random sequences of operations on two mocks, of which one keeps its state in a file and starts again with it in the
//! middle: it answers each request with the same bytes and the same IDs as the one in memory.

use std::fs;
use std::path::Path;
use std::time::Duration;

use glacier_mock::{Clock, GlacierMock, GlacierMockBuilder};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tempfile::TempDir;

use super::generate;
use super::ops::Op;
use super::run::{Run, difference};
use super::saved::{Settings, builder, decide, everything, notices, settings};
use super::service::{Date, MINUTE};
use super::wire::Wire;
use crate::support::DAY;

/// How the mock with the file ends before it starts again.
#[derive(Clone, Copy, Debug)]
enum End {
    /// It is dropped.
    Closed,
    /// The file is copied while the mock runs, as if the process was killed.
    Killed,
}

/// The clock of a mock that starts again is frozen at the instant of its state, even if the builder has this one.
fn frozen(settings: Settings) -> GlacierMockBuilder {
    builder(settings).clock(Clock::frozen("2026-01-31T12:00:00Z"))
}

struct Twins {
    in_memory: GlacierMock,
    run: Run,
    kept: Option<(GlacierMock, Wire)>,
    settings: Settings,
    folder: TempDir,
    /// How often it has started again.
    starts: usize,
    /// Whether the request IDs still agree. Those of requests that change nothing are lost if the process is killed.
    has_equal_ids: bool,
}

impl Twins {
    fn start(settings: Settings) -> Self {
        let in_memory = frozen(settings).start();
        let run = Run::of(&in_memory);
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("state-0");
        let mut twins = Twins { in_memory, run, kept: None, settings, folder, starts: 0, has_equal_ids: true };
        twins.open(&path);
        // The run has sent the same requests to the other mock.
        drop(Run::of(twins.kept()));
        twins
    }

    fn open(&mut self, path: &Path) {
        let kept = frozen(self.settings).keep_state(path).start();
        let wire = Wire::to(&kept);
        self.kept = Some((kept, wire));
    }

    fn advance(&self, by: Duration) {
        self.in_memory.clock().advance(by);
        self.kept().clock().advance(by);
    }

    fn kept(&self) -> &GlacierMock {
        &self.kept.as_ref().unwrap().0
    }

    fn start_again(&mut self, end: End) -> Result<(), String> {
        // Its answer waits until the file has what the test has done to the mock without a request.
        self.step(&Op::ListProvisionedCapacity)?;
        let path = |number: usize| self.folder.path().join(format!("state-{number}"));
        let (from, to) = (path(self.starts), path(self.starts + 1));
        self.starts += 1;
        match end {
            End::Closed => {
                drop(self.kept.take());
                fs::rename(from, &to).unwrap();
            }
            End::Killed => {
                // Two equal copies: the mock may have written while the first one was made.
                let mut copy = fs::read(&from).unwrap();
                loop {
                    let again = fs::read(&from).unwrap();
                    if copy == again {
                        break;
                    }
                    copy = again;
                }
                fs::write(&to, copy).unwrap();
                drop(self.kept.take());
                self.has_equal_ids = false;
            }
        }
        self.open(&to);
        Ok(())
    }

    fn step(&mut self, op: &Op) -> Result<(), String> {
        if let Op::Wait(minutes) = op {
            self.advance(Duration::from_secs(u64::from(*minutes) * 60));
            self.run.model.pass(Date::from(*minutes) * MINUTE);
            return Ok(());
        }
        let (request, expected, expected_id) = self.run.send(op)?;
        let (_, wire) = self.kept.as_mut().unwrap();
        let (seen, id) = wire.send(&request)?;
        if seen == expected && (id == expected_id || !self.has_equal_ids) {
            return Ok(());
        }
        let text = format!(
            "{op:?}: {} {}\nrequest IDs {expected_id} and {id}\n{}",
            request.method,
            request.path,
            difference(&expected, &seen)
        );
        Err(self.run.known.named(text))
    }

    fn look_at_everything(&mut self) -> Result<(), String> {
        for op in &everything() {
            self.step(op)?;
        }
        let seen = |mock: &GlacierMock| (mock.clock().now(), notices(mock));
        let counted = |mock: &GlacierMock| format!("{:?}\n{:?}", mock.usage(), mock.leftovers());
        let (expected, found) = (seen(&self.in_memory), seen(self.kept()));
        if expected != found {
            return Err(format!("expected {expected:#?}, but the mock with the file has {found:#?}"));
        }
        // What was counted in the last second is lost if the process is killed.
        let (expected, found) = (counted(&self.in_memory), counted(self.kept()));
        if self.has_equal_ids && expected != found {
            return Err(format!("expected {expected}, but the mock with the file has {found}"));
        }
        Ok(())
    }

    fn next_event(&mut self) -> Result<(), String> {
        let before = self.in_memory.clock().now();
        let expected = self.in_memory.clock().advance_to_next_event();
        let found = self.kept().clock().advance_to_next_event();
        let passed = self.in_memory.clock().now().since(before).as_millis();
        self.run.model.pass(Date::try_from(passed).unwrap());
        if expected == found { Ok(()) } else { Err(format!("expected the events {expected:?}, but saw {found:?}")) }
    }
}

/// Starts again after the operations with these numbers.
fn agree(ops: &[Op], restarts: [usize; 2], settings: Settings, end: End) -> Result<(), String> {
    let mut twins = Twins::start(settings);
    for (number, op) in ops.iter().enumerate() {
        if restarts.contains(&number) {
            twins.start_again(end)?;
        }
        twins.step(op)?;
        if number == ops.len() / 2 && matches!(settings, Settings::Manual) {
            decide(&twins.in_memory);
            decide(twins.kept());
        }
    }
    for _ in 0..2 {
        twins.look_at_everything()?;
        twins.next_event()?;
        twins.start_again(end)?;
    }
    twins.look_at_everything()?;
    for _ in 0..20 {
        twins.next_event()?;
    }
    twins.advance(DAY * 2);
    twins.look_at_everything()
}

#[test]
fn a_mock_that_starts_again_with_its_file_answers_as_one_in_memory() {
    let config = Config {
        cases: std::env::var("PROPTEST_CASES").map_or(12, |cases| cases.parse().unwrap()),
        failure_persistence: None,
        max_shrink_time: 60_000,
        ..Config::default()
    };
    let ends = prop_oneof![Just(End::Closed), Just(End::Killed)];
    let cases = (generate::sequences(), any::<[Index; 2]>(), settings(), ends);
    let run = TestRunner::new(config).run(&cases, |(ops, at, settings, end)| {
        let restarts = at.map(|at| at.index(ops.0.len().max(1)));
        let agreed = agree(&ops.0, restarts, settings, end);
        agreed.map_err(|difference| TestCaseError::fail(format!("started again at {restarts:?}: {difference}")))
    });
    run.unwrap_or_else(|error| panic!("the mocks differ: {error}"));
}

//! Verifies the calls so far for the control API, with the reports that the assertions of the fixture print.

use std::sync::Arc;

use crate::mock::Mock;
use crate::record::Filter;
use crate::verify::{Calls, Count, Step, Style};

use super::calls::WantedCalls;
use super::error::ControlError;
use super::leftovers::{Leftover, assert_none};
use super::record::RecordControl;
use super::until::Unmet;
use super::unused::check_faults_applied;
use std::time::Duration;

/// What is verified about the calls so far.
#[derive(Clone, Debug)]
pub(crate) enum Verification {
    /// The calls are exactly these, in this order.
    Sequence(Vec<Step>),
    /// The calls contain these, in this order.
    InOrder(Vec<Step>),
    /// The number of calls.
    Count(Count),
    /// No call took more than one attempt.
    NoRetries,
}

/// The verifications of a mock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verify<'a>(pub(crate) &'a Arc<Mock>);

impl Verify<'_> {
    /// Verifies the calls that match a filter. Returns an error with the report if the verification failed.
    pub(crate) fn calls(self, filter: Filter, verification: &Verification) -> Result<(), String> {
        let calls = self.of(filter);
        match verification {
            Verification::Sequence(steps) => calls.check_sequence(steps, Style::HTTP),
            Verification::InOrder(steps) => calls.check_in_order(steps, Style::HTTP),
            Verification::Count(count) => calls.check_count(*count, Style::HTTP),
            Verification::NoRetries => calls.check_no_retries(Style::HTTP),
        }
    }

    /// Verifies that none of these leftovers exists.
    pub(crate) fn none_left(self, leftovers: &[Leftover]) -> Result<(), String> {
        assert_none(leftovers).map_err(|ControlError { message, .. }| {
            format!("{message}\nThe code under test must finish what it starts. GET /leftovers lists these things.")
        })
    }

    /// Waits until the calls have been made. Returns an error with the report if they were not made in time.
    pub(crate) async fn wait(self, wanted: WantedCalls, timeout: Duration) -> Result<(), String> {
        let WantedCalls { filter, least, answered } = wanted.clone();
        // A filter of the control API has no closure that could panic or block.
        match wanted.wait(self.0).run(timeout).await {
            Ok(_) => return Ok(()),
            Err(Unmet::MockDropped) => return Err("the mock has ended".into()),
            Err(Unmet::TimedOut | Unmet::Blocked) => {}
        }
        let found = self.of(filter);
        let done = found.iter().filter(|call| call.last().has_ended() || !answered);
        // A call may have arrived between the timeout and this check.
        if done.count() >= least {
            return Ok(());
        }
        Err(format!("timed out after {timeout:?}: {}", found.too_few(least, Style::HTTP)))
    }

    /// Verifies that the faults and the rules for jobs that are set have applied.
    pub(crate) fn faults_applied(self) -> Result<(), String> {
        check_faults_applied(self.0)
    }

    fn of(self, filter: Filter) -> Calls {
        Calls::new(RecordControl(self.0).calls(), filter, self.0.clone())
    }
}

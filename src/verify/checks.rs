//! What the assertions on calls check. Each check returns an error with the report if it does not hold.

use crate::record::Call;

use super::calls::Calls;
use super::count::Count;
use super::explain;
use super::explain::{Judged, Problem};
use super::sequence::{Listed, Step, check_exact, check_in_order};
use super::style::Style;

impl Calls {
    /// Checks the number of calls.
    pub(crate) fn check_count(&self, expected: Count, style: Style) -> Result<(), String> {
        let (found, judged) = (self.fitting.len(), self.judged());
        let problem = explain::check_count(&self.filter, expected, found, &judged, explain::CALLS, style.advice);
        self.reported(problem, style)
    }

    /// Checks that these are exactly the expected calls, in this order.
    pub(crate) fn check_sequence(&self, steps: &[Step], style: Style) -> Result<(), String> {
        check_exact(steps, &self.listed(), &*self.state, style)?;
        self.check_complete("exactly these calls in this order", style)
    }

    /// Checks that the expected calls are among these, in this order.
    pub(crate) fn check_in_order(&self, steps: &[Step], style: Style) -> Result<(), String> {
        check_in_order(steps, &self.listed(), &*self.state, style)
    }

    /// Checks that each call succeeded.
    pub(super) fn check_all_succeeded(&self, style: Style) -> Result<(), String> {
        let failed = self.fitting.iter().find(|call| call.status().is_none_or(|status| status >= 400));
        if let Some(failed) = failed {
            let how = match (failed.error_code(), failed.status()) {
                (Some(code), _) => format!("failed with {code}"),
                (None, Some(status)) => format!("failed with status {status}"),
                (None, None) => "was not answered".into(),
            };
            let headline =
                format!("expected all calls of {} to succeed, but call {} {how}", self.filter, failed.number());
            return Err(self.report(failed, &headline, style));
        }
        self.check_complete(&format!("all calls of {} to succeed", self.filter), style)
    }

    /// Checks that no call took more than one attempt.
    pub(crate) fn check_no_retries(&self, style: Style) -> Result<(), String> {
        if let Some(retried) = self.fitting.iter().find(|call| call.attempts().len() > 1) {
            let attempts = retried.attempts();
            let headline = format!(
                "expected no retries of {}, but call {} took {} attempts: {:?}",
                self.filter,
                retried.number(),
                attempts.len(),
                attempts.statuses()
            );
            return Err(self.report(retried, &headline, style));
        }
        self.check_complete(&format!("no retries of {}", self.filter), style)
    }

    /// Returns the report of a wait that timed out before there were `least` calls.
    pub(crate) fn too_few(&self, least: usize, style: Style) -> String {
        let expected = Count::at_least(least);
        let problem = explain::wrong_count(&self.filter, expected, &self.judged(), explain::CALLS, style.advice);
        problem.report(&self.all, &*self.state, style)
    }

    /// Returns an error if the record has dropped calls: a check that holds for all others may not hold for them.
    fn check_complete(&self, expected: &str, style: Style) -> Result<(), String> {
        self.reported(explain::incomplete(expected, self.dropped, style.advice), style)
    }

    fn reported(&self, problem: Option<Problem>, style: Style) -> Result<(), String> {
        problem.map_or(Ok(()), |problem| Err(problem.report(&self.all, &*self.state, style)))
    }

    /// Renders a report that marks a call.
    fn report(&self, call: &Call, headline: &str, style: Style) -> String {
        explain::report(headline, &[], &self.all, Some(call.number() - 1), &*self.state, style)
    }

    fn judged(&self) -> Judged<'_> {
        Judged { calls: &self.all, after: 0, dropped: self.dropped }
    }

    fn listed(&self) -> Listed<'_> {
        Listed {
            calls: &self.fitting,
            filter: Some(&self.filter).filter(|filter| !filter.is_empty()),
            record: &self.all,
            dropped: self.dropped,
        }
    }
}

//! The calls on record, narrowed down and asserted on.

use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::account::Account;
use crate::domain::words::{ArchiveId, JobId, UploadId};
use crate::record::{Call, Request};

use super::count::Count;
use super::explain;
use super::known::StateView;
use super::slice::slice_of;
use super::style::Style;
use crate::record::{Condition, Filter, answer_filters, filters};

/// Calls of the code under test, in the order in which they began; all attempts of one SDK call are one. Made by
/// [`GlacierMock::calls`](crate::GlacierMock::calls). A call is judged by its last attempt.
///
/// It is a slice too: `len()`, `iter()`, `first()` and indices work on it.
#[derive(Clone)]
pub struct Calls {
    all: Vec<Call>,
    filter: Filter,
    fitting: Vec<Call>,
    state: Arc<dyn StateView>,
}

impl Calls {
    pub(crate) fn new(all: Vec<Call>, filter: Filter, state: Arc<dyn StateView>) -> Self {
        let fitting = all.iter().filter(|call| filter.fits(call.last())).cloned().collect();
        Calls { all, filter, fitting, state }
    }

    fn narrowed(self, condition: Condition) -> Self {
        Calls::new(self.all, self.filter.and(condition), self.state)
    }

    filters!(#[must_use = "nothing is asserted until one of the `assert_..` methods is called"]);

    answer_filters!(#[must_use = "nothing is asserted until one of the `assert_..` methods is called"]);

    /// The one call. It is owned, and shares the record.
    ///
    /// # Panics
    ///
    /// If there is none, or more than one.
    #[track_caller]
    pub fn only(&self) -> Call {
        self.assert_count(1);
        self.fitting[0].clone()
    }

    /// Asserts how many there are: a number, or a range of numbers.
    ///
    /// # Panics
    ///
    /// If there are more or fewer, with the record and the nearest miss; if the number is negative, or the range holds no
    /// number.
    #[track_caller]
    pub fn assert_count(&self, expected: impl Into<Count>) {
        let expected = expected.into();
        if !expected.holds(self.fitting.len()) {
            panic!("{}", self.wrong_count(expected));
        }
    }

    /// Fails a wait for so many of them.
    #[track_caller]
    pub(crate) fn timed_out(&self, timeout: Duration, least: usize, asked: &Location<'_>) -> ! {
        panic!("waited for at {asked}\ntimed out after {timeout:?}: {}", self.wrong_count(Count::at_least(least)))
    }

    fn wrong_count(&self, expected: Count) -> String {
        let problem = explain::wrong_count(&self.filter, expected, &self.all, explain::CALLS);
        problem.report(&self.all, &*self.state, Style::of_stderr())
    }

    /// Asserts that there is none.
    ///
    /// # Panics
    ///
    /// If there is one.
    #[track_caller]
    pub fn assert_none(&self) {
        self.assert_count(Count::NONE);
    }

    /// Asserts that every one of them was granted, after however many attempts.
    ///
    /// # Panics
    ///
    /// If one was refused or not answered.
    #[track_caller]
    pub fn assert_all_succeeded(&self) {
        let failed = self.fitting.iter().find(|call| call.status().is_none_or(|status| status >= 400));
        if let Some(failed) = failed {
            let how = match (failed.error_code(), failed.status()) {
                (Some(code), _) => format!("it failed with {code}"),
                (None, Some(status)) => format!("its status was {status}"),
                (None, None) => "it was not answered".into(),
            };
            self.fail(
                failed,
                format!("expected all calls of {} to succeed, call {}: {how}", self.filter, failed.number()),
            );
        }
    }

    /// Asserts that none of them took more than one attempt.
    ///
    /// # Panics
    ///
    /// If one did.
    #[track_caller]
    pub fn assert_no_retries(&self) {
        if let Some(retried) = self.fitting.iter().find(|call| call.attempts().len() > 1) {
            let attempts = retried.attempts();
            let headline = format!(
                "expected no retries of {}, call {} took {} attempts: {:?}",
                self.filter,
                retried.number(),
                attempts.len(),
                attempts.statuses()
            );
            self.fail(retried, headline);
        }
    }

    #[track_caller]
    fn fail(&self, call: &Call, headline: String) -> ! {
        let (here, style) = (Some(call.number() - 1), Style::of_stderr());
        panic!("{}", explain::report(&headline, &[], &self.all, here, &*self.state, style))
    }
}

slice_of!(Calls, Call);

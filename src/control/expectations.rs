//! Verifies what a test expects: declared expectations, required faults, rules for jobs, and closures that must not
//! panic.

use std::sync::Arc;
use std::time::Duration;

use crate::mock::Mock;
use crate::record::{Panics, calls, line};
use crate::sync::Mutex;
use crate::verify::{Declared, Judged, Style, failures, tail};

use super::unused::unused;

/// How long verification waits for requests that are still in progress.
const PATIENCE: Duration = Duration::from_secs(5);

/// The expectations of a mock.
pub(crate) struct Expectations {
    declared: Mutex<Vec<Declared>>,
    mock: Arc<Mock>,
    /// The panics of callbacks. The panics of conditions are kept with the fault or expectation they belong to.
    panics: Arc<Panics>,
    strict: bool,
    /// The number of the last request that a verification has judged. Later verifications judge later calls only.
    judged: Mutex<usize>,
}

/// The result of a verification.
#[derive(Default)]
pub(crate) struct Found {
    pub(crate) failures: Vec<String>,
    /// Whether at least one failure shows the record.
    pub(crate) shows_record: bool,
    /// Whether at least one failure is about something that was required but did not happen.
    pub(crate) too_little: bool,
}

impl Expectations {
    pub(crate) fn new(mock: Arc<Mock>, strict: bool) -> Self {
        Expectations { declared: Mutex::default(), mock, panics: Arc::default(), strict, judged: Mutex::default() }
    }

    pub(crate) fn push(&self, declared: Declared) {
        self.declared.lock().push(declared);
    }

    /// Removes everything that was declared, without verification.
    pub(crate) fn discard(&self) {
        // Dropped without the lock, because a closure of the test may use the mock when it is dropped.
        let discarded = std::mem::take(&mut *self.declared.lock());
        drop((discarded, self.panics.take()));
    }

    pub(crate) fn mock(&self) -> &Arc<Mock> {
        &self.mock
    }

    /// Returns the store that keeps the panics of callbacks until verification.
    pub(crate) fn panics(&self) -> Arc<Panics> {
        self.panics.clone()
    }

    /// Verifies the declared expectations and removes them, so that each is verified only once. The calls so far are
    /// not judged again by later verifications.
    pub(crate) fn verify(&self) -> Found {
        let mut found = Found::default();
        let declared = std::mem::take(&mut *self.declared.lock());
        let counts = !declared.is_empty() || self.strict;
        // A request in flight may still be the one that a fault or a rule waits for, or may still run a callback.
        let waits = counts || self.mock.faults.are_pending() || self.mock.service.closures_or_rules_are_pending();
        let is_idle = !waits || self.mock.journal.wait_until_idle(PATIENCE);
        found.failures.extend(self.panics.take().iter().map(|panicked| format!("{panicked}\n")));
        let unused = unused(self.mock.faults.leftovers(), self.mock.service.leftover_rules());
        let record = self.mock.journal.snapshot();
        let after = std::mem::replace(&mut *self.judged.lock(), record.arrived);
        if counts || !unused.is_empty() {
            let (state, style) = (&*self.mock, Style::of_stderr());
            let judged = Judged { calls: &calls(&record.requests), after, dropped: record.dropped_after(after) };
            let unmet = failures(&declared, &unused, &judged, self.strict, state, style);
            found.shows_record = !unmet.texts.is_empty();
            found.too_little = unmet.too_little;
            found.failures.extend(unmet.texts);
        }
        if !is_idle && !found.failures.is_empty() {
            let open = record.requests.into_iter().filter(|request| !request.has_ended());
            let open: String =
                open.take(10).map(|request| format!("  {}  {}\n", request.number(), line(&request))).collect();
            let text = format!("some requests were still in progress after {} seconds\n{open}", PATIENCE.as_secs());
            found.failures.push(text);
        }
        found
    }

    /// Returns the last requests of the record with hints, if a request failed.
    pub(crate) fn tail(&self) -> Option<String> {
        tail(&calls(&self.mock.journal.requests().0), &*self.mock, Style::of_stderr())
    }
}

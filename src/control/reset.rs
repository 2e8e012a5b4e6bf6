//! Resets a mock to its state at the start.

use crate::mock::Mock;

use super::expectations::Expectations;

/// Returns everything to the state at the start of the mock: vaults, jobs and their rules, the record, faults, expectations, settings
/// that were changed later, principals, the clock, and the callbacks for notifications.
pub(crate) fn reset(mock: &Mock, expectations: &Expectations) {
    expectations.discard();
    mock.journal.clear();
    mock.faults.clear();
    mock.service.reset();
    mock.reset_request_ids();
    if let Some(turns) = &mock.turns {
        turns.restart();
    }
    mock.principals.reset(mock.service.now());
}

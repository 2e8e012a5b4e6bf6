//! Resets a mock to its state at the start.

use crate::mock::Mock;

/// Returns everything to the state at the start of the mock: vaults, jobs and their rules, the record, faults, settings
/// that were changed later, principals, the clock, and the callbacks for notifications.
pub(crate) fn reset(mock: &Mock) {
    mock.journal.clear();
    mock.faults.clear();
    mock.service.reset();
    mock.principals.reset(mock.service.now());
}

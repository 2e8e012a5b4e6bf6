//! Resets a mock to its state at the start.

use crate::mock::Mock;
#[cfg(feature = "standalone")]
use crate::service::PartialReset;

#[cfg(feature = "standalone")]
use super::error::ControlError;
use super::expectations::Expectations;

/// A part of the state of a mock.
#[cfg(feature = "standalone")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ResetPart {
    /// The record.
    Requests,
    Faults,
    /// The jobs with their notifications, and the rules for jobs.
    Jobs,
    /// The vaults with everything in them, and the notifications of their jobs.
    Vaults,
    /// The advances of the clock, and what is measured with it in an account: provisioned capacity and the use of the
    /// retrieval limits.
    Clock,
}

/// Returns everything to the state at the start of the mock: vaults, jobs and their rules, the record, faults,
/// expectations, settings that were changed later, principals, the clock, and the callbacks for notifications.
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

/// Returns parts of a mock to their state at the start. The clock alone cannot go back while there are vaults, because
/// the times in them would lie in the future.
#[cfg(feature = "standalone")]
pub(crate) fn reset_parts(mock: &Mock, parts: &[ResetPart]) -> Result<(), ControlError> {
    let has = |part| parts.contains(&part);
    let of_service =
        PartialReset { jobs: has(ResetPart::Jobs), vaults: has(ResetPart::Vaults), clock: has(ResetPart::Clock) };
    mock.service.reset_parts(of_service).map_err(|vaults| {
        ControlError::conflict(format!(
            "the clock cannot be reset without the vaults: {vaults} existing vaults would have times in the future"
        ))
    })?;
    if has(ResetPart::Requests) {
        mock.journal.clear();
    }
    if has(ResetPart::Faults) {
        mock.faults.clear();
    }
    Ok(())
}

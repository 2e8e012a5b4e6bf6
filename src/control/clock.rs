//! The service's clock, which a test reads and advances.

use std::time::Duration;

use crate::domain::vault::Event;
use crate::domain::words::Timestamp;
use crate::mock::Mock;

use super::error::ControlError;

/// Returns the time of the service's clock.
pub(crate) fn now(mock: &Mock) -> Timestamp {
    mock.service.now()
}

pub(crate) fn advance(mock: &Mock, by: Duration) {
    mock.service.advance(by);
}

/// Advances the clock to an instant that is not in the past.
pub(crate) fn advance_to(mock: &Mock, instant: Timestamp) -> Result<(), ControlError> {
    let now = mock.service.now();
    if instant < now {
        return Err(ControlError::conflict(format!("the mock's clock is at {now} and cannot go back to {instant}")));
    }
    mock.service.advance(instant.since(now));
    Ok(())
}

/// Advances the clock to the next time at which something happens without a request, and returns what happens then.
pub(crate) fn advance_to_next_event(mock: &Mock) -> Vec<Event> {
    mock.service.advance_to_next_event()
}

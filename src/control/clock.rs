//! The service's clock, which a test reads and advances.

use std::time::Duration;

use crate::domain::vault::Event;
use crate::domain::words::Timestamp;
use crate::mock::Mock;

use super::error::ControlError;

/// The service's clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClockControl<'a>(pub(crate) &'a Mock);

impl ClockControl<'_> {
    /// Returns the time.
    pub(crate) fn now(self) -> Timestamp {
        self.0.service.now()
    }

    pub(crate) fn advance(self, by: Duration) {
        self.0.service.advance(by);
    }

    /// Advances the clock, and returns what happens on the way, with its times and in their order.
    #[cfg(feature = "standalone")]
    pub(crate) fn advance_with_events(self, by: Duration) -> Vec<(Timestamp, Event)> {
        self.0.service.advance_with_events(by)
    }

    /// Advances the clock to an instant that is not in the past.
    pub(crate) fn advance_to(self, instant: Timestamp) -> Result<(), ControlError> {
        self.advance(self.until(instant)?);
        Ok(())
    }

    /// Returns the time from now until an instant that is not in the past.
    pub(crate) fn until(self, instant: Timestamp) -> Result<Duration, ControlError> {
        let now = self.now();
        if instant < now {
            return Err(ControlError::conflict(format!(
                "the mock's clock is at {now} and cannot go back to {instant}"
            )));
        }
        Ok(instant.since(now))
    }

    /// Advances the clock to the next time at which something happens without a request, and returns what happens then.
    pub(crate) fn advance_to_next_event(self) -> Vec<Event> {
        self.0.service.advance_to_next_event()
    }
}

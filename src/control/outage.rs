//! Outages: periods in which the port of a mock refuses connections.

use crate::server::Server;

use super::error::ControlError;

/// The outages of a mock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outages<'a>(pub(crate) &'a Server);

impl Outages<'_> {
    /// Refuses new connections and resets open ones.
    pub(crate) fn begin(self) -> Result<(), ControlError> {
        let failed =
            |error| format!("glacier-mock cannot stop listening on {} for the outage: {error}", self.0.address());
        self.0.begin_outage().map_err(|error| ControlError::conflict(failed(error)))
    }

    /// Ends one of the outages that have begun. The last one to end opens the port again, unless the mock has ended.
    pub(crate) fn end(self) -> Result<(), ControlError> {
        let failed =
            |error| format!("glacier-mock cannot listen on {} again after the outage: {error}", self.0.address());
        self.0.end_outage().map_err(|error| ControlError::conflict(failed(error)))
    }
}

//! Outages: periods in which the port of a mock refuses connections.

use crate::server::Server;

use super::error::ControlError;

/// The outages of a mock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outages<'a>(pub(crate) &'a Server);

impl Outages<'_> {
    /// Refuses new connections and resets open ones. Does nothing during an outage.
    pub(crate) fn begin(self) -> Result<(), ControlError> {
        let failed =
            |error| format!("glacier-mock cannot stop listening on {} for the outage: {error}", self.0.address());
        self.0.down().map_err(|error| ControlError::conflict(failed(error)))
    }

    /// Listens on the same port again. Does nothing without an outage, and after the end of the mock.
    pub(crate) fn end(self) -> Result<(), ControlError> {
        let failed =
            |error| format!("glacier-mock cannot listen on {} again after the outage: {error}", self.0.address());
        self.0.up().map_err(|error| ControlError::conflict(failed(error)))
    }
}

//! Outages: periods in which the port of a mock refuses connections.

use crate::server::Server;
#[cfg(feature = "standalone")]
use crate::server::{OwnConnection, StoppedConnections};

use super::error::ControlError;

/// The outages of a mock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outages<'a>(pub(crate) &'a Server);

impl Outages<'_> {
    /// Refuses new connections and resets open ones.
    pub(crate) fn begin(self) -> Result<(), ControlError> {
        self.0.begin_outage().map_err(|error| self.not_begun(&error))
    }

    /// Refuses new connections and resets open ones, except the one on which the test asked for it. That one can send
    /// the answer until the returned value is dropped.
    #[cfg(feature = "standalone")]
    pub(crate) fn begin_sparing(self, connection: &OwnConnection) -> Result<Option<StoppedConnections>, ControlError> {
        self.0.begin_outage_sparing(connection).map_err(|error| self.not_begun(&error))
    }

    fn not_begun(self, error: &std::io::Error) -> ControlError {
        let address = self.0.address();
        ControlError::conflict(format!("glacier-mock cannot stop listening on {address} for the outage: {error}"))
    }

    /// Ends one of the outages that have begun. The last one to end opens the port again, unless the mock has ended.
    pub(crate) fn end(self) -> Result<(), ControlError> {
        let failed =
            |error| format!("glacier-mock cannot listen on {} again after the outage: {error}", self.0.address());
        self.0.end_outage().map_err(|error| ControlError::conflict(failed(error)))
    }
}

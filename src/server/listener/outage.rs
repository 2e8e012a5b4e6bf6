//! Outages of the port: it refuses connections, and existing connections send nothing more.

use std::io;

use tokio::task::AbortHandle;

use super::{Server, State, stop_listening};
#[cfg(feature = "standalone")]
use crate::server::OwnConnection;

/// The connections that existed when an outage began. None of them reads or writes another byte, except one that was
/// spared. Dropping this closes all of them.
pub(crate) struct StoppedConnections(AbortHandle);

impl Drop for StoppedConnections {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Server {
    /// Begins an outage. When this returns, new connections are refused and existing ones send nothing more.
    pub(crate) fn begin_outage(&self) -> io::Result<()> {
        self.begin().map(drop)
    }

    /// Begins an outage like [`begin_outage`](Self::begin_outage), but the connection on which the test asked for it
    /// can still send the answer, until the returned value is dropped. The value is `None` if the port was closed
    /// already.
    #[cfg(feature = "standalone")]
    pub(crate) fn begin_outage_sparing(&self, connection: &OwnConnection) -> io::Result<Option<StoppedConnections>> {
        connection.spare();
        self.begin()
    }

    /// Ends an outage. The last one to end opens the port again, unless the mock has ended.
    pub(crate) fn end_outage(&self) -> io::Result<()> {
        let mut outages = self.outages.lock();
        *outages = outages.saturating_sub(1);
        if *outages == 0 { self.open() } else { Ok(()) }
    }

    fn begin(&self) -> io::Result<Option<StoppedConnections>> {
        let mut outages = self.outages.lock();
        let stopped = if *outages == 0 { self.down()? } else { None };
        *outages += 1;
        Ok(stopped)
    }

    fn down(&self) -> io::Result<Option<StoppedConnections>> {
        let mut state = self.state.lock();
        if !matches!(*state, State::Up { .. }) {
            return Ok(None);
        }
        let State::Up { port, group, accepting } = std::mem::replace(&mut *state, State::Changing) else {
            return Ok(None);
        };
        group.stop();
        let stopped = StoppedConnections(accepting);
        if let Some(listener) = port.take() {
            *state = State::Down(stop_listening(listener, self.address)?);
        }
        Ok(Some(stopped))
    }
}

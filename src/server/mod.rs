//! Moves bytes between sockets, the wire and the record. It does not decide what the service answers.

#[cfg(feature = "standalone")]
mod beside;
mod body;
mod connection;
mod crowd;
mod far_job;
mod faults;
mod idle;
mod kept_body;
mod limits;
mod listener;
mod log;
mod pieces;
mod pipeline;
mod polled_again;
#[cfg(feature = "publish")]
mod publishing;
mod receive;
#[cfg(feature = "standalone")]
mod receive_bytes;
mod reporter;
mod router;
mod runtime;
mod send;
mod socket;
mod spoil;
mod spoilt_body;

#[cfg(feature = "standalone")]
pub(crate) use self::beside::Beside;
#[cfg(feature = "standalone")]
pub(crate) use self::connection::{ClientWatch, OwnConnection};
pub(crate) use self::limits::ConnectionLimits;
pub(crate) use self::log::LogLevel;
#[cfg(any(feature = "standalone", feature = "state"))]
pub(crate) use self::log::write_line;
#[cfg(feature = "standalone")]
pub(crate) use self::log::{flush, write};
#[cfg(feature = "standalone")]
pub(crate) use self::receive_bytes::{NotReceived, receive_bytes};
pub(crate) use self::reporter::Reporter;
pub(crate) use self::runtime::background;

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use crate::domain::bytes::Pool;
use crate::mock::Mock;

pub(crate) use self::listener::Server;
#[cfg(feature = "standalone")]
pub(crate) use self::listener::StoppedConnections;

/// Without the feature `standalone`, the port serves nothing beside Glacier.
#[cfg(not(feature = "standalone"))]
#[derive(Default)]
pub(crate) struct Beside {}

/// A mock, with what its connections need in order to serve it.
pub(crate) struct Served {
    mock: Arc<Mock>,
    verify_signatures: bool,
    /// Deduplicates request bodies: equal bodies share one allocation.
    bodies: Pool,
    reporter: Reporter,
    /// Whether to write nothing to standard error.
    is_quiet: bool,
    limits: ConnectionLimits,
    /// What the port serves beside Glacier. It is set before the port is open.
    beside: OnceLock<Beside>,
}

impl Served {
    pub(crate) fn new(
        mock: Arc<Mock>,
        verify_signatures: bool,
        reporter: Reporter,
        is_quiet: bool,
        limits: ConnectionLimits,
    ) -> Self {
        let (bodies, beside) = (Pool::default(), OnceLock::new());
        Served { mock, verify_signatures, bodies, reporter, is_quiet, limits, beside }
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served").finish_non_exhaustive()
    }
}

/// Returns the URL of an address, as a client needs it.
pub(crate) fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

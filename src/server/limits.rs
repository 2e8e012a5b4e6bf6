//! The limits of a mock's connections and of the bodies that they send.

use std::num::NonZeroUsize;
use std::time::Duration;

/// What clients may do to a mock's server. The fixture has only the first limit; the program has all of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConnectionLimits {
    /// How long a body may stall before the request is answered with 408, on the wall clock.
    pub(crate) stalled_upload_after: Duration,
    /// The number of bytes that a body may have. A longer one is refused without reading the rest of it.
    pub(crate) max_body: u64,
    /// How long a connection may take to begin its next request, and to finish a head that it has begun, on the wall
    /// clock. `None` means no limit.
    pub(crate) idle_timeout: Option<Duration>,
    /// The number of connections that may be open at a time. `None` means no limit but that of
    /// the operating system.
    pub(crate) max_connections: Option<NonZeroUsize>,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        ConnectionLimits {
            stalled_upload_after: Duration::from_secs(30),
            max_body: u64::MAX,
            idle_timeout: None,
            max_connections: None,
        }
    }
}

//! Moves bytes between sockets, the wire and the record. It makes no decisions of the service.

mod connection;
mod delay;
mod far_job;
mod faults;
mod hold;
mod listener;
pub(crate) mod log;
mod pieces;
mod pipeline;
mod receive;
mod reporter;
mod router;
mod runtime;
mod send;
mod spoil;
mod spoilt_body;

#[cfg(feature = "client")]
pub(crate) use self::hold::{Hold, Registered};
pub(crate) use self::reporter::Reporter;
pub(crate) use self::runtime::background;

use std::fmt;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::domain::bytes::Pool;
use crate::domain::words::RequestId;
use crate::fault::Script;
use crate::record::Journal;
use crate::service::{IdSource, Principals, Service};
use crate::wire::Defaults;

use self::hold::Holds;

pub(crate) use listener::Server;

/// The state that all connections of one mock share.
pub(crate) struct Core {
    pub(crate) service: Service,
    pub(crate) journal: Arc<Journal>,
    pub(crate) faults: Arc<Script>,
    pub(crate) defaults: Defaults,
    pub(crate) holds: Arc<Holds>,
    pub(crate) principals: Principals,
    verify_signatures: bool,
    /// Deduplicates request bodies: equal bodies share one allocation.
    bodies: Pool,
    reporter: Reporter,
    /// Whether to write nothing to standard error.
    is_quiet: bool,
    /// How long a body may stall, on the wall clock.
    stalled_upload_after: Duration,
    /// Request IDs have a separate generator, so that the number of requests does not change the IDs of archives.
    request_ids: Mutex<IdSource>,
    /// Whether the mock was dropped. Requests in flight may still use this.
    is_dropped: AtomicBool,
}

impl Core {
    pub(crate) fn new(
        service: Service,
        journal: Arc<Journal>,
        defaults: Defaults,
        verify_signatures: bool,
        request_ids: IdSource,
        reporter: Reporter,
        stalled_upload_after: Duration,
    ) -> Self {
        Core {
            service,
            journal,
            faults: Arc::default(),
            principals: Principals::new(defaults.account),
            defaults,
            holds: Arc::default(),
            bodies: Pool::default(),
            verify_signatures,
            reporter,
            is_quiet: false,
            stalled_upload_after,
            request_ids: Mutex::new(request_ids),
            is_dropped: AtomicBool::new(false),
        }
    }

    /// Sets whether to write nothing to standard error.
    pub(crate) fn quiet(mut self, is_quiet: bool) -> Self {
        self.is_quiet = is_quiet;
        self
    }

    /// Returns whether the mock still exists.
    #[cfg_attr(not(feature = "client"), expect(dead_code, reason = "only the mock's client asks"))]
    pub(crate) fn is_serving(&self) -> bool {
        !self.is_dropped.load(Ordering::SeqCst)
    }

    fn next_request_id(&self) -> RequestId {
        self.request_ids.lock().unwrap_or_else(PoisonError::into_inner).request()
    }
}

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Core").finish_non_exhaustive()
    }
}

/// Returns the URL of an address, as a client needs it.
pub(crate) fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

//! The connection on which a request to the control API arrived.

use crate::server::body::Request;
use tokio::sync::oneshot;

use super::{ConnectionControl, Watch};

/// The connection on which a request arrived. The router adds it as an extension to requests that are not for Glacier.
#[derive(Clone)]
pub(crate) struct OwnConnection(ConnectionControl);

impl OwnConnection {
    /// Adds the connection to a request.
    pub(in crate::server) fn attached(control: &ConnectionControl, mut request: Request) -> Request {
        request.extensions_mut().insert(OwnConnection(control.clone()));
        request
    }

    /// Keeps the connection open when an outage stops the others.
    pub(in crate::server) fn spare(&self) {
        self.0.state.lock().is_spared = true;
    }

    /// Returns a future that completes when the connection is closed. A second call ends the future of the first.
    pub(crate) fn closed(&self) -> impl Future<Output = ()> + Send + use<> {
        let (open, closed) = oneshot::channel();
        self.0.state.lock().while_open = Some(open);
        async move { drop(closed.await) }
    }

    /// Ends the connection, and with it the request, as soon as the client closes it while the returned value exists.
    /// Otherwise a closed connection is noticed only when something is written to it.
    pub(crate) fn watch(&self) -> ClientWatch {
        ClientWatch(self.0.watch())
    }
}

/// While this exists, the connection ends when the client closes it.
pub(crate) struct ClientWatch(#[expect(dead_code, reason = "its drop has an effect")] Watch);

//! A port: bound without waiting, closed without waiting.

use std::future::poll_fn;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use super::connection::Connection;
use super::runtime::background;
use super::{Core, router};

/// A listening socket and the task that serves it. Dropping it closes the port and every connection.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    port: Arc<Port>,
    accepting: AbortHandle,
}

/// The socket, where both the accepting task and whoever closes it can reach it: closing must not wait for a thread.
#[derive(Debug)]
struct Port(Mutex<Option<TcpListener>>);

impl Server {
    /// Binds `address` (port 0: any free one) and serves it on the background runtime. Has nothing to wait for: a
    /// client can connect when this returns.
    pub(crate) fn start(address: SocketAddr, core: Arc<Core>) -> io::Result<Self> {
        let listener = StdListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = background();
        let listener = {
            let _entered = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let port = Arc::new(Port(Mutex::new(Some(listener))));
        let accepting = runtime.spawn(accept(port.clone(), core)).abort_handle();
        Ok(Server { address, port, accepting })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The port refuses from here on; the task drops its connections when the runtime gets round to it.
        drop(self.port.take());
        self.accepting.abort();
    }
}

impl Port {
    fn take(&self) -> Option<TcpListener> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The next connection, or `None` when the port was closed.
    async fn accept(&self) -> Option<io::Result<TcpStream>> {
        poll_fn(|context| {
            let slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match &*slot {
                None => Poll::Ready(None),
                Some(listener) => {
                    listener.poll_accept(context).map(|accepted| Some(accepted.map(|(stream, _)| stream)))
                }
            }
        })
        .await
    }
}

/// Takes connections until the port is closed. The set of connections goes with this task, and they with it.
async fn accept(port: Arc<Port>, core: Arc<Core>) {
    let mut connections = JoinSet::new();
    while let Some(accepted) = port.accept().await {
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok(stream) => {
                connections.spawn(serve(stream, core.clone()));
            }
            // Out of descriptors, most likely. Others may be given back; asking again at once would only spin.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, core: Arc<Core>) {
    // Without this a small answer waits for the client's delayed acknowledgement. A socket that is gone already says
    // so at the first read.
    let _ = stream.set_nodelay(true);
    let (connection, breaker) = Connection::new(stream);
    let routes = TowerToHyperService::new(router::routes().clone());
    // With the request, and not as a layer of the routes: that would be made anew for each mock and connection.
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        let extensions = request.extensions_mut();
        extensions.insert(core.clone());
        extensions.insert(breaker.clone());
        routes.call(request)
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(connection), service);
    // What goes wrong on a connection is the client's to notice; the record marks the request it happened to.
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection ended early");
    }
}

//! A port: bound without waiting, closed without waiting.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use socket2::{Domain, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use super::Core;
use super::connection::{Connection, Line};
use super::router::{self, Origin};
use super::runtime::background;

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 1024;

/// A listening socket and the task that serves it. Dropping it closes the port and every connection.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    core: Arc<Core>,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Up {
        port: Arc<Port>,
        line: Line,
        accepting: AbortHandle,
    },
    /// The socket is still bound: connections are refused, and nobody else can take the port.
    Down(Socket),
    /// Between the two, or the system would not let it come back.
    Gone,
}

/// The socket, where both the accepting task and whoever closes it can reach it: closing must not wait for a thread.
#[derive(Debug)]
struct Port(Mutex<Option<TcpListener>>);

impl Server {
    /// Binds `address` (port 0: any free one) and serves it on the background runtime. Has nothing to wait for: a
    /// client can connect when this returns.
    pub(crate) fn start(address: SocketAddr, core: Arc<Core>) -> io::Result<Self> {
        let socket = bound(address)?;
        let address = socket.local_addr()?.as_socket().unwrap_or(address);
        // A core is served once.
        let _ = core.address.set(address);
        let server = Server { address, core, state: Mutex::new(State::Down(socket)) };
        server.up()?;
        Ok(server)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From when this returns connections are refused, and those that there are say nothing more. Nothing, if it is
    /// down already.
    pub(crate) fn down(&self) -> io::Result<()> {
        let mut state = self.lock();
        if let State::Up { port, line, accepting } = std::mem::replace(&mut *state, State::Gone) {
            line.cut();
            accepting.abort();
            if let Some(listener) = port.take() {
                *state = State::Down(deaf(listener, self.address)?);
            }
        }
        Ok(())
    }

    /// Listens again, on the same port. Nothing, if it does already.
    pub(crate) fn up(&self) -> io::Result<()> {
        let mut state = self.lock();
        let State::Down(socket) = &*state else { return Ok(()) };
        socket.listen(BACKLOG)?;
        if let State::Down(socket) = std::mem::replace(&mut *state, State::Gone) {
            let runtime = background();
            let listener = {
                let _entered = runtime.enter();
                TcpListener::from_std(socket.into())?
            };
            let (port, line) = (Arc::new(Port(Mutex::new(Some(listener)))), Line::default());
            let accepting = runtime.spawn(accept(port.clone(), line.clone(), self.core.clone())).abort_handle();
            *state = State::Up { port, line, accepting };
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.core.is_dropped.store(true, Ordering::SeqCst);
        if let State::Up { port, accepting, .. } = &*self.lock() {
            // The port refuses from here on; the task drops its connections when the runtime gets round to it.
            drop(port.take());
            accepting.abort();
        }
    }
}

/// A socket that has its address and does not listen.
fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // As std does: a port whose old connections still linger can be taken. On Windows it would mean stealing it.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    shareable(&socket)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// From here on another socket of this program may be bound to the same address. Not before it is bound itself: a port
/// that is taken must be refused.
fn shareable(socket: &Socket) -> io::Result<()> {
    #[cfg(unix)]
    socket.set_reuse_port(true)?;
    #[cfg(not(unix))]
    let _ = socket;
    Ok(())
}

/// Stops listening without giving the port away: a socket that does not listen is bound to it before the one that does
/// is closed.
fn deaf(listener: TcpListener, address: SocketAddr) -> io::Result<Socket> {
    // Where sockets cannot share an address, nobody holds the port for a moment.
    let listener = if cfg!(unix) { Some(listener) } else { None };
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    shareable(&socket)?;
    socket.bind(&address.into())?;
    socket.set_nonblocking(true)?;
    drop(listener);
    Ok(socket)
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
async fn accept(port: Arc<Port>, line: Line, core: Arc<Core>) {
    let mut connections = JoinSet::new();
    while let Some(accepted) = port.accept().await {
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok(stream) => {
                connections.spawn(serve(stream, line.clone(), core.clone()));
            }
            // Out of descriptors, most likely. Others may be given back; asking again at once would only spin.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, line: Line, core: Arc<Core>) {
    // Without this a small answer waits for the client's delayed acknowledgement. A socket that is gone already says
    // so at the first read.
    let _ = stream.set_nodelay(true);
    let (connection, breaker) = Connection::new(stream, line);
    let routes = TowerToHyperService::new(router::router().clone());
    let origin = Arc::new(Origin { core, breaker });
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(origin.clone());
        routes.call(request)
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(connection), service);
    // What goes wrong on a connection is the client's to notice; the record marks the request it happened to.
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection ended early");
    }
}

//! Listens on a port. Neither binding nor closing the port waits for a thread.

mod outage;

use std::future::poll_fn;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use socket2::{Domain, SockRef, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

use crate::sync::Mutex;

use super::connection::{Connection, ConnectionGroup};
use super::router::Origin;
use super::runtime::background;
use super::{Served, router};

#[cfg(feature = "standalone")]
pub(crate) use self::outage::StoppedConnections;

/// The number of connections that may wait to be accepted.
const BACKLOG: i32 = 1024;

/// A listening socket and the task that serves it. Dropping it closes the port and every connection.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    served: Arc<Served>,
    /// The number of outages that have begun and not ended.
    outages: Mutex<usize>,
    state: Mutex<State>,
}

#[derive(Debug)]
enum State {
    Up {
        port: Arc<Port>,
        group: ConnectionGroup,
        accepting: AbortHandle,
    },
    /// The socket is still bound, so connections are refused and no other socket can be bound to the port.
    Down(Socket),
    /// The mock has ended.
    Stopped,
    /// A transition between the first two, or the state after the operating system failed to restore the socket.
    Changing,
}

/// The socket, shared by the accepting task and the code that closes it, because closing must not wait for a thread.
#[derive(Debug)]
struct Port(Mutex<Option<TcpListener>>);

impl Server {
    /// Binds `address` (port 0: any free port). The port refuses connections until [`open`](Self::open) is called.
    pub(crate) fn bind(address: SocketAddr, served: Served) -> io::Result<Self> {
        let socket = bound(address)?;
        let address = socket.local_addr()?.as_socket().unwrap_or(address);
        served.reporter.listens_on(address.port());
        let (served, outages, state) = (Arc::new(served), Mutex::default(), Mutex::new(State::Down(socket)));
        Ok(Server { address, served, outages, state })
    }

    /// Sets what the port serves beside Glacier. Only the first call has an effect.
    pub(crate) fn serve_beside(&self, beside: super::Beside) {
        let _ = self.served.beside.set(beside);
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves the port on the background runtime. This does not wait: a client can connect as soon as it returns. Does
    /// nothing if the port is open already.
    pub(crate) fn open(&self) -> io::Result<()> {
        let mut state = self.state.lock();
        let State::Down(socket) = &*state else { return Ok(()) };
        listen(socket)?;
        if let State::Down(socket) = std::mem::replace(&mut *state, State::Changing) {
            let runtime = background();
            let listener = {
                let _entered = runtime.enter();
                TcpListener::from_std(socket.into())?
            };
            let (port, group) = (Arc::new(Port(Mutex::new(Some(listener)))), ConnectionGroup::default());
            let accepting = runtime.spawn(accept(port.clone(), group.clone(), self.served.clone())).abort_handle();
            *state = State::Up { port, group, accepting };
        }
        Ok(())
    }

    /// Ends the mock: closes the port for good, and every connection. Does nothing after the first call.
    pub(crate) fn stop(&self) {
        self.served.mock.end();
        let before = std::mem::replace(&mut *self.state.lock(), State::Stopped);
        if let State::Stopped = before {
            return;
        }
        if let State::Up { port, accepting, .. } = before {
            // From now on the port refuses connections. The task drops its connections when the runtime next runs it.
            if let Some(listener) = port.take() {
                close(listener);
            }
            accepting.abort();
        }
        self.served.reporter.flush();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Creates a socket that is bound but does not listen.
///
/// On Linux, the socket is bound to an explicit port number even if any free port will do. Linux keeps such a port when
/// the socket stops listening, but releases a port that it chose itself.
fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = new_socket(address)?;
    if !cfg!(target_os = "linux") || address.port() != 0 {
        return bind(&socket, address).map(|()| socket);
    }
    let chosen = choose_port(address)?;
    let address = chosen.local_addr()?.as_socket().unwrap_or(address);
    share_port(&socket, true)?;
    bind(&socket, address)?;
    share_port(&socket, false)?;
    Ok(socket)
}

/// Creates a socket on a free port, which another socket can share until it listens. A child process that is being started
/// has a copy of it, which must not keep the other from listening. That is permitted only after the choice of the port:
/// otherwise this could choose the port of a mock that does not listen yet.
fn choose_port(address: SocketAddr) -> io::Result<Socket> {
    let chosen = new_socket(address)?;
    share_port(&chosen, true)?;
    chosen.bind(&address.into())?;
    take_lingering(&chosen, true)?;
    Ok(chosen)
}

fn new_socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn bind(socket: &Socket, address: SocketAddr) -> io::Result<()> {
    take_lingering(socket, true)?;
    socket.bind(&address.into())
}

/// Sets whether the socket can take a port whose old connections linger, as listeners of the standard library can. On
/// Windows the same option would allow stealing a port, so there it stays off.
fn take_lingering(socket: &Socket, can: bool) -> io::Result<()> {
    if cfg!(windows) { Ok(()) } else { socket.set_reuse_address(can) }
}

/// Sets whether another socket of the same user can be bound to the same address, if it sets this option too.
///
/// The option is off whenever a socket listens: otherwise a program that shares its port could receive half of the
/// mock's connections.
fn share_port(socket: &Socket, can: bool) -> io::Result<()> {
    #[cfg(unix)]
    socket.set_reuse_port(can)?;
    #[cfg(not(unix))]
    let _ = (socket, can);
    Ok(())
}

fn listen(socket: &Socket) -> io::Result<()> {
    share_port(socket, false)?;
    take_lingering(socket, true)?;
    socket.listen(BACKLOG)
}

/// Closes a port. A child process that was forked and has not called `exec` yet has a copy of the listening socket,
/// which would keep the port open (for up to 76 ms, measured). The socket therefore stops listening before it is
/// closed.
fn close(listener: TcpListener) {
    // On systems that cannot shut down a listening socket, it is still closed.
    let _ = SockRef::from(&listener).shutdown(Shutdown::Both);
}

/// Stops listening without releasing the port.
#[cfg(target_os = "linux")]
fn stop_listening(listener: TcpListener, _: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::from(listener.into_std()?);
    // Two sockets with this option could be bound to one address while neither listens.
    take_lingering(&socket, false)?;
    // The port stays bound; see `bound`. Copies of the socket in child processes stop listening too.
    socket.shutdown(Shutdown::Both)?;
    Ok(socket)
}

/// Stops listening without releasing the port: first binds another socket that does not listen. Until the outage ends,
/// a program of the same user that sets `SO_REUSEPORT` could take the port.
#[cfg(not(target_os = "linux"))]
fn stop_listening(listener: TcpListener, address: SocketAddr) -> io::Result<Socket> {
    let socket = new_socket(address)?;
    if cfg!(unix) {
        share_port(&Socket::from(SockRef::from(&listener).try_clone()?), true)?;
        share_port(&socket, true)?;
        socket.bind(&address.into())?;
        close(listener);
    } else {
        // Where sockets cannot share an address, the port is free for a moment.
        close(listener);
        socket.bind(&address.into())?;
    }
    Ok(socket)
}

impl Port {
    fn take(&self) -> Option<TcpListener> {
        self.0.lock().take()
    }

    /// Returns the next connection, or `None` after the port was closed.
    async fn accept(&self) -> Option<io::Result<TcpStream>> {
        poll_fn(|context| {
            let slot = self.0.lock();
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

/// Accepts connections until the port is closed. This task owns the set of connections, so they end with it when it is
/// aborted. An outage may spare a connection, and abort the task later.
async fn accept(port: Arc<Port>, group: ConnectionGroup, served: Arc<Served>) {
    let mut connections = JoinSet::new();
    let mut failures = Failures::default();
    while let Some(accepted) = port.accept().await {
        while connections.try_join_next().is_some() {}
        match accepted {
            Ok(stream) => {
                connections.spawn(serve(stream, group.clone(), served.clone()));
            }
            // Most likely the process has no file descriptors left. Wait until some are released instead of spinning.
            Err(error) => {
                if let Some(before) = failures.report(Instant::now()) {
                    served.reporter.not_accepted(&error, before).await;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
    while connections.join_next().await.is_some() {}
}

/// Counts failures to accept. Only one per second is reported, because there are a hundred per second while file
/// descriptors are short.
#[derive(Default)]
struct Failures {
    reported: Option<Instant>,
    unreported: u64,
}

impl Failures {
    /// Returns the number of unreported failures since the last report, or `None` if this failure is not to be
    /// reported.
    fn report(&mut self, now: Instant) -> Option<u64> {
        if self.reported.is_some_and(|reported| now.duration_since(reported) < Duration::from_secs(1)) {
            self.unreported += 1;
            return None;
        }
        self.reported = Some(now);
        Some(std::mem::take(&mut self.unreported))
    }
}

async fn serve(stream: TcpStream, group: ConnectionGroup, served: Arc<Served>) {
    // Without this option a small response waits for the client's delayed acknowledgement. If the socket is already
    // closed, the first read fails.
    let _ = stream.set_nodelay(true);
    let (connection, control) = Connection::new(stream, group);
    let routes = TowerToHyperService::new(router::router().clone());
    let origin = Arc::new(Origin { served: served.clone(), control });
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(origin.clone());
        routes.call(request)
    });
    // A client may close its sending half once its request is complete. `Watch` detects clients that are gone.
    let mut connection = http1::Builder::new().half_close(true).serve_connection(TokioIo::new(connection), service);
    let ended = poll_fn(|context| connection.poll_without_shutdown(context));
    match ended.await {
        Ok(()) => connection.into_parts().io.into_inner().linger().await,
        // hyper has answered with 400, 414 or 431. The refusal is reported before the connection is closed.
        Err(error) if error.is_parse() => {
            served.reporter.refused(&error).await;
            connection.into_parts().io.into_inner().linger().await;
        }
        // The client notices any other failure, and the record marks the request that it happened to.
        Err(error) => served.reporter.ended_early(&error).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A listening socket, and the copy of it that a child process has between `fork` and `exec`.
    fn listening() -> (TcpListener, Socket, SocketAddr) {
        let socket = bound("127.0.0.1:0".parse().unwrap()).unwrap();
        listen(&socket).unwrap();
        let (address, copy) = (socket.local_addr().unwrap().as_socket().unwrap(), socket.try_clone().unwrap());
        let _entered = background().enter();
        (TcpListener::from_std(socket.into()).unwrap(), copy, address)
    }

    fn is_refused(address: SocketAddr) -> bool {
        std::net::TcpStream::connect(address).is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_mock_listens_while_a_copy_of_the_socket_that_chose_its_port_is_open() {
        let chosen = choose_port(([127, 0, 0, 1], 0).into()).unwrap();
        let address = chosen.local_addr().unwrap().as_socket().unwrap();
        let socket = new_socket(address).unwrap();
        share_port(&socket, true).and_then(|()| bind(&socket, address)).and_then(|()| listen(&socket)).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_closed_port_refuses_while_a_child_process_has_a_copy_of_its_socket() {
        let (listener, copy, address) = listening();
        assert!(!is_refused(address));
        close(listener);
        assert!(is_refused(address));
        drop(copy);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_outage_refuses_and_keeps_the_port_while_a_child_process_has_a_copy_of_its_socket() {
        let (mut listener, copy, address) = listening();
        for _ in 0..3 {
            let socket = stop_listening(listener, address).unwrap();
            assert!(is_refused(address));
            assert!(std::net::TcpListener::bind(address).is_err());
            listen(&socket).unwrap();
            assert!(!is_refused(address));
            assert!(std::net::TcpListener::bind(address).is_err());
            let _entered = background().enter();
            listener = TcpListener::from_std(socket.into()).unwrap();
        }
        drop(copy);
    }

    #[test]
    fn at_most_one_failure_per_second_is_reported() {
        let (mut failures, start) = (Failures::default(), Instant::now());
        let reports: Vec<_> = (0..300).filter_map(|n| failures.report(start + Duration::from_millis(10 * n))).collect();
        assert_eq!(reports, [0, 99, 99]);
    }
}

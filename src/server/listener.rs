//! Listens on a port, accepts connections and serves them. Neither binding nor closing the port waits for a thread.

mod outage;

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use socket2::Socket;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

use crate::sync::{Mutex, task};

use super::Served;
use super::body::boxed;
use super::connection::{Connection, ConnectionControl, ConnectionGroup};
use super::crowd::Connections;
use super::idle::{Arriving, Handling, unless_idle};
use super::polled_again::polled_again;
use super::router::routed;
use super::runtime::background;
use super::socket::{bound, close, listen, stop_listening};

#[cfg(feature = "standalone")]
pub(crate) use self::outage::StoppedConnections;

/// A listening socket and the task that serves it. Dropping it closes the port and every connection.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    pub(super) served: Arc<Served>,
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
            let accepts = accept(port.clone(), group.clone(), self.served.clone());
            let accepting = runtime.spawn(task(accepts)).abort_handle();
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

/// Accepts connections until the port is closed. This task owns the connections, so they end with it when it is
/// aborted. An outage may spare a connection, and abort the task later.
async fn accept(port: Arc<Port>, group: ConnectionGroup, served: Arc<Served>) {
    let limit = served.limits.max_connections;
    let mut connections = Connections::new(limit);
    let (mut failures, mut closings) = (Failures::default(), Failures::default());
    loop {
        while !connections.have_room() {
            make_room(&mut connections, &mut closings, &served).await;
        }
        match port.accept().await {
            None => break,
            Some(Ok(stream)) => {
                let (connection, control) = Connection::new(stream, group.clone());
                connections.add(control.clone(), serve(connection, control, served.clone()));
            }
            Some(Err(error)) => {
                if let Some(before) = failures.report(Instant::now()) {
                    served.reporter.not_accepted(&error, before).await;
                }
                // The limit may be more than the file descriptors that the process can have.
                if limit.is_some() && is_out_of_descriptors(&error) {
                    make_room(&mut connections, &mut closings, &served).await;
                } else {
                    // Wait until the cause is over instead of spinning.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        }
    }
    connections.all_ended().await;
}

/// Closes the connection that has waited longest for its client, if there is one, and waits until a connection ends.
async fn make_room(connections: &mut Connections, closings: &mut Failures, served: &Served) {
    let open = connections.len();
    if let Some(waited) = connections.make_room().await
        && let Some(before) = closings.report(Instant::now())
    {
        served.reporter.closed_for_another(open, waited, before).await;
    }
}

/// Returns whether the process or the system has no file descriptor left. The standard library has no kind of error for
/// this.
fn is_out_of_descriptors(error: &io::Error) -> bool {
    // EMFILE and ENFILE have these numbers on Linux, macOS and the BSDs. On Windows it is WSAEMFILE.
    let numbers: &[i32] = if cfg!(windows) { &[10024] } else { &[24, 23] };
    error.raw_os_error().is_some_and(|number| numbers.contains(&number))
}

/// Counts failures to accept, or connections that were closed for others. Only one per second is reported, because there
/// may be a hundred per second while file descriptors are short.
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

async fn serve(connection: Connection, control: ConnectionControl, served: Arc<Served>) {
    connection.send_at_once();
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let in_progress = control.begin();
        let request = request.map(|body| boxed(Arriving::new(body, control.clone())));
        Handling::new(routed(&served, &control, request), in_progress)
    });
    // A client may close its sending half once its request is complete. `Watch` detects clients that are gone.
    let mut connection = http1::Builder::new().half_close(true).serve_connection(TokioIo::new(connection), service);
    let ended = polled_again(poll_fn(|context| connection.poll_without_shutdown(context)));
    match unless_idle(&control, served.limits.idle_timeout, ended).await {
        None => served.reporter.closed_idle().await,
        Some(Ok(())) => connection.into_parts().io.into_inner().linger().await,
        // hyper has answered with 400, 414 or 431. The refusal is reported before the connection is closed.
        Some(Err(error)) if error.is_parse() => {
            served.reporter.refused(&error).await;
            connection.into_parts().io.into_inner().linger().await;
        }
        // The client notices any other failure, and the record marks the request that it happened to.
        Some(Err(error)) => served.reporter.ended_early(&error).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_one_failure_per_second_is_reported() {
        let (mut failures, start) = (Failures::default(), Instant::now());
        let reports: Vec<_> = (0..300).filter_map(|n| failures.report(start + Duration::from_millis(10 * n))).collect();
        assert_eq!(reports, [0, 99, 99]);
    }
}

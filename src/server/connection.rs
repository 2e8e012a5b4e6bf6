//! Connections that a request handler can close or reset, as some faults require.

#[cfg(feature = "standalone")]
mod own;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, MutexGuard};
use std::task::{Context, Poll, Waker, ready};
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
#[cfg(feature = "standalone")]
use tokio::sync::oneshot;

use crate::sync::Mutex;

#[cfg(feature = "standalone")]
pub(crate) use self::own::{ClientWatch, OwnConnection};

/// How to end a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CloseMode {
    /// Close it normally.
    Close,
    /// Reset it with an RST.
    Reset,
    /// Write these bytes unchanged, then close it.
    Write(VecDeque<Bytes>),
}

/// Lets a request handler see the address of its peer and close or reset its own connection.
#[derive(Clone)]
pub(super) struct ConnectionControl {
    state: Arc<Mutex<ControlState>>,
    peer: IpAddr,
}

struct ControlState {
    how: Option<CloseMode>,
    waker: Option<Waker>,
    /// The number of waits that should end when the client goes away.
    watches: usize,
    phase: Phase,
    /// Since when a write waits for the client to read.
    blocked: Option<Instant>,
    /// Whether the connection stays open when its group is stopped.
    is_spared: bool,
    /// Dropped with the connection.
    #[cfg(feature = "standalone")]
    while_open: Option<oneshot::Sender<()>>,
}

/// What a connection waits for.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// For the head of a request: since the last response, or since the first byte of the head once that has arrived.
    Head { since: Instant, has_begun: bool },
    /// For more of a request's body.
    Body { since: Instant },
    /// For the mock, which handles a request or sends its response.
    Mock,
}

impl ControlState {
    fn new() -> Self {
        let phase = Phase::Head { since: Instant::now(), has_begun: false };
        ControlState {
            how: None,
            waker: None,
            watches: 0,
            phase,
            blocked: None,
            is_spared: false,
            #[cfg(feature = "standalone")]
            while_open: None,
        }
    }
}

/// While this guard exists, a request is in progress on its connection.
pub(super) struct InProgress(ConnectionControl);

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.state.lock().phase = Phase::Head { since: Instant::now(), has_begun: false };
    }
}

/// While this guard exists, a client that closes its end counts as gone, and its connection ends.
///
/// hyper is configured to let a client close its sending half and still wait for the response. TCP does not show the
/// difference between such a client and one that is gone until something is sent to it. A response that is available at
/// once is simply sent. But where a fault makes a request wait for hours or for ever, a client that closed its end has
/// most likely given up.
pub(super) struct Watch(ConnectionControl);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.state.lock().watches -= 1;
    }
}

impl ConnectionControl {
    /// Returns the IP address of the peer.
    pub(super) fn peer(&self) -> IpAddr {
        self.peer
    }

    /// Records that the head of a request has arrived. The request is in progress while the returned guard exists.
    pub(super) fn begin(&self) -> InProgress {
        self.state.lock().phase = Phase::Mock;
        InProgress(self.clone())
    }

    /// Records whether the request in progress waits for more of its body.
    pub(super) fn waits_for_body(&self, waits: bool) {
        let phase = &mut self.state.lock().phase;
        match (&phase, waits) {
            (Phase::Mock, true) => *phase = Phase::Body { since: Instant::now() },
            (Phase::Body { .. }, false) => *phase = Phase::Mock,
            _ => {}
        }
    }

    /// Returns since when the connection waits for the head of a request; `None` while a request is in progress.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        match self.state.lock().phase {
            Phase::Head { since, .. } => Some(since),
            Phase::Body { .. } | Phase::Mock => None,
        }
    }

    /// Returns since when the connection waits for its client, which has to send a request or more of it, or to read
    /// the response. Returns `None` while the mock has something to do, and for a connection that is told to end.
    pub(super) fn waits_since(&self) -> Option<Instant> {
        let state = self.state.lock();
        match state.phase {
            _ if state.how.is_some() => None,
            Phase::Head { since, .. } | Phase::Body { since } => Some(since),
            Phase::Mock => state.blocked,
        }
    }

    /// Records that bytes have arrived.
    fn has_read(&self) {
        if let Phase::Head { since, has_begun: has_begun @ false } = &mut self.state.lock().phase {
            (*since, *has_begun) = (Instant::now(), true);
        }
    }

    /// Ends the connection if the client closes its end while the returned guard exists.
    pub(super) fn watch(&self) -> Watch {
        let mut state = self.state.lock();
        state.watches += 1;
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
        drop(state);
        Watch(self.clone())
    }

    /// Ends the connection, even in the middle of a request.
    pub(super) fn close_with(&self, how: CloseMode) {
        let mut state = self.state.lock();
        state.how = Some(how);
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }

    /// Locks the state. Unless the connection must end, it also registers the task to wake when it must.
    fn poll_state(&self, context: &Context<'_>) -> MutexGuard<'_, ControlState> {
        let mut state = self.state.lock();
        if state.how.is_none() {
            match &mut state.waker {
                Some(waker) => waker.clone_from(context.waker()),
                none => *none = Some(context.waker().clone()),
            }
        }
        state
    }
}

/// Shared by all connections between two outages.
#[derive(Clone, Debug, Default)]
pub(super) struct ConnectionGroup(Arc<AtomicBool>);

impl ConnectionGroup {
    /// Stops every connection of the group: from now on, none reads or writes another byte.
    pub(super) fn stop(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn is_running(&self) -> bool {
        !self.0.load(Ordering::SeqCst)
    }
}

/// A socket with its control.
pub(super) struct Connection {
    stream: TcpStream,
    control: ConnectionControl,
    group: ConnectionGroup,
    /// Whether the last write has to wait for the client.
    is_blocked: bool,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, group: ConnectionGroup) -> (Self, ConnectionControl) {
        // A socket that is already closed has no peer, and no requests.
        let peer = stream.peer_addr().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.ip());
        let control = ConnectionControl { state: Arc::new(Mutex::new(ControlState::new())), peer };
        (Connection { stream, control: control.clone(), group, is_blocked: false }, control)
    }

    /// Sends small responses at once. Without this option they wait for the client's delayed acknowledgement.
    pub(super) fn send_at_once(&self) {
        // If the socket is already closed, the first read fails.
        let _ = self.stream.set_nodelay(true);
    }

    /// Fails when the connection must end. For a reset, the socket does not linger, so closing it sends an RST.
    fn poll_check(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Connection { stream, control, group, .. } = self;
        let mut state = control.poll_state(context);
        if !group.is_running() && !state.is_spared {
            return Poll::Ready(Err(reset(stream)));
        }
        let is_watched = state.watches > 0;
        match &mut state.how {
            None if !is_watched => return Poll::Ready(Ok(())),
            None => {
                // A close behind pipelined requests is not visible here.
                return match stream.poll_peek(context, &mut ReadBuf::new(&mut [0])) {
                    Poll::Ready(Ok(0)) => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                    Poll::Ready(Ok(_)) | Poll::Pending => Poll::Ready(Ok(())),
                };
            }
            Some(CloseMode::Close) => {}
            Some(CloseMode::Reset) => return Poll::Ready(Err(reset(stream))),
            Some(CloseMode::Write(pieces)) => {
                while let Some(piece) = pieces.front_mut() {
                    let written = ready!(Pin::new(&mut *stream).poll_write(context, piece))?;
                    piece.advance(written);
                    if piece.is_empty() {
                        pieces.pop_front();
                    }
                }
                ready!(Pin::new(stream).poll_shutdown(context))?;
            }
        }
        Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
    }
}

impl Connection {
    /// Records whether a write has to wait until the client reads.
    fn note_write<T>(&mut self, written: Poll<T>) -> Poll<T> {
        if written.is_pending() != self.is_blocked {
            self.is_blocked = written.is_pending();
            let (mut state, now) = (self.control.state.lock(), Instant::now());
            state.blocked = self.is_blocked.then_some(now);
            // The end of a response may still be in a buffer. A client that reads it is not idle.
            if let Phase::Head { since, has_begun: false } = &mut state.phase {
                *since = now;
            }
        }
        written
    }

    /// Closes the sending half and reads what the client is still sending, within limits.
    ///
    /// A request may be refused before all of it was read. If the socket were closed then, the operating system would
    /// answer the unread bytes with an RST, and the client would see the reset instead of the refusal.
    pub(super) async fn linger(mut self) {
        const LONGEST: Duration = Duration::from_secs(10);
        const MOST: usize = 16 * 1024 * 1024;
        let drained = async {
            poll_fn(|context| Pin::new(&mut self).poll_shutdown(context)).await?;
            // Most connections end without any more bytes, and filling a large buffer with zeros would cost them more than
            // the rest of their end.
            let (mut buffer, mut seen) = (vec![0; 4 * 1024], 0);
            while seen < MOST {
                let mut buffer = ReadBuf::new(&mut buffer);
                poll_fn(|context| Pin::new(&mut self).poll_read(context, &mut buffer)).await?;
                match buffer.filled().len() {
                    0 => break,
                    count => seen += count,
                }
            }
            io::Result::Ok(())
        };
        // The connection ends with or without a timeout.
        let _ = tokio::time::timeout(LONGEST, drained).await;
    }
}

#[cfg(feature = "standalone")]
impl Drop for Connection {
    fn drop(&mut self) {
        // The socket is closed after this, so a client may still see it open for a moment.
        self.control.state.lock().while_open = None;
    }
}

/// Makes closing the connection send an RST.
fn reset(stream: &TcpStream) -> io::Error {
    // If the socket does not support this, it closes normally.
    let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
    io::ErrorKind::ConnectionReset.into()
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_check(context))?;
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.control.has_read();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_check(context))?;
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note_write(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_check(context))?;
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.note_write(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_check(context))?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// Bytes that were in transit when the group was stopped are neither read nor answered.
    #[tokio::test]
    async fn a_stopped_connection_neither_reads_nor_writes() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let group = ConnectionGroup::default();
        let (mut connection, _) = Connection::new(listener.accept().await.unwrap().0, group.clone());
        client.write_all(b"12").await.unwrap();
        assert_eq!(connection.read_u8().await.unwrap(), b'1');
        group.stop();
        assert_eq!(connection.read_u8().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert_eq!(connection.write_all(b"3").await.unwrap_err().kind(), ErrorKind::ConnectionReset);
        drop(connection);
        assert_eq!(client.read_u8().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
}

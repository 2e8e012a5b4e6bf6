//! A connection that can be reset from within: by a request's fault, for the client to see as a reset.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How a connection is to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Break {
    /// As if the server had nothing more to say.
    Close,
    /// With an RST.
    Reset,
    /// After these bytes, which go out as they are.
    Say(VecDeque<Bytes>),
}

/// A connection in the hands of its requests: where it comes from, and the wish that it end at once.
#[derive(Clone)]
pub(super) struct Breaker {
    wish: Arc<Mutex<Wish>>,
    peer: IpAddr,
}

#[derive(Default)]
struct Wish {
    how: Option<Break>,
    waker: Option<Waker>,
    /// How many waits there are that should end when the client goes away.
    watches: usize,
}

/// While this lives, a client that closes its end counts as gone, and its connection ends.
///
/// hyper is told that a client may close its sending half and still wait for the answer. Whether it does, or is gone for
/// good, TCP does not say before something is sent to it. An answer that is made at once is simply sent. But where a fault
/// makes a request wait for hours or for ever, a client that closed its end has most likely given up.
pub(super) struct Watch(Breaker);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.lock().watches -= 1;
    }
}

impl Breaker {
    /// The other end.
    pub(super) fn peer(&self) -> IpAddr {
        self.peer
    }

    /// Ends the connection if the client closes its end while what is returned lives.
    pub(super) fn watch(&self) -> Watch {
        let mut wish = self.lock();
        wish.watches += 1;
        if let Some(waker) = wish.waker.take() {
            waker.wake();
        }
        drop(wish);
        Watch(self.clone())
    }

    /// Ends the connection, whatever is under way on it.
    pub(super) fn pull(&self, how: Break) {
        let mut wish = self.lock();
        wish.how = Some(how);
        if let Some(waker) = wish.waker.take() {
            waker.wake();
        }
    }

    /// The wish, if there is one; otherwise remembers whom to wake.
    fn pulled(&self, context: &Context<'_>) -> MutexGuard<'_, Wish> {
        let mut wish = self.lock();
        if wish.how.is_none() {
            match &mut wish.waker {
                Some(waker) => waker.clone_from(context.waker()),
                none => *none = Some(context.waker().clone()),
            }
        }
        wish
    }

    fn lock(&self) -> MutexGuard<'_, Wish> {
        self.wish.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What all connections between two outages have in common.
#[derive(Clone, Debug, Default)]
pub(super) struct Line(Arc<AtomicBool>);

impl Line {
    /// From here on not a byte is read or written on any of them.
    pub(super) fn cut(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    fn is_up(&self) -> bool {
        !self.0.load(Ordering::SeqCst)
    }
}

/// A socket with its breaker.
pub(super) struct Connection {
    stream: TcpStream,
    breaker: Breaker,
    line: Line,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, line: Line) -> (Self, Breaker) {
        // A socket that is gone already has no other end, and no requests.
        let peer = stream.peer_addr().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.ip());
        let breaker = Breaker { wish: Arc::default(), peer };
        (Connection { stream, breaker: breaker.clone(), line }, breaker)
    }

    /// Ends once the connection is to end. Without lingering, closing the socket sends an RST.
    fn poll_check(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Connection { stream, breaker, line } = self;
        if !line.is_up() {
            return Poll::Ready(Err(reset(stream)));
        }
        let mut wish = breaker.pulled(context);
        let is_watched = wish.watches > 0;
        match &mut wish.how {
            None if !is_watched => return Poll::Ready(Ok(())),
            None => {
                // What lies behind requests that were sent ahead cannot be seen.
                return match stream.poll_peek(context, &mut ReadBuf::new(&mut [0])) {
                    Poll::Ready(Ok(0)) => Poll::Ready(Err(io::ErrorKind::ConnectionReset.into())),
                    Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
                    Poll::Ready(Ok(_)) | Poll::Pending => Poll::Ready(Ok(())),
                };
            }
            Some(Break::Close) => {}
            Some(Break::Reset) => return Poll::Ready(Err(reset(stream))),
            Some(Break::Say(pieces)) => {
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
    /// Closes the sending half and reads what the client is still sending, within limits.
    ///
    /// A request may be refused before all of it was read. If the socket were closed then, the system would answer the
    /// unread bytes with an RST, and the client would see that in place of the refusal.
    pub(super) async fn linger(mut self) {
        const LONGEST: Duration = Duration::from_secs(10);
        const MOST: usize = 16 * 1024 * 1024;
        let drained = async {
            poll_fn(|context| Pin::new(&mut self).poll_shutdown(context)).await?;
            let (mut buffer, mut seen) = (vec![0; 64 * 1024], 0);
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
        // Either way the connection is over.
        let _ = tokio::time::timeout(LONGEST, drained).await;
    }
}

/// Makes the end of a connection an RST.
fn reset(stream: &TcpStream) -> io::Error {
    // A socket that does not know how ends as it can.
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
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.poll_check(context))?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_check(context))?;
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
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

    /// What was on its way when the line was cut is neither read nor answered.
    #[tokio::test]
    async fn nothing_passes_a_line_that_is_cut() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let line = Line::default();
        let (mut connection, _) = Connection::new(listener.accept().await.unwrap().0, line.clone());
        client.write_all(b"12").await.unwrap();
        assert_eq!(connection.read_u8().await.unwrap(), b'1');
        line.cut();
        assert_eq!(connection.read_u8().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert_eq!(connection.write_all(b"3").await.unwrap_err().kind(), ErrorKind::ConnectionReset);
        drop(connection);
        assert_eq!(client.read_u8().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
}

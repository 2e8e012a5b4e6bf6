//! A connection that can be reset from within: by a request's fault, for the client to see as a reset.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// How a connection is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Break {
    /// As if the server had nothing more to say.
    Close,
    /// With an RST.
    Reset,
}

/// The wish that a connection end at once, in the hands of its requests.
#[derive(Clone, Default)]
pub(super) struct Breaker(Arc<Mutex<Wish>>);

#[derive(Default)]
struct Wish {
    how: Option<Break>,
    waker: Option<Waker>,
}

impl Breaker {
    /// Ends the connection, whatever is under way on it.
    pub(super) fn pull(&self, how: Break) {
        let mut wish = self.lock();
        wish.how = Some(how);
        if let Some(waker) = wish.waker.take() {
            waker.wake();
        }
    }

    fn pulled(&self, context: &Context<'_>) -> Option<Break> {
        let mut wish = self.lock();
        if wish.how.is_none() {
            match &mut wish.waker {
                Some(waker) => waker.clone_from(context.waker()),
                none => *none = Some(context.waker().clone()),
            }
        }
        wish.how
    }

    fn lock(&self) -> MutexGuard<'_, Wish> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket with its breaker.
pub(super) struct Connection {
    stream: TcpStream,
    breaker: Breaker,
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> (Self, Breaker) {
        let breaker = Breaker::default();
        (Connection { stream, breaker: breaker.clone() }, breaker)
    }

    /// `Err` once the connection is to end. Without lingering, closing the socket sends an RST.
    fn check(&self, context: &Context<'_>) -> io::Result<()> {
        match self.breaker.pulled(context) {
            None => return Ok(()),
            Some(Break::Close) => {}
            Some(Break::Reset) => SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))?,
        }
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

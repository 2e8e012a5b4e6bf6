//! Spoilt response bodies. None of them reads ahead, or copies bytes that it does not change.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::Body as HttpBody;
use hyper::body::{Frame, SizeHint};

use crate::fault::Delay;
use crate::time::RequestHolds;

use super::Served;
use super::body::Body;
use super::connection::Watch;
use super::faults::wait;

/// A body that is read in pieces of a given maximum length, with the unread rest of a chunk.
struct Pieces {
    body: Body,
    rest: Bytes,
}

impl Pieces {
    fn new(body: Body) -> Self {
        Pieces { body, rest: Bytes::new() }
    }

    fn poll(&mut self, context: &mut Context<'_>, most: u64) -> Poll<Option<io::Result<Bytes>>> {
        while self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(io::Error::other(error)))),
                // The mock never sends trailers.
                Some(Ok(frame)) => self.rest = frame.into_data().unwrap_or_default(),
            }
        }
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Poll::Ready(Some(Ok(self.rest.split_to(most.min(self.rest.len())))))
    }

    fn remaining(&self) -> u64 {
        self.rest.len() as u64 + self.body.size_hint().exact().unwrap_or_default()
    }
}

type Polled = Poll<Option<io::Result<Frame<Bytes>>>>;

fn framed(piece: Option<io::Result<Bytes>>) -> Polled {
    Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
}

/// The first bytes of a body.
struct Head {
    pieces: Pieces,
    left: u64,
    flushed: bool,
}

impl Head {
    fn new(body: Body, left: u64) -> Self {
        Head { pieces: Pieces::new(body), left, flushed: false }
    }

    /// Returns `Some(None)` after the last of these bytes. Bytes that are not written yet would be lost when the
    /// connection closes, so they get one more turn to be flushed first.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if self.left == 0 {
            if !std::mem::replace(&mut self.flushed, true) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            return Poll::Ready(None);
        }
        let piece = ready!(self.pieces.poll(context, self.left));
        if let Some(Ok(piece)) = &piece {
            self.left -= piece.len() as u64;
        }
        Poll::Ready(piece)
    }
}

/// A body that ends early together with its connection.
pub(super) struct Cut(Head);

impl Cut {
    pub(super) fn new(body: Body, after: u64) -> Self {
        Cut(Head::new(body, after))
    }
}

impl HttpBody for Cut {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        let piece = ready!(self.0.poll(context));
        framed(Some(piece.unwrap_or(Err(io::ErrorKind::UnexpectedEof.into()))))
    }
}

/// A body that stalls before its end, on an open connection.
pub(super) struct Stalled {
    head: Head,
    /// `None` once they are released.
    holds: Option<RequestHolds>,
    _watch: Watch,
}

impl Stalled {
    pub(super) fn new(body: Body, after: u64, holds: RequestHolds, watch: Watch) -> Self {
        Stalled { head: Head::new(body, after), holds: Some(holds), _watch: watch }
    }
}

impl HttpBody for Stalled {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        match ready!(self.head.poll(context)) {
            Some(piece) => framed(Some(piece)),
            None => {
                // Nothing will wake this body: it ends when the client goes away, and paused time must advance until
                // then.
                if let Some(holds) = self.holds.take() {
                    holds.release();
                }
                Poll::Pending
            }
        }
    }
}

/// A body that ends early with a matching Content-Length.
pub(super) struct Truncated {
    pieces: Pieces,
    left: u64,
}

impl Truncated {
    pub(super) fn new(body: Body, after: u64) -> Self {
        Truncated { pieces: Pieces::new(body), left: after }
    }
}

impl HttpBody for Truncated {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let left = self.left;
        let piece = ready!(self.pieces.poll(context, left));
        if let Some(Ok(piece)) = &piece {
            self.left -= piece.len() as u64;
        }
        framed(piece)
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// A body with one changed byte.
pub(super) struct Altered {
    pieces: Pieces,
    at: u64,
    passed: u64,
    change: fn(u8) -> u8,
}

impl Altered {
    pub(super) fn new(body: Body, at: u64, change: fn(u8) -> u8) -> Self {
        Altered { pieces: Pieces::new(body), at, passed: 0, change }
    }
}

impl HttpBody for Altered {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        // The changed byte is a separate piece, so that the pieces before and after it need no copy.
        let most = match self.at.checked_sub(self.passed) {
            Some(0) => 1,
            Some(before) => before,
            None => u64::MAX,
        };
        let piece = ready!(self.pieces.poll(context, most));
        framed(piece.map(|piece| {
            piece.map(|piece| {
                let is_it = self.passed == self.at;
                self.passed += piece.len() as u64;
                if is_it { piece.iter().map(|byte| (self.change)(*byte)).collect() } else { piece }
            })
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.remaining() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.pieces.remaining())
    }
}

/// A body that arrives in small pieces, with a pause after each.
pub(super) struct Dribble {
    pieces: Pieces,
    piece: u64,
    pause: Delay,
    served: Arc<Served>,
    holds: RequestHolds,
    waiting: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    _watch: Watch,
}

impl Dribble {
    pub(super) fn new(
        body: Body,
        piece: u64,
        pause: Delay,
        served: Arc<Served>,
        holds: RequestHolds,
        watch: Watch,
    ) -> Self {
        Dribble { pieces: Pieces::new(body), piece, pause, served, holds, waiting: None, _watch: watch }
    }
}

impl HttpBody for Dribble {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Polled {
        if let Some(waiting) = &mut self.waiting {
            ready!(waiting.as_mut().poll(context));
            self.waiting = None;
        }
        let most = self.piece;
        let piece = ready!(self.pieces.poll(context, most));
        if piece.is_some() && self.pieces.remaining() > 0 {
            let (served, holds, pause) = (self.served.clone(), self.holds.clone(), self.pause);
            self.waiting = Some(Box::pin(async move { wait(&served, holds, served.mock.service.now(), pause).await }));
        }
        framed(piece)
    }

    fn is_end_stream(&self) -> bool {
        self.pieces.remaining() == 0
    }
}

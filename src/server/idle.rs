//! Closes connections on which no request arrives, and follows what the others wait for.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::body::Body as HttpBody;
use hyper::body::{Frame, Incoming, SizeHint};

use super::body::{Body, BodyError, Response};
use super::connection::{ConnectionControl, InProgress};

/// Waits for the end of a connection. Returns `None` as soon as the connection has waited for the head of a request for
/// `timeout`. A connection with a request in progress is not idle, even if a fault holds the request.
pub(super) async fn unless_idle<T>(
    control: &ConnectionControl,
    timeout: Option<Duration>,
    ended: impl Future<Output = T>,
) -> Option<T> {
    let Some(timeout) = timeout else { return Some(ended.await) };
    let mut ended = pin!(ended);
    // The timer is not reset for each request. When it fires, it is set to the earliest time at which the connection can
    // have been idle for long enough.
    let mut timer = pin!(tokio::time::sleep(timeout));
    poll_fn(|context| {
        // A request that has arrived is served, even if the timer has fired meanwhile.
        if let Poll::Ready(ended) = ended.as_mut().poll(context) {
            return Poll::Ready(Some(ended));
        }
        while timer.as_mut().poll(context).is_ready() {
            let now = Instant::now();
            let left = control.idle_since().map_or(timeout, |since| timeout.saturating_sub(now.duration_since(since)));
            if left.is_zero() {
                return Poll::Ready(None);
            }
            timer.set(tokio::time::sleep(left));
        }
        Poll::Pending
    })
    .await
}

/// The body of a request. While a handler waits for more of it, the connection waits for its client.
pub(super) struct Arriving {
    body: Incoming,
    control: ConnectionControl,
    /// Whether a handler waits for more bytes, as the control was told last.
    is_awaited: bool,
}

impl Arriving {
    pub(super) fn new(body: Incoming, control: ConnectionControl) -> Self {
        Arriving { body, control, is_awaited: false }
    }

    fn set_awaited(&mut self, is_awaited: bool) {
        if self.is_awaited != is_awaited {
            self.is_awaited = is_awaited;
            self.control.waits_for_body(is_awaited);
        }
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        // The handler has stopped waiting for the body, for example after a timeout.
        self.set_awaited(false);
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        self.set_awaited(frame.is_pending());
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The handling of a request, which is in progress until the connection has taken the whole body of the response.
pub(super) struct Handling<F> {
    response: F,
    in_progress: Option<InProgress>,
}

impl<F> Handling<F> {
    pub(super) fn new(response: F, in_progress: InProgress) -> Self {
        Handling { response, in_progress: Some(in_progress) }
    }
}

impl<F: Future<Output = Response> + Unpin> Future for Handling<F> {
    type Output = Result<hyper::Response<Answering>, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let response = ready!(Pin::new(&mut self.response).poll(context));
        let in_progress = self.in_progress.take();
        Poll::Ready(Ok(response.map(|body| Answering { body, _in_progress: in_progress })))
    }
}

/// The body of a response.
pub(super) struct Answering {
    body: Body,
    _in_progress: Option<InProgress>,
}

impl HttpBody for Answering {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

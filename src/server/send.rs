//! Bodies out: chunk by chunk, as they are stored.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use crate::domain::content::Chunks;
use crate::wire::response::Payload;

/// The body of a response.
pub(super) fn body(payload: Payload) -> Body {
    match payload {
        Payload::Empty => Body::empty(),
        Payload::Json(bytes) => Body::from(bytes),
        Payload::Chunks(chunks) => Body::new(Stored(chunks)),
    }
}

/// Stored bytes with a known length, so that the answer has a Content-Length.
struct Stored(Chunks);

impl HttpBody for Stored {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.next().map(|chunk| Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.remaining() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.remaining())
    }
}

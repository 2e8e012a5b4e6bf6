//! Bodies out: chunk by chunk, as they are stored.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use axum::response::Response;
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use hyper::header::CONTENT_LENGTH;

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

/// An answer whose body ends before it is whole, and the connection with it.
pub(super) fn cut(response: Response, after: u64) -> Response {
    let (mut parts, body) = response.into_parts();
    // As long as it would have been.
    if let Some(length) = body.size_hint().exact() {
        parts.headers.insert(CONTENT_LENGTH, length.into());
    }
    Response::from_parts(parts, Body::new(Cut { body, left: after, flushed: false }))
}

struct Cut {
    body: Body,
    left: u64,
    flushed: bool,
}

impl HttpBody for Cut {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.left == 0 {
            // An error drops what is not written yet: let that go out first.
            if !std::mem::replace(&mut self.flushed, true) {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            return Poll::Ready(Some(Err(io::ErrorKind::UnexpectedEof.into())));
        }
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(context));
        Poll::Ready(frame.map(|frame| {
            let frame = frame.map_err(io::Error::other)?;
            Ok(match frame.into_data() {
                Ok(mut data) => {
                    let kept = self.left.min(data.len() as u64);
                    self.left -= kept;
                    data.truncate(usize::try_from(kept).unwrap_or(usize::MAX));
                    Frame::data(data)
                }
                Err(other) => other,
            })
        }))
    }
}

//! Bodies out: chunk by chunk, as they are stored or made.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use crate::domain::content::Chunks;
use crate::record::request::Request;
use crate::wire::response::Payload;

/// The body of a response to this request.
pub(super) fn body(payload: Payload, request: impl FnOnce() -> Request) -> Body {
    match payload {
        Payload::Empty => Body::empty(),
        Payload::Json(bytes) => Body::from(bytes),
        Payload::Chunks(chunks) => Body::new(Stored(chunks, request())),
    }
}

/// Bytes with a known length, so that the answer has a Content-Length. Where they cannot be had any more, a file that is
/// gone, the connection breaks off as it does with a server that fails: the client gets less than was announced, and the
/// record says why.
struct Stored(Chunks, Request);

impl HttpBody for Stored {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let chunk = self.0.next();
        if let Some(Err(error)) = &chunk {
            tracing::error!(target: "glacier_mock", "an archive's bytes cannot be read: {error}");
            self.1.is_interrupted(error.to_string());
        }
        Poll::Ready(chunk.map(|chunk| chunk.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.0.remaining() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.remaining())
    }
}

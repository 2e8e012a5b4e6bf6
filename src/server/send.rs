//! Sends response bodies: chunk by chunk, as they are stored or generated.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use crate::domain::bytes::Chunks;
use crate::record::Request;
use crate::wire::Payload;

use super::Served;

/// Returns the body of the response to this request.
pub(super) fn body(served: &Arc<Served>, payload: Payload, request: impl FnOnce() -> Request) -> Body {
    match payload {
        Payload::Empty => Body::empty(),
        Payload::Json(bytes) => Body::from(bytes),
        Payload::Chunks(chunks) => Body::new(Stored { chunks, served: served.clone(), request: request() }),
    }
}

/// Bytes with a known length, so that the response has a Content-Length. If they become unreadable (a file is gone),
/// the connection ends early, as with a failing server: the client receives less than was announced, and the record
/// contains the reason.
struct Stored {
    chunks: Chunks,
    served: Arc<Served>,
    request: Request,
}

impl HttpBody for Stored {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let chunk = self.chunks.next();
        if let Some(Err(error)) = &chunk {
            self.served.reporter.unreadable(error);
            self.request.is_interrupted(error.to_string());
        }
        Poll::Ready(chunk.map(|chunk| chunk.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.chunks.remaining() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.chunks.remaining())
    }
}

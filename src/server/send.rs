//! Sends response bodies: chunk by chunk, as they are stored or generated.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::Body as HttpBody;
use hyper::body::{Frame, SizeHint};

use crate::domain::bytes::Chunks;
use crate::domain::vault::Download;
use crate::record::Request;
use crate::wire::Payload;

use super::Served;
use super::body::{Body, BodyError, Response, boxed, empty, full};

/// Returns the response to this request.
pub(super) fn response(
    served: &Arc<Served>,
    response: hyper::Response<Payload>,
    request: impl FnOnce() -> Request,
) -> Response {
    let download = response.body().download();
    counted(response.map(|payload| body(served, payload, request)), download)
}

/// Counts the bytes that are sent of a job's output. A body that a fault spoils must be counted after that. A response
/// that the fault `wrong_content_length` writes itself is not counted.
pub(super) fn counted(response: Response, download: Option<Download>) -> Response {
    match download {
        Some(download) => response.map(|body| boxed(Counted { body, download })),
        None => response,
    }
}

/// A body whose bytes are counted when the connection takes them, before the client can have received them.
struct Counted {
    body: Body,
    download: Download,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame {
            let length = frame.data_ref().map_or(0, Bytes::len);
            self.download.sent(length as u64);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Returns the body of the response to this request.
pub(super) fn body(served: &Arc<Served>, payload: Payload, request: impl FnOnce() -> Request) -> Body {
    match payload {
        Payload::Empty => empty(),
        Payload::Json(bytes) => full(bytes),
        Payload::Chunks(chunks) | Payload::Output(chunks, _) => {
            boxed(Stored { chunks, served: served.clone(), request: request() })
        }
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

//! The bodies of requests and responses.

use std::pin::Pin;
use std::{error, fmt};

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::Body as HttpBody;

/// A request whose body has not arrived yet.
pub(crate) type Request = hyper::Request<Body>;

/// A response whose body has not been sent yet.
pub(super) type Response = hyper::Response<Body>;

/// A future that handles a request and returns its response.
pub(super) type Answer<'a> = Pin<Box<dyn Future<Output = Response> + Send + 'a>>;

/// The body of a request or a response.
pub(crate) type Body = UnsyncBoxBody<Bytes, BodyError>;

/// An error while a body is read. A type, because the compiler cannot prove that the task of a connection is `Send` if
/// the error is a box.
#[derive(Debug)]
pub(crate) struct BodyError(Box<dyn error::Error + Send + Sync>);

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl error::Error for BodyError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&*self.0)
    }
}

/// Returns a body of the common type.
pub(super) fn boxed<B>(body: B) -> Body
where
    B: HttpBody<Data = Bytes, Error: Into<Box<dyn error::Error + Send + Sync>>> + Send + 'static,
{
    body.map_err(|error| BodyError(error.into())).boxed_unsync()
}

pub(super) fn empty() -> Body {
    boxed(Empty::new())
}

pub(super) fn full(bytes: impl Into<Bytes>) -> Body {
    boxed(Full::new(bytes.into()))
}

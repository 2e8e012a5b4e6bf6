//! Routers for what the port serves in addition to Glacier: the control API and a few more paths. Their requests are
//! not recorded.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::response::IntoResponse as _;
use axum::{BoxError, Router};
use bytes::Bytes;
use hyper::StatusCode;
use hyper::body::Body as HttpBody;
use hyper::body::{Frame, SizeHint};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Sleep, sleep};

use crate::sync::task;

use super::body::{Body, Request, Response, boxed};

/// Routers for requests that are not Glacier's. The first one that takes a request answers it.
#[derive(Default)]
pub(crate) struct Beside(Vec<(Takes, AssertUnwindSafe<Router>)>);

/// Decides, by the head of a request, whether a router takes it.
pub(crate) type Takes = fn(&Request) -> bool;

impl Beside {
    /// Adds a router.
    pub(crate) fn with(mut self, takes: Takes, router: Router) -> Self {
        self.0.push((takes, AssertUnwindSafe(router)));
        self
    }

    /// Returns the router that takes a request, or `None` if the request is Glacier's.
    pub(super) fn router_of(&self, request: &Request) -> Option<&Router> {
        self.0.iter().find(|(takes, _)| takes(request)).map(|(_, router)| &router.0)
    }
}

/// Answers a request whose body may stall for `stalled_after`. A panic of the handler is answered with status 500, and
/// the connection survives it.
pub(super) async fn answer(router: &Router, request: Request, stalled_after: Duration) -> Response {
    let router = TowerToHyperService::new(router.clone());
    let request = request.map(|body| axum::body::Body::new(Arriving::new(body, stalled_after)));
    let (answer, answered) = oneshot::channel();
    let handler = tokio::spawn(task(async move {
        let Ok(response) = router.call(request).await;
        // The client may have disconnected.
        let _ = answer.send(response);
    }));
    let _handler = AbortOnDrop(handler);
    match answered.await {
        Ok(response) => response.map(boxed),
        // The handler panicked.
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response().map(boxed),
    }
}

/// The body of a request. It ends with an error when no data has arrived for a time on the wall clock, so that a request
/// that is not sent to its end does not last for ever.
struct Arriving {
    body: Body,
    timeout: Duration,
    /// Runs while the handler waits for more of the body.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Arriving {
    fn new(body: Body, timeout: Duration) -> Self {
        Arriving { body, timeout, timer: None }
    }
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.timer = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let timeout = self.timeout;
        ready!(self.timer.get_or_insert_with(|| Box::pin(sleep(timeout))).as_mut().poll(context));
        Poll::Ready(Some(Err(format!("no data arrived for {timeout:?}").into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Ends a handler that still waits when the connection has ended.
struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beside").finish_non_exhaustive()
    }
}

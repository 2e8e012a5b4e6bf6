//! What the port of the program serves beside Glacier: the control API and a few more paths. None of it is on the record.

use std::fmt;
use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use tokio::task::JoinHandle;

/// Routers for requests that are not Glacier's. The first one that takes a request answers it.
#[derive(Default)]
pub(crate) struct Beside(Vec<(Takes, AssertUnwindSafe<Router>)>);

/// Decides, by the head of a request, whether a router takes it.
pub(crate) type Takes = fn(&Request) -> bool;

impl Beside {
    /// Adds a router.
    #[cfg(feature = "standalone")]
    pub(crate) fn with(mut self, takes: Takes, router: Router) -> Self {
        self.0.push((takes, AssertUnwindSafe(router)));
        self
    }

    /// Returns the router that takes a request, or `None` if the request is Glacier's.
    pub(super) fn router_of(&self, request: &Request) -> Option<&Router> {
        self.0.iter().find(|(takes, _)| takes(request)).map(|(_, router)| &router.0)
    }
}

/// Answers a request. A panic of the handler is answered with status 500, and the connection survives it.
pub(super) async fn answer(router: &Router, request: Request) -> Response {
    let router = TowerToHyperService::new(router.clone());
    let mut handler = AbortOnDrop(tokio::spawn(async move { router.call(request).await }));
    match (&mut handler.0).await {
        Ok(Ok(response)) => response,
        Ok(Err(never)) => match never {},
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Ends a handler that still waits when the connection has ended.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beside").finish_non_exhaustive()
    }
}

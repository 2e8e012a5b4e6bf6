//! axum's router, built from the table of operations.

use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Extension, Router};

use crate::wire::operation::Operation;
use crate::wire::target::Target;

use super::Core;
use super::pipeline;

/// The router of one mock: the routes of all, and the core that this one's requests go to.
pub(super) fn for_core(core: Arc<Core>) -> Router {
    routes().clone().layer(Extension(core))
}

/// Parsed once in a process: a mock must be cheap to start.
fn routes() -> &'static Router {
    static ROUTES: OnceLock<Router> = OnceLock::new();
    ROUTES.get_or_init(|| {
        let routed = Operation::ALL
            .iter()
            .fold(Router::new(), |router, &operation| router.route(operation.path(), route(operation)));
        routed.fallback(unrouted).method_not_allowed_fallback(unrouted)
    })
}

fn route(operation: Operation) -> MethodRouter {
    let filter = MethodFilter::try_from(operation.method()).expect("every method of the table is one that axum routes");
    on(filter, move |core: Extension<Arc<Core>>, request: Request| routed(operation, core, request))
}

async fn routed(operation: Operation, Extension(core): Extension<Arc<Core>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    // axum answers HEAD where GET is routed; the service has no such method. A path that is not UTF-8, or leaves a
    // segment out, names nothing.
    let segments = RawPathParams::from_request_parts(&mut parts, &()).await.ok();
    let segments = segments.filter(|segments| {
        parts.method == operation.method() && segments.iter().all(|(_, segment)| !segment.is_empty())
    });
    let target = segments.map_or_else(Target::default, |segments| Target::new(operation, segments.iter()));
    pipeline::answer(&core, target, Request::from_parts(parts, body)).await
}

async fn unrouted(Extension(core): Extension<Arc<Core>>, request: Request<Body>) -> Response {
    pipeline::answer(&core, Target::default(), request).await
}

//! axum's router, built from the table of operations.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter, on};
use axum::{Extension, Router};

use crate::wire::operation::Operation;
use crate::wire::target::Target;

use super::Core;
use super::connection::Breaker;
use super::pipeline;

/// The routes of all mocks: which one a request is for comes with it, as does its connection. Made once in a process.
pub(super) fn routes() -> &'static Router {
    static ROUTES: OnceLock<Router> = OnceLock::new();
    ROUTES.get_or_init(|| {
        let routed = by_route()
            .into_iter()
            .fold(Router::new(), |router, ((path, method), operations)| router.route(path, route(method, operations)));
        routed.fallback(unrouted).method_not_allowed_fallback(unrouted)
    })
}

/// The table, by what a router tells apart; where more than one operation is left, the query does.
fn by_route() -> BTreeMap<(&'static str, &'static str), Vec<Operation>> {
    let mut routes = BTreeMap::<_, Vec<_>>::new();
    for &operation in Operation::ALL {
        routes.entry((operation.route(), operation.method())).or_default().push(operation);
    }
    routes
}

fn route(method: &'static str, operations: Vec<Operation>) -> MethodRouter {
    let filter = operations[0].http_method().try_into();
    let filter: MethodFilter = filter.expect("every method of the table is one that axum routes");
    let operations: Arc<[Operation]> = operations.into();
    on(filter, move |core: Extension<Arc<Core>>, breaker: Extension<Breaker>, request: Request| {
        routed(method, operations, core, breaker, request)
    })
}

async fn routed(
    method: &'static str,
    operations: Arc<[Operation]>,
    Extension(core): Extension<Arc<Core>>,
    Extension(breaker): Extension<Breaker>,
    request: Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    // A path that is not UTF-8, or leaves a segment out, names nothing; nor does HEAD, which axum answers where GET is
    // routed.
    let segments = RawPathParams::from_request_parts(&mut parts, &()).await.ok();
    let segments = segments.filter(|segments| segments.iter().all(|(_, segment)| !segment.is_empty()));
    let operation = operations.iter().find(|operation| operation.has_query(parts.uri.query()));
    let operation = operation.filter(|_| parts.method == method);
    let target = match (operation, segments) {
        (Some(&operation), Some(segments)) => Target::new(operation, segments.iter()),
        _ => Target::default(),
    };
    pipeline::answer(&core, &breaker, target, Request::from_parts(parts, body)).await
}

async fn unrouted(
    Extension(core): Extension<Arc<Core>>,
    Extension(breaker): Extension<Breaker>,
    request: Request<Body>,
) -> Response {
    pipeline::answer(&core, &breaker, Target::default(), request).await
}

//! axum's router, built from the table of operations.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::{FromRequestParts, RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use hyper::StatusCode;

use crate::wire::operation::Operation;
use crate::wire::target::Target;

use super::Core;
use super::connection::Breaker;
use super::pipeline;

/// Which mock a request is for, and on which connection it came. It travels with the request: as a layer of the routes
/// it would be made anew for each mock and connection.
pub(super) struct Origin {
    pub(super) core: Arc<Core>,
    pub(super) breaker: Breaker,
}

/// The routes of all mocks. Made once in a process.
pub(super) fn routes() -> &'static Router {
    static ROUTES: OnceLock<Router> = OnceLock::new();
    ROUTES.get_or_init(|| {
        let routed = by_route()
            .into_iter()
            .fold(Router::new(), |router, ((path, method), operations)| router.route(path, route(method, operations)));
        // With its state, even none, axum has each route ready: otherwise it would make it anew for each request.
        routed.fallback(unrouted).method_not_allowed_fallback(unrouted).with_state(())
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
    // Kept for the life of the process, as the routes are.
    let operations: &[Operation] = operations.leak();
    on(filter, move |request: Request| routed(method, operations, request))
}

async fn routed(method: &'static str, operations: &'static [Operation], request: Request) -> Response {
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
    answer(target, Request::from_parts(parts, body)).await
}

async fn unrouted(request: Request) -> Response {
    answer(Target::default(), request).await
}

async fn answer(target: Target, mut request: Request) -> Response {
    match request.extensions_mut().remove::<Arc<Origin>>() {
        Some(origin) => pipeline::answer(&origin.core, &origin.breaker, target, request).await,
        // The listener sends it along with every request.
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

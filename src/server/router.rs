//! Which operation a request is for, found in the table of operations.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use hyper::StatusCode;
use percent_encoding::percent_decode_str;

use crate::domain::words::Operation;
use crate::wire::Target;

use super::connection::Breaker;
use super::{Core, pipeline};

/// Which mock a request is for, and on which connection it came. It travels with the request: as a layer of the router
/// it would be made anew for each mock and connection.
pub(super) struct Origin {
    pub(super) core: Arc<Core>,
    pub(super) breaker: Breaker,
}

/// The one router of all mocks. Made once in a process.
///
/// It has a single handler. The table is matched there, by what axum's own routes are matched by: those would take a
/// copy of each segment of a path and of its name into a map, to be copied out again.
pub(super) fn router() -> &'static Router {
    static ROUTER: OnceLock<Router> = OnceLock::new();
    // With its state, even none, the handler is ready: otherwise axum would make it anew for each request.
    ROUTER.get_or_init(|| Router::new().fallback(routed).with_state(()))
}

async fn routed(mut request: Request) -> Response {
    let target = target(&request).unwrap_or_default();
    match request.extensions_mut().remove::<Arc<Origin>>() {
        Some(origin) => pipeline::answer(&origin.core, &origin.breaker, target, request).await,
        // The listener sends it along with every request.
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The table by path. Where a path is that of several operations, the method tells them apart, or the query.
fn routes() -> &'static matchit::Router<Vec<Operation>> {
    static ROUTES: OnceLock<matchit::Router<Vec<Operation>>> = OnceLock::new();
    ROUTES.get_or_init(|| {
        let mut by_path = BTreeMap::<_, Vec<_>>::new();
        for &operation in Operation::ALL {
            by_path.entry(operation.route()).or_default().push(operation);
        }
        let mut routes = matchit::Router::new();
        for (path, operations) in by_path {
            routes.insert(path, operations).expect("no two paths of the table are in each other's way");
        }
        routes
    })
}

/// `None` if no operation has this method and path. A path that is not UTF-8, or leaves a segment out, names nothing.
fn target(request: &Request) -> Option<Target> {
    let found = routes().at(request.uri().path()).ok()?;
    let mut operations = found.value.iter().filter(|operation| operation.http_method() == *request.method());
    let operation = operations.find(|operation| operation.has_query(request.uri().query()))?;
    let mut target = Target::of(*operation);
    for (name, segment) in found.params.iter() {
        let segment = decoded(segment).filter(|segment| !segment.is_empty())?;
        target.name(name, &segment);
    }
    Some(target)
}

fn decoded(segment: &str) -> Option<Cow<'_, str>> {
    // Most have nothing to decode, which is quicker seen as a whole.
    if !segment.contains('%') {
        return Some(segment.into());
    }
    percent_decode_str(segment).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use hyper::Method;

    fn found(method: Method, path: &str) -> Option<Target> {
        target(&Request::builder().method(method).uri(path).body(Body::empty()).unwrap())
    }

    /// api.md section 1 has the paths.
    #[test]
    fn every_operation_of_the_table_is_found_by_its_method_path_and_query() {
        for operation in Operation::ALL {
            let path = operation.path().replace(['{', '}'], "");
            let target = found(operation.http_method(), &path).unwrap();
            assert_eq!(target.operation, Some(*operation), "{path}");
        }
    }

    #[test]
    fn segments_are_decoded_and_must_be_there() {
        let vault = |path: &str| found(Method::GET, path).map(|target| target.vault.unwrap().into_string());
        assert_eq!(vault("/-/vaults/a%20b%2Fc").as_deref(), Some("a b/c"));
        assert_eq!(vault("/-/vaults/plain?limit=1").as_deref(), Some("plain"));
        for nothing in ["/-/vaults/%ff", "//vaults/v", "/-/vaults/v/", "/-/vault/v", "/"] {
            assert!(vault(nothing).is_none(), "{nothing}");
        }
        for other in [Method::HEAD, Method::PATCH, Method::POST] {
            assert!(found(other, "/-/vaults/v").is_none());
        }
    }
}

//! Finds the operation of a request in the table of operations.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

use percent_encoding::percent_decode_str;

use crate::domain::words::Operation;
use crate::wire::Target;

#[cfg(feature = "standalone")]
use super::beside;
use super::body::{Request, Response};
use super::connection::ConnectionControl;
use super::{Served, pipeline};

/// The mock and the connection that a request belongs to.
pub(super) struct Origin {
    pub(super) served: Arc<Served>,
    pub(super) control: ConnectionControl,
}

/// Answers a request. The table is matched with the crate that axum uses, and not by axum, whose routes would copy each
/// segment of a path and its name into a map.
pub(super) async fn route(origin: Arc<Origin>, request: Request) -> Result<Response, Infallible> {
    #[cfg(feature = "standalone")]
    if let Some(router) = origin.served.beside.get().and_then(|beside| beside.router_of(&request)) {
        let mut request = request;
        request.extensions_mut().insert(super::OwnConnection::new(&origin.control));
        return Ok(beside::answer(router, request, origin.served.limits.stalled_upload_after).await);
    }
    let target = target(&request).unwrap_or_default();
    Ok(pipeline::answer(&origin.served, &origin.control, target, request).await)
}

/// The table by path. Where several operations share a path, the method or the query selects one.
fn routes() -> &'static matchit::Router<Vec<Operation>> {
    static ROUTES: OnceLock<matchit::Router<Vec<Operation>>> = OnceLock::new();
    ROUTES.get_or_init(|| {
        let mut by_path = BTreeMap::<_, Vec<_>>::new();
        for &operation in Operation::ALL {
            by_path.entry(operation.route()).or_default().push(operation);
        }
        let mut routes = matchit::Router::new();
        for (path, operations) in by_path {
            routes.insert(path, operations).expect("the paths of the table do not conflict");
        }
        routes
    })
}

/// Returns `None` if no operation has this method and path. A path with invalid UTF-8 or an empty segment matches none.
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
    // Most segments contain no escapes; checking that first is faster than decoding.
    if !segment.contains('%') {
        return Some(segment.into());
    }
    percent_decode_str(segment).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::super::body::empty;
    use super::*;
    use hyper::Method;

    fn found(method: Method, path: &str) -> Option<Target> {
        target(&hyper::Request::builder().method(method).uri(path).body(empty()).unwrap())
    }

    /// The paths are those of api.md section 1.
    #[test]
    fn every_operation_of_the_table_is_found_by_its_method_path_and_query() {
        for operation in Operation::ALL {
            let path = operation.path().replace(['{', '}'], "");
            let target = found(operation.http_method(), &path).unwrap();
            assert_eq!(target.operation, Some(*operation), "{path}");
        }
    }

    #[test]
    fn path_segments_are_decoded_and_must_not_be_empty() {
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

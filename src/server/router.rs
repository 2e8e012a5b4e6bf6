//! Finds the operation of a request in the table of operations.

use std::borrow::Cow;
use std::sync::Arc;

use percent_encoding::percent_decode_str;

use crate::domain::words::Operation;
use crate::wire::Target;

#[cfg(feature = "standalone")]
use super::beside;
use super::body::{Answer, Request};
use super::connection::ConnectionControl;
use super::{Served, pipeline};

/// Answers a request.
///
/// The table of operations is searched, without a router: building one took half of the instructions that the first mock
/// of a process needs beyond those of a bare server, and calling axum's a tenth of those of a small request.
pub(super) fn routed<'a>(served: &'a Arc<Served>, control: &'a ConnectionControl, request: Request) -> Answer<'a> {
    #[cfg(feature = "standalone")]
    if let Some(router) = served.beside.get().and_then(|beside| beside.router_of(&request)) {
        let request = super::OwnConnection::attached(control, request);
        return Box::pin(beside::answer(router, request, served.limits.stalled_upload_after));
    }
    let target = target(&request).unwrap_or_default();
    pipeline::answer(served, control, target, request)
}

/// Returns `None` if no operation has this method and path. A path with invalid UTF-8 or an empty segment matches none.
/// Where several operations share a path, the method or the query selects one.
fn target(request: &Request) -> Option<Target> {
    // No operation has more segments than this.
    let mut segments = Vec::with_capacity(8);
    segments.extend(request.uri().path().split('/'));
    let has_path = |operation: Operation| {
        let wanted = operation.segments();
        let mut pairs = segments.iter().zip(wanted);
        segments.len() == wanted.len() && pairs.all(|(given, wanted)| wanted.starts_with('{') || given == wanted)
    };
    let mut found = Operation::ALL.iter().copied().filter(|operation| has_path(*operation));
    let operation = found
        .find(|operation| operation.http_method() == *request.method() && operation.has_query(request.uri().query()))?;
    let mut target = Target::of(operation);
    for (name, segment) in operation.segments().iter().zip(segments) {
        if let Some(name) = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            let segment = decoded(segment).filter(|segment| !segment.is_empty())?;
            target.name(name, &segment);
        }
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

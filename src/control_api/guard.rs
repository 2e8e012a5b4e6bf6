//! Refuses requests that a page of another site makes a browser send.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use hyper::{HeaderMap, Method};
use std::net::IpAddr;

use super::error::ApiError;
use super::parts::Parts;

/// Content types that a form of any site can send without asking the server first.
const OF_FORMS: [&str; 3] = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

/// Lets a request pass unless its `Host` is not one of this machine, its `Origin` is that of another site, or it changes
/// something and has a body that a form of another site can send.
pub(super) async fn guard(State(parts): State<Parts>, request: Request, next: Next) -> Result<Response, ApiError> {
    check(request.method(), request.headers(), &parts.settings.allowed_hosts)?;
    Ok(next.run(request).await)
}

fn check(method: &Method, headers: &HeaderMap, allowed: &[String]) -> Result<(), ApiError> {
    let host = text(headers, HOST).unwrap_or_default();
    if !is_allowed(name_of(host), allowed) {
        return Err(ApiError::forbidden(format!(
            "the host {host:?} is not allowed: use an IP address or localhost, or start the program with --allow-host"
        )));
    }
    if headers.contains_key(ORIGIN) && text(headers, ORIGIN) != Some(&*format!("http://{host}")) {
        return Err(ApiError::forbidden("the request comes from a page of another origin"));
    }
    let reads = method == Method::GET || method == Method::HEAD;
    let kind = text(headers, CONTENT_TYPE).and_then(|kind| kind.split(';').next()).map(str::trim);
    match kind {
        Some(kind) if !reads && OF_FORMS.iter().any(|form| form.eq_ignore_ascii_case(kind)) => {
            Err(ApiError::forbidden(format!(
                "a request that changes something must not have the content type {kind}: send `Content-Type: \
                 application/json` (with curl `--json`), or `application/octet-stream` for the bytes of an archive"
            )))
        }
        _ => Ok(()),
    }
}

/// Returns the value of a header that occurs once.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Returns the host without its port.
fn name_of(host: &str) -> &str {
    match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    }
}

fn is_allowed(name: &str, allowed: &[String]) -> bool {
    let name = name.to_ascii_lowercase();
    name.parse::<IpAddr>().is_ok()
        || name == "localhost"
        || name.ends_with(".localhost")
        || allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(&name))
}

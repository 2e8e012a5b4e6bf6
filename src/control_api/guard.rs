//! Refuses requests that a page of another site makes a browser send.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, ORIGIN};
use hyper::http::uri::Authority;
use hyper::{HeaderMap, Method};
use std::net::{IpAddr, Ipv6Addr};

use super::error::ApiError;
use super::kept::until_kept;
use super::parts::Parts;

/// Content types that an HTML form of any site can send: a browser sends no preflight request for them.
const OF_FORMS: [&str; 3] = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];

/// Refuses a request whose `Host` is not allowed, one whose `Origin` is another site, and one that changes something
/// and has a content type that an HTML form can send. The answer to a change waits until the state is kept.
pub(super) async fn guard(State(parts): State<Parts>, request: Request, next: Next) -> Result<Response, ApiError> {
    let target = request.uri().authority().map(Authority::as_str);
    check(request.method(), target, request.headers(), &parts.settings.allowed_hosts)?;
    let reads = is_read(request.method());
    let response = next.run(request).await;
    if reads { Ok(response) } else { until_kept(&parts.mock, response).await }
}

/// `target` is the host of a request whose target is a whole URL, as a client sends it to a proxy.
fn check(method: &Method, target: Option<&str>, headers: &HeaderMap, allowed: &[String]) -> Result<(), ApiError> {
    let host = text(headers, HOST).unwrap_or_default();
    for host in [Some(host), target].into_iter().flatten() {
        if !name_of(host).is_some_and(|name| is_allowed(name, allowed)) {
            return Err(ApiError::forbidden(format!(
                "the host {host:?} is not allowed: use an IP address or localhost, or start the program with --allow-host"
            )));
        }
    }
    if headers.contains_key(ORIGIN) && text(headers, ORIGIN) != Some(&*format!("http://{host}")) {
        return Err(ApiError::forbidden(
            "the header Origin must be that of the request's Host: a web page of another site cannot use this API",
        ));
    }
    let reads = is_read(method);
    let kinds = headers.get_all(CONTENT_TYPE).iter().filter_map(|kind| kind.to_str().ok()?.split(';').next());
    match kinds.map(str::trim).find(|kind| OF_FORMS.iter().any(|form| form.eq_ignore_ascii_case(kind))) {
        Some(kind) if !reads => Err(ApiError::forbidden(format!(
            "a request that changes something must not have the content type {kind}: send `Content-Type: \
                 application/json` (with curl `--json`), or `application/octet-stream` for the bytes of an archive"
        ))),
        _ => Ok(()),
    }
}

fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

/// Returns the value of a header that occurs once.
fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// Returns the host without its port. Returns `None` if something else precedes or follows them, such as a user name.
fn name_of(host: &str) -> Option<&str> {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').filter(|(address, _)| address.parse::<Ipv6Addr>().is_ok())?,
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = |port: &str| port.bytes().all(|digit| digit.is_ascii_digit());
    (port.is_empty() || port.strip_prefix(':').is_some_and(is_port)).then_some(name)
}

fn is_allowed(name: &str, allowed: &[String]) -> bool {
    let name = name.to_ascii_lowercase();
    name.parse::<IpAddr>().is_ok()
        || name == "localhost"
        || name.strip_suffix(".localhost").is_some_and(|label| !label.is_empty())
        || allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(&name))
}

//! Applies the faults that change a response.

use std::collections::VecDeque;
use std::future::pending;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Body as HttpBody;
use hyper::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderValue};

use crate::fault::{Delay, Spoil};
use crate::wire::TREE_HASH;

use super::body::{Response, boxed};
use super::connection::CloseMode;
use super::faults::Fault;
use super::spoilt_body::{Altered, Cut, Dribble, Stalled, Truncated};

/// Spoils a response, or records that it cannot be spoilt in this way.
pub(super) async fn spoil(fault: &Fault<'_>, how: &Spoil, mut response: Response) -> Response {
    let length = response.body().size_hint().exact().unwrap_or_default();
    if let Some(why) = cannot(how, &response, length) {
        fault.missed(&why);
        return response;
    }
    let headers = response.headers_mut();
    match how {
        Spoil::WrongChecksum => {
            if let Some(hash) = headers.get_mut(TREE_HASH) {
                *hash = another(hash);
            }
            response
        }
        Spoil::SetHeader(name, value) => {
            headers.insert(name, value.clone());
            response
        }
        Spoil::DropHeader(name) => {
            headers.remove(name);
            response
        }
        Spoil::Flip { at } => {
            let at = *at;
            response.map(|body| boxed(Altered::new(body, at, |byte| byte ^ 1)))
        }
        Spoil::MalformedJson => response.map(|body| boxed(Altered::new(body, length - 1, |_| b')'))),
        Spoil::TruncatedJson { after } => response.map(|body| boxed(Truncated::new(body, *after))),
        Spoil::Cut { after } => {
            // Announces the full length.
            headers.insert(CONTENT_LENGTH, length.into());
            response.map(|body| boxed(Cut::new(body, *after)))
        }
        Spoil::Stall { after } => {
            headers.insert(CONTENT_LENGTH, length.into());
            let holds = fault.holds();
            response.map(|body| boxed(Stalled::new(body, *after, holds, fault.control.watch())))
        }
        Spoil::Dribble { bytes_per_second, on } => {
            headers.insert(CONTENT_LENGTH, length.into());
            let (piece, time) = pieces(*bytes_per_second);
            let (served, holds) = (fault.served.clone(), fault.holds());
            let delay = Delay { time, on: *on };
            response.map(|body| boxed(Dribble::new(body, piece, delay, served, holds, fault.control.watch())))
        }
        Spoil::ContentLength(length) => {
            headers.insert(CONTENT_LENGTH, (*length).into());
            by_hand(fault, response).await
        }
    }
}

/// Returns why a response cannot be spoilt in this way.
fn cannot(how: &Spoil, response: &Response, length: u64) -> Option<String> {
    let headers = response.headers();
    let missing = |name: &str| (!headers.contains_key(name)).then(|| format!("the response has no header {name}"));
    let shorter = |least: u64| (length < least).then(|| format!("the response body had only {length} bytes"));
    match how {
        Spoil::Cut { after } | Spoil::Stall { after } => shorter(after.saturating_add(1)),
        Spoil::Flip { at } => shorter(at.saturating_add(1)),
        Spoil::WrongChecksum => missing(TREE_HASH),
        Spoil::DropHeader(name) => missing(name.as_str()),
        Spoil::MalformedJson | Spoil::TruncatedJson { .. } => {
            let is_json = headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json");
            let at_least = if let Spoil::TruncatedJson { after } = how { after.saturating_add(1) } else { 1 };
            if is_json { shorter(at_least) } else { Some("the response is not JSON".into()) }
        }
        Spoil::Dribble { .. } => shorter(1),
        Spoil::ContentLength(said) => (*said == length).then(|| format!("the response body really had {length} bytes")),
        Spoil::SetHeader(..) => None,
    }
}

/// Returns a checksum that differs in its first digit.
fn another(hash: &HeaderValue) -> HeaderValue {
    let mut digits = hash.as_bytes().to_vec();
    if let Some(first) = digits.first_mut() {
        *first = if *first == b'0' { b'1' } else { b'0' };
    }
    HeaderValue::from_bytes(&digits).unwrap_or_else(|_| HeaderValue::from_static("0"))
}

/// Returns the size and interval of the pieces: ten per second, or single bytes at less than ten bytes per second.
fn pieces(bytes_per_second: u64) -> (u64, Duration) {
    let rate = bytes_per_second.max(1);
    let piece = (rate / 10).max(1);
    (piece, Duration::from_nanos(1_000_000_000_u64.saturating_mul(piece) / rate))
}

/// Writes a response without hyper, which would reject its wrong length, and closes the connection.
async fn by_hand(fault: &Fault<'_>, response: Response) -> Response {
    let (parts, mut body) = response.into_parts();
    let mut head = format!("HTTP/1.1 {}\r\n", parts.status).into_bytes();
    // Dates in HTTP headers are those of the wall clock.
    let date = HeaderValue::try_from(httpdate::fmt_http_date(SystemTime::now())).ok().map(|date| (DATE, date));
    let closing = Some((CONNECTION, HeaderValue::from_static("close")));
    let mut headers = parts.headers;
    headers.extend(date.into_iter().chain(closing));
    for (name, value) in &headers {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    let mut pieces = VecDeque::from([Bytes::from(head)]);
    while let Some(Ok(frame)) = body.frame().await {
        pieces.extend(frame.into_data());
    }
    fault.control.close_with(CloseMode::Write(pieces));
    pending().await
}

//! The path of a request through the layers, on one screen.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::SystemTime;

use hyper::header::{CONNECTION, HeaderMap, HeaderName, HeaderValue, USER_AGENT};

use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::words::Operation;
use crate::fault::{Before, Effect};
use crate::record::{Arrival, Body as RecordedBody, End, Head, Open, Refusal, WallTime, text};
use crate::service::{Access, Outcome};
use crate::wire::{
    Body, Payload, Query, Request as WireRequest, Signed, Target, check_region, custom_response, error_response,
    identify, parse, render_outcome, verify_signature,
};

use super::body::{Answer, Request, Response};
use super::connection::ConnectionControl;
use super::faults::Fault;
use super::kept_body::Store;
use super::receive::{Arriving, Unread, receive};
use super::{Served, far_job, send};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// Identifies the caller, records the request, decides whether a fault applies, receives and hashes the body, checks
/// and parses the request, applies the command, lets a fault spoil the response, sends it, and records the outcome.
pub(super) fn answer<'a>(
    served: &'a Arc<Served>,
    control: &'a ConnectionControl,
    target: Target,
    request: Request,
) -> Answer<'a> {
    // The future would be larger by the whole request if it did this.
    let (open, headers, body) = record(served, control, target, request);
    Box::pin(answer_recorded(served, control, open, headers, body))
}

/// Does what [`answer`] does after the request is recorded. The futures that few requests need are in boxes, which
/// halves the size of this future.
async fn answer_recorded(
    served: &Arc<Served>,
    control: &ConnectionControl,
    open: Open,
    headers: HeaderMap,
    body: super::body::Body,
) -> Response {
    let mut body = Arriving::new(body, &open, served.limits.stalled_upload_after);
    let decided = served.mock.faults.decide(&open.request());
    if let Err(panicked) = &decided {
        open.is_faulted(panicked.to_string());
    }
    let panicked = decided.is_err();
    let fault = decided.ok().flatten().map(|fired| Fault { served, control, open: &open, fired });
    if let Some(fault) = &fault {
        open.is_faulted(fault.fired.to_string());
        body = Box::pin(fault.before(body)).await;
    }
    let is_data = open.arrival().head.target.operation.is_some_and(Operation::carries_data);
    let received = receive(body, is_data, served.limits.max_body, &served.bodies, kept_in(served)).await;
    let is_whole = received.is_ok();
    if let Ok(body) = &received {
        open.body(|limit| recorded(body, limit));
    }
    let effect = fault.as_ref().map(|fault| fault.fired.effect());
    // Read before the command is applied: a test that sees its effect may advance the clock at once.
    let before = fault.as_ref().map(|_| served.mock.service.now());
    let outcome = match (effect, received) {
        (_, Err(Unread::Stopped)) => Err(Failure::UploadStalled),
        // A condition of the test panicked, so it is unknown what the test meant to happen. The request changes
        // nothing, and verification fails.
        _ if panicked => Err(Failure::ServiceUnavailable),
        (Some(Effect::Before(Before::Refuse(code))), _) => Err(Failure::typical(*code)),
        (Some(Effect::Before(Before::Throttle(_))), _) => Err(Failure::typical(ErrorCode::ThrottlingException)),
        (Some(Effect::Before(Before::Answer { status, content_type, body })), _) => {
            Ok(custom_response(*status, content_type, body.clone()))
        }
        (_, Err(Unread::TooLong(length))) => Err(too_long(&open.arrival().head, length)),
        (_, Err(Unread::NotKept(error))) => Err(not_kept(&open, &error)),
        (_, Ok(body)) => decide_or_catch(served, &open, &headers, &body),
    };
    let outcome = match outcome {
        Ok(response) => written(served, &open).await.map(|()| response),
        Err(failure) => Err(failure),
    };
    let (mut response, refusal) = respond(&open, outcome);
    if !is_whole {
        // The rest of the body would precede the next request on this connection.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let (Some(fault), Some(before)) = (fault, before) else {
        ended(served, &open, response.status().as_u16(), refusal).await;
        return send::response(served, response, || open.request());
    };
    if matches!(fault.fired.effect(), Effect::Before(Before::Answer { .. })) {
        // A response that replaces the service's own has no request ID of the service.
        response.headers_mut().remove(REQUEST_ID);
    }
    Box::pin(fault.after(before)).await;
    ended(served, &open, response.status().as_u16(), refusal).await;
    Box::pin(fault.answer(response)).await
}

/// Waits until what the request has changed is in the file of the state, if the state is kept in one. Otherwise the
/// client could see an answer whose effect a crash undoes.
async fn written(served: &Served, open: &Open) -> Result<(), Failure> {
    served.mock.written().await.map_err(|reason| not_kept(open, &reason))
}

/// Records why a request could not be kept, and returns its failure.
fn not_kept(open: &Open, reason: &str) -> Failure {
    open.is_faulted(reason.to_owned());
    Failure::ServiceUnavailable
}

/// Returns where the bytes of archives are kept, if not in memory.
#[cfg(feature = "state")]
fn kept_in(served: &Served) -> Option<Store<'_>> {
    served.mock.content_store()
}

#[cfg(not(feature = "state"))]
fn kept_in(_: &Served) -> Option<Store<'_>> {
    None
}

/// Records and logs the outcome of a request.
async fn ended(served: &Served, open: &Open, status: u16, refusal: Option<Refusal>) {
    if let Some(refusal) = refusal {
        open.is_refused(refusal);
    }
    open.end(End::Answered(status));
    log(served, open).await;
}

/// Adds the request to the record.
fn record(
    served: &Served,
    control: &ConnectionControl,
    target: Target,
    request: Request,
) -> (Open, HeaderMap, super::body::Body) {
    let (parts, body) = request.into_parts();
    let (caller, place) = identify(&parts.headers, &target, &served.mock.principals, &served.mock.defaults);
    let (path, query) = (parts.uri.path().into(), parts.uri.query().map(Into::into));
    let head = Head { target, caller, place, method: parts.method, path, query, peer: control.peer() };
    let (head, headers) = served.mock.journal.shared(head, &parts.headers);
    let open = served.mock.journal.arrival(|| Arrival {
        head,
        headers,
        service_time: served.mock.service.now(),
        wall_time: WallTime::now(),
        request_id: served.mock.next_request_id(),
    });
    (open, parts.headers, body)
}

/// Checks the signature of the request, if the mock verifies signatures.
fn check_signature(served: &Served, arrival: &Arrival, headers: &HeaderMap, body: &Body) -> Result<(), Failure> {
    if !served.verify_signatures {
        return Ok(());
    }
    let signed = Signed {
        method: arrival.head.method.as_str(),
        path: &arrival.head.path,
        query: arrival.head.query.as_deref(),
        headers,
        body_hash: &body.hashes.plain.to_string(),
    };
    verify_signature(&signed, &arrival.head.caller, SystemTime::from(arrival.wall_time).into())
}

/// Runs [`decide`] and catches a panic. A bug in the mock must not end the connection without a response: the client
/// receives a 500 in AWS's form, and the record contains the reason.
fn decide_or_catch(
    served: &Served,
    open: &Open,
    headers: &HeaderMap,
    body: &Body,
) -> Result<hyper::Response<Payload>, Failure> {
    catch_unwind(AssertUnwindSafe(|| decide(served, open, headers, body))).unwrap_or_else(|payload| {
        open.is_faulted(format!("the mock itself panicked: {}", text(&*payload)));
        Err(Failure::ServiceUnavailable)
    })
}

/// Checks a request in the order that was observed at the service (observed.md 1.11), applies it, and renders the
/// response.
fn decide(served: &Served, open: &Open, headers: &HeaderMap, body: &Body) -> Result<hyper::Response<Payload>, Failure> {
    let arrival = open.arrival();
    let Head { caller, place, target, method, path, query, peer } = &*arrival.head;
    let request =
        WireRequest { method: method.as_str(), path, target, query: Query::parse(query.as_deref()), headers, body };
    check_signature(served, arrival, headers, body).map_err(|failure| request.explained(failure))?;
    caller.check_expiry(arrival.service_time)?;
    let operation = request.operation()?;
    check_region(place)?;
    request.check_signed_headers()?;
    request.check_payload_hash()?;
    request.check_account()?;
    served.mock.service.check_account(caller, place, target.vault.as_deref())?;
    request.check_api_version()?;
    served.mock.service.check_customer(place)?;
    let command = parse(operation, &request)?;
    open.is_about(command.subject());
    let user_agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let access = Access { caller, peer: *peer, user_agent };
    let outcome = served.mock.service.apply(place, Some(&access), command);
    far_job::report(served);
    let outcome = outcome?;
    open.is_about(outcome.subject());
    if let Outcome::Job { job, .. } = &outcome {
        open.found_job(far_job::seen(served, job));
    }
    Ok(render_outcome(operation, place, outcome))
}

fn respond(
    open: &Open,
    answer: Result<hyper::Response<Payload>, Failure>,
) -> (hyper::Response<Payload>, Option<Refusal>) {
    let (mut response, refusal) = match answer {
        Ok(response) => (response, None),
        Err(failure) => (error_response(&failure), Some(Refusal::from(failure))),
    };
    // The characters of the ID are valid in a header value. hyper adds the Date, which is that of the wall clock.
    if let Ok(id) = HeaderValue::from_bytes(&open.arrival().request_id.text()) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    (response, refusal)
}

fn recorded(body: &Body, limit: u64) -> RecordedBody {
    RecordedBody::new(&body.content, body.len, body.hashes.plain, body.hashes.leaves.root(), limit)
}

/// Returns the failure for parameters that are longer than any valid ones, and for data that is longer than the mock
/// accepts.
fn too_long(head: &Head, length: u64) -> Failure {
    match head.target.operation {
        Some(_) => Failure::InvalidContentLength { length },
        None => Failure::Unroutable { method: head.method.to_string(), path: head.path.to_string() },
    }
}

/// Writes one log line and one event for the request.
pub(super) async fn log(served: &Served, open: &Open) {
    served.reporter.request(open.request()).await;
}

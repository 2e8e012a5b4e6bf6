//! The form of a recorded request.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::domain::account::Account;
use crate::domain::bytes::ByteRange;
use crate::domain::failure::ErrorCode;
use crate::domain::words::{Operation, Timestamp};
use crate::record::{Body, Request};
use crate::wire::Authorization;

use super::text::Text;

/// Replaces the value of a secret.
const HIDDEN: &str = "(hidden)";

/// Headers that are secrets.
const SECRETS: [&str; 3] = ["cookie", "proxy-authorization", "x-amz-security-token"];

/// A request that the mock received: one attempt of a call. Members that are unknown or do not apply are null.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct RequestForm {
    /// The position in the order of arrival, counted from 1.
    number: usize,
    /// When the request arrived, on the mock's clock.
    time: Text<Timestamp>,
    /// When the request arrived, on the wall clock.
    wall_time: Text<Timestamp>,
    /// How long the request took on the wall clock, from the arrival of its headers until the mock had decided the
    /// response or the connection ended; null while it is in flight.
    duration: Option<Text<Duration>>,
    state: State,
    operation: Option<Text<Operation>>,
    method: String,
    /// The path as it was sent.
    path: String,
    /// The query as it was sent.
    query: Option<String>,
    /// The account of the caller.
    account: Text<Account>,
    /// The account that the path addresses.
    path_account: Text<Account>,
    region: String,
    vault: Option<String>,
    archive: Option<String>,
    job: Option<String>,
    upload: Option<String>,
    lock: Option<String>,
    /// The ARN of the caller.
    principal: String,
    /// The access key of the signature, also if the mock does not know it. Null if the request was not signed.
    access_key: Option<String>,
    /// The headers, with names in lower case. The values of a repeated header are separated by commas. Signatures,
    /// session tokens and cookies are replaced.
    headers: BTreeMap<String, String>,
    /// Null until the body has arrived.
    body: Option<BodyForm>,
    /// Says how much of a body has arrived that is not complete.
    unfinished_body: Option<String>,
    /// The first and the last byte that the request sends or asks for. The last is null for a range without an end.
    byte_range: Option<(u64, Option<u64>)>,
    /// The number of the attempt within its call, counted from 1, as the SDK reports it.
    attempt: usize,
    /// The ID that all attempts of an SDK's call share.
    invocation_id: Option<String>,
    /// The `x-amzn-RequestId` of the response.
    request_id: String,
    status: Option<u16>,
    /// The error code of the response.
    error: Option<Text<ErrorCode>>,
    /// The error message of the response.
    message: Option<String>,
    /// The cause of the error where the mock knows more than the message says: the statement of a policy that decided,
    /// or the mistake that explains a signature.
    explanation: Option<String>,
    /// The fault that applied to the request.
    fault: Option<String>,
    /// Why the response body ended early although no fault asked for it.
    interruption: Option<String>,
}

/// How a request ended.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
enum State {
    /// The mock has not answered yet.
    InFlight,
    /// The mock answered.
    Answered,
    /// A fault ended the connection, and there was no answer.
    NotAnswered,
    /// The client disconnected before the mock answered.
    ClientWentAway,
}

/// The body of a recorded request.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct BodyForm {
    /// The number of bytes that arrived.
    length: u64,
    sha256: String,
    tree_hash: String,
    /// How many of these bytes the record did not keep.
    dropped: u64,
}

impl RequestForm {
    pub(crate) fn of(request: &Request) -> Self {
        let text = |text: &str| text.to_owned();
        RequestForm {
            number: request.number(),
            time: Text(request.service_time()),
            wall_time: Text(request.wall_time().into()),
            duration: request.duration().map(Text),
            state: State::of(request),
            operation: request.operation().map(Text),
            method: request.method().into(),
            path: request.path().into(),
            query: request.query().map(text),
            account: Text(request.account()),
            path_account: Text(request.place().account),
            region: request.region().into(),
            vault: request.vault().map(text),
            archive: request.archive_id().map(|id| text(id)),
            job: request.job_id().map(|id| text(id)),
            upload: request.upload_id().map(|id| text(id)),
            lock: request.lock_id().map(|id| text(id)),
            principal: request.principal().arn().into(),
            access_key: signing_key(request),
            headers: headers(request),
            body: request.body().map(BodyForm::of),
            unfinished_body: request.unfinished_body(),
            byte_range: request
                .byte_range()
                .map(|range| (*range.start(), Some(*range.end()).filter(|last| *last != ByteRange::OPEN_END))),
            attempt: request.attempt(),
            invocation_id: request.call_id().map(Cow::into_owned),
            request_id: request.id_in_response().to_string(),
            status: request.status(),
            error: request.error_code().map(Text),
            message: request.error_message().map(text),
            explanation: request.explanation().map(text),
            fault: request.fault().map(text),
            interruption: request.interruption().map(text),
        }
    }
}

impl State {
    fn of(request: &Request) -> Self {
        // Read in this order, because the request may end meanwhile.
        match (request.has_ended(), request.is_disconnected()) {
            (false, _) => State::InFlight,
            (true, false) => State::Answered,
            (true, true) if request.is_not_answered() => State::NotAnswered,
            (true, true) => State::ClientWentAway,
        }
    }
}

impl BodyForm {
    fn of(body: &Body) -> Self {
        BodyForm {
            length: body.len(),
            sha256: body.sha256().to_string(),
            tree_hash: body.tree_hash().to_string(),
            dropped: body.dropped(),
        }
    }
}

/// Returns the access key of the signature, whether or not the mock knows it.
fn signing_key(request: &Request) -> Option<String> {
    let (_, value) = request.headers().find(|(name, _)| *name == "authorization")?;
    let authorization = Authorization::read(value)?;
    let key = authorization.credential().next().filter(|key| !key.is_empty());
    key.map(str::to_owned)
}

fn headers(request: &Request) -> BTreeMap<String, String> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in request.headers() {
        let value = if SECRETS.contains(&name) { HIDDEN.into() } else { value };
        let value = match (name, value.split_once("Signature=")) {
            ("authorization", Some((rest, _))) => format!("{rest}Signature={HIDDEN}"),
            ("authorization", None) => HIDDEN.to_owned(),
            _ => value.into_owned(),
        };
        match headers.get_mut(name) {
            Some(values) => *values += &format!(", {value}"),
            None => drop(headers.insert(name.to_owned(), value)),
        }
    }
    headers
}

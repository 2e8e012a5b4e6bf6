//! The lines of one call in a transcript.

use serde_json::Value;

use crate::domain::failure::ErrorCode;
use crate::domain::words::Operation;
use crate::record::{Call, Request, cut, escape};

use super::names::{Kind, Names};

/// The maximum length of a body or an error message, in characters.
const LONGEST: usize = 400;
/// The number of hex digits of a body's SHA-256. 32 bits tell the bodies of one test apart.
const DIGITS: usize = 8;

/// Headers that differ from run to run or say the same in each request.
const LEFT_OUT: &[&str] =
    &["x-amz-content-sha256", "x-amz-date", "x-amz-glacier-version", "x-amz-security-token", "x-amz-user-agent"];

/// Renders a call. Returns one line, or with `full` further lines that are indented.
pub(super) fn lines(call: &Call, place: &str, full: bool, names: &mut Names) -> String {
    let mut out = head(call, place, names);
    if full {
        for line in details(call, names) {
            out += "\n    ";
            out += &line;
        }
    }
    out
}

fn head(call: &Call, place: &str, names: &mut Names) -> String {
    let request = call.last();
    let mut columns = Vec::new();
    let offset = names.offset(call.first().service_time());
    if !offset.is_zero() {
        columns.push(offset.to_string());
    }
    match call.operation() {
        Some(operation) => columns.push(operation.to_string()),
        None => columns.push(format!("{} {}", request.method(), escape(&names.replace(request.path())))),
    }
    let vault = call.vault().map(|name| format!("{place}{}", escape(name)));
    columns.extend(vault.or_else(|| Some(place.trim_end_matches('/').to_owned()).filter(|place| !place.is_empty())));
    columns.extend(call.upload_id().map(|id| names.name(Kind::Upload, id)));
    columns.extend(call.job_id().map(|id| names.name(Kind::Job, id)));
    columns.extend(call.archive_id().map(|id| names.name(Kind::Archive, id)));
    columns.extend(request.lock_id().map(|id| names.name(Kind::Lock, id)));
    columns.extend(job_parameters(call));
    let range = request.header("content-range").or(request.header("range"));
    columns.extend(range.map(|range| escape(range).into_owned()));
    columns.extend(data(call));
    columns.push(outcome(call));
    columns.join("  ")
}

/// Returns what kind of job an InitiateJob asks for, where the archive does not say it.
fn job_parameters(call: &Call) -> Option<String> {
    let parameters = (call.operation() == Some(Operation::InitiateJob)).then(|| json(call.last()))??;
    let inventory = (parameters["Type"] == "inventory-retrieval").then_some("inventory");
    let tier = parameters["Tier"].as_str();
    let said: Vec<_> = [inventory, tier].into_iter().flatten().collect();
    (!said.is_empty()).then(|| escape(&said.join("  ")).into_owned())
}

/// Returns the length and the short hash of a body that is data.
fn data(call: &Call) -> Option<String> {
    let body = call.body().filter(|_| call.operation().is_some_and(Operation::carries_data))?;
    Some(format!("{} bytes {}", body.len(), &body.sha256().to_string()[..DIGITS]))
}

/// Returns the statuses of all attempts, and what the last one was answered.
fn outcome(call: &Call) -> String {
    let mut statuses: Vec<_> = call.attempts().iter().map(status).collect();
    statuses.extend(call.error_code().map(|code| code.to_string()));
    statuses.extend(call.last().job_seen().map(|job| job.status.as_str().to_owned()));
    statuses.join(" ")
}

fn status(request: &Request) -> String {
    match request.status() {
        Some(status) => status.to_string(),
        None if request.is_disconnected() && request.fault().is_some() => "no-answer".to_owned(),
        None if request.is_disconnected() => "client-went-away".to_owned(),
        None => "in-flight".to_owned(),
    }
}

fn json(request: &Request) -> Option<Value> {
    serde_json::from_slice(&request.body()?.to_vec()).ok()
}

/// Returns the query, the headers that matter, the parameters and the attempts of a call.
fn details(call: &Call, names: &mut Names) -> Vec<String> {
    let request = call.last();
    let mut out = Vec::new();
    for (key, value) in form_urlencoded::parse(request.query().unwrap_or_default().as_bytes()) {
        let value =
            if key == "marker" && !value.is_empty() { names.name(Kind::Marker, &value) } else { names.replace(&value) };
        out.push(format!("{}={}", escape(&key), escape(&value)));
    }
    let mut headers: Vec<_> = request
        .headers()
        .filter(|(name, _)| name.starts_with("x-amz-") && !LEFT_OUT.contains(name))
        .map(|(name, value)| format!("{name}: {}", escape(&names.replace(&value))))
        .collect();
    headers.sort();
    out.extend(headers);
    if let Some(parameters) = json(request).filter(|_| data(call).is_none()) {
        // Writing the value anew sorts the keys. An SDK may send a map in any order.
        out.push(escape(&cut(&names.replace(&parameters.to_string()), LONGEST)).into_owned());
    }
    let attempts = call.attempts();
    for (n, attempt) in
        attempts.iter().enumerate().filter(|(_, attempt)| attempts.len() > 1 || attempt.fault().is_some())
    {
        let code = attempt.error_code().map(|code| format!(" {code}")).unwrap_or_default();
        let fault = attempt.fault().map(|fault| format!("  [fault: {fault}]")).unwrap_or_default();
        out.push(escape(&format!("attempt {}: {}{code}{fault}", n + 1, status(attempt))).into_owned());
    }
    // The message for a wrong signature quotes the port, the date and the signature.
    let message =
        request.error_message().filter(|_| request.error_code() != Some(ErrorCode::InvalidSignatureException));
    out.extend(message.map(|message| escape(&cut(&names.replace(message), LONGEST)).into_owned()));
    out
}

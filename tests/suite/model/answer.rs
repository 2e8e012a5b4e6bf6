//! The formats of the service's responses (api.md section 1, observed.md 1 and 2).

use std::collections::BTreeMap;

use serde_json::Value;

use super::wire::Answer;

/// The expected response. An error response is an `Err`, so that `?` returns it.
pub(super) type Reply = Result<Answer, Answer>;

impl Answer {
    /// A response without content: 204 has no body, type or length; 201 and 202 have an empty object (observed.md 3.1).
    pub(super) fn empty(status: u16) -> Self {
        match status {
            204 => Self { status, headers: BTreeMap::new(), body: Vec::new() },
            _ => Self::bytes(status, "application/json", b"{}".to_vec()),
        }
    }

    pub(super) fn with(mut self, header: &str, value: impl ToString) -> Self {
        self.headers.insert(header.to_owned(), value.to_string());
        self
    }

    pub(super) fn bytes(status: u16, kind: &str, body: Vec<u8>) -> Self {
        let answer = Self { status, headers: BTreeMap::new(), body: Vec::new() };
        let answer = answer.with("content-type", kind).with("content-length", body.len());
        Self { body, ..answer }
    }

    /// Compact JSON with keys in alphabetical order (observed.md 3.1), which is the order of `serde_json`'s maps.
    pub(super) fn json(body: &Value) -> Self {
        Self::bytes(200, "application/json", body.to_string().into_bytes())
    }
}

fn refusal(status: u16, code: &str, message: &str) -> Answer {
    let message = Value::from(message);
    let body = format!(r#"{{"code":"{code}","message":{message},"type":"Client"}}"#);
    Answer::bytes(status, "application/json", body.into_bytes())
}

pub(super) fn invalid(message: impl AsRef<str>) -> Answer {
    refusal(400, "InvalidParameterValueException", message.as_ref())
}

pub(super) fn missing(parameter: &str) -> Answer {
    refusal(400, "MissingParameterValueException", &format!("Required parameter missing: {parameter}"))
}

pub(super) fn not_found(message: impl AsRef<str>) -> Answer {
    refusal(404, "ResourceNotFoundException", message.as_ref())
}

pub(super) fn limit_exceeded(message: &str) -> Answer {
    refusal(400, "LimitExceededException", message)
}

pub(super) fn policy_enforced() -> Answer {
    refusal(400, "PolicyEnforcedException", "InitiateJob request denied by current data retrieval policy.")
}

pub(super) fn access_denied(message: impl AsRef<str>) -> Answer {
    refusal(403, "AccessDeniedException", message.as_ref())
}

/// An error of the service's front end, which writes the keys in another order (observed.md 1.2).
pub(super) fn invalid_signature(message: impl AsRef<str>) -> Answer {
    let message = Value::from(message.as_ref());
    let body = format!(r#"{{"message":{message},"code":"InvalidSignatureException","type":"Client"}}"#);
    Answer::bytes(403, "application/json", body.into_bytes())
}

//! Compares one response with the model: what the model does not declare, and what is missing.

use glacier_mock::Operation;
use serde_json::{Map, Value};

use crate::support::RawResponse;

use super::model::{
    FRONT_END, MALFORMED, Model, OPTIONAL, STATUSES, Seen, UNDECLARED, WITHDRAWN, is_among, is_general, name_of,
};

/// Compares a response with the model. Returns what the response covered, and all differences.
pub(super) fn compare(model: &Model, operation: Operation, response: &RawResponse) -> (Seen, Vec<String>) {
    let mut check = Check { model, operation, response, seen: Seen::default(), problems: Vec::new() };
    check.every_answer();
    if (200..300).contains(&response.status) {
        check.success()
    } else {
        check.refusal()
    }
    (check.seen, check.problems)
}

struct Check<'a> {
    model: &'a Model,
    operation: Operation,
    response: &'a RawResponse,
    seen: Seen,
    problems: Vec<String>,
}

impl<'a> Check<'a> {
    fn must(&mut self, holds: bool, problem: impl FnOnce() -> String) {
        if !holds {
            self.problems.push(problem());
        }
    }

    /// Checks the request ID, the date, the length, and that no header is repeated (api.md section 1, observed.md 1.9).
    fn every_answer(&mut self) {
        let response = self.response;
        let id = response.header("x-amzn-requestid");
        self.must(id.is_some_and(|id| id.len() == 47), || format!("x-amzn-requestid is {id:?}"));
        let date = response.header("date");
        self.must(date.is_some_and(|date| date.ends_with(" GMT")), || format!("date is {date:?}"));
        let length = response.header("content-length");
        let expected = (response.status != 204).then(|| response.body.len().to_string());
        self.must(length == expected.as_deref(), || format!("content-length is {length:?}, not {expected:?}"));
        for (name, _) in &response.headers {
            let count = response.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).count();
            self.must(count == 1, || format!("header {name} is there {count} times"));
        }
    }

    fn success(&mut self) {
        let (model, operation, response) = (self.model, self.operation, self.response);
        self.seen.successes.insert(operation);
        let status = u64::from(response.status);
        let expected = model.success_status(operation);
        let is_part = operation == Operation::GetJobOutput && status == 206;
        self.must(status == expected || is_part, || format!("the status is {status}, not {expected}"));
        let output = model.operation(operation)["output"]["shape"].as_str().unwrap_or_default();
        let mut known = Vec::new();
        for (name, member) in model.members(output) {
            let path = format!("{output}.{name}");
            match member["location"].as_str() {
                Some("header") => {
                    let header = member["locationName"].as_str().unwrap();
                    known.push(header);
                    self.member_in_header(path, header);
                }
                Some("statusCode") => self.with_value(path),
                Some(other) => {
                    self.problems.push(format!("{path} is in the {other}, which this check does not support"))
                }
                None => {}
            }
        }
        if operation == Operation::GetJobOutput {
            let has_range = response.header("content-range").is_some();
            self.must(has_range == is_part, || "Content-Range belongs to 206, and to nothing else".into());
        }
        self.body_of(output, &mut known);
        self.no_other_headers(&known);
    }

    fn member_in_header(&mut self, path: String, header: &str) {
        match self.response.header(header) {
            None if is_among(WITHDRAWN, &path) => {}
            Some(_) if is_among(WITHDRAWN, &path) => self.problems.push(format!("header {header} is never sent")),
            None => self.without_value(path, "is missing"),
            Some(value) => {
                self.must(!value.is_empty(), || format!("header {header} is empty"));
                self.with_value(path);
            }
        }
    }

    fn no_other_headers(&mut self, known: &[&str]) {
        for (name, _) in &self.response.headers {
            let is_known = is_general(name) || known.iter().any(|known| known.eq_ignore_ascii_case(name));
            self.must(is_known, || format!("header {name} is not in the model"));
        }
    }

    /// Checks the body: the payload member if there is one, otherwise the members that are not in headers.
    fn body_of(&mut self, output: &'a str, known: &mut Vec<&str>) {
        let (model, response) = (self.model, self.response);
        let shape = match model.shape(output)["payload"].as_str() {
            Some(payload) => {
                self.with_value(format!("{output}.{payload}"));
                name_of(&model.shape(output)["members"][payload])
            }
            None => output,
        };
        let is_empty = model.members(shape).all(|(_, member)| !member["location"].is_null());
        if model.shape(shape)["type"] == "blob" {
            // The model does not describe the contents of a blob.
            self.must(!response.body.is_empty(), || "the body is empty".into());
        } else if is_empty {
            // The body is an empty object, and empty with 204 (observed.md 3.1).
            let expected = if response.status == 204 { "" } else { "{}" };
            let body = String::from_utf8_lossy(&response.body);
            self.must(body == expected, || format!("the body is {body:?}, not {expected:?}"));
            if !expected.is_empty() {
                known.push("content-type");
                self.document();
            }
        } else {
            known.push("content-type");
            let Some(document) = self.document() else { return };
            // Compact JSON with keys in alphabetical order (observed.md 3.1), as serde_json writes it.
            let (written, text) = (document.to_string(), String::from_utf8_lossy(&response.body));
            self.must(written == text, || format!("the body is not compact and sorted, as {written}"));
            self.value(shape, shape, &document);
        }
    }

    fn document(&mut self) -> Option<Value> {
        let content_type = self.response.header("content-type");
        self.must(content_type == Some("application/json"), || format!("the content type is {content_type:?}"));
        let document = serde_json::from_slice(&self.response.body);
        if let Err(error) = &document {
            self.problems.push(format!("the body is not JSON: {error}"));
        }
        document.ok()
    }

    fn value(&mut self, shape: &'a str, path: &str, value: &Value) {
        let shape_name = shape;
        let shape = self.model.shape(shape);
        match (shape["type"].as_str().unwrap_or_default(), value) {
            ("string", Value::String(text)) => {
                let one_of = shape["enum"].as_array();
                let is_one = one_of.is_none_or(|values| values.iter().any(|known| known == text));
                self.must(is_one, || format!("{path} is {text:?}, not one of {one_of:?}"));
            }
            ("integer" | "long", Value::Number(number)) if number.is_i64() => {}
            ("boolean", Value::Bool(_)) => {}
            ("list", Value::Array(entries)) => {
                entries.iter().for_each(|entry| self.value(name_of(&shape["member"]), path, entry));
            }
            ("map", Value::Object(entries)) => {
                entries.values().for_each(|entry| self.value(name_of(&shape["value"]), path, entry));
            }
            ("structure", Value::Object(fields)) => self.structure(shape_name, fields),
            (kind, other) => self.problems.push(format!("{path} is {other}, not a {kind}")),
        }
    }

    fn structure(&mut self, shape: &'a str, fields: &Map<String, Value>) {
        let model = self.model;
        let in_body = || model.members(shape).filter(|(_, member)| member["location"].is_null());
        let key_of = |name, member: &'a Value| member["locationName"].as_str().unwrap_or(name);
        for (name, member) in in_body() {
            let path = format!("{shape}.{name}");
            if is_among(WITHDRAWN, &path) {
                self.must(!fields.contains_key(key_of(name, member)), || format!("{path} is never sent"));
                continue;
            }
            match fields.get(key_of(name, member)) {
                None => self.problems.push(format!("{path} is missing")),
                Some(Value::Null) => self.without_value(path, "is null"),
                Some(value) => {
                    self.value(name_of(member), &path, value);
                    self.with_value(path);
                }
            }
        }
        for key in fields.keys() {
            let is_known = in_body().any(|(name, member)| key_of(name, member) == key);
            self.must(is_known, || format!("{shape} has no {key}"));
        }
    }

    fn with_value(&mut self, path: String) {
        self.seen.with_value.insert(path);
    }

    fn without_value(&mut self, path: String, how: &str) {
        self.must(is_among(OPTIONAL, &path), || format!("{path} {how}"));
        self.seen.without.insert(path);
    }

    /// Checks an error: the texts `code`, `message` and `type`, and the status of the code (observed.md section 1).
    fn refusal(&mut self) {
        self.no_other_headers(&["content-type"]);
        let Some(body) = self.document() else { return };
        let (written, length) = (body.to_string(), self.response.body.len());
        self.must(written.len() == length, || format!("the body is not compact, as {written}"));
        let mut keys: Vec<_> = body.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
        keys.sort_unstable();
        self.must(keys == ["code", "message", "type"], || format!("the keys are {keys:?}"));
        let [code, message, fault] = ["code", "message", "type"].map(|key| body[key].as_str().unwrap_or_default());
        self.must(!message.is_empty(), || "there is no message".into());
        let status = self.response.status;
        let expected = STATUSES.iter().find(|(known, _)| *known == code).map(|(_, status)| *status);
        self.must(expected == Some(status), || format!("the status of {code:?} is {status}, not {expected:?}"));
        let expected = if status < 500 { "Client" } else { "Server" };
        self.must(fault == expected, || format!("the type of {code:?} at {status} is {fault:?}, not {expected:?}"));
        self.code(code);
    }

    fn code(&mut self, code: &str) {
        let (model, operation) = (self.model, self.operation);
        if self.response.body.starts_with(br#"{"message":"#) {
            self.must(is_among(FRONT_END, code), || format!("{code:?} does not come from the front end"));
            self.seen.front_end.insert((operation, code.to_owned()));
            return;
        }
        let declared = model.operation(operation)["errors"].as_array();
        let is_declared = declared.is_some_and(|errors| errors.iter().any(|error| name_of(error) == code))
            || UNDECLARED.iter().any(|(known, undeclared, _)| (*known, *undeclared) == (operation, code))
            || (code == MALFORMED && model.takes_document(operation));
        self.must(is_declared, || format!("{code:?} is not for {operation}"));
        self.seen.refusals.insert((operation, code.to_owned()));
    }
}

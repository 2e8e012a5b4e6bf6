//! Describes what handlers answer.

use axum::response::{AppendHeaders, NoContent};
use schemars::JsonSchema;
use serde_json::{Value, json};

use super::super::answer::{Created, CreatedOrChanged, Json};
use super::super::contents::{Octets, PlainText};
use super::super::error::{ApiError, ErrorForm};
use super::super::request_stream::Events;
use super::super::requests::{LINES, Listed, Requests};
use super::{Description, Output};

/// Describes a response in JSON, with the description of its form.
fn form<T: JsonSchema>(description: &mut Description, status: &str) {
    let words = description.inline::<T>().get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
    let schema = description.schema::<T>();
    description.response(status, &words, "application/json", schema.as_value());
}

/// Describes a response that is one string.
fn text(description: &mut Description, media_type: &str, words: &str) {
    description.response("200", words, media_type, &json!({ "type": "string" }));
}

impl<T: Output> Output for Result<T, ApiError> {
    fn describe(description: &mut Description) {
        T::describe(description);
    }
}

impl<T: JsonSchema> Output for Json<T> {
    fn describe(description: &mut Description) {
        form::<T>(description, "200");
    }
}

impl<T: JsonSchema> Output for Created<T> {
    fn describe(description: &mut Description) {
        form::<T>(description, "201");
    }
}

impl<T: JsonSchema> Output for CreatedOrChanged<T> {
    fn describe(description: &mut Description) {
        form::<T>(description, "200");
        form::<T>(description, "201");
    }
}

/// The error, which every operation can answer.
impl Output for ApiError {
    fn describe(description: &mut Description) {
        let schema = description.schema::<ErrorForm>();
        description.response("default", "The request was refused.", "application/json", schema.as_value());
    }
}

impl Output for NoContent {
    fn describe(description: &mut Description) {
        description.responses.insert("204".to_owned(), json!({ "description": "no content" }));
    }
}

impl<H, T: Output> Output for (AppendHeaders<H>, T) {
    fn describe(description: &mut Description) {
        T::describe(description);
    }
}

impl<H, const N: usize, T: Output> Output for ([H; N], T) {
    fn describe(description: &mut Description) {
        T::describe(description);
    }
}

impl Output for PlainText {
    fn describe(description: &mut Description) {
        text(description, "text/plain", "The text.");
    }
}

impl Output for Octets {
    fn describe(description: &mut Description) {
        text(description, "application/octet-stream", "The bytes.");
    }
}

impl Output for Events {
    fn describe(description: &mut Description) {
        text(description, "text/event-stream", "One event for each request, with the request as JSON.");
    }
}

impl Output for Listed {
    fn describe(description: &mut Description) {
        Json::<Requests>::describe(description);
        description.responses["200"]["content"][LINES] = json!({ "schema": { "type": "string" } });
    }
}

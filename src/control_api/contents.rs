//! Answers that are not JSON, or only say that a request succeeded.

use aide::OperationOutput;
use aide::generate::GenContext;
use aide::openapi::{MediaType, Operation, Response as Documented, SchemaObject};
use axum::Json;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use hyper::header::CONTENT_TYPE;
use schemars::{JsonSchema, json_schema};
use serde::Serialize;

/// A plain text.
pub(super) struct PlainText(pub(super) String);

/// Bytes, as a body that is streamed.
pub(super) struct Octets(pub(super) Body);

/// The answer to a request that succeeded and returns nothing else.
#[derive(Serialize, JsonSchema)]
pub(super) struct Done {
    /// Always `true`.
    ok: bool,
}

impl Done {
    pub(super) fn new() -> Json<Self> {
        Json(Done { ok: true })
    }
}

/// Documents an answer that is one string, of this media type.
pub(super) fn text_of(media_type: &str, description: &str) -> Documented {
    let json_schema = json_schema!({ "type": "string" });
    let schema = Some(SchemaObject { json_schema, example: None, external_docs: None });
    let content = [(media_type.to_owned(), MediaType { schema, ..MediaType::default() })];
    Documented { description: description.into(), content: content.into_iter().collect(), ..Documented::default() }
}

impl IntoResponse for PlainText {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "text/plain; charset=utf-8")], self.0).into_response()
    }
}

impl IntoResponse for Octets {
    fn into_response(self) -> Response {
        ([(CONTENT_TYPE, "application/octet-stream")], self.0).into_response()
    }
}

/// Implements the documentation of answers that are one string.
macro_rules! documented {
    ($($answer:ty, $media_type:literal, $description:literal;)*) => {$(
        impl OperationOutput for $answer {
            type Inner = String;

            fn operation_response(_: &mut GenContext, _: &mut Operation) -> Option<Documented> {
                Some(text_of($media_type, $description))
            }

            fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Documented)> {
                vec![(Some(200), text_of($media_type, $description))]
            }
        }
    )*};
}

documented! {
    PlainText, "text/plain", "The text.";
    Octets, "application/octet-stream", "The bytes.";
}

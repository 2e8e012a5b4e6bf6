//! Reads the bytes of an archive or a part: the body of a request, or a JSON object that describes them.

use axum::body::{Body as Incoming, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::HeaderMap;
use hyper::header::CONTENT_TYPE;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::control::ControlError;
use crate::domain::bytes::Content;
use crate::domain::vault::{MAX_UPLOAD, StoredBytes};
use crate::mock::Mock;
use crate::server::{NotReceived, receive_bytes};

use super::error::ApiError;
use super::forms::members;
use super::read::{Body, Place, Query, from_members, is_json};

/// The maximum length of a block, in bytes. Hashing a repeat of a longer one could take minutes.
const MAX_BLOCK: usize = 1024 * 1024;

/// The bytes of an archive or a part, with the other members of the request: those of the query beside a raw body, and
/// those of the JSON object otherwise.
pub(super) struct BytesOf<T> {
    pub(super) form: T,
    pub(super) place: Place,
    pub(super) bytes: NewBytes,
}

/// A raw body that is not received yet.
pub(super) struct RawBody(pub(super) Incoming);

/// Bytes that are not received or not hashed yet.
pub(super) enum NewBytes {
    Raw(Incoming),
    Known(Content),
}

/// The members of a JSON object that describe bytes. Exactly one is given.
#[derive(Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct ContentForm {
    /// A text, which is stored in UTF-8.
    pub(crate) text: Option<String>,
    /// A block that is repeated.
    #[serde(default, deserialize_with = "members")]
    pub(crate) repeat: Option<RepeatForm>,
}

/// A block that is repeated up to a length. It takes the memory of one block. One of `block` and `block_base64` is given.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct RepeatForm {
    /// A text, which is stored in UTF-8. At most 1 MiB.
    block: Option<String>,
    /// Any bytes, in base64 with padding. At most 1 MiB.
    block_base64: Option<String>,
    /// The length of the whole, in bytes.
    length: u64,
}

impl ContentForm {
    pub(crate) fn into_content(self) -> Result<Content, ControlError> {
        match self {
            ContentForm { text: Some(text), repeat: None } => Ok(text.into()),
            ContentForm { text: None, repeat: Some(repeat) } => repeat.into_content(),
            _ => Err(ControlError::invalid("expected exactly one of `repeat` and `text`")),
        }
    }
}

impl RepeatForm {
    fn into_content(self) -> Result<Content, ControlError> {
        let block = match (self.block, self.block_base64) {
            (Some(text), None) => text.into_bytes(),
            (None, Some(base64)) => BASE64_STANDARD
                .decode(base64)
                .map_err(|error| ControlError::invalid(format!("repeat.block_base64: {error}")))?,
            _ => return Err(ControlError::invalid("repeat: expected exactly one of `block` and `block_base64`")),
        };
        if block.is_empty() || block.len() > MAX_BLOCK {
            let length = block.len();
            return Err(ControlError::invalid(format!(
                "repeat: the block has {length} bytes, expected 1 to {MAX_BLOCK}"
            )));
        }
        Ok(Content::repeat(block, self.length))
    }
}

impl NewBytes {
    /// Receives and hashes the bytes.
    pub(super) async fn receive(self, mock: &Mock) -> Result<StoredBytes, ApiError> {
        match self {
            NewBytes::Raw(body) => receive_bytes(mock, body, MAX_UPLOAD).await.map_err(|error| match error {
                NotReceived::TooLarge => ApiError::too_large(format!("the body has more than {MAX_UPLOAD} bytes")),
                NotReceived::NotKept(why) => ApiError::not_kept(&why),
                NotReceived::Stopped(why) => ApiError::invalid(format!("the body ended early: {why}")),
            }),
            NewBytes::Known(content) => {
                let hashed = tokio::task::spawn_blocking(move || StoredBytes::of(content)).await;
                match hashed {
                    Ok(Ok(bytes)) => Ok(bytes),
                    Ok(Err(error)) => Err(ApiError::invalid(error.to_string())),
                    Err(error) => Err(ApiError::internal(format!("the bytes could not be hashed: {error}"))),
                }
            }
        }
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequest<S> for BytesOf<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if is_json(request.headers()) {
            let Body { form, place } = Body::<Map<String, Value>>::from_request(request, state).await?;
            let (content, rest) = form.into_iter().partition(|(name, _)| name == "repeat" || name == "text");
            let bytes = NewBytes::Known(from_members::<ContentForm>(content)?.into_content()?);
            return Ok(BytesOf { form: from_members(rest)?, place, bytes });
        }
        if !is_raw(request.headers()) {
            let message = "send the bytes as `Content-Type: application/octet-stream`, or describe them in JSON";
            return Err(ApiError::media_type(message));
        }
        let (mut head, body) = request.into_parts();
        let Query { form, place } = Query::from_request_parts(&mut head, state).await?;
        Ok(BytesOf { form, place, bytes: NewBytes::Raw(body) })
    }
}

impl<S: Sync> FromRequest<S> for RawBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        if is_raw(request.headers()) {
            return Ok(RawBody(request.into_body()));
        }
        Err(ApiError::media_type("send the bytes as `Content-Type: application/octet-stream`"))
    }
}

impl RawBody {
    /// Receives the body, if it has at most `limit` bytes.
    pub(super) async fn up_to(self, limit: usize) -> Result<Bytes, ApiError> {
        let received = Limited::new(self.0, limit).collect().await;
        let received = received.map_err(|error| {
            if error.is::<LengthLimitError>() {
                ApiError::too_large(format!("the body has more than {limit} bytes"))
            } else {
                ApiError::invalid(format!("the body ended early: {error}"))
            }
        });
        Ok(received?.to_bytes())
    }
}

fn is_raw(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/octet-stream"))
}

//! Reads the form of a request: its query, or its JSON body.

use std::fmt;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use hyper::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::domain::account::{Account, is_region};

use super::MAX_FORM;
use super::error::ApiError;
use super::json;

/// The account and the region that a request names. Every endpoint accepts them in its query, and in its JSON body if
/// it has one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) account: Option<Account>,
    pub(super) region: Option<String>,
}

/// The query of a request.
pub(super) struct Query<T> {
    pub(super) form: T,
    pub(super) place: Place,
}

/// The JSON body of a request. A request without a body counts as an empty object.
pub(super) struct Body<T> {
    pub(super) form: T,
    pub(super) place: Place,
}

/// A form without members.
#[derive(Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

impl Place {
    /// Returns whether a list has what belongs to this account and region. Without an account it has those of all
    /// accounts, without a region those of all regions.
    pub(super) fn selects(&self, account: Account, region: &str) -> bool {
        self.account.is_none_or(|wanted| wanted == account)
            && self.region.as_deref().is_none_or(|wanted| wanted == region)
    }

    /// Sets a member if `name` is one of them, and returns whether it is.
    fn set(&mut self, name: &str, value: &Value) -> Result<bool, ApiError> {
        let text = || {
            let example = if name == "account" {
                "an account such as \"111122223333\""
            } else {
                "a region such as \"eu-west-1\""
            };
            value.as_str().ok_or_else(|| ApiError::invalid(format!("{name}: expected {example}")))
        };
        match name {
            "account" => {
                let account = text()?.parse().map_err(|error| ApiError::invalid(format!("account: {error}")))?;
                if self.account.replace(account).is_some_and(|earlier| earlier != account) {
                    return Err(ApiError::invalid("account: the request names two accounts"));
                }
            }
            "region" => {
                let region = text()?;
                if !is_region(region) {
                    return Err(ApiError::invalid(format!("region: {region:?} is not the name of an AWS region")));
                }
                if self.region.replace(region.to_owned()).is_some_and(|earlier| earlier != region) {
                    return Err(ApiError::invalid("region: the request names two regions"));
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Splits a query into these members and the rest of it.
    fn of_query(query: Option<&str>) -> Result<(Self, String), ApiError> {
        let (mut place, mut rest) = (Place::default(), form_urlencoded::Serializer::new(String::new()));
        for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
            if !place.set(&name, &Value::from(&*value))? {
                rest.append_pair(&name, &value);
            }
        }
        Ok((place, rest.finish()))
    }
}

/// Returns the error for an invalid value, with the path of its member.
pub(super) fn at_path<E: fmt::Display>(error: &serde_path_to_error::Error<E>) -> ApiError {
    let (path, error) = (error.path().to_string(), error.inner());
    if path == "." { ApiError::invalid(error.to_string()) } else { ApiError::invalid(format!("{path}: {error}")) }
}

/// Adds the members of [`Place`] to the names that the error of an unknown query parameter lists.
fn with_place(error: ApiError) -> ApiError {
    let add = |message: &str| {
        let is_about_name = message.split(": ").any(|part| part.starts_with("unknown field "));
        let (start, known) = message.rsplit_once(", ").filter(|_| is_about_name)?;
        if known == "there are no fields" {
            return Some(format!("{start}, expected `account` or `region`"));
        }
        let (start, known) = message.split_once("`, expected ")?;
        let known = known.trim_start_matches("one of ").replace(" or ", ", ");
        Some(format!("{start}`, expected one of {known}, `account`, `region`"))
    };
    error.with_message(|message| add(&message).unwrap_or(message))
}

/// Reads a form from the members of an object.
pub(super) fn from_members<T: DeserializeOwned>(members: Map<String, Value>) -> Result<T, ApiError> {
    serde_path_to_error::deserialize(Value::Object(members)).map_err(|error| at_path(&error))
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let (place, rest) = Place::of_query(parts.uri.query())?;
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(rest.as_bytes()));
        let form = serde_path_to_error::deserialize(pairs).map_err(|error| with_place(at_path(&error)))?;
        Ok(Query { form, place })
    }
}

/// Reads a JSON object, with `account` and `region` taken out. No body is an empty object.
async fn members<S: Sync + Send>(request: Request, state: &S) -> Result<(Place, Map<String, Value>), ApiError> {
    let (mut place, rest) = Place::of_query(request.uri().query())?;
    if let Some((name, _)) = form_urlencoded::parse(rest.as_bytes()).next() {
        return Err(ApiError::invalid(format!("{name}: unknown query parameter")));
    }
    let is_json = is_json(request.headers());
    let body = Bytes::from_request(request, state).await.map_err(|refused| match refused.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(format!("the body has more than {MAX_FORM} bytes")),
        _ => ApiError::invalid(refused.body_text()),
    })?;
    if body.is_empty() {
        return Ok((place, Map::new()));
    }
    if !is_json {
        return Err(ApiError::media_type("this endpoint reads JSON: send the header `Content-Type: application/json`"));
    }
    let Value::Object(mut members) = json::parse(&body)? else {
        return Err(ApiError::invalid("expected a JSON object"));
    };
    for name in ["account", "region"] {
        if let Some(value) = members.remove(name).filter(|value| !value.is_null()) {
            place.set(name, &value)?;
        }
    }
    Ok((place, members))
}

pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

impl<T: DeserializeOwned, S: Sync + Send> FromRequest<S> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (place, members) = members(request, state).await?;
        Ok(Body { form: from_members(members)?, place })
    }
}

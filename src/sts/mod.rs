//! AWS Security Token Service, as far as command-line tools need it to learn their account: `GetCallerIdentity`.
//!
//! It uses AWS's query protocol: a form is posted to `/`, and the answer is XML. Its requests are not on the record.

mod answer;
mod error;
mod identity;

use std::sync::Arc;
use std::time::SystemTime;

use axum::Router;
use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use hyper::header::CONTENT_TYPE;
use hyper::{HeaderMap, Method, Uri};

use crate::domain::bytes::Digest;
use crate::mock::Mock;
use crate::wire::{Signed, Target, identify, verify_signature_for};

use self::answer::Answer;
use self::error::StsError;
use self::identity::Identity;

/// The name of the service in credential scopes.
const SERVICE: &str = "sts";
const VERSION: &str = "2011-06-15";
const ACTION: &str = "GetCallerIdentity";
/// The maximum length of a form, in bytes.
const MAX_FORM: usize = 64 * 1024;

#[derive(Clone)]
struct Sts {
    mock: Arc<Mock>,
    verifies: bool,
}

/// Returns whether a request is for STS: a form that is posted to `/`. Glacier has no operation there.
pub(crate) fn takes<B>(request: &hyper::Request<B>) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    *request.method() == Method::POST
        && request.uri().path() == "/"
        && kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Returns the router of STS. It knows the principals of the mock. `verifies` says whether it verifies signatures.
pub(crate) fn router(mock: Arc<Mock>, verifies: bool) -> Router {
    let sts = Sts { mock, verifies };
    let answer = |uri: Uri, headers: HeaderMap, body: Bytes| handle(sts, uri, headers, body);
    Router::new().route("/", post(answer)).layer(DefaultBodyLimit::max(MAX_FORM))
}

async fn handle(sts: Sts, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let decided = sts.decide(&uri, &headers, &body);
    let (status, detail) = match &decided {
        Ok(identity) => (200, identity.arn.clone()),
        Err(error) => (error.status().as_u16(), error.to_string()),
    };
    tracing::info!(target: "glacier_mock::requests", "STS  -  {status}  {}", detail.escape_debug());
    Answer::of(decided).into_response()
}

impl Sts {
    fn decide(&self, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Result<Identity, StsError> {
        check_action(body)?;
        let (caller, _) = identify(headers, &Target::default(), &self.mock.principals, &self.mock.defaults);
        if self.verifies {
            let hash = Digest::sha256(body).to_string();
            // The signature covers the hash that the client claims, so the claim must be right.
            if headers.get("x-amz-content-sha256").is_some_and(|claimed| claimed.as_bytes() != hash.as_bytes()) {
                return Err(StsError::Mismatch);
            }
            let request = Signed { method: "POST", path: uri.path(), query: uri.query(), headers, body_hash: &hash };
            verify_signature_for(SERVICE, &request, &caller, SystemTime::now().into())?;
        }
        caller.check_expiry(self.mock.service.now())?;
        Ok(Identity::of(&caller.principal))
    }
}

/// Checks that the form calls the action that is served.
fn check_action(form: &[u8]) -> Result<(), StsError> {
    let member = |name| form_urlencoded::parse(form).find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    let action = member("Action").filter(|action| !action.is_empty()).ok_or(StsError::NoAction)?;
    let version = member("Version");
    if action == ACTION && version.as_deref() == Some(VERSION) {
        return Ok(());
    }
    Err(StsError::Action { action, version })
}

#[cfg(test)]
mod tests;

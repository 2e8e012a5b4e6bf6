//! Reads the parameters in the path of a request.

use axum::extract::{FromRequestParts, Path};
use hyper::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::ApiError;

/// The percent-decoded parameters in the path of a request.
pub(super) struct PathOf<T>(pub(super) T);

/// The name of a vault.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct VaultPath {
    pub(super) name: String,
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PathOf<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = Path::from_request_parts(parts, state).await;
        path.map(|Path(form)| PathOf(form)).map_err(|refused| ApiError::invalid(refused.body_text()))
    }
}

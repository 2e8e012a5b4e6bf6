//! Reads the parameters in the path of a request.

use aide::OperationInput;
use aide::generate::GenContext;
use aide::openapi::Operation;
use axum::extract::{FromRequestParts, Path};
use hyper::http::request::Parts;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::error::ApiError;

/// The percent-decoded parameters in the path of a request.
pub(super) struct PathOf<T>(pub(super) T);

/// The name of a vault.
#[derive(Deserialize, JsonSchema)]
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

impl<T: JsonSchema> OperationInput for PathOf<T> {
    fn operation_input(context: &mut GenContext, operation: &mut Operation) {
        Path::<T>::operation_input(context, operation);
    }
}

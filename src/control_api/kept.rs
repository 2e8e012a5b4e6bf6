//! Holds the answer to a change until the file of the state has the change.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use hyper::Method;

use super::error::ApiError;
use super::parts::Parts;

/// Waits after a request that may have changed something, if the mock keeps its state in a file that promises it.
pub(super) async fn until_kept(State(parts): State<Parts>, request: Request, next: Next) -> Result<Response, ApiError> {
    let reads = *request.method() == Method::GET || *request.method() == Method::HEAD;
    let response = next.run(request).await;
    match parts.mock.kept_file().filter(|_| !reads) {
        Some(file) => file.mock_written().await.map(|()| response).map_err(|reason| ApiError::not_kept(&reason)),
        None => Ok(response),
    }
}

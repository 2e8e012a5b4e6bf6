//! Holds the answer to a change until the file of the state has the change.

use axum::response::Response;

use crate::mock::Mock;

use super::error::ApiError;

/// Waits after a request that may have changed something, if the mock keeps its state in a file that promises it.
pub(super) async fn until_kept(mock: &Mock, response: Response) -> Result<Response, ApiError> {
    match mock.kept_file() {
        Some(file) => file.mock_written().await.map(|()| response).map_err(|reason| ApiError::not_kept(&reason)),
        None => Ok(response),
    }
}

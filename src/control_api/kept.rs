//! Delays the answer to a change until the change is in the file of the state.

use axum::response::Response;

use crate::mock::Mock;

use super::error::ApiError;

/// Waits until the changes of a request are on disk, if the mock has a state file with the durability `request`.
pub(super) async fn until_kept(mock: &Mock, response: Response) -> Result<Response, ApiError> {
    match mock.kept_file() {
        Some(file) => file.mock_written().await.map(|()| response).map_err(|reason| ApiError::not_kept(&reason)),
        None => Ok(response),
    }
}

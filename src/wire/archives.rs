//! UploadArchive and DeleteArchive on the wire (api.md section 4, observed.md 2.B).

use crate::domain::failure::Failure;
use crate::domain::vault::MAX_UPLOAD;
use crate::service::{UploadArchive, VaultCommand};

use super::request::Request;

pub(super) fn upload(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    let length = request.body.len;
    if length == 0 || length > MAX_UPLOAD {
        return Err(Failure::InvalidContentLength { length });
    }
    let description = request.archive_description()?;
    let body = request.verified_body()?;
    Ok(VaultCommand::UploadArchive(UploadArchive { description, body }))
}

pub(super) fn delete(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    Ok(VaultCommand::DeleteArchive(request.archive()?))
}

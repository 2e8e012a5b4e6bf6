//! UploadArchive and DeleteArchive on the wire (api.md section 4, observed.md 2.B).

use crate::domain::archive::MAX_UPLOAD;
use crate::domain::failure::Failure;
use crate::service::command::{Command, DeleteArchive, UploadArchive};

use super::request::Request;

pub(super) fn upload(request: &Request<'_>) -> Result<Command, Failure> {
    let vault = request.vault()?;
    let length = request.body.len;
    if length == 0 || length > MAX_UPLOAD {
        return Err(Failure::InvalidContentLength { length });
    }
    let description = request.archive_description()?;
    let body = request.verified_body()?;
    Ok(Command::UploadArchive(UploadArchive { vault, description, body }))
}

pub(super) fn delete(request: &Request<'_>) -> Result<Command, Failure> {
    Ok(Command::DeleteArchive(DeleteArchive { vault: request.vault()?, archive: request.archive()? }))
}

//! UploadArchive and DeleteArchive on the wire (api.md section 4, observed.md 2.B).

use crate::domain::archive::{MAX_UPLOAD, StoredBytes};
use crate::domain::description::Description;
use crate::domain::digest::Digest;
use crate::domain::failure::Failure;
use crate::service::command::{Command, DeleteArchive, UploadArchive};

use super::request::Request;

pub(super) const TREE_HASH: &str = "x-amz-sha256-tree-hash";

pub(super) fn upload(request: &Request<'_>) -> Result<Command, Failure> {
    let vault = request.vault()?;
    let length = request.body.len;
    if length == 0 || length > MAX_UPLOAD {
        return Err(Failure::InvalidContentLength { length });
    }
    let description = description(request)?;
    let body = verified_body(request)?;
    Ok(Command::UploadArchive(UploadArchive { vault, description, body }))
}

fn description(request: &Request<'_>) -> Result<Description, Failure> {
    let text = request.header("x-amz-archive-description")?.unwrap_or_default();
    Description::parse(text).ok_or(Failure::InvalidArchiveDescription)
}

/// The bytes of an upload, once both hashes that must come with them are there and right. That the plain one is right
/// was seen before.
fn verified_body(request: &Request<'_>) -> Result<StoredBytes, Failure> {
    request.header("x-amz-content-sha256")?.ok_or(Failure::missing("x-amz-content-sha256"))?;
    let claimed = tree_hash(request)?;
    let body = StoredBytes { content: request.body.content.clone(), leaves: request.body.hashes.leaves.clone() };
    body.check(claimed)?;
    Ok(body)
}

fn tree_hash(request: &Request<'_>) -> Result<Digest, Failure> {
    let claim = request.header(TREE_HASH)?.ok_or(Failure::missing(TREE_HASH))?;
    Digest::parse_claim(claim).ok_or_else(|| Failure::invalid(TREE_HASH, claim))
}

pub(super) fn delete(request: &Request<'_>) -> Result<Command, Failure> {
    let archive = request.target.archive.clone().unwrap_or_default();
    Ok(Command::DeleteArchive(DeleteArchive { vault: request.vault()?, archive }))
}

//! InitiateMultipartUpload, UploadMultipartPart, CompleteMultipartUpload, AbortMultipartUpload, ListMultipartUploads,
//! ListParts (api.md section 4, observed.md 2.C and 3.3).

use crate::domain::failure::Failure;
use crate::domain::vault::{Archive, PageRequest, Upload, Vault};
use crate::domain::words::UploadId;

use super::command::{Claims, CompleteMultipartUpload, InitiateMultipartUpload, ListParts, UploadMultipartPart};
use super::context::Context;
use super::outcome::{Outcome, UploadDescription};

/// The number of uploads or parts on a page.
const PAGE: usize = 50;

pub(super) fn initiate(
    vault: &mut Vault,
    context: &mut Context<'_>,
    request: InitiateMultipartUpload,
) -> Result<Outcome, Failure> {
    let InitiateMultipartUpload { description, part_size } = request;
    let id = context.ids.upload();
    vault.uploads.begin(Upload::new(id.clone(), description, part_size, context.now), context.now);
    Ok(Outcome::UploadStarted { vault: vault.name.clone(), id })
}

pub(super) fn put_part(
    vault: &mut Vault,
    context: &mut Context<'_>,
    request: UploadMultipartPart,
) -> Result<Outcome, Failure> {
    let UploadMultipartPart { upload, range, body } = request;
    let tree_hash = body.tree_hash();
    vault.uploads.get(&upload, context.now)?.put(&range, body, context.now)?;
    Ok(Outcome::PartStored { tree_hash })
}

/// A repeated completion returns the archive of the first one, if the claims are the same. Without claims a repeated
/// completion is refused.
pub(super) fn complete(
    vault: &mut Vault,
    context: &mut Context<'_>,
    request: CompleteMultipartUpload,
) -> Result<Outcome, Failure> {
    let CompleteMultipartUpload { upload: id, claims } = request;
    let stored = |archive: &Archive, vault: &Vault| Outcome::ArchiveStored {
        vault: vault.name.clone(),
        id: archive.id.clone(),
        tree_hash: archive.tree_hash(),
    };
    if let Some(Claims { size, tree_hash }) = claims
        && let Some(archive) = vault.uploads.completed(&id)
    {
        if size != archive.size() {
            return Err(Failure::invalid("x-amz-archive-size", size.to_string()));
        }
        if tree_hash != archive.tree_hash() {
            return Err(Failure::invalid("x-amz-sha256-tree-hash", tree_hash.to_string()));
        }
        return Ok(stored(archive, vault));
    }
    let upload = vault.uploads.get(&id, context.now)?;
    let (size, tree_hash) = claims.map_or_else(|| upload.totals(), |Claims { size, tree_hash }| (size, tree_hash));
    let whole = upload.assemble(size, tree_hash)?;
    let archive = Archive::new(context.ids.archive(), upload.description.clone(), context.now, &whole)
        .ok_or(Failure::IncompleteUpload { hole: 0 })?;
    vault.uploads.complete(&id, archive.clone());
    vault.store(archive.clone(), whole.content, context.now);
    Ok(stored(&archive, vault))
}

pub(super) fn abort(vault: &mut Vault, context: &mut Context<'_>, id: &UploadId) -> Result<Outcome, Failure> {
    vault.uploads.abort(id, context.now)?;
    Ok(Outcome::Done)
}

/// Lists uploads in the order in which they were started. The marker is the ID of the first upload on the next page.
pub(super) fn list(vault: &mut Vault, context: &mut Context<'_>, asked: PageRequest) -> Result<Outcome, Failure> {
    let mut markers = std::mem::take(&mut vault.uploads.markers);
    let page = markers.start(&asked).map(|start| {
        let uploads = vault.uploads.starting_at(start.unwrap_or(0), context.now);
        let entries = uploads.map(|(position, upload)| (position, description(&vault.arn, upload)));
        markers.cut(entries, asked.size(PAGE), |_, upload| upload.id.to_string())
    });
    vault.uploads.markers = markers;
    page.map(Outcome::Uploads).map_err(|()| asked.unknown_marker())
}

fn description(vault_arn: &str, upload: &Upload) -> UploadDescription {
    UploadDescription {
        id: upload.id.clone(),
        vault_arn: vault_arn.to_owned(),
        description: upload.description.clone(),
        part_size: upload.part_size,
        created: upload.created,
    }
}

/// Lists parts by range. The marker is the range of the first part on the next page.
pub(super) fn list_parts(vault: &mut Vault, context: &mut Context<'_>, request: ListParts) -> Result<Outcome, Failure> {
    let ListParts { upload: id, page: asked } = request;
    let (upload, markers) = vault.uploads.with_markers(&id, context.now)?;
    let start = markers.start(&asked).map_err(|()| asked.unknown_marker())?.unwrap_or(0);
    let page = markers.cut(upload.parts_from(start), asked.size(PAGE), |_, part| part.range.to_string());
    Ok(Outcome::Parts { upload: description(&vault.arn, upload), page })
}

//! UploadArchive, DeleteArchive (api.md section 4).

use crate::domain::failure::Failure;
use crate::domain::vault::{Archive, Vault};
use crate::domain::words::{ArchiveId, VaultName};

use super::command::UploadArchive;
use super::context::Context;
use super::outcome::Outcome;
use super::state::Vaults;

pub(super) fn upload(vault: &mut Vault, context: &mut Context<'_>, request: UploadArchive) -> Result<Outcome, Failure> {
    let UploadArchive { description, body } = request;
    let tree_hash = body.tree_hash();
    let archive = Archive::new(context.ids.archive(), description, context.now, &body)
        .ok_or(Failure::InvalidContentLength { length: 0 })?;
    let id = archive.id.clone();
    vault.store(archive, body.content, context.now);
    Ok(Outcome::ArchiveStored { vault: vault.name.clone(), id, tree_hash })
}

/// Succeeds again for an ID that was deleted. Refuses an ID that the vault never had (observed.md 2.D).
pub(super) fn delete(
    vaults: &mut Vaults,
    context: &mut Context<'_>,
    name: &VaultName,
    id: ArchiveId,
) -> Result<Outcome, Failure> {
    if let Some(vault) = vaults.get(name)
        && (vault.delete(&id, context.now) || vault.find(&id).is_some())
    {
        return Ok(Outcome::Done);
    }
    if vaults.any_has(&id) {
        return Err(Failure::ArchiveOfAnotherVault { vault_arn: context.place.vault_arn(name) });
    }
    Err(Failure::ArchiveNotFound { id: id.into() })
}

//! UploadArchive, DeleteArchive (api.md section 4).

use crate::domain::account::Scope;
use crate::domain::archive::Archive;
use crate::domain::failure::Failure;
use crate::domain::timestamp::Timestamp;

use super::command::{DeleteArchive, Outcome, UploadArchive};
use super::state::State;

pub(super) fn upload(
    state: &mut State,
    scope: &Scope,
    now: Timestamp,
    request: UploadArchive,
) -> Result<Outcome, Failure> {
    let UploadArchive { vault: name, description, body } = request;
    state.vault(scope, &name)?;
    let tree_hash = body.tree_hash();
    let archive = Archive::new(state.ids.archive(), description, now, &body)
        .ok_or(Failure::InvalidContentLength { length: 0 })?;
    let id = archive.id.clone();
    state.vault(scope, &name)?.store(archive, body.content, now);
    Ok(Outcome::ArchiveStored { vault: name, id, tree_hash })
}

/// Succeeds again for an ID that was deleted; an ID that never was here is refused (observed.md 2.D).
pub(super) fn delete(
    state: &mut State,
    scope: &Scope,
    now: Timestamp,
    request: DeleteArchive,
) -> Result<Outcome, Failure> {
    let DeleteArchive { vault: name, archive: id } = request;
    let vault = state.vault(scope, &name)?;
    if vault.delete(&id, now) {
        return Ok(Outcome::Done);
    }
    if vault.find(&id).is_some() {
        return Ok(Outcome::Done);
    }
    if state.scope(scope).vaults.values().any(|other| other.has(&id)) {
        return Err(Failure::ArchiveOfAnotherVault { vault_arn: scope.vault_arn(&name) });
    }
    Err(Failure::ArchiveNotFound { id: id.into() })
}

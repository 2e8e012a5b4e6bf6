//! InitiateMultipartUpload, UploadMultipartPart, CompleteMultipartUpload, AbortMultipartUpload, ListMultipartUploads,
//! ListParts (api.md section 4, observed.md 2.C and 3.3).

use std::sync::Arc;

use crate::domain::account::Scope;
use crate::domain::archive::{Archive, StoredBytes};
use crate::domain::failure::Failure;
use crate::domain::timestamp::Timestamp;
use crate::domain::upload::Upload;

use super::command::{
    CompleteMultipartUpload, InitiateMultipartUpload, ListMultipartUploads, ListParts, OneUpload, Outcome,
    UploadDescription, UploadMultipartPart,
};
use super::state::State;

/// How many uploads or parts a page holds.
const PAGE: usize = 50;

pub(super) fn initiate(
    state: &mut State,
    scope: &Scope,
    now: Timestamp,
    request: InitiateMultipartUpload,
) -> Result<Outcome, Failure> {
    let InitiateMultipartUpload { vault: name, description, part_size } = request;
    state.vault(scope, &name)?;
    let id = state.ids.upload();
    state.vault(scope, &name)?.uploads.begin(Upload::new(id.clone(), description, part_size, now), now);
    Ok(Outcome::UploadStarted { vault: name, id })
}

pub(super) fn put_part(
    state: &mut State,
    scope: &Scope,
    now: Timestamp,
    request: UploadMultipartPart,
) -> Result<Outcome, Failure> {
    let UploadMultipartPart { vault, upload, range, body } = request;
    let tree_hash = body.tree_hash();
    state.vault(scope, &vault)?.uploads.get(&upload, now)?.put(&range, body, now)?;
    Ok(Outcome::PartStored { tree_hash })
}

/// What a completion starts from.
pub(super) enum Completion {
    /// It was completed before: the answer is the same.
    Repeated(Arc<Archive>),
    /// The parts as they are now. Making a whole of them takes no lock.
    Parts(Upload),
}

pub(super) fn begin_completion(
    state: &mut State,
    scope: &Scope,
    now: Timestamp,
    request: &CompleteMultipartUpload,
) -> Result<Completion, Failure> {
    let uploads = &mut state.vault(scope, &request.vault)?.uploads;
    match uploads.completed(&request.upload) {
        Some(archive) => Ok(Completion::Repeated(archive.clone())),
        None => Ok(Completion::Parts(uploads.get(&request.upload, now)?.clone())),
    }
}

/// The claims of a repeated completion are checked against the archive that the first one made.
pub(super) fn repeated(request: CompleteMultipartUpload, archive: &Archive) -> Result<Outcome, Failure> {
    if request.size != archive.size() {
        return Err(Failure::invalid("x-amz-archive-size", request.size.to_string()));
    }
    if request.tree_hash != archive.tree_hash() {
        return Err(Failure::invalid("x-amz-sha256-tree-hash", request.tree_hash.to_string()));
    }
    Ok(Outcome::ArchiveStored { vault: request.vault, id: archive.id.clone(), tree_hash: archive.tree_hash() })
}

/// Makes the archive, unless a part was changed since `parts` were looked at: then `None`, and nothing is changed.
pub(super) fn finish_completion(
    state: &mut State,
    scope: &Scope,
    now: Timestamp,
    request: &CompleteMultipartUpload,
    parts: &Upload,
    whole: &StoredBytes,
) -> Result<Option<Outcome>, Failure> {
    let vault = state.vault(scope, &request.vault)?;
    if vault.uploads.completed(&request.upload).is_some()
        || !vault.uploads.get(&request.upload, now)?.is_unchanged_since(parts)
    {
        return Ok(None);
    }
    let archive = Archive::new(state.ids.archive(), parts.description.clone(), now, whole)
        .ok_or(Failure::IncompleteUpload { hole: 0 })?;
    let (id, tree_hash) = (archive.id.clone(), archive.tree_hash());
    let vault = state.vault(scope, &request.vault)?;
    vault.uploads.complete(&request.upload, archive.clone());
    vault.store(archive, whole.content.clone(), now);
    Ok(Some(Outcome::ArchiveStored { vault: request.vault.clone(), id, tree_hash }))
}

pub(super) fn abort(state: &mut State, scope: &Scope, now: Timestamp, request: OneUpload) -> Result<Outcome, Failure> {
    state.vault(scope, &request.vault)?.uploads.abort(&request.upload, now)?;
    Ok(Outcome::Done)
}

/// In the order in which they were begun; the marker is the ID of the next page's first upload.
pub(super) fn list(
    state: &mut State,
    scope: &Scope,
    now: Timestamp,
    request: ListMultipartUploads,
) -> Result<Outcome, Failure> {
    let ListMultipartUploads { vault: name, page: asked } = request;
    let vault = state.vault(scope, &name)?;
    let arn = vault.arn.clone();
    let mut markers = std::mem::take(&mut vault.uploads.markers);
    let page = markers.start(&asked).map(|start| {
        let uploads = vault.uploads.starting_at(start.unwrap_or(0), now);
        let entries = uploads.map(|(position, upload)| (position, description(&arn, upload)));
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

/// Sorted by range; the marker is the range of the next page's first part.
pub(super) fn list_parts(
    state: &mut State,
    scope: &Scope,
    now: Timestamp,
    request: ListParts,
) -> Result<Outcome, Failure> {
    let ListParts { vault: name, upload: id, page: asked } = request;
    let vault = state.vault(scope, &name)?;
    let arn = vault.arn.clone();
    let (upload, markers) = vault.uploads.with_markers(&id, now)?;
    let start = markers.start(&asked).map_err(|()| asked.unknown_marker())?.unwrap_or(0);
    let page = markers.cut(upload.parts_from(start), asked.size(PAGE), |_, part| part.range.to_string());
    Ok(Outcome::Parts { upload: description(&arn, upload), page })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::Account;
    use crate::domain::description::Description;
    use crate::domain::inventory_schedule::InventoryMode;
    use crate::domain::name::VaultName;
    use crate::domain::range::{ByteRange, HeaderRange};
    use crate::domain::upload::PartSize;
    use crate::domain::vault::VaultRules;
    use crate::service::ids::IdSource;
    use crate::service::state::Settings;
    use crate::service::timing::JobTiming;
    use crate::service::vaults;

    /// The whole is made outside of the lock. A part that changes meanwhile must not get lost in it.
    #[test]
    fn a_part_that_changes_during_the_completion_is_in_it() {
        let vaults = VaultRules { inventory: InventoryMode::Live, count_overhead: true, keep_idle_uploads: false };
        let settings = Settings {
            jobs: JobTiming::default(),
            vaults,
            refuse_archive_of_inventory: false,
            new_customers_only: false,
            free_tier_per_day: 0,
            expedited_is_short: false,
        };
        let mut state = State::new(IdSource::new(7), settings);
        let scope = Scope::new(Account::DEFAULT, "us-east-1");
        let now = Timestamp::parse("2026-01-31T00:00:00Z").unwrap();
        let vault = VaultName::parse("v").unwrap();
        vaults::create(&mut state, &scope, now, vault.clone()).unwrap();
        let part_size = PartSize::parse("1048576").unwrap();
        let begin = InitiateMultipartUpload { vault: vault.clone(), description: Description::default(), part_size };
        let Ok(Outcome::UploadStarted { id, .. }) = initiate(&mut state, &scope, now, begin) else {
            panic!("it was not begun");
        };
        let put = |state: &mut State, body: &[u8]| {
            let part = UploadMultipartPart {
                vault: vault.clone(),
                upload: id.clone(),
                range: HeaderRange { bytes: ByteRange::whole(body.len() as u64).unwrap(), written: "".into() },
                body: StoredBytes::of(body).unwrap(),
            };
            put_part(state, &scope, now, part).unwrap();
        };
        put(&mut state, b"old");
        let complete = CompleteMultipartUpload {
            vault: vault.clone(),
            upload: id.clone(),
            size: 3,
            tree_hash: StoredBytes::of(b"old").unwrap().tree_hash(),
        };
        let Ok(Completion::Parts(parts)) = begin_completion(&mut state, &scope, now, &complete) else {
            panic!("it has parts");
        };
        let whole = parts.assemble(complete.size, complete.tree_hash).unwrap();
        put(&mut state, b"new");
        let finished = finish_completion(&mut state, &scope, now, &complete, &parts, &whole);
        assert!(matches!(finished, Ok(None)), "{finished:?}");
    }
}

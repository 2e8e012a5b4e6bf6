//! Endpoints that store and delete archives without a request.

use axum::extract::State;
use axum::response::NoContent;
use serde::{Deserialize, Serialize};

use crate::domain::bytes::Digest;
use crate::domain::words::ArchiveId;

use super::answer::Created;
use super::content::BytesOf;
use super::endpoint::Routes;
use super::error::ApiError;
use super::forms::Text;
use super::parts::Parts;
use super::path::{PathOf, VaultPath};
use super::read::{Body, Nothing};

/// The description of an archive.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(super) struct Described {
    /// At most 1,024 printable ASCII characters. Without it, the archive has no description.
    pub(super) description: Option<String>,
}

/// An archive that was stored.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Stored {
    pub(super) archive_id: Text<ArchiveId>,
    pub(super) tree_hash: Text<Digest>,
}

/// The name of a vault and the ID of an archive.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ArchivePath {
    name: String,
    id: String,
}

pub(super) fn routes() -> Routes {
    Routes::default().post("/vaults/{name}/archives", "Stores an archive", store).delete(
        "/vaults/{name}/archives/{id}",
        "Deletes an archive, as DeleteArchive does",
        delete,
    )
}

async fn store(
    State(parts): State<Parts>,
    PathOf(path): PathOf<VaultPath>,
    archive: BytesOf<Described>,
) -> Result<Created<Stored>, ApiError> {
    let vault = parts.vault(&archive.place, &path.name);
    // A missing vault is reported before gigabytes are received.
    vault.look(|_, _| ())?;
    let bytes = archive.bytes.receive(&parts.mock).await?;
    let tree_hash = bytes.tree_hash();
    let archive_id = vault.store(&archive.form.description.unwrap_or_default(), bytes)?;
    Ok(Created(Stored { archive_id: Text(archive_id), tree_hash: Text(tree_hash) }))
}

async fn delete(
    State(parts): State<Parts>,
    PathOf(path): PathOf<ArchivePath>,
    body: Body<Nothing>,
) -> Result<NoContent, ApiError> {
    parts.vault(&body.place, &path.name).delete_archive(ArchiveId::new(path.id))?;
    Ok(NoContent)
}

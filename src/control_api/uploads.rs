//! Endpoints that initiate, complete and abort multipart uploads without a request.

use axum::extract::State;
use axum::response::NoContent;
use serde::{Deserialize, Serialize};

use crate::domain::bytes::Digest;
use crate::domain::words::UploadId;

use super::answer::{Created, Json};
use super::archives::Stored;
use super::content::BytesOf;
use super::endpoint::Routes;
use super::error::ApiError;
use super::forms::Text;
use super::parts::Parts;
use super::path::{PathOf, VaultPath};
use super::read::{Body, Nothing};

/// An upload to initiate.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct NewUpload {
    description: Option<String>,
    /// In bytes: 1 MiB times a power of two, at most 4 GiB.
    part_size: u64,
}

/// An upload that was initiated.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Started {
    upload_id: Text<UploadId>,
}

/// A part that was stored.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StoredPart {
    tree_hash: Text<Digest>,
}

/// The name of a vault and the ID of an upload.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct UploadPath {
    name: String,
    id: String,
}

/// The name of a vault, the ID of an upload, and the position of the first byte of a part.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PartPath {
    name: String,
    id: String,
    first_byte: u64,
}

pub(super) fn routes() -> Routes {
    Routes::default()
        .post("/vaults/{name}/uploads", "Initiates a multipart upload", start)
        .delete("/vaults/{name}/uploads/{id}", "Aborts a multipart upload", abort)
        .post(
            "/vaults/{name}/uploads/{id}/complete",
            "Completes a multipart upload with the parts that it has",
            complete,
        )
        .put("/vaults/{name}/uploads/{id}/parts/{first_byte}", "Stores a part of a multipart upload", put_part)
}

async fn start(
    State(parts): State<Parts>,
    PathOf(path): PathOf<VaultPath>,
    body: Body<NewUpload>,
) -> Result<Created<Started>, ApiError> {
    let NewUpload { description, part_size } = body.form;
    let started = parts.vault(&body.place, &path.name).start_upload(&description.unwrap_or_default(), part_size)?;
    Ok(Created(Started { upload_id: Text(started) }))
}

async fn put_part(
    State(parts): State<Parts>,
    PathOf(path): PathOf<PartPath>,
    part: BytesOf<Nothing>,
) -> Result<Json<StoredPart>, ApiError> {
    let vault = parts.vault(&part.place, &path.name);
    vault.look(|_, _| ())?;
    let bytes = part.bytes.receive(&parts.mock).await?;
    let tree_hash = bytes.tree_hash();
    vault.store_part(UploadId::new(path.id), path.first_byte, bytes)?;
    Ok(Json(StoredPart { tree_hash: Text(tree_hash) }))
}

async fn complete(
    State(parts): State<Parts>,
    PathOf(path): PathOf<UploadPath>,
    body: Body<Nothing>,
) -> Result<Created<Stored>, ApiError> {
    let (archive_id, tree_hash) =
        parts.vault(&body.place, &path.name).complete_upload_with_hash(UploadId::new(path.id))?;
    Ok(Created(Stored { archive_id: Text(archive_id), tree_hash: Text(tree_hash) }))
}

async fn abort(
    State(parts): State<Parts>,
    PathOf(path): PathOf<UploadPath>,
    body: Body<Nothing>,
) -> Result<NoContent, ApiError> {
    parts.vault(&body.place, &path.name).abort_upload(UploadId::new(path.id))?;
    Ok(NoContent)
}

//! Endpoints of vaults: their state, and changes without a request.

use axum::extract::State;
use axum::response::NoContent;
use serde::{Deserialize, Serialize};

use crate::control::{ControlError, VaultControl};
use crate::domain::account::AccountRegion;
use crate::domain::vault::ListedInventory;
use crate::domain::words::{ArchiveId, Timestamp};

use super::answer::{CreatedOrChanged, Json};
use super::content::RawBody;
use super::endpoint::Routes;
use super::error::ApiError;
use super::forms::{ArchivePage, Text, VaultForm, VaultPropertiesForm, VaultSummaryForm};
use super::parts::Parts;
use super::path::{PathOf, VaultPath};
use super::read::{Body, Nothing, Query};

/// The number of archives that are shown unless the request has a limit.
const ARCHIVES: usize = 1000;

/// The maximum length of an inventory, in bytes: more than that of 2 million archives.
const MAX_INVENTORY: usize = 1 << 30;

/// The vaults of the mock.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Vaults {
    /// In the order of account, region and name.
    vaults: Vec<VaultSummaryForm>,
}

/// Which archives of a vault to show.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
struct Shown {
    /// The maximum number of archives. Defaults to 1,000.
    limit: Option<usize>,
    /// The ID of the archive before the first one to show.
    after: Option<Text<ArchiveId>>,
}

/// An inventory that was taken.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Inventory {
    /// The LastInventoryDate of the vault. A live inventory has the date of the last change, and none without a change.
    inventory_date: Option<Text<Timestamp>>,
}

pub(super) fn routes() -> Routes {
    Routes::default()
        .get("/vaults", "All vaults, without their contents", list)
        .get("/vaults/{name}", "A vault and its contents", read)
        .put("/vaults/{name}", "Creates a vault, or sets properties of one", put)
        .delete("/vaults/{name}", "Removes a vault with its contents", delete)
        .delete("/vaults/{name}/access_policy", "Removes the access policy of a vault", remove_access_policy)
        .delete("/vaults/{name}/lock", "Aborts the lock of a vault that is in progress", abort_lock)
        .delete(
            "/vaults/{name}/notifications",
            "Removes the notification configuration of a vault",
            remove_notifications,
        )
        .post("/vaults/{name}/inventory", "Takes an inventory of a vault now", take_inventory)
        .put("/vaults/{name}/inventory", "Adds the archives of an inventory of a real vault", import_inventory)
        .described(
            "The body is the output of an inventory job of AWS, in JSON or CSV. The vault is created if it does not exist. \
             The bytes of the archives are zeros.",
        )
}

async fn list(State(parts): State<Parts>, query: Query<Nothing>) -> Json<Vaults> {
    let vaults = VaultControl::all(&parts.mock).into_iter().filter(|vault| {
        let AccountRegion { account, region } = vault.place();
        query.place.selects(*account, region)
    });
    // A vault that was deleted after it was listed is left out.
    Json(Vaults { vaults: vaults.filter_map(|vault| VaultSummaryForm::read(&vault).ok()).collect() })
}

async fn read(
    State(parts): State<Parts>,
    PathOf(path): PathOf<VaultPath>,
    query: Query<Shown>,
) -> Result<Json<VaultForm>, ApiError> {
    let Shown { limit, after } = query.form;
    let page = ArchivePage { limit: limit.unwrap_or(ARCHIVES), after: after.map(|Text(id)| id) };
    Ok(Json(VaultForm::read(&parts.vault(&query.place, &path.name), &page)?))
}

async fn put(
    State(parts): State<Parts>,
    PathOf(path): PathOf<VaultPath>,
    body: Body<VaultPropertiesForm>,
) -> Result<CreatedOrChanged<VaultForm>, ApiError> {
    let vault = parts.vault(&body.place, &path.name);
    let is_new = vault.set_up(body.form.into())?;
    let form = VaultForm::read(&vault, &ArchivePage { limit: ARCHIVES, after: None })?;
    Ok(if is_new { CreatedOrChanged::Created(form) } else { CreatedOrChanged::Changed(form) })
}

async fn delete(
    State(parts): State<Parts>,
    PathOf(path): PathOf<VaultPath>,
    body: Body<Nothing>,
) -> Result<NoContent, ApiError> {
    parts.vault(&body.place, &path.name).remove()?;
    Ok(NoContent)
}

async fn remove_access_policy(
    State(parts): State<Parts>,
    PathOf(path): PathOf<VaultPath>,
    body: Body<Nothing>,
) -> Result<NoContent, ApiError> {
    parts.vault(&body.place, &path.name).remove_access_policy()?;
    Ok(NoContent)
}

async fn abort_lock(
    State(parts): State<Parts>,
    PathOf(path): PathOf<VaultPath>,
    body: Body<Nothing>,
) -> Result<NoContent, ApiError> {
    parts.vault(&body.place, &path.name).abort_lock()?;
    Ok(NoContent)
}

async fn remove_notifications(
    State(parts): State<Parts>,
    PathOf(path): PathOf<VaultPath>,
    body: Body<Nothing>,
) -> Result<NoContent, ApiError> {
    parts.vault(&body.place, &path.name).remove_notifications()?;
    Ok(NoContent)
}

async fn import_inventory(
    State(parts): State<Parts>,
    PathOf(path): PathOf<VaultPath>,
    query: Query<Nothing>,
    body: RawBody,
) -> Result<NoContent, ApiError> {
    let vault = parts.vault(&query.place, &path.name);
    let bytes = body.up_to(MAX_INVENTORY).await?;
    let imported = tokio::task::spawn_blocking(move || {
        let inventory = ListedInventory::read(&bytes).map_err(ControlError::invalid)?;
        vault.import_inventory(inventory, true)
    });
    let imported = imported.await;
    imported.map_err(|error| ApiError::internal(format!("the inventory was not imported: {error}")))??;
    Ok(NoContent)
}

async fn take_inventory(
    State(parts): State<Parts>,
    PathOf(path): PathOf<VaultPath>,
    body: Body<Nothing>,
) -> Result<Json<Inventory>, ApiError> {
    let taken = parts.vault(&body.place, &path.name).take_inventory()?;
    Ok(Json(Inventory { inventory_date: taken.map(Text) }))
}

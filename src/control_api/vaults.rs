//! Endpoints of vaults: their state, and changes without a request.

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, NoContent, Response};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::control::{ControlError, VaultControl};
use crate::domain::account::AccountRegion;
use crate::domain::vault::ListedInventory;
use crate::domain::words::{ArchiveId, Timestamp};

use super::answer::Created;
use super::content::RawBody;
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
#[derive(Serialize, JsonSchema)]
struct Vaults {
    /// In the order of account, region and name.
    vaults: Vec<VaultSummaryForm>,
}

/// Which archives of a vault to show.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Shown {
    /// The maximum number of archives. Defaults to 1,000.
    limit: Option<usize>,
    /// The ID of the archive before the first one to show.
    after: Option<Text<ArchiveId>>,
}

/// An inventory that was taken.
#[derive(Serialize, JsonSchema)]
struct Inventory {
    /// The LastInventoryDate of the vault. A live inventory has the date of the last change, and none without a change.
    inventory_date: Option<Text<Timestamp>>,
}

pub(super) fn routes() -> ApiRouter<Parts> {
    ApiRouter::new()
        .api_route("/vaults", get_with(list, |about| about.summary("All vaults, without their contents")))
        .api_route(
            "/vaults/{name}",
            get_with(read, |about| about.summary("A vault and its contents"))
                .put_with(put, |about| {
                    about
                        .summary("Creates a vault, or sets properties of one")
                        .response::<200, Json<VaultForm>>()
                        .response::<201, Json<VaultForm>>()
                })
                .delete_with(delete, |about| about.summary("Removes a vault with its contents")),
        )
        .api_route(
            "/vaults/{name}/access_policy",
            delete_with(remove_access_policy, |about| about.summary("Removes the access policy of a vault")),
        )
        .api_route(
            "/vaults/{name}/lock",
            delete_with(abort_lock, |about| about.summary("Aborts the lock of a vault that is in progress")),
        )
        .api_route(
            "/vaults/{name}/notifications",
            delete_with(remove_notifications, |about| {
                about.summary("Removes the notification configuration of a vault")
            }),
        )
        .api_route(
            "/vaults/{name}/inventory",
            post_with(take_inventory, |about| about.summary("Takes an inventory of a vault now")).put_with(
                import_inventory,
                |about| {
                    about.summary("Adds the archives of an inventory of a real vault").description(
                        "The body is the output of an inventory job of AWS, in JSON or CSV. The vault is created if it does \
                         not exist. The bytes of the archives are zeros.",
                    )
                },
            ),
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
) -> Result<Response, ApiError> {
    let vault = parts.vault(&body.place, &path.name);
    let is_new = vault.set_up(body.form.into())?;
    let form = VaultForm::read(&vault, &ArchivePage { limit: ARCHIVES, after: None })?;
    Ok(if is_new { Created(form).into_response() } else { Json(form).into_response() })
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

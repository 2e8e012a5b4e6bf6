//! Adds the archives of an inventory of the real service to a vault.

use crate::domain::account::AccountRegion;
use crate::domain::vault::{Archive, ListedInventory};
use crate::domain::words::{Timestamp, VaultName};

use super::Service;

impl Service {
    /// Adds archives to a vault, in their order, and takes an inventory. The vault becomes as old as its oldest archive. An
    /// archive that cannot exist now changes nothing, and the reason is the error. Returns `None` if there is no such vault.
    pub(crate) fn import_inventory(
        &self,
        place: &AccountRegion,
        name: &VaultName,
        inventory: ListedInventory,
    ) -> Option<Result<(), String>> {
        let mut guard = self.state.lock();
        let now = self.now();
        guard.settle(now);
        let state = &mut *guard;
        state.vault(place, name.as_str())?;
        for listed in &inventory.archives {
            let id = &listed.id;
            if listed.created > now {
                let created = listed.created;
                return Some(Err(format!(
                    "the archive {id} was created at {created}, and the mock's clock is at {now}"
                )));
            }
            let vaults = state.places.values().flat_map(|account| account.vaults.by_name.values());
            if let Some(vault) = vaults.into_iter().find(|vault| vault.find(id).is_some()) {
                return Some(Err(format!("vault {:?} has or had the archive {id} already", vault.name.as_str())));
            }
        }
        let ids: Vec<_> = inventory.archives.iter().map(|listed| listed.id.clone()).collect();
        let vault = state.vault(place, name.as_str())?;
        vault.created = oldest(&inventory).map_or(vault.created, |oldest| oldest.min(vault.created));
        for listed in inventory.archives {
            let (archive, content) = Archive::of_inventory(listed);
            vault.store(archive, content, now);
        }
        vault.take_inventory(now);
        state.ledger.arranged.extend(ids);
        self.publish(guard, true);
        Some(Ok(()))
    }
}

fn oldest(inventory: &ListedInventory) -> Option<Timestamp> {
    inventory.archives.iter().map(|archive| archive.created).min()
}

//! Adds the archives of an inventory of the real service to a vault.

use crate::domain::account::AccountRegion;
use crate::domain::failure::Failure;
use crate::domain::vault::{Archive, ListedInventory};
use crate::domain::words::{Timestamp, VaultName};

use super::Service;
use super::command::{AccountCommand, Command};
use super::state::State;

/// Why an inventory was not imported. Nothing has changed.
#[derive(Debug)]
pub(crate) enum NotImported {
    NoVault,
    /// An archive is newer than the clock, or a vault has or had it.
    Invalid(String),
    /// The vault cannot be created.
    Refused(Failure),
}

impl Service {
    /// Adds archives to a vault, in their order, and takes an inventory. With `creates`, the vault is created if it does not
    /// exist. The vault becomes as old as its oldest archive.
    pub(crate) fn import_inventory(
        &self,
        place: &AccountRegion,
        name: &VaultName,
        inventory: ListedInventory,
        creates: bool,
    ) -> Result<(), NotImported> {
        let mut state = self.lock();
        let now = self.now();
        state.settle(now);
        if !creates && state.vault(place, name.as_str()).is_none() {
            return Err(NotImported::NoVault);
        }
        state.check(&inventory, now).map_err(NotImported::Invalid)?;
        if creates {
            let create = Command::OnAccount(AccountCommand::CreateVault(name.clone()));
            state.execute(place, now, create, false).map_err(NotImported::Refused)?;
        }
        let ids: Vec<_> = inventory.archives.iter().map(|listed| listed.id.clone()).collect();
        let vault = state.vault(place, name.as_str()).ok_or(NotImported::NoVault)?;
        let oldest = inventory.archives.iter().map(|listed| listed.created).min();
        vault.created = oldest.map_or(vault.created, |oldest| oldest.min(vault.created));
        for listed in inventory.archives {
            let (archive, content) = Archive::of_inventory(listed);
            vault.store(archive, content, now);
        }
        vault.take_inventory(now);
        ids.into_iter().for_each(|id| state.ledger.arrange(id));
        self.publish(state, true);
        Ok(())
    }
}

impl State {
    /// Refuses archives of the future, and those that a vault has or had.
    fn check(&self, inventory: &ListedInventory, now: Timestamp) -> Result<(), String> {
        for listed in &inventory.archives {
            let (id, created) = (&listed.id, listed.created);
            if created > now {
                return Err(format!("the archive {id} was created at {created}, and the mock's clock is at {now}"));
            }
            let mut vaults = self.places.values().flat_map(|account| account.vaults.by_name.values());
            if let Some(vault) = vaults.find(|vault| vault.find(id).is_some()) {
                return Err(format!("vault {:?} has or had the archive {id} already", vault.name.as_str()));
            }
        }
        Ok(())
    }
}

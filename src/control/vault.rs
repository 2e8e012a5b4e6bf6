//! Reads a vault without a request.

use std::sync::Arc;

use crate::domain::account::AccountRegion;
use crate::domain::bytes::Content;
use crate::domain::vault::{Archive, Found, Vault};
use crate::domain::words::{ArchiveId, Timestamp, VaultName};
use crate::mock::Mock;
use crate::service::FoundJob;
use crate::verify::StateView as _;

use super::error::ControlError;

/// A vault that a test reads or changes. It need not exist.
#[derive(Clone, Debug)]
pub(crate) struct VaultControl {
    pub(super) mock: Arc<Mock>,
    pub(super) place: AccountRegion,
    /// The name as the test gave it.
    given: String,
    /// `None` if the given name is not a valid vault name.
    name: Option<VaultName>,
}

impl VaultControl {
    pub(crate) fn new(mock: Arc<Mock>, place: AccountRegion, name: &str) -> Self {
        VaultControl { mock, place, given: name.to_owned(), name: VaultName::parse(name) }
    }

    /// Returns all vaults of the mock, of every account and region, in order of account, region and name.
    pub(crate) fn all(mock: &Arc<Mock>) -> Vec<Self> {
        let names = mock.service.vault_names().into_iter();
        names.map(|(place, name)| Self::new(mock.clone(), place, name.as_str())).collect()
    }

    /// Returns the name as the test gave it.
    pub(crate) fn name(&self) -> &str {
        &self.given
    }

    /// Returns the account and the region of the vault.
    pub(crate) fn place(&self) -> &AccountRegion {
        &self.place
    }

    /// Returns the name if it is a valid one.
    pub(super) fn vault_name(&self) -> Option<&VaultName> {
        self.name.as_ref()
    }

    pub(crate) fn exists(&self) -> bool {
        self.seen(|_, _| ()).is_some()
    }

    /// Returns the result of `look`, or an error if the vault does not exist. `look` runs while the state is locked, so
    /// it may make cheap clones, but must neither hash nor use the mock.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut Vault, Timestamp) -> T) -> Result<T, ControlError> {
        self.seen(look).ok_or_else(|| self.missing())
    }

    fn seen<T>(&self, look: impl FnOnce(&mut Vault, Timestamp) -> T) -> Option<T> {
        self.mock.service.with_vault(&self.place, self.name.as_ref()?, look)
    }

    /// Returns the archive with this ID, if the vault currently contains it.
    pub(crate) fn archive(&self, id: &ArchiveId) -> Result<Option<(Arc<Archive>, Content)>, ControlError> {
        self.look(|vault, _| match vault.find(id)? {
            Found::Stored(archive, content) => Some((archive.clone(), content.clone())),
            Found::Deleted(_) => None,
        })
    }

    /// Returns the jobs of the vault, in the order in which they were started.
    pub(crate) fn jobs(&self) -> Result<Vec<FoundJob>, ControlError> {
        self.look(|vault, now| {
            let place = |seen| FoundJob { place: self.place.clone(), vault: vault.name.clone(), seen };
            vault.jobs.all(now).map(|job| place(job.at(now))).collect()
        })
    }

    /// Returns the error for a vault that does not exist. Its message says which vaults exist instead.
    pub(super) fn missing(&self) -> ControlError {
        let AccountRegion { account, region } = &self.place;
        let instead = self.mock.known().instead_of(&self.place, &self.given).text;
        let end = if instead.ends_with('?') { "" } else { "." };
        ControlError::no_vault(format!(
            "there is no vault {:?} in account {account} and region {region}: {instead}{end}",
            self.given
        ))
    }
}

//! What the account and the region of a request select.

use crate::control::VaultControl;
use crate::domain::account::AccountRegion;

use super::parts::Parts;
use super::read::Place;

impl Place {
    /// Returns whether a list has what belongs to this account and region. Without an account it has those of all
    /// accounts, without a region those of all regions.
    pub(super) fn selects(&self, place: &AccountRegion) -> bool {
        self.account.is_none_or(|account| account == place.account)
            && self.region.as_deref().is_none_or(|region| *region == *place.region)
    }
}

impl Parts {
    /// Returns the vault with this name, which need not exist.
    pub(super) fn vault(&self, place: &Place, name: &str) -> VaultControl {
        VaultControl::new(self.mock.clone(), self.place(place), name)
    }
}

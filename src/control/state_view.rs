//! Implements the view of the mock's state that failure reports use.

use crate::mock::Mock;
use crate::verify::{Known, StateView};

impl StateView for Mock {
    fn known(&self) -> Known {
        Known { own: self.own_place(), vaults: self.service.vault_names(), deleted: self.service.deleted_vault_names() }
    }
}

//! The parts of a mock that the endpoints use.

use std::fmt;
use std::sync::{Arc, Weak};

use crate::control::{Expectations, VaultControl};
use crate::domain::account::AccountRegion;
use crate::mock::Mock;
use crate::server::Server;

use super::read::Place;

/// The settings of the control API.
#[derive(Clone, Default)]
pub(crate) struct ControlApi {
    /// The names that a `Host` header may have, besides IP addresses, `localhost` and names under `.localhost`.
    pub(crate) allowed_hosts: Vec<String>,
    /// Restores the initial state of the program after a reset.
    pub(crate) arrange: Option<Arc<dyn Fn() + Send + Sync>>,
}

/// The mock that an endpoint reads and changes.
#[derive(Clone)]
pub(crate) struct Parts {
    pub(super) mock: Arc<Mock>,
    pub(super) expectations: Arc<Expectations>,
    /// Weak, because the server owns the router, which owns this.
    pub(super) server: Weak<Server>,
    pub(super) settings: ControlApi,
}

impl Parts {
    pub(crate) fn new(
        mock: Arc<Mock>,
        expectations: Arc<Expectations>,
        server: &Arc<Server>,
        settings: ControlApi,
    ) -> Self {
        Parts { mock, expectations, server: Arc::downgrade(server), settings }
    }

    /// Returns the account and the region that a request names, or else those of the mock.
    pub(super) fn place(&self, place: &Place) -> AccountRegion {
        self.mock.place(place.account, place.region.as_deref())
    }

    /// Returns the vault with this name, which need not exist.
    pub(super) fn vault(&self, place: &Place, name: &str) -> VaultControl {
        VaultControl::new(self.mock.clone(), self.place(place), name)
    }
}

impl fmt::Debug for ControlApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ControlApi").field("allowed_hosts", &self.allowed_hosts).finish_non_exhaustive()
    }
}

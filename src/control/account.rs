//! What belongs to an account, not to a vault: principals, the data retrieval policy, provisioned capacity.

use std::sync::Arc;

use crate::domain::account::{AccountRegion, CapacityUnit, Principal, RetrievalPolicy};
use crate::mock::Mock;
use crate::service::{AccountCommand, Command, Outcome};

use super::error::ControlError;

/// The accounts of a mock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accounts<'a>(pub(crate) &'a Mock);

impl Accounts<'_> {
    /// Adds a principal. It replaces any previous principal with the same access key.
    pub(crate) fn add_principal(self, principal: Principal) {
        self.0.principals.add(principal, self.0.service.now());
    }

    /// Adds a principal, unless it is known already or differs from the known one only in its secret or session token.
    pub(crate) fn add_new_principal(self, principal: &Principal) {
        self.0.principals.add_if_new(principal, self.0.service.now());
    }

    /// Returns the principal with this access key: one that was added, the mock's own, or the root user of the account
    /// whose number is the access key.
    pub(crate) fn principal(self, access_key: &str) -> Result<Arc<Principal>, ControlError> {
        self.0
            .principals
            .find(access_key)
            .ok_or_else(|| ControlError::not_found(format!("unknown access key {access_key:?}")))
    }

    /// Returns the principal with this ARN or access key. One with an ARN need not be known.
    #[cfg(feature = "standalone")]
    pub(crate) fn named(self, name: &str) -> Result<Principal, ControlError> {
        if !name.starts_with("arn:") {
            return Ok(self.principal(name)?.as_ref().clone());
        }
        match self.principals().into_iter().find(|principal| principal.arn() == name) {
            Some(principal) => Ok(principal.as_ref().clone()),
            None => name.parse().map_err(|error| ControlError::invalid(format!("principal: {error}"))),
        }
    }

    /// Returns the principals that were added, in order of their access keys.
    pub(crate) fn principals(self) -> Vec<Arc<Principal>> {
        self.0.principals.all()
    }

    /// Returns the data retrieval policy of an account in a region.
    pub(crate) fn retrieval_policy(self, place: &AccountRegion) -> RetrievalPolicy {
        match self.read(place, AccountCommand::GetDataRetrievalPolicy) {
            Some(Outcome::RetrievalPolicy(policy)) => policy,
            _ => RetrievalPolicy::default(),
        }
    }

    /// Returns the units of provisioned capacity of an account in a region that have not expired.
    pub(crate) fn provisioned_capacity(self, place: &AccountRegion) -> Vec<CapacityUnit> {
        match self.read(place, AccountCommand::ListProvisionedCapacity) {
            Some(Outcome::Capacity(units)) => units,
            _ => Vec::new(),
        }
    }

    /// Executes a command that the service never refuses.
    fn read(self, place: &AccountRegion, command: AccountCommand) -> Option<Outcome> {
        self.0.service.apply(place, None, Command::OnAccount(command)).ok()
    }

    /// Sets whether the service refuses Expedited retrievals that provisioned capacity does not cover.
    pub(crate) fn set_expedited_shortage(self, is_short: bool) {
        self.0.service.set_expedited_is_short(is_short);
    }

    /// Returns whether the service refuses Expedited retrievals that provisioned capacity does not cover.
    #[cfg(feature = "standalone")]
    pub(crate) fn has_expedited_shortage(self) -> bool {
        self.0.service.expedited_is_short()
    }
}

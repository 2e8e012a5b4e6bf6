//! What belongs to an account, not to a vault: principals, the data retrieval policy, provisioned capacity.

use std::sync::Arc;

use crate::domain::account::{AccountRegion, CapacityUnit, Principal, RetrievalPolicy};
use crate::mock::Mock;
use crate::service::{AccountCommand, Command, Outcome};

use super::error::ControlError;

/// Adds a principal. It replaces any previous principal with the same access key.
pub(crate) fn add_principal(mock: &Mock, principal: Principal) {
    mock.principals.add(principal, mock.service.now());
}

/// Returns the principal with this access key: one that was added, the mock's own, or the root user of the account whose
/// number is the access key.
pub(crate) fn principal(mock: &Mock, access_key: &str) -> Result<Arc<Principal>, ControlError> {
    mock.principals
        .find(access_key)
        .ok_or_else(|| ControlError::not_found(format!("unknown access key {access_key:?}")))
}

/// Returns the principals that were added, in order of their access keys.
pub(crate) fn principals(mock: &Mock) -> Vec<Arc<Principal>> {
    mock.principals.all()
}

/// Returns the data retrieval policy of an account in a region.
pub(crate) fn retrieval_policy(mock: &Mock, place: &AccountRegion) -> RetrievalPolicy {
    match read(mock, place, AccountCommand::GetDataRetrievalPolicy) {
        Some(Outcome::RetrievalPolicy(policy)) => policy,
        _ => RetrievalPolicy::default(),
    }
}

/// Returns the units of provisioned capacity of an account in a region that have not expired.
pub(crate) fn provisioned_capacity(mock: &Mock, place: &AccountRegion) -> Vec<CapacityUnit> {
    match read(mock, place, AccountCommand::ListProvisionedCapacity) {
        Some(Outcome::Capacity(units)) => units,
        _ => Vec::new(),
    }
}

/// Executes a command that the service never refuses.
fn read(mock: &Mock, place: &AccountRegion, command: AccountCommand) -> Option<Outcome> {
    mock.service.apply(place, None, Command::OnAccount(command)).ok()
}

/// Sets whether the service refuses Expedited retrievals that provisioned capacity does not cover.
pub(crate) fn set_expedited_capacity_short(mock: &Mock, is_short: bool) {
    mock.service.set_expedited_is_short(is_short);
}

//! GetDataRetrievalPolicy, SetDataRetrievalPolicy, PurchaseProvisionedCapacity, ListProvisionedCapacity (api.md
//! section 10): what belongs to an account in a region, not to a vault.

use crate::domain::account::Scope;
use crate::domain::failure::Failure;
use crate::domain::retrieval_policy::RetrievalPolicy;
use crate::domain::timestamp::Timestamp;

use super::command::Outcome;
use super::state::State;

pub(super) fn set_policy(state: &mut State, scope: &Scope, policy: RetrievalPolicy) -> Result<Outcome, Failure> {
    state.scope(scope).retrieval_policy = policy;
    Ok(Outcome::Done)
}

pub(super) fn get_policy(state: &mut State, scope: &Scope) -> Result<Outcome, Failure> {
    Ok(Outcome::RetrievalPolicy(state.scope(scope).retrieval_policy))
}

pub(super) fn purchase_capacity(state: &mut State, scope: &Scope, now: Timestamp) -> Result<Outcome, Failure> {
    let id = state.ids.capacity();
    state.scope(scope).capacity.purchase(id.clone(), now)?;
    Ok(Outcome::CapacityPurchased { id })
}

pub(super) fn list_capacity(state: &mut State, scope: &Scope, now: Timestamp) -> Result<Outcome, Failure> {
    Ok(Outcome::Capacity(state.scope(scope).capacity.live(now).cloned().collect()))
}

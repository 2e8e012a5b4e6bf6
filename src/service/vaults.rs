//! CreateVault, DescribeVault, ListVaults, DeleteVault (api.md section 3).

use crate::domain::account::Scope;
use crate::domain::failure::Failure;
use crate::domain::name::VaultName;
use crate::domain::page::PageRequest;
use crate::domain::timestamp::Timestamp;
use crate::domain::vault::Vault;

use super::command::{Outcome, VaultDescription};
use super::state::State;

/// How many vaults an account may have in a region.
const MAX_VAULTS: usize = 1000;
/// How many vaults a page of ListVaults holds.
const PAGE: usize = 10;

/// A second call for the same name changes nothing and succeeds.
pub(super) fn create(state: &mut State, scope: &Scope, now: Timestamp, name: VaultName) -> Result<Outcome, Failure> {
    let rules = state.settings.vaults;
    let vaults = &mut state.scope(scope).vaults;
    if !vaults.contains_key(&name) {
        if vaults.len() >= MAX_VAULTS {
            return Err(Failure::TooManyVaults);
        }
        vaults.insert(name.clone(), Vault::new(&name, scope.vault_arn(&name), now, rules));
    }
    Ok(Outcome::VaultCreated(name))
}

pub(super) fn describe(state: &mut State, scope: &Scope, now: Timestamp, name: VaultName) -> Result<Outcome, Failure> {
    let vault = state.vault(scope, &name)?;
    Ok(Outcome::Vault(description(&name, vault, now)))
}

fn description(name: &VaultName, vault: &mut Vault, now: Timestamp) -> VaultDescription {
    VaultDescription { name: name.clone(), arn: vault.arn.clone(), created: vault.created, totals: vault.totals(now) }
}

/// In ASCII order of the names; the marker is the ARN of the next page's first vault.
pub(super) fn list(state: &mut State, scope: &Scope, now: Timestamp, asked: PageRequest) -> Result<Outcome, Failure> {
    let state = state.scope(scope);
    let start = state.vault_markers.start(&asked).map_err(|()| asked.unknown_marker())?;
    let vaults = match &start {
        Some(start) => state.vaults.range_mut(start.clone()..),
        None => state.vaults.range_mut::<VaultName, _>(..),
    };
    let entries = vaults.map(|(name, vault)| (name.clone(), description(name, vault, now)));
    let page = state.vault_markers.cut(entries, asked.size(PAGE), |_, vault| vault.arn.clone());
    Ok(Outcome::Vaults(page))
}

/// Succeeds for a vault that does not exist; refused while there is something in it.
pub(super) fn delete(state: &mut State, scope: &Scope, now: Timestamp, name: VaultName) -> Result<Outcome, Failure> {
    let state = state.scope(scope);
    if let Some(vault) = state.vaults.get_mut(&name) {
        if !vault.is_known_to_be_empty(now) {
            return Err(Failure::VaultNotEmpty { vault_arn: vault.arn.clone() });
        }
        let gone = state.vaults.remove(&name);
        state.deleted_vaults.insert(name);
        // Its jobs go with it, and their retrievals.
        for job in gone.iter().flat_map(|vault| vault.jobs.all(now)) {
            state.standard_retrievals.end(job.job.number);
        }
    }
    Ok(Outcome::Done)
}

//! CreateVault, DescribeVault, ListVaults, DeleteVault (api.md section 3).

use crate::domain::failure::Failure;
use crate::domain::vault::{PageRequest, Vault};
use crate::domain::words::{Timestamp, VaultName};

use super::context::Context;
use super::outcome::{Outcome, VaultDescription};
use super::state::Vaults;

/// The number of vaults that an account may have in a region.
const MAX_VAULTS: usize = 1000;
/// The number of vaults on a page of ListVaults.
const PAGE: usize = 10;

/// A second call for the same name changes nothing and succeeds.
pub(super) fn create(vaults: &mut Vaults, context: &mut Context<'_>, name: VaultName) -> Result<Outcome, Failure> {
    if !vaults.by_name.contains_key(&name) {
        if vaults.by_name.len() >= MAX_VAULTS {
            return Err(Failure::TooManyVaults);
        }
        let vault = Vault::new(context.place, &name, context.now, context.settings.vaults);
        vaults.changed.note(|| name.clone());
        vaults.by_name.insert(name.clone(), vault);
    }
    Ok(Outcome::VaultCreated(name))
}

pub(super) fn describe(vault: &mut Vault, context: &mut Context<'_>) -> Result<Outcome, Failure> {
    Ok(Outcome::Vault(description(vault, context.now)))
}

fn description(vault: &mut Vault, now: Timestamp) -> VaultDescription {
    let totals = vault.totals(now);
    VaultDescription { name: vault.name.clone(), arn: vault.arn.clone(), created: vault.created, totals }
}

/// Lists vaults in ASCII order of their names. The marker is the ARN of the first vault on the next page.
pub(super) fn list(vaults: &mut Vaults, context: &mut Context<'_>, asked: PageRequest) -> Result<Outcome, Failure> {
    let start = vaults.markers.start(&asked).map_err(|()| asked.unknown_marker())?;
    let listed = match &start {
        Some(start) => vaults.by_name.range_mut(start.clone()..),
        None => vaults.by_name.range_mut::<VaultName, _>(..),
    };
    let changed = &mut vaults.changed;
    let entries = listed.map(|(name, vault)| {
        changed.note(|| name.clone());
        (name.clone(), description(vault, context.now))
    });
    let page = vaults.markers.cut(entries, asked.size(PAGE), |_, vault| vault.arn.clone());
    Ok(Outcome::Vaults(page))
}

/// Succeeds for a vault that does not exist. Refuses to delete a vault that is not empty.
pub(super) fn delete(vaults: &mut Vaults, context: &mut Context<'_>, name: VaultName) -> Result<Outcome, Failure> {
    let Some(vault) = vaults.get(&name) else { return Ok(Outcome::Done) };
    if !vault.is_known_to_be_empty(context.now) {
        return Err(Failure::VaultNotEmpty { vault_arn: vault.arn.clone() });
    }
    remove(vaults, context, &name);
    Ok(Outcome::Done)
}

/// Removes and returns a vault with everything in it.
pub(super) fn remove(vaults: &mut Vaults, context: &mut Context<'_>, name: &VaultName) -> Option<Vault> {
    let mut gone = vaults.by_name.remove(name)?;
    vaults.changed.note(|| name.clone());
    vaults.deleted.insert(name.clone());
    vaults.stored_in_removed += gone.stored_until(context.now);
    // The jobs of the vault are removed with it, so their retrievals end.
    for number in gone.jobs.discard(context.schedule) {
        context.limits.standard_retrievals.end(number);
    }
    Some(gone)
}

//! InitiateVaultLock, CompleteVaultLock, AbortVaultLock, GetVaultLock (api.md section 8).

use crate::domain::failure::Failure;
use crate::domain::vault::{LockState, Vault, VaultLock};
use crate::domain::words::LockId;
use crate::policy::PolicyDocument;

use super::context::Context;
use super::outcome::Outcome;

pub(super) fn initiate(
    vault: &mut Vault,
    context: &mut Context<'_>,
    policy: PolicyDocument,
) -> Result<Outcome, Failure> {
    let vault_arn = vault.arn.clone();
    let lock = vault.current_lock(context.now);
    match lock.as_ref().map(|lock| lock.state) {
        None => {}
        Some(LockState::InProgress { .. }) => return Err(Failure::LockInProgress { vault_arn }),
        Some(LockState::Locked) => return Err(Failure::VaultLocked { vault_arn }),
    }
    let id = context.ids.lock();
    *lock = Some(VaultLock::new(id.clone(), policy, context.now));
    Ok(Outcome::LockStarted { id })
}

pub(super) fn complete(vault: &mut Vault, context: &mut Context<'_>, id: &LockId) -> Result<Outcome, Failure> {
    let vault_arn = vault.arn.clone();
    match vault.current_lock(context.now) {
        Some(lock) => lock.complete(id, &vault_arn)?,
        None => return Err(Failure::LockNotSet { vault_arn }),
    }
    Ok(Outcome::Done)
}

/// Succeeds without a lock. A completed lock stays.
pub(super) fn abort(vault: &mut Vault, context: &mut Context<'_>) -> Result<Outcome, Failure> {
    let vault_arn = vault.arn.clone();
    let lock = vault.current_lock(context.now);
    if lock.as_ref().is_some_and(|lock| lock.state == LockState::Locked) {
        return Err(Failure::VaultLocked { vault_arn });
    }
    *lock = None;
    Ok(Outcome::Done)
}

pub(super) fn get(vault: &mut Vault, context: &mut Context<'_>) -> Result<Outcome, Failure> {
    let vault_arn = vault.arn.clone();
    vault.current_lock(context.now).clone().map(Outcome::Lock).ok_or(Failure::LockNotSet { vault_arn })
}

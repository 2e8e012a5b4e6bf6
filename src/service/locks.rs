//! InitiateVaultLock, CompleteVaultLock, AbortVaultLock, GetVaultLock (api.md section 8).

use crate::domain::account::Scope;
use crate::domain::failure::Failure;
use crate::domain::lock::{LockState, VaultLock};
use crate::domain::name::VaultName;
use crate::domain::timestamp::Timestamp;

use super::command::{CompleteVaultLock, InitiateVaultLock, Outcome};
use super::state::State;

pub(super) fn initiate(
    state: &mut State,
    scope: &Scope,
    now: Timestamp,
    request: InitiateVaultLock,
) -> Result<Outcome, Failure> {
    let vault = state.vault(scope, &request.vault)?;
    let vault_arn = vault.arn.clone();
    match vault.lock(now).as_ref().map(|lock| lock.state) {
        None => {}
        Some(LockState::InProgress { .. }) => return Err(Failure::LockInProgress { vault_arn }),
        Some(LockState::Locked) => return Err(Failure::VaultLocked { vault_arn }),
    }
    let id = state.ids.lock();
    *state.vault(scope, &request.vault)?.lock(now) = Some(VaultLock::new(id.clone(), request.policy, now));
    Ok(Outcome::LockStarted { id })
}

pub(super) fn complete(
    state: &mut State,
    scope: &Scope,
    now: Timestamp,
    request: CompleteVaultLock,
) -> Result<Outcome, Failure> {
    let vault = state.vault(scope, &request.vault)?;
    let vault_arn = vault.arn.clone();
    match vault.lock(now) {
        Some(lock) => lock.complete(&request.lock, &vault_arn)?,
        None => return Err(Failure::LockNotSet { vault_arn }),
    }
    Ok(Outcome::Done)
}

/// Succeeds where there is none; a locked one stays.
pub(super) fn abort(state: &mut State, scope: &Scope, now: Timestamp, name: VaultName) -> Result<Outcome, Failure> {
    let vault = state.vault(scope, &name)?;
    let vault_arn = vault.arn.clone();
    let lock = vault.lock(now);
    if lock.as_ref().is_some_and(|lock| lock.state == LockState::Locked) {
        return Err(Failure::VaultLocked { vault_arn });
    }
    *lock = None;
    Ok(Outcome::Done)
}

pub(super) fn get(state: &mut State, scope: &Scope, now: Timestamp, name: VaultName) -> Result<Outcome, Failure> {
    let vault = state.vault(scope, &name)?;
    let vault_arn = vault.arn.clone();
    vault.lock(now).clone().map(Outcome::Lock).ok_or(Failure::LockNotSet { vault_arn })
}

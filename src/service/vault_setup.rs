//! Sets several properties of a vault for a test at once: all of them, or none.

use crate::domain::account::AccountRegion;
use crate::domain::failure::Failure;
use crate::domain::vault::{LockState, NewTags, Notifications};
use crate::domain::words::{LockId, Timestamp, VaultName};
use crate::policy::PolicyDocument;

use super::Service;
use super::command::{AccountCommand, Command, VaultCommand};
use super::outcome::Outcome;
use super::state::State;

/// The properties to set on a vault. A property that is `None` does not change.
#[derive(Clone, Debug, Default)]
pub(crate) struct VaultSetup {
    /// All tags of the vault, divided into additions.
    pub(crate) tags: Option<Vec<NewTags>>,
    pub(crate) access_policy: Option<PolicyDocument>,
    pub(crate) lock: Option<LockSetup>,
    pub(crate) notifications: Option<Notifications>,
}

/// The lock to set on a vault.
#[derive(Clone, Debug)]
pub(crate) struct LockSetup {
    pub(crate) policy: PolicyDocument,
    /// Whether the lock is complete, and not in progress.
    pub(crate) is_complete: bool,
}

/// What to do to a vault so that it has a lock.
enum LockChange {
    Nothing,
    Complete(LockId),
    /// Aborts the lock in progress, if there is one, and initiates another.
    Initiate(LockSetup),
}

impl Service {
    /// Creates a vault if it does not exist, and sets these properties. Returns whether it was created. If this is
    /// refused, nothing has changed.
    pub(crate) fn set_up_vault(
        &self,
        place: &AccountRegion,
        name: &VaultName,
        setup: VaultSetup,
    ) -> Result<bool, Failure> {
        let mut state = self.lock();
        let now = self.now();
        state.settle(now);
        let done = state.set_up_vault(place, now, name, setup);
        self.publish(state, false);
        done
    }
}

impl State {
    /// Executes the commands that requests would execute. After the first one, none of them can be refused.
    fn set_up_vault(
        &mut self,
        place: &AccountRegion,
        now: Timestamp,
        name: &VaultName,
        setup: VaultSetup,
    ) -> Result<bool, Failure> {
        let is_new = self.vault(place, name.as_str()).is_none();
        let lock = match setup.lock {
            Some(lock) => self.lock_change(place, now, name, lock)?,
            None => LockChange::Nothing,
        };
        self.execute(place, now, Command::OnAccount(AccountCommand::CreateVault(name.clone())), false)?;
        let mut commands = Vec::new();
        if let Some(tags) = setup.tags {
            commands.push(VaultCommand::RemoveTagsFromVault(self.tag_keys(place, name)));
            commands.extend(tags.into_iter().map(VaultCommand::AddTagsToVault));
        }
        commands.extend(setup.access_policy.map(VaultCommand::SetVaultAccessPolicy));
        commands.extend(setup.notifications.map(VaultCommand::SetVaultNotifications));
        for command in commands {
            self.execute(place, now, Command::OnVault(name.clone(), command), false)?;
        }
        self.change_lock(place, now, name, lock)?;
        Ok(is_new)
    }

    /// Returns the keys of all tags of a vault.
    fn tag_keys(&mut self, place: &AccountRegion, name: &VaultName) -> Vec<String> {
        let Some(vault) = self.vault(place, name.as_str()) else { return Vec::new() };
        vault.tags.get().keys().cloned().collect()
    }

    /// Refuses to replace a lock that is complete.
    fn lock_change(
        &mut self,
        place: &AccountRegion,
        now: Timestamp,
        name: &VaultName,
        wanted: LockSetup,
    ) -> Result<LockChange, Failure> {
        let Some(vault) = self.vault(place, name.as_str()) else { return Ok(LockChange::Initiate(wanted)) };
        let Some(lock) = vault.current_lock(now).clone() else { return Ok(LockChange::Initiate(wanted)) };
        let is_complete = lock.state == LockState::Locked;
        match lock.policy == wanted.policy {
            true if is_complete == wanted.is_complete => Ok(LockChange::Nothing),
            true if wanted.is_complete => Ok(LockChange::Complete(lock.id)),
            _ if is_complete => Err(Failure::VaultLocked { vault_arn: place.vault_arn(name) }),
            _ => Ok(LockChange::Initiate(wanted)),
        }
    }

    fn change_lock(
        &mut self,
        place: &AccountRegion,
        now: Timestamp,
        name: &VaultName,
        change: LockChange,
    ) -> Result<(), Failure> {
        let mut execute = |command| self.execute(place, now, Command::OnVault(name.clone(), command), false);
        let id = match change {
            LockChange::Nothing => return Ok(()),
            LockChange::Complete(id) => id,
            LockChange::Initiate(LockSetup { policy, is_complete }) => {
                execute(VaultCommand::AbortVaultLock)?;
                match execute(VaultCommand::InitiateVaultLock(policy))? {
                    Outcome::LockStarted { id } if is_complete => id,
                    _ => return Ok(()),
                }
            }
        };
        execute(VaultCommand::CompleteVaultLock(id)).map(drop)
    }
}

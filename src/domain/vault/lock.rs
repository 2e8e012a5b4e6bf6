//! A vault lock: a policy that is in progress for 24 hours, and then either locked permanently or expired (api.md
//! section 8).

#[cfg(feature = "state")]
pub(super) mod data;

use std::time::Duration;

#[cfg(feature = "state")]
pub(crate) use self::data::LockData;
use crate::domain::failure::Failure;
use crate::domain::words::{LockId, Timestamp};
use crate::policy::PolicyDocument;

/// The maximum time from InitiateVaultLock to CompleteVaultLock.
const TRIAL: Duration = Duration::from_secs(24 * 60 * 60);

/// The lock of a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VaultLock {
    pub(crate) id: LockId,
    pub(crate) policy: PolicyDocument,
    pub(crate) created: Timestamp,
    pub(crate) state: LockState,
}

/// The state of a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockState {
    InProgress { expires: Timestamp },
    Locked,
}

impl LockState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            LockState::InProgress { .. } => "InProgress",
            LockState::Locked => "Locked",
        }
    }

    pub(crate) fn expires(self) -> Option<Timestamp> {
        match self {
            LockState::InProgress { expires } => Some(expires),
            LockState::Locked => None,
        }
    }
}

impl VaultLock {
    pub(crate) fn new(id: LockId, policy: PolicyDocument, now: Timestamp) -> Self {
        VaultLock { id, policy, created: now, state: LockState::InProgress { expires: now.after(TRIAL) } }
    }

    /// Returns whether the lock expired before it was completed. The service then behaves as if it had never existed.
    pub(crate) fn has_lapsed(&self, now: Timestamp) -> bool {
        self.state.expires().is_some_and(|expires| expires <= now)
    }

    /// Locks the vault. Succeeds for the right ID even if it is locked already; the error for a wrong ID depends on the
    /// state.
    pub(crate) fn complete(&mut self, id: &LockId, vault_arn: &str) -> Result<(), Failure> {
        match self.state {
            _ if self.id == *id => {
                self.state = LockState::Locked;
                Ok(())
            }
            LockState::InProgress { .. } => Err(Failure::invalid("lock ID", id.as_str())),
            LockState::Locked => Err(Failure::VaultLocked { vault_arn: vault_arn.to_owned() }),
        }
    }
}

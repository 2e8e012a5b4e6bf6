//! A vault lock: a policy that is tried for 24 hours, and then locked for ever or gone (api.md section 8).

use std::time::Duration;

use crate::domain::failure::Failure;
use crate::domain::words::{LockId, Timestamp};
use crate::policy::PolicyDocument;

/// How long a lock may stay InProgress.
const TRIAL: Duration = Duration::from_secs(24 * 60 * 60);

/// The lock of a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VaultLock {
    pub(crate) id: LockId,
    pub(crate) policy: PolicyDocument,
    pub(crate) created: Timestamp,
    pub(crate) state: LockState,
}

/// What a lock is.
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

    /// Whether its trial ended without its being completed: then it was never there.
    pub(crate) fn has_lapsed(&self, now: Timestamp) -> bool {
        self.state.expires().is_some_and(|expires| expires <= now)
    }

    /// The right ID locks it, however often; a wrong one is answered by the state.
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

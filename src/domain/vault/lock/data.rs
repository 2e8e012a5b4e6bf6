//! A vault lock as plain data, to be saved and loaded.

use serde::{Deserialize, Serialize};

use super::{LockState, VaultLock};
use crate::domain::vault::data::optional_instant;
use crate::domain::words::{LockId, Timestamp};
use crate::policy::PolicyDocument;

/// A vault lock. Times are milliseconds since 1970.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct LockData {
    id: String,
    policy: String,
    created: i64,
    /// `None` once the vault is locked.
    expires: Option<i64>,
}

impl VaultLock {
    pub(crate) fn to_data(&self) -> LockData {
        LockData {
            id: self.id.to_string(),
            policy: self.policy.text().to_owned(),
            created: self.created.as_milliseconds(),
            expires: self.state.expires().map(Timestamp::as_milliseconds),
        }
    }

    pub(crate) fn from_data(data: &LockData) -> Result<Self, String> {
        Ok(VaultLock {
            id: LockId::new(&*data.id),
            policy: policy(&data.policy)?,
            created: Timestamp::restored(data.created)?,
            state: match optional_instant(data.expires)? {
                Some(expires) => LockState::InProgress { expires },
                None => LockState::Locked,
            },
        })
    }
}

/// Returns the policy with this text.
pub(crate) fn policy(text: &str) -> Result<PolicyDocument, String> {
    PolicyDocument::parse(text).map_err(|flaw| format!("a policy is invalid: {flaw}"))
}

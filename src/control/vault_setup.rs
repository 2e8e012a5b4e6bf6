//! Sets several properties of a vault at once, without a request.

use std::collections::BTreeMap;

use crate::domain::failure::Failure;
use crate::domain::vault::{JobEvent, NewTags, Notifications, Topic};
use crate::policy::PolicyDocument;
use crate::service::{LockSetup, VaultSetup};

use super::error::ControlError;
use super::vault::VaultControl;
use super::vault_changes::{LOCKS, NAMES, NOTIFICATIONS, POLICIES, TAGS, read_policy};

const VAULTS: &str = "An account has at most 1,000 vaults in a region";

/// The properties to set on a vault, as a test writes them. A property that is `None` does not change.
#[derive(Clone, Debug, Default)]
pub(crate) struct VaultProperties {
    /// All tags of the vault.
    pub(crate) tags: Option<BTreeMap<String, String>>,
    /// The text of a policy.
    pub(crate) access_policy: Option<String>,
    pub(crate) lock: Option<VaultLockSetup>,
    /// The ARN of an SNS topic, and the names of events.
    pub(crate) notifications: Option<(String, Vec<String>)>,
}

/// The lock to set on a vault.
#[derive(Clone, Debug)]
pub(crate) struct VaultLockSetup {
    /// The text of a policy.
    pub(crate) policy: String,
    /// Whether the lock is complete, and not in progress.
    pub(crate) is_complete: bool,
}

impl VaultControl {
    /// Creates the vault if it does not exist, and sets these properties: all of them, or none if one is invalid.
    /// Returns whether the vault was created.
    ///
    /// A lock in progress is replaced, or completed if the policy is the same. A lock that is complete stays.
    pub(crate) fn set_up(&self, wanted: VaultProperties) -> Result<bool, ControlError> {
        let what = "be set up";
        // The message begins with the property that is invalid.
        let invalid = |property: &'static str, advice: &str| {
            let advice = advice.to_owned();
            move |failure| {
                let message = format!("{property}: {}", self.refused(what, &advice, &failure));
                ControlError::invalid(message)
            }
        };
        let name = self.vault_name().ok_or_else(|| Failure::InvalidVaultName { name: self.name().to_owned() });
        let name = name.map_err(invalid("name", NAMES))?;
        let policy = |property, text: String, advice, failure| -> Result<PolicyDocument, ControlError> {
            let (policy, advice) = read_policy(&text, advice);
            policy.ok_or(failure).map_err(invalid(property, &advice))
        };
        let lock = |VaultLockSetup { policy: text, is_complete }| {
            let policy = policy("lock.policy", text, LOCKS, Failure::InvalidLockPolicy)?;
            Ok::<_, ControlError>(LockSetup { policy, is_complete })
        };
        let notifications = |(topic, events): (String, Vec<String>)| {
            let notifications = JobEvent::parse_all(events)
                .and_then(|events| Topic::parse(&topic).and_then(|topic| Notifications::new(topic, events)));
            notifications.map_err(invalid("notifications", NOTIFICATIONS))
        };
        let access = |text| policy("access_policy", text, POLICIES, Failure::InvalidAccessPolicy);
        let setup = VaultSetup {
            tags: wanted.tags.map(NewTags::all).transpose().map_err(invalid("tags", TAGS))?,
            access_policy: wanted.access_policy.map(access).transpose()?,
            lock: wanted.lock.map(lock).transpose()?,
            notifications: wanted.notifications.map(notifications).transpose()?,
        };
        let done = self.mock.service.set_up_vault(&self.place, name, setup);
        done.map_err(|failure| {
            let advice = if matches!(failure, Failure::TooManyVaults) { VAULTS } else { LOCKS };
            self.refused(what, advice, &failure)
        })
    }
}

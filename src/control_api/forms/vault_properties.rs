//! The form of the properties to set on a vault.

#[cfg(test)]
use std::borrow::Cow;
use std::collections::BTreeMap;

#[cfg(test)]
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::control::{VaultLockSetup, VaultProperties};

use super::object::Object;

/// The properties to set on a vault. A property that is left out does not change.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct VaultPropertiesForm {
    /// Replaces all tags of the vault.
    pub(crate) tags: Option<BTreeMap<String, String>>,
    pub(crate) access_policy: Option<PolicyForm>,
    #[cfg_attr(test, schemars(with = "Option<NewLockForm>"))]
    pub(crate) lock: Option<Object<NewLockForm>>,
    #[cfg_attr(test, schemars(with = "Option<NewNotificationsForm>"))]
    pub(crate) notifications: Option<Object<NewNotificationsForm>>,
}

/// A vault lock.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct NewLockForm {
    policy: PolicyForm,
    /// Defaults to `Locked`.
    #[serde(default)]
    state: LockStateForm,
}

/// The state of a vault lock, as GetVaultLock names it.
#[derive(Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
enum LockStateForm {
    #[serde(alias = "in_progress")]
    InProgress,
    #[default]
    #[serde(alias = "locked")]
    Locked,
}

/// A notification configuration.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub(crate) struct NewNotificationsForm {
    /// The ARN of an SNS topic.
    #[serde(alias = "sns_topic")]
    topic: String,
    /// `ArchiveRetrievalCompleted`, `InventoryRetrievalCompleted`, or both.
    events: Vec<String>,
}

/// The text of a policy, which is a JSON document or a text that contains one.
pub(crate) struct PolicyForm(String);

impl<'de> Deserialize<'de> for PolicyForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(PolicyForm(text)),
            document @ Value::Object(_) => Ok(PolicyForm(document.to_string())),
            _ => Err(D::Error::custom("expected a policy: a JSON object, or a text that contains one")),
        }
    }
}

#[cfg(test)]
impl JsonSchema for PolicyForm {
    fn schema_name() -> Cow<'static, str> {
        "Policy".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A policy: a JSON object, or a text that contains one.",
            "type": ["object", "string"],
        })
    }
}

impl From<VaultPropertiesForm> for VaultProperties {
    fn from(form: VaultPropertiesForm) -> Self {
        let lock = |Object(NewLockForm { policy: PolicyForm(policy), state })| VaultLockSetup {
            policy,
            is_complete: state == LockStateForm::Locked,
        };
        VaultProperties {
            tags: form.tags,
            access_policy: form.access_policy.map(|PolicyForm(text)| text),
            lock: form.lock.map(lock),
            notifications: form.notifications.map(|Object(NewNotificationsForm { topic, events })| (topic, events)),
        }
    }
}

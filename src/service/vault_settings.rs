//! The settings of a vault: tags, notifications, the access policy (api.md sections 7 and 9).

use crate::domain::failure::Failure;
use crate::domain::vault::{NewTags, Notifications, Vault};
use crate::policy::PolicyDocument;

use super::outcome::Outcome;

pub(super) fn add_tags(vault: &mut Vault, tags: NewTags) -> Result<Outcome, Failure> {
    vault.tags.add(tags)?;
    Ok(Outcome::Done)
}

pub(super) fn remove_tags(vault: &mut Vault, keys: &[String]) -> Result<Outcome, Failure> {
    vault.tags.remove(keys);
    Ok(Outcome::Done)
}

pub(super) fn list_tags(vault: &Vault) -> Result<Outcome, Failure> {
    Ok(Outcome::Tags(vault.tags.clone()))
}

pub(super) fn set_notifications(vault: &mut Vault, set: Notifications) -> Result<Outcome, Failure> {
    vault.notifications = Some(set);
    Ok(Outcome::Done)
}

pub(super) fn get_notifications(vault: &Vault) -> Result<Outcome, Failure> {
    let set = vault.notifications.clone();
    set.map(Outcome::Notifications).ok_or_else(|| Failure::NotificationsNotSet { vault_arn: vault.arn.clone() })
}

/// Succeeds even if nothing is set.
pub(super) fn delete_notifications(vault: &mut Vault) -> Result<Outcome, Failure> {
    vault.notifications = None;
    Ok(Outcome::Done)
}

pub(super) fn set_access_policy(vault: &mut Vault, policy: PolicyDocument) -> Result<Outcome, Failure> {
    vault.access_policy = Some(policy);
    Ok(Outcome::Done)
}

pub(super) fn get_access_policy(vault: &Vault) -> Result<Outcome, Failure> {
    let set = vault.access_policy.clone();
    set.map(Outcome::AccessPolicy).ok_or_else(|| Failure::AccessPolicyNotSet { vault: vault.name.to_string() })
}

/// Succeeds even if nothing is set.
pub(super) fn delete_access_policy(vault: &mut Vault) -> Result<Outcome, Failure> {
    vault.access_policy = None;
    Ok(Outcome::Done)
}

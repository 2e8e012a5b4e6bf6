//! What is set on a vault: tags, notifications, the access policy (api.md sections 7 and 9).

use crate::domain::account::Scope;
use crate::domain::failure::Failure;
use crate::domain::name::VaultName;
use crate::domain::notification::Notifications;
use crate::policy::PolicyDocument;

use super::command::{AddTags, Outcome, RemoveTags, SetAccessPolicy, SetNotifications};
use super::state::State;

pub(super) fn add_tags(state: &mut State, scope: &Scope, request: AddTags) -> Result<Outcome, Failure> {
    state.vault(scope, &request.vault)?.tags.add(request.tags)?;
    Ok(Outcome::Done)
}

pub(super) fn remove_tags(state: &mut State, scope: &Scope, request: RemoveTags) -> Result<Outcome, Failure> {
    state.vault(scope, &request.vault)?.tags.remove(&request.keys);
    Ok(Outcome::Done)
}

pub(super) fn list_tags(state: &mut State, scope: &Scope, name: VaultName) -> Result<Outcome, Failure> {
    Ok(Outcome::Tags(state.vault(scope, &name)?.tags.clone()))
}

pub(super) fn set_notifications(
    state: &mut State,
    scope: &Scope,
    request: SetNotifications,
) -> Result<Outcome, Failure> {
    state.vault(scope, &request.vault)?.notifications = Some(request.notifications);
    Ok(Outcome::Done)
}

pub(super) fn get_notifications(state: &mut State, scope: &Scope, name: VaultName) -> Result<Outcome, Failure> {
    let vault = state.vault(scope, &name)?;
    let set: Option<Notifications> = vault.notifications.clone();
    set.map(Outcome::Notifications).ok_or_else(|| Failure::NotificationsNotSet { vault_arn: vault.arn.clone() })
}

/// Succeeds where nothing is set.
pub(super) fn delete_notifications(state: &mut State, scope: &Scope, name: VaultName) -> Result<Outcome, Failure> {
    state.vault(scope, &name)?.notifications = None;
    Ok(Outcome::Done)
}

pub(super) fn set_access_policy(
    state: &mut State,
    scope: &Scope,
    request: SetAccessPolicy,
) -> Result<Outcome, Failure> {
    state.vault(scope, &request.vault)?.access_policy = Some(request.policy);
    Ok(Outcome::Done)
}

pub(super) fn get_access_policy(state: &mut State, scope: &Scope, name: VaultName) -> Result<Outcome, Failure> {
    let vault = state.vault(scope, &name)?;
    let set: Option<PolicyDocument> = vault.access_policy.clone();
    set.map(Outcome::AccessPolicy).ok_or_else(|| Failure::AccessPolicyNotSet { vault: name.to_string() })
}

/// Succeeds where nothing is set.
pub(super) fn delete_access_policy(state: &mut State, scope: &Scope, name: VaultName) -> Result<Outcome, Failure> {
    state.vault(scope, &name)?.access_policy = None;
    Ok(Outcome::Done)
}

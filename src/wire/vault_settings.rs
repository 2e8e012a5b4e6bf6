//! Tags, notifications and access policies on the wire (api.md sections 7 and 9, observed.md 2.E and 3.6).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::failure::Failure;
use crate::domain::vault::{JobEvent, MAX_TAGS_PER_CALL, NewTags, Notifications, Tags, Topic};
use crate::policy::PolicyDocument;
use crate::service::VaultCommand;

use super::request::Request;

pub(super) fn add_tags(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    let tags = request.fields()?.map(|fields| fields.string_map("Tags")).transpose()?.flatten();
    Ok(VaultCommand::AddTagsToVault(NewTags::new(tags.unwrap_or_default())?))
}

/// Requires 1 to 10 keys. They need not exist on the vault (api.md section 7, observed.md 2.E).
pub(super) fn remove_tags(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    let fields = request.fields()?;
    let keys = fields.as_ref().map(|fields| fields.strings("TagKeys")).transpose()?.flatten().unwrap_or_default();
    match keys.len() {
        0 => Err(Failure::missing("tagKeys")),
        1..=MAX_TAGS_PER_CALL => Ok(VaultCommand::RemoveTagsFromVault(keys.into_iter().map(str::to_owned).collect())),
        too_many => Err(Failure::invalid("number of tag keys", too_many.to_string())),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListTagsForVaultOutput<'a> {
    tags: &'a BTreeMap<String, String>,
}

pub(super) fn tags(tags: &Tags) -> ListTagsForVaultOutput<'_> {
    ListTagsForVaultOutput { tags: tags.get() }
}

pub(super) fn set_notifications(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    let fields = request.fields()?.ok_or(Failure::missing("vaultNotificationConfig"))?;
    let topic = fields.string("SNSTopic")?.ok_or(Failure::missing("snsTopic"))?;
    let events = JobEvent::parse_all(fields.strings("Events")?.unwrap_or_default())?;
    Ok(VaultCommand::SetVaultNotifications(Notifications::new(Topic::parse(topic)?, events)?))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VaultNotificationConfig<'a> {
    events: Vec<&'static str>,
    #[serde(rename = "SNSTopic")]
    sns_topic: &'a str,
}

pub(super) fn notifications(set: &Notifications) -> VaultNotificationConfig<'_> {
    VaultNotificationConfig {
        events: set.events.iter().map(|event| event.as_str()).collect(),
        sns_topic: set.topic.as_str(),
    }
}

pub(super) fn set_access_policy(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    let policy = policy_text(request)?;
    let policy = PolicyDocument::parse(&policy).map_err(|_| Failure::InvalidAccessPolicy)?;
    Ok(VaultCommand::SetVaultAccessPolicy(policy))
}

/// Returns the document that is a string inside the JSON body: `{"Policy": "<JSON>"}`.
pub(super) fn policy_text(request: &Request<'_>) -> Result<String, Failure> {
    let fields = request.fields()?.ok_or(Failure::missing("policy"))?;
    let policy = fields.string("Policy")?.ok_or(Failure::missing("policy"))?;
    Ok(policy.to_owned())
}

/// The document is a string, in the form in which the service serialises it (observed.md 3.1).
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct VaultAccessPolicy<'a> {
    policy: &'a str,
}

pub(super) fn access_policy(policy: &PolicyDocument) -> VaultAccessPolicy<'_> {
    VaultAccessPolicy { policy: policy.text() }
}

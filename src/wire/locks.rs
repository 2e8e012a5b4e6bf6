//! Vault locks on the wire (api.md section 8, observed.md 2.E and 3.6).

use serde_json::{Value, json};

use crate::domain::failure::Failure;
use crate::domain::vault::VaultLock;
use crate::policy::PolicyDocument;
use crate::service::VaultCommand;

use super::request::Request;
use super::vault_settings::policy_text;

pub(super) fn initiate(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    let policy = PolicyDocument::parse(&policy_text(request)?).map_err(|_| Failure::InvalidLockPolicy)?;
    Ok(VaultCommand::InitiateVaultLock(policy))
}

pub(super) fn complete(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    Ok(VaultCommand::CompleteVaultLock(request.lock()?))
}

pub(super) fn description(lock: &VaultLock) -> Value {
    json!({
        "CreationDate": lock.created.to_string(),
        "ExpirationDate": lock.state.expires().map(|expires| expires.to_string()),
        "Policy": lock.policy.text(),
        "State": lock.state.as_str(),
    })
}

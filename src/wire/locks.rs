//! Vault locks on the wire (api.md section 8, observed.md 2.E and 3.6).

use serde::Serialize;

use crate::domain::failure::Failure;
use crate::domain::vault::VaultLock;
use crate::domain::words::Timestamp;
use crate::policy::PolicyDocument;
use crate::service::VaultCommand;

use super::display::Displayed;
use super::request::Request;
use super::vault_settings::policy_text;

pub(super) fn initiate(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    let policy = PolicyDocument::parse(&policy_text(request)?).map_err(|_| Failure::InvalidLockPolicy)?;
    Ok(VaultCommand::InitiateVaultLock(policy))
}

pub(super) fn complete(request: &Request<'_>) -> Result<VaultCommand, Failure> {
    Ok(VaultCommand::CompleteVaultLock(request.lock()?))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetVaultLockOutput<'a> {
    creation_date: Displayed<Timestamp>,
    expiration_date: Option<Displayed<Timestamp>>,
    policy: &'a str,
    state: &'static str,
}

pub(super) fn description(lock: &VaultLock) -> GetVaultLockOutput<'_> {
    GetVaultLockOutput {
        creation_date: Displayed(lock.created),
        expiration_date: lock.state.expires().map(Displayed),
        policy: lock.policy.text(),
        state: lock.state.as_str(),
    }
}

//! CreateVault, DescribeVault and ListVaults on the wire (api.md section 3).

use crate::domain::failure::Failure;
use crate::domain::vault::Page;
use crate::domain::words::VaultName;
use crate::service::{AccountCommand, VaultDescription};

use super::json::{Json, object};
use super::request::Request;

/// Only here does an invalid name have its own error: a vault that is yet to be created cannot be missing.
pub(super) fn create(request: &Request<'_>) -> Result<AccountCommand, Failure> {
    let name = request.target.vault.as_deref().unwrap_or_default();
    match VaultName::parse(name) {
        Some(name) => Ok(AccountCommand::CreateVault(name)),
        None => Err(Failure::InvalidVaultName { name: name.to_owned() }),
    }
}

/// The keys are in alphabetical order, and absent values are null (observed.md 3.1).
pub(super) fn describe(vault: &VaultDescription) -> Json {
    object! {
        "CreationDate": vault.created,
        "LastInventoryDate": vault.totals.inventory_taken,
        "NumberOfArchives": vault.totals.archives,
        "SizeInBytes": vault.totals.bytes,
        "VaultARN": vault.arn.as_str(),
        "VaultName": vault.name.as_str(),
    }
}

pub(super) fn list(page: &Page<VaultDescription>) -> Json {
    object! {
        "Marker": page.marker.as_deref(),
        "VaultList": page.entries.iter().map(describe).collect::<Vec<_>>(),
    }
}

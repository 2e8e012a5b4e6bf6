//! CreateVault, DescribeVault and ListVaults on the wire (api.md section 3).

use serde::Serialize;

use crate::domain::failure::Failure;
use crate::domain::vault::Page;
use crate::domain::words::{Timestamp, VaultName};
use crate::service::{AccountCommand, VaultDescription};

use super::display::Displayed;
use super::request::Request;

/// Only here does an invalid name have its own error: a vault that is yet to be created cannot be missing.
pub(super) fn create(request: &Request<'_>) -> Result<AccountCommand, Failure> {
    let name = request.target.vault.as_deref().unwrap_or_default();
    match VaultName::parse(name) {
        Some(name) => Ok(AccountCommand::CreateVault(name)),
        None => Err(Failure::InvalidVaultName { name: name.to_owned() }),
    }
}

/// The answer to DescribeVault, and an entry of ListVaults.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeVaultOutput<'a> {
    creation_date: Displayed<Timestamp>,
    last_inventory_date: Option<Displayed<Timestamp>>,
    number_of_archives: u64,
    size_in_bytes: i64,
    #[serde(rename = "VaultARN")]
    vault_arn: &'a str,
    vault_name: &'a str,
}

pub(super) fn describe(vault: &VaultDescription) -> DescribeVaultOutput<'_> {
    DescribeVaultOutput {
        creation_date: Displayed(vault.created),
        last_inventory_date: vault.totals.inventory_taken.map(Displayed),
        number_of_archives: vault.totals.archives,
        size_in_bytes: vault.totals.bytes,
        vault_arn: &vault.arn,
        vault_name: vault.name.as_str(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListVaultsOutput<'a> {
    marker: Option<&'a str>,
    vault_list: Vec<DescribeVaultOutput<'a>>,
}

pub(super) fn list(page: &Page<VaultDescription>) -> ListVaultsOutput<'_> {
    ListVaultsOutput { marker: page.marker.as_deref(), vault_list: page.entries.iter().map(describe).collect() }
}

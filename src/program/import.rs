//! The subcommand that makes a state from inventories of real vaults.

use std::collections::HashSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::control::{VaultControl, save};
use crate::domain::account::Account;
use crate::domain::vault::ListedInventory;
use crate::fixture::GlacierMockBuilder;
use crate::time::Clock;

use super::values;

/// The inventories to import, and the file to write.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ImportOptions {
    /// An inventory of a vault, in JSON or CSV as GetJobOutput returns it. Repeat the option for several vaults.
    #[arg(long, value_name = "FILE", required = true)]
    inventory: Vec<PathBuf>,

    /// The name of the vault. Repeat the option in the order of the inventories.
    ///
    /// By default a vault has the name in its inventory. An inventory in CSV has none.
    #[arg(long, value_name = "NAME")]
    vault: Vec<String>,

    /// The file to write, for `--load`. An existing file is replaced.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,

    /// The 12-digit account of the vaults, and of callers whose access key does not select another one.
    #[arg(long, env = "GLACIER_MOCK_ACCOUNT", default_value = "000000000000", value_parser = values::account)]
    account: Account,

    /// The region of the vaults, and of requests whose signature does not name one.
    #[arg(long, env = "GLACIER_MOCK_REGION", default_value = "us-east-1", value_parser = values::region)]
    region: String,
}

/// Why no file was written.
pub(super) enum NotImported {
    /// An option or an inventory is invalid.
    Invalid(String),
    /// The file cannot be written.
    Unwritten(String),
}

impl ImportOptions {
    /// Writes the file, and a line for each vault to standard output.
    pub(super) fn import(&self) -> Result<(), NotImported> {
        if !self.vault.is_empty() && self.vault.len() != self.inventory.len() {
            return Err(NotImported::Invalid(format!(
                "give one --vault for each --inventory, or none: there are {} and {}",
                self.vault.len(),
                self.inventory.len()
            )));
        }
        let builder = GlacierMockBuilder::of_program().clock(Clock::wall()).account(self.account).region(&self.region);
        let prepared = builder.prepare().map_err(|error| NotImported::Invalid(error.to_string()))?;
        let (mock, mut lines, mut known) = (prepared.mock, String::new(), HashSet::new());
        for (n, file) in self.inventory.iter().enumerate() {
            let about = |error: String| NotImported::Invalid(format!("{}: {error}", file.display()));
            let inventory = read(file).map_err(about)?;
            let name = self.vault.get(n).map(String::as_str).or(inventory.vault_name());
            let name =
                name.ok_or_else(|| about("it does not name its vault: give the name with --vault".to_owned()))?;
            if !known.insert(name.to_owned()) {
                return Err(about(format!("an earlier inventory is that of the same vault {name:?}")));
            }
            let (count, bytes) = (inventory.archives.len(), inventory.bytes());
            lines += &format!("{name}: {count} archives, {bytes} bytes\n");
            let vault = VaultControl::new(mock.clone(), mock.own_place(), name);
            vault.import_inventory(inventory, true).map_err(|error| about(error.to_string()))?;
        }
        save(&mock, &self.to, false).map_err(|error| NotImported::Unwritten(error.to_string()))?;
        let written = io::stdout().lock().write_all(lines.as_bytes());
        written.map_err(|error| NotImported::Unwritten(format!("cannot write to standard output: {error}")))
    }
}

fn read(file: &Path) -> Result<ListedInventory, String> {
    let bytes = std::fs::read(file).map_err(|error| format!("it cannot be read: {error}"))?;
    ListedInventory::read(&bytes)
}

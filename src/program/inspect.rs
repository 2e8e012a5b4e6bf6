//! The subcommand that shows what is in the file of a saved state.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;

use crate::control::{ClockControl, VaultControl};
use crate::control_api::{ArchivePage, VaultForm, VaultSummaryForm};
use crate::domain::vault::Archive;
use crate::fixture::GlacierMockBuilder;
use crate::mock::Mock;
use crate::server::write_line;

use super::table::Table;

/// The file to show, and which part of it.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct InspectOptions {
    /// The file, which is not changed.
    file: PathBuf,

    /// Show the archives of the vaults with this name instead.
    #[arg(long, value_name = "NAME")]
    vault: Option<String>,

    /// Write JSON, with the members that the control API has for vaults.
    #[arg(long)]
    json: bool,
}

impl InspectOptions {
    /// Writes the contents of the file to standard output. The exit status is 1 if the file cannot be loaded.
    pub(super) fn run(&self) -> ExitCode {
        let text = match self.text() {
            Ok(text) => text,
            Err(error) => {
                write_line(&format!("glacier-mock: {error}"));
                return ExitCode::FAILURE;
            }
        };
        match io::stdout().lock().write_all(text.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            // The reader, for example `head`, has read as much as it needs.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
            Err(error) => {
                write_line(&format!("glacier-mock: cannot write to standard output: {error}"));
                ExitCode::FAILURE
            }
        }
    }

    fn text(&self) -> Result<String, String> {
        let prepared =
            GlacierMockBuilder::of_program().load(&self.file).prepare().map_err(|error| error.to_string())?;
        let mock = prepared.mock;
        let mut vaults = VaultControl::all(&mock);
        if let Some(name) = &self.vault {
            vaults.retain(|vault| vault.name() == name);
            if vaults.is_empty() {
                return Err(format!("{} has no vault {name:?}", self.file.display()));
            }
        }
        let text = match (self.json, &self.vault) {
            (true, _) => json_of(&mock, &vaults, self.vault.is_some()),
            (false, None) => summary(&mock, &vaults),
            (false, Some(_)) => {
                vaults.iter().map(archives).collect::<Result<Vec<_>, _>>().map(|texts| texts.join("\n"))
            }
        };
        text.map_err(|error| error.to_string())
    }
}

type Shown = Result<String, crate::control::ControlError>;

fn json_of(mock: &Arc<Mock>, vaults: &[VaultControl], with_contents: bool) -> Shown {
    let vaults = vaults.iter().map(|vault| {
        if with_contents {
            VaultForm::read(vault, &ArchivePage { limit: usize::MAX, after: None }).map(|form| json!(form))
        } else {
            VaultSummaryForm::read(vault).map(|form| json!(form))
        }
    });
    let own = mock.own_place();
    let whole = json!({
        "now": ClockControl(mock).now().to_string(),
        "account": own.account.to_string(),
        "region": &*own.region,
        "vaults": vaults.collect::<Result<Vec<_>, _>>()?,
    });
    Ok(format!("{whole:#}\n"))
}

fn summary(mock: &Arc<Mock>, vaults: &[VaultControl]) -> Shown {
    let mut table = Table::new(["ACCOUNT", "REGION", "VAULT", "#ARCHIVES", "#BYTES", "#UPLOADS", "#JOBS"]);
    for vault in vaults {
        let place = vault.place();
        let (archives, bytes, uploads, jobs) = vault.look(|found, now| {
            let (archives, bytes) = found.archive_count_and_size();
            (archives, bytes, found.uploads.starting_at(0, now).count(), found.jobs.all(now).count())
        })?;
        let numbers = [u128::from(archives), bytes, uploads as u128, jobs as u128].map(|number| number.to_string());
        let [archives, bytes, uploads, jobs] = numbers;
        let (account, region) = (place.account.to_string(), place.region.to_string());
        table.push([account, region, vault.name().to_owned(), archives, bytes, uploads, jobs]);
    }
    let own = mock.own_place();
    let now = ClockControl(mock).now();
    Ok(format!("saved at {now} by account {} in {}\n\n{}", own.account, own.region, table.text()))
}

/// Returns the archives of a vault. The description is the last column, because it may be long.
fn archives(vault: &VaultControl) -> Shown {
    let archives: Vec<Arc<Archive>> =
        vault.look(|found, _| found.archives().map(|(archive, _)| archive.clone()).collect())?;
    let mut table = Table::new(["ARCHIVE", "CREATED", "#BYTES", "TREE HASH", "DESCRIPTION"]);
    for archive in archives {
        let (id, created) = (archive.id.to_string(), archive.created.to_string());
        let (size, description) = (archive.size().to_string(), archive.description.text().to_owned());
        table.push([id, created, size, archive.tree_hash().to_string(), description]);
    }
    let place = vault.place();
    Ok(format!("{} of account {} in {}\n\n{}", vault.name(), place.account, place.region, table.text()))
}

//! The options for a state that outlives the program.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use crate::control::Durability;
use crate::fixture::GlacierMockBuilder;

/// Where the state is kept.
#[derive(Debug, Args)]
#[command(next_help_heading = "State")]
pub(super) struct StateOptions {
    /// A file with the state to start with, which is never changed.
    ///
    /// `GET /state` of the control API, `glacier-mock import` and the Rust fixture write such files. The account, the
    /// region, the principals, the IDs and the behaviour of the service come from the file. `--jobs` and `--clock`
    /// override it, principals of `--principal` are added, and the vaults of `--init` are, too.
    #[arg(long, env = "GLACIER_MOCK_LOAD", value_name = "FILE")]
    pub(super) load: Option<PathBuf>,

    /// A file in which the program keeps its state, and with which it starts the next time.
    ///
    /// The bytes of archives are in the file and not in memory. The record and faults are not kept. By default all state is
    /// in memory and is lost when the program stops.
    #[arg(long, env = "GLACIER_MOCK_STATE", value_name = "FILE")]
    pub(super) state: Option<PathBuf>,

    /// When a change is in the file of `--state`.
    ///
    /// `request`: before the request is answered, so that nothing is lost if the program is killed. `second`: within a
    /// second. `exit`: when the program stops, and after `POST /state` of the control API. By default `request`.
    #[arg(long, env = "GLACIER_MOCK_DURABILITY", value_name = "request|second|exit", value_enum)]
    durability: Option<DurabilityOption>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DurabilityOption {
    Request,
    Second,
    Exit,
}

impl StateOptions {
    /// Adds the options to those of the mock.
    pub(super) fn apply(&self, settings: GlacierMockBuilder) -> GlacierMockBuilder {
        let durability = match self.durability {
            None | Some(DurabilityOption::Request) => Durability::Request,
            Some(DurabilityOption::Second) => Durability::Second,
            Some(DurabilityOption::Exit) => Durability::Exit,
        };
        match &self.state {
            Some(path) => settings.keep_state_as(path, durability),
            None => settings,
        }
    }

    /// Refuses options that exclude each other, and one that needs another.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.load.is_some() && self.state.is_some() {
            let advice = "copy the file of --load, and give the copy to --state";
            return Err(format!("--load and --state cannot be used together: {advice}"));
        }
        if self.durability.is_some() && self.state.is_none() {
            return Err("--durability needs --state, which names the file of the state".into());
        }
        Ok(())
    }

    /// Returns a line about the file in which the state is kept, if it is.
    pub(super) fn line(&self, continues: bool) -> Option<String> {
        let path = self.state.as_ref()?.display();
        let how = if continues { "continues with the state in" } else { "keeps its state in the new file" };
        Some(format!("glacier-mock {how} {path}"))
    }

    /// Removes the file after a start that has failed, unless it was there before.
    pub(super) fn undo(&self, continues: bool) {
        if let Some(path) = self.state.as_ref().filter(|_| !continues) {
            // The error of the start is the one to report.
            let _ = std::fs::remove_file(path);
        }
    }

    /// Returns the file that a signal would empty.
    pub(super) fn kept_file(&self) -> Option<&Path> {
        self.state.as_deref()
    }
}

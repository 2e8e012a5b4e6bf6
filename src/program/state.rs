//! The options for a state that outlives the program.

use std::path::PathBuf;

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
    /// second. `exit`: when the program stops, and after `POST /state` of the control API.
    #[arg(
        long,
        env = "GLACIER_MOCK_DURABILITY",
        default_value = "request",
        value_name = "request|second|exit",
        value_enum
    )]
    durability: DurabilityOption,
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
            DurabilityOption::Request => Durability::Request,
            DurabilityOption::Second => Durability::Second,
            DurabilityOption::Exit => Durability::Exit,
        };
        match &self.state {
            Some(path) => settings.keep_state_as(path, durability),
            None => settings,
        }
    }

    /// Returns whether the program starts with a state that a file has.
    pub(super) fn exists(&self) -> bool {
        self.state.as_ref().is_some_and(|path| path.metadata().is_ok_and(|file| file.len() > 0))
    }
}

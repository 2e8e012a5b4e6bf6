//! A mock whose state is kept in a file while it runs.

use std::io;
use std::path::Path;
use std::sync::{Arc, Weak};

use crate::domain::bytes::Content;
use crate::domain::words::Timestamp;
use crate::mock::Mock;
use crate::saved::{self, Durability, MockData, OpenedFile, Owner, SavedState};
use crate::service::{Service, Settings, StateSink};
use crate::time::{Clock, RunningClock};

use super::state_file::{self, LoadedState, mock_data};

/// A state file that was opened for a mock that does not exist yet.
pub(crate) struct KeptState {
    file: OpenedFile,
    /// The parts of the mock that the file has, if it is not new.
    pub(crate) loaded: Option<LoadedState>,
}

/// The settings that a mock with a kept state takes from its options, and not from the file.
pub(crate) struct KeptOptions<'a> {
    pub(crate) clock: Clock,
    pub(crate) seed: u64,
    pub(crate) settings: &'a Settings,
    pub(crate) closed_to_new_customers: bool,
}

impl KeptState {
    /// Opens the file, or creates it. A file of an old format is converted. The clock continues at the instant of the
    /// state, or follows the wall clock from there.
    pub(crate) fn open(path: &Path, options: &KeptOptions<'_>) -> io::Result<Self> {
        let opened = Self::try_open(path, options);
        opened.map_err(|error| {
            let text = format!("cannot keep the state of the mock in {}: {error}", path.display());
            io::Error::new(error.kind(), text)
        })
    }

    fn try_open(path: &Path, options: &KeptOptions<'_>) -> io::Result<Self> {
        saved::convert(path, &Content::try_from_file, |state| {
            let clock = RunningClock::continue_at(state.mock.clock, instant(&state)?);
            let service = Service::from_data(clock, Arc::new(state.service), options.settings.bounds);
            Ok((state.mock, service.map_err(state_file::invalid)?.to_rows()))
        })?;
        let mut file = OpenedFile::open(path, &Content::try_from_file)?;
        let loaded = file.state.take().map(|state| {
            let clock = options.clock.continue_from(instant(&state)?);
            let KeptOptions { seed, settings, closed_to_new_customers, .. } = *options;
            let service = Service::continued(clock, &state.service, seed, settings, closed_to_new_customers);
            LoadedState::new(state.mock, service.map_err(state_file::invalid)?)
        });
        Ok(KeptState { file, loaded: loaded.transpose()? })
    }

    /// Writes the changes of the mock to the file from now on, beginning with all of its state if the file is new.
    /// `is_loaded` says whether the mock has the state of the file.
    pub(crate) fn keep(self, mock: &Arc<Mock>, is_loaded: bool, durability: Durability) -> io::Result<()> {
        let owner = MockOwner(Arc::downgrade(mock));
        let file = self.file.keep(durability, Box::new(owner))?;
        let (sink, is_immediate) = (file.clone() as Arc<dyn StateSink>, file.is_immediate());
        mock.service.save_to(sink, is_loaded, is_immediate).map_err(io::Error::other)?;
        mock.keep_in(file);
        Ok(())
    }
}

fn instant(state: &SavedState) -> io::Result<Timestamp> {
    Timestamp::restored(state.service.whole.now).map_err(state_file::invalid)
}

struct MockOwner(Weak<Mock>);

impl Owner for MockOwner {
    fn mock_data(&self) -> Option<MockData> {
        self.0.upgrade().map(|mock| mock_data(&mock))
    }

    fn give_changes(&self) {
        if let Some(mock) = self.0.upgrade() {
            mock.service.give_changes();
        }
    }

    fn roll_back(&self, state: SavedState, reason: &str, replaced: &mut dyn FnMut()) {
        let Some(mock) = self.0.upgrade() else { return };
        tracing::error!(target: "glacier_mock", "{reason}. The state is again that of the last successful write");
        if let Err(error) = mock.service.roll_back(&state.service, replaced) {
            self.report_broken(&error);
        }
    }

    fn report_broken(&self, reason: &str) {
        tracing::error!(target: "glacier_mock", "the state file cannot be used: {reason}. Changes are refused until it can");
    }
}

/// Writes all changes of the state to the file, and waits until they are on disk. Returns `None` if the mock keeps its
/// state in memory only.
#[cfg(feature = "standalone")]
pub(crate) async fn write_state(mock: &Mock) -> Option<Result<(), String>> {
    Some(mock.kept_file()?.flushed().await)
}

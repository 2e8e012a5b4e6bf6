//! Saves the state of a mock to a file, and starts mocks with it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::domain::account::{Account, Principal, is_region};
use crate::domain::bytes::Content;
use crate::domain::words::Timestamp;
use crate::mock::Mock;
use crate::saved::{self, MockData, SavedState};
use crate::service::{Bounds, Service};
use crate::time::{Clock, RunningClock};

#[cfg(feature = "standalone")]
use super::error::ControlError;

/// Saves the state of a mock to a file. With `embed`, the file has the bytes of archives that are in other files, and
/// otherwise the paths of those.
pub(crate) fn save(mock: &Mock, path: &Path, embed: bool) -> io::Result<()> {
    write(mock, path, embed).map_err(|error| {
        let text = format!("cannot save the state of the mock to {}: {error}", path.display());
        io::Error::new(error.kind(), text)
    })
}

fn write(mock: &Mock, path: &Path, embed: bool) -> io::Result<()> {
    let service = mock.service.to_rows();
    saved::write(path, &mock_data(mock), &service, embed)
}

/// Returns the parts of a mock that do not belong to its service.
pub(super) fn mock_data(mock: &Mock) -> MockData {
    MockData {
        account: mock.defaults.account.to_string(),
        region: mock.defaults.region.to_string(),
        clock: mock.service.clock().to_data(),
        request_ids: mock.request_id_seed(),
        principals: mock.principals.all().iter().map(|principal| principal.to_data()).collect(),
    }
}

/// Saves the state of a mock like [`save`]. The error does not name the file, which is a temporary one.
#[cfg(feature = "standalone")]
pub(crate) fn export(mock: &Mock, path: &Path, embed: bool) -> io::Result<()> {
    write(mock, path, embed)
}

/// Replaces the state of a running mock by that of a file: everything that the service has, the time of the clock, the
/// principals, and what the next IDs depend on. The record, faults, expectations, rules for the next jobs and callbacks
/// stay. A file that is refused changes nothing.
///
/// The account and the region of the mock cannot change while it serves requests, so a file with others is refused.
#[cfg(feature = "standalone")]
pub(crate) fn import(mock: &Mock, path: &Path) -> Result<(), ControlError> {
    let invalid = |error: &dyn std::fmt::Display| ControlError::invalid(format!("the state cannot be loaded: {error}"));
    let SavedState { mock: saved, service } =
        saved::read(path, &Content::try_from_file).map_err(|error| invalid(&error))?;
    let (account, region, principals) = parts(&saved).map_err(|error| invalid(&error))?;
    let own = mock.own_place();
    if (account, &*region) != (own.account, &*own.region) {
        return Err(ControlError::conflict(format!(
            "the state belongs to account {account} and region {region}, and this mock to account {} and region {}",
            own.account, own.region
        )));
    }
    mock.service.replace(&service).map_err(|error| invalid(&error))?;
    mock.continue_request_ids(saved.request_ids);
    mock.principals.replace(principals, mock.service.now());
    Ok(())
}

/// The parts of a mock that were loaded from a file.
#[derive(Debug)]
pub(crate) struct LoadedState {
    pub(crate) service: Service,
    pub(crate) account: Account,
    pub(crate) region: String,
    pub(crate) principals: Vec<Principal>,
    /// The seed of the next request IDs.
    pub(crate) request_ids: u64,
}

/// Loads a state. The clock continues at the instant of the state, unless another one is chosen. `bounds` limits how
/// much the service remembers of what has ended.
pub(crate) fn load(
    path: &Path,
    clock: Option<Clock>,
    bounds: Bounds,
    open: &dyn Fn(&Path) -> io::Result<Content>,
) -> io::Result<LoadedState> {
    let loaded = saved::read(path, open).and_then(|saved| start(saved, clock, bounds));
    loaded.map_err(|error| {
        let text = format!("cannot load the state of a mock from {}: {error}", path.display());
        io::Error::new(error.kind(), text)
    })
}

fn start(saved: SavedState, clock: Option<Clock>, bounds: Bounds) -> io::Result<LoadedState> {
    let SavedState { mock, service } = saved;
    let instant = Timestamp::restored(service.whole.now).map_err(invalid)?;
    let clock = match clock {
        None => RunningClock::continue_at(mock.clock, instant),
        Some(clock) => clock.start_from(instant).map_err(|frozen| {
            let text = format!("the clock is frozen at {frozen}, before {instant}, when the state was saved");
            io::Error::new(io::ErrorKind::InvalidInput, text)
        })?,
    };
    LoadedState::new(mock, Service::from_data(clock, Arc::new(service), bounds).map_err(invalid)?)
}

impl LoadedState {
    pub(super) fn new(mock: MockData, service: Service) -> io::Result<Self> {
        let (account, region, principals) = parts(&mock)?;
        Ok(LoadedState { service, account, region, principals, request_ids: mock.request_ids })
    }
}

/// Returns the account, the region and the principals of a mock that was saved.
fn parts(mock: &MockData) -> io::Result<(Account, String, Vec<Principal>)> {
    if !is_region(&mock.region) {
        return Err(invalid(format!("{:?} is not the name of a region", mock.region)));
    }
    let account = mock.account.parse().map_err(|error| invalid(format!("{error}")))?;
    let principals = mock.principals.iter().map(Principal::from_data).collect::<Result<_, _>>().map_err(invalid)?;
    Ok((account, mock.region.clone(), principals))
}

pub(super) fn invalid(reason: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

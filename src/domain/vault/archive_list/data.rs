//! A list of archives as plain data, to be saved and loaded.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{ArchiveList, Period, Window};
use crate::domain::vault::data::{Collected, Restored};

/// The position of each archive, and its number among the archives of the state.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ListData(Vec<(u64, usize)>);

impl ArchiveList {
    /// Returns the address of the storage, which is the same for snapshots of the same archives. Returns `None` for an
    /// empty list.
    pub(crate) fn address(&self) -> Option<usize> {
        self.0.as_ref().map(|top| Arc::as_ptr(&top.node).addr())
    }

    pub(crate) fn to_data(&self, collected: &mut Collected) -> ListData {
        let all = self.within(Window::starting_at(0, Period::default()));
        ListData(all.map(|(position, archive)| (position, collected.archive(archive))).collect())
    }

    pub(crate) fn from_data(data: &ListData, restored: &Restored) -> Result<Self, String> {
        let mut list = ArchiveList::default();
        for &(position, archive) in &data.0 {
            // The positions of a vault are counted from 1, and a higher one could not be reached.
            if position > u64::MAX >> 8 {
                return Err(format!("{position} is not the position of an archive"));
            }
            list.insert(position, restored.archive(archive)?.clone());
        }
        Ok(list)
    }
}

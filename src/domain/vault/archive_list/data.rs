//! A list of archives as plain data, to be saved and loaded.

use std::sync::{Arc, Weak};

use serde::{Deserialize, Serialize};

use super::{ArchiveList, Node, Period, Window};
use crate::domain::vault::data::{Collector, Restored};

/// The position of each archive, and its number among the archives of the state.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ListData(Vec<(u64, usize)>);

/// A reference to the storage of a list.
#[derive(Debug)]
pub(crate) struct WeakList(Weak<Node>);

impl WeakList {
    /// Returns whether the list, or a snapshot of it, still exists.
    pub(crate) fn is_held(&self) -> bool {
        self.0.strong_count() > 0
    }
}

impl ArchiveList {
    /// Returns the address of the storage, which is the same for snapshots of the same archives, and a reference that does
    /// not keep it alive. While the reference exists, the storage at that address does not change: a list that is
    /// changed moves to another one. Returns `None` for an empty list.
    pub(crate) fn downgrade(&self) -> Option<(usize, WeakList)> {
        let node = &self.0.as_ref()?.node;
        Some((Arc::as_ptr(node).addr(), WeakList(Arc::downgrade(node))))
    }

    pub(crate) fn to_data(&self, collector: &mut Collector) -> ListData {
        let all = self.within(Window::starting_at(0, Period::default()));
        ListData(all.map(|(position, archive)| (position, collector.archive(archive))).collect())
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

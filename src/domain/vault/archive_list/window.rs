//! A part of a list of archives: some positions, and the creation dates of a period.

use super::Sums;
use crate::domain::vault::Archive;
use crate::domain::words::Timestamp;

/// The creation dates that an inventory job lists: from `start` on and before `end`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) start: Option<Timestamp>,
    pub(crate) end: Option<Timestamp>,
}

/// A part of a list: the archives at positions `from..until` that were created in a period.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    pub(crate) from: u64,
    pub(crate) until: u64,
    pub(crate) period: Period,
}

impl Window {
    pub(crate) fn starting_at(from: u64, period: Period) -> Self {
        Window { from, until: u64::MAX, period }
    }

    /// Returns whether the window contains all archives below a node or none of them; `None` if it may contain some.
    pub(super) fn has_all(&self, first: u64, width: u64, sums: &Sums) -> Option<bool> {
        let Period { start, end } = self.period;
        if start.is_some_and(|start| sums.latest < start) || end.is_some_and(|end| end <= sums.earliest) {
            return Some(false);
        }
        let in_period = start.is_none_or(|start| start <= sums.earliest) && end.is_none_or(|end| sums.latest < end);
        (in_period && self.from <= first && first.saturating_add(width) <= self.until).then_some(true)
    }

    pub(super) fn has(&self, archive: &Archive) -> bool {
        let Period { start, end } = self.period;
        start.is_none_or(|start| start <= archive.created) && end.is_none_or(|end| archive.created < end)
    }
}

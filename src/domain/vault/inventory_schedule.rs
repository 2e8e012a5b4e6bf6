//! When a vault's inventory is taken: always, or once a day as the real service does.

use std::time::Duration;

use super::archive_list::ArchiveList;
use crate::domain::words::Timestamp;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The first inventory follows the first upload by this much: within the 5 to 20 hours that were seen (observed.md
/// 3.2), and on the half of a day so that whoever waits for a day has it.
const FIRST: Duration = Duration::from_secs(12 * 60 * 60);

/// Which inventory DescribeVault, inventory jobs and DeleteVault see.
///
/// ```
/// use glacier_mock::{GlacierMock, InventoryMode};
///
/// let mock = GlacierMock::builder().inventory(InventoryMode::Daily).start();
/// # drop(mock);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InventoryMode {
    /// The present. The default.
    #[default]
    Live,
    /// A snapshot, taken once a day of the mock's clock: first 12 hours after the first upload. It is dated only when
    /// something changed since the last one.
    Daily,
}

/// The archives of a vault at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) archives: ArchiveList,
    pub(crate) bytes: u128,
    /// `None` in a vault that was never written to.
    pub(crate) taken: Option<Timestamp>,
}

/// What is known of a vault's inventories.
#[derive(Debug, Default)]
pub(crate) struct InventorySchedule {
    mode: InventoryMode,
    first_change: Option<Timestamp>,
    last_change: Option<Timestamp>,
    snapshot: Option<Snapshot>,
}

impl InventorySchedule {
    pub(crate) fn new(mode: InventoryMode) -> Self {
        InventorySchedule { mode, ..InventorySchedule::default() }
    }

    /// The vault was written to. What it held until now must have been looked at before.
    pub(crate) fn changed(&mut self, now: Timestamp) {
        self.first_change.get_or_insert(now);
        self.last_change = Some(now);
    }

    /// The moment of the first daily inventory after the last change, if that is not in one yet.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        let (first, changed) = (self.first_change?.after(FIRST), self.last_change?);
        let in_snapshot = self.snapshot.as_ref().and_then(|snapshot| snapshot.taken).is_some_and(|at| changed <= at);
        if self.mode == InventoryMode::Live || in_snapshot {
            return None;
        }
        let Some(late) = (changed >= first).then(|| changed.since(first)) else { return Some(first) };
        let days = u32::try_from(late.as_secs() / DAY.as_secs() + 1).unwrap_or(u32::MAX);
        Some(first.after(DAY.saturating_mul(days)))
    }

    /// Takes the inventory whose time has come. Nothing has changed since, so the present is what it would have seen.
    pub(crate) fn catch_up(&mut self, present: &Snapshot, now: Timestamp) {
        if let Some(due) = self.next().filter(|due| *due <= now) {
            self.snapshot = Some(Snapshot { taken: Some(due), ..present.clone() });
        }
    }

    /// Takes one now, for a test that does not want to wait.
    pub(crate) fn take(&mut self, present: &Snapshot, now: Timestamp) {
        self.first_change.get_or_insert(now);
        self.snapshot = Some(Snapshot { taken: Some(now), ..present.clone() });
    }

    /// What the service sees of the vault; `None` before the first inventory.
    pub(crate) fn seen(&self, present: Snapshot) -> Option<Snapshot> {
        match self.mode {
            InventoryMode::Live => Some(Snapshot { taken: self.last_change, ..present }),
            InventoryMode::Daily => self.snapshot.clone(),
        }
    }

    /// Whether the vault was written to since the inventory that the service sees.
    pub(crate) fn is_behind(&self) -> bool {
        self.next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn present(bytes: u128) -> Snapshot {
        Snapshot { archives: ArchiveList::default(), bytes, taken: None }
    }

    #[test]
    fn once_a_day_and_only_when_something_changed() {
        let mut schedule = InventorySchedule::new(InventoryMode::Daily);
        assert!(schedule.next().is_none() && schedule.seen(present(0)).is_none());
        schedule.changed(at("2026-01-31T06:00:00Z"));
        assert_eq!(schedule.next(), Some(at("2026-01-31T18:00:00Z")));
        schedule.catch_up(&present(1), at("2026-01-31T17:59:59Z"));
        assert!(schedule.seen(present(1)).is_none() && schedule.is_behind());
        schedule.catch_up(&present(1), at("2026-02-03T00:00:00Z"));
        let seen = schedule.seen(present(1)).unwrap();
        assert_eq!((seen.bytes, seen.taken), (1, Some(at("2026-01-31T18:00:00Z"))));
        assert!(!schedule.is_behind());
        // The next one after a change is at the same hour of the day.
        schedule.changed(at("2026-02-03T19:00:00Z"));
        assert_eq!(schedule.next(), Some(at("2026-02-04T18:00:00Z")));
        assert_eq!(schedule.seen(present(2)).unwrap().bytes, 1);
        schedule.catch_up(&present(2), at("2026-02-04T18:00:00Z"));
        assert_eq!(schedule.seen(present(9)).unwrap().bytes, 2);
    }

    #[test]
    fn live_is_the_present() {
        let mut schedule = InventorySchedule::new(InventoryMode::Live);
        schedule.changed(at("2026-01-31T06:00:00Z"));
        let seen = schedule.seen(present(5)).unwrap();
        assert_eq!((seen.bytes, seen.taken), (5, Some(at("2026-01-31T06:00:00Z"))));
        assert!(!schedule.is_behind());
    }
}

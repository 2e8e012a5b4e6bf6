//! When the inventory of a vault is taken: continuously, or once a day like the real service.

#[cfg(feature = "state")]
mod data;

use std::time::Duration;

#[cfg(feature = "state")]
pub(crate) use self::data::{InventoryData, ScheduleData};
use super::archive_list::ArchiveList;
use crate::domain::words::Timestamp;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// The time from the first upload to the first inventory. It is within the observed 5 to 20 hours (observed.md 3.2),
/// and below a day, so that a test that advances the clock by a day has an inventory.
const FIRST: Duration = Duration::from_secs(12 * 60 * 60);

/// The inventory that DescribeVault, inventory jobs and DeleteVault use.
///
/// ```
/// use glacier_mock::{GlacierMock, InventoryMode};
///
/// let mock = GlacierMock::builder().inventory(InventoryMode::daily()).start();
/// # drop(mock);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InventoryMode(Taken);

/// How often inventories are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Taken {
    #[default]
    Live,
    Daily,
}

impl InventoryMode {
    /// Shows the current archives. This is the default.
    pub fn live() -> Self {
        InventoryMode(Taken::Live)
    }

    /// Shows a snapshot, which is taken once a day on the mock's clock, for the first time 12 hours after the first
    /// upload. Its date changes only if the vault changed since the last one.
    pub fn daily() -> Self {
        InventoryMode(Taken::Daily)
    }
}

/// The archives of a vault at one moment.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    pub(crate) archives: ArchiveList,
    pub(crate) bytes: u128,
    /// `None` for a vault that was never written to.
    pub(crate) taken: Option<Timestamp>,
}

/// When the inventories of a vault are taken, and the last one.
#[derive(Debug, Default)]
pub(crate) struct InventorySchedule {
    mode: InventoryMode,
    first_change: Option<Timestamp>,
    last_change: Option<Timestamp>,
    /// Whether the last change was made after the snapshot. Their times may be equal, because a test may stop
    /// the clock.
    changed_since: bool,
    snapshot: Option<Snapshot>,
}

impl InventorySchedule {
    pub(crate) fn new(mode: InventoryMode) -> Self {
        InventorySchedule { mode, ..InventorySchedule::default() }
    }

    /// Records a change of the vault. Call [`catch_up`](Self::catch_up) with the archives from before the change first.
    pub(crate) fn changed(&mut self, now: Timestamp) {
        self.first_change.get_or_insert(now);
        self.last_change = Some(now);
        self.changed_since = true;
    }

    /// Returns the time of the next daily inventory, or `None` if the last inventory contains the last change.
    pub(crate) fn next(&self) -> Option<Timestamp> {
        let (first, changed) = (self.first_change?.after(FIRST), self.last_change?);
        if self.mode == InventoryMode::live() || !self.changed_since {
            return None;
        }
        let Some(late) = (changed >= first).then(|| changed.since(first)) else { return Some(first) };
        let days = u32::try_from(late.as_secs() / DAY.as_secs() + 1).unwrap_or(u32::MAX);
        Some(first.after(DAY.saturating_mul(days)))
    }

    /// Takes the inventory that is due. The vault has not changed since it was due, so the current archives are right.
    pub(crate) fn catch_up(&mut self, present: &Snapshot, now: Timestamp) {
        if let Some(due) = self.next().filter(|due| *due <= now) {
            self.snapshot = Some(Snapshot { taken: Some(due), ..present.clone() });
            self.changed_since = false;
        }
    }

    /// Takes an inventory now, when a test asks for it.
    pub(crate) fn take(&mut self, present: &Snapshot, now: Timestamp) {
        self.first_change.get_or_insert(now);
        self.snapshot = Some(Snapshot { taken: Some(now), ..present.clone() });
        self.changed_since = false;
    }

    /// Returns the inventory that the service uses; `None` before the first one.
    pub(crate) fn seen(&self, present: Snapshot) -> Option<Snapshot> {
        match self.mode.0 {
            Taken::Live => Some(Snapshot { taken: self.last_change, ..present }),
            Taken::Daily => self.snapshot.clone(),
        }
    }

    /// Returns whether the vault changed since the inventory that the service uses.
    pub(crate) fn is_behind(&self) -> bool {
        self.next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse::<Timestamp>().unwrap()
    }

    fn present(bytes: u128) -> Snapshot {
        Snapshot { archives: ArchiveList::default(), bytes, taken: None }
    }

    #[test]
    fn once_a_day_and_only_when_something_changed() {
        let mut schedule = InventorySchedule::new(InventoryMode::daily());
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
    fn a_change_at_the_time_of_an_inventory_is_in_the_next_one() {
        let mut schedule = InventorySchedule::new(InventoryMode::daily());
        schedule.changed(at("2026-01-31T06:00:00Z"));
        let due = at("2026-01-31T18:00:00Z");
        schedule.catch_up(&present(1), due);
        schedule.changed(due);
        assert_eq!((schedule.next(), schedule.is_behind()), (Some(at("2026-02-01T18:00:00Z")), true));
        // The same for an inventory that a test takes.
        schedule.take(&present(2), due);
        assert!(!schedule.is_behind());
        schedule.changed(due);
        assert!(schedule.is_behind());
        assert_eq!(schedule.seen(present(3)).unwrap().bytes, 2);
    }

    #[test]
    fn a_live_inventory_shows_the_current_archives() {
        let mut schedule = InventorySchedule::new(InventoryMode::live());
        schedule.changed(at("2026-01-31T06:00:00Z"));
        let seen = schedule.seen(present(5)).unwrap();
        assert_eq!((seen.bytes, seen.taken), (5, Some(at("2026-01-31T06:00:00Z"))));
        assert!(!schedule.is_behind());
    }
}

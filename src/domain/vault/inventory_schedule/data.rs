//! The inventories of a vault as plain data, to be saved and loaded.

use serde::{Deserialize, Serialize};

use super::{InventoryMode, InventorySchedule, Snapshot, Taken};
use crate::domain::vault::data::{Collector, Restored, optional_instant};
use crate::domain::words::Timestamp;

/// How often inventories are taken.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) enum InventoryData {
    Live,
    Daily,
}

/// When inventories were taken, and the last one. Times are milliseconds since 1970.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ScheduleData {
    mode: InventoryData,
    first_change: Option<i64>,
    last_change: Option<i64>,
    /// Absent in rows of earlier versions, which compared the times.
    #[serde(default)]
    changed_since: Option<bool>,
    snapshot: Option<SnapshotData>,
}

#[derive(Debug, Deserialize, Serialize)]
struct SnapshotData {
    archives: Option<usize>,
    bytes: u128,
    taken: Option<i64>,
}

impl InventoryMode {
    pub(crate) fn to_data(self) -> InventoryData {
        match self.0 {
            Taken::Live => InventoryData::Live,
            Taken::Daily => InventoryData::Daily,
        }
    }

    pub(crate) fn from_data(data: InventoryData) -> Self {
        match data {
            InventoryData::Live => InventoryMode::live(),
            InventoryData::Daily => InventoryMode::daily(),
        }
    }
}

impl InventorySchedule {
    pub(crate) fn to_data(&self, collector: &mut Collector) -> ScheduleData {
        ScheduleData {
            mode: self.mode.to_data(),
            first_change: self.first_change.map(Timestamp::as_milliseconds),
            last_change: self.last_change.map(Timestamp::as_milliseconds),
            changed_since: Some(self.changed_since),
            snapshot: self.snapshot.as_ref().map(|snapshot| SnapshotData {
                archives: collector.list(&snapshot.archives),
                bytes: snapshot.bytes,
                taken: snapshot.taken.map(Timestamp::as_milliseconds),
            }),
        }
    }

    pub(crate) fn from_data(data: &ScheduleData, restored: &Restored) -> Result<Self, String> {
        let snapshot = |data: &SnapshotData| {
            let (archives, taken) = (restored.list(data.archives)?, optional_instant(data.taken)?);
            Ok::<_, String>(Snapshot { archives, bytes: data.bytes, taken })
        };
        let taken = data.snapshot.as_ref().and_then(|snapshot| snapshot.taken);
        Ok(InventorySchedule {
            mode: InventoryMode::from_data(data.mode),
            first_change: optional_instant(data.first_change)?,
            last_change: optional_instant(data.last_change)?,
            changed_since: data.changed_since.unwrap_or(data.last_change > taken),
            snapshot: data.snapshot.as_ref().map(snapshot).transpose()?,
        })
    }
}

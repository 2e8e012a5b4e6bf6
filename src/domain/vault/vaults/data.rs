//! A vault as plain data, to be saved and loaded. The list of its archives and its size are computed.
//!
//! A vault is saved as several rows: one with its properties, and one for each archive, upload, part and job. Rows of the
//! first format had all of that in one.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{OVERHEAD, Stored, Vault, VaultRules};
use crate::domain::account::AccountRegion;
use crate::domain::vault::archive::Archive;
use crate::domain::vault::data::{Collector, Restored, parse};
use crate::domain::vault::inventory_schedule::{InventoryMode, InventorySchedule, ScheduleData};
use crate::domain::vault::job::data::topic;
use crate::domain::vault::jobs::{Jobs, JobsData, Schedule, VaultPlace};
use crate::domain::vault::lock::data::policy;
use crate::domain::vault::lock::{LockData, VaultLock};
use crate::domain::vault::notification::{JobEvent, Notifications};
use crate::domain::vault::page::{Markers, MarkersData};
use crate::domain::vault::tags::Tags;
use crate::domain::vault::uploads::{Uploads, UploadsData};
use crate::domain::words::{Timestamp, VaultName};

/// A vault and its contents. Times are milliseconds since 1970.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct VaultData {
    name: String,
    created: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    stored: Vec<StoredData>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    deleted: Vec<usize>,
    stored_before: u128,
    count_overhead: bool,
    inventories: ScheduleData,
    next_position: u64,
    jobs: JobsData,
    inventory_markers: MarkersData<u64>,
    uploads: UploadsData,
    tags: BTreeMap<String, String>,
    notifications: Option<NotificationsData>,
    access_policy: Option<String>,
    lock: Option<LockData>,
}

#[derive(Debug, Deserialize, Serialize)]
struct StoredData {
    position: u64,
    archive: usize,
    content: usize,
}

#[derive(Debug, Deserialize, Serialize)]
struct NotificationsData {
    topic: String,
    events: Vec<String>,
}

impl VaultData {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Adds a row of the vault. `kind` and what follows are the part of its key behind that of the vault.
    pub(crate) fn add(&mut self, kind: &str, key: &str, json: &[u8]) -> Result<(), String> {
        match kind {
            "stored" => self.stored.push(parse(key, json)?),
            "deleted" => self.deleted.push(parse(key, json)?),
            "job" => self.jobs.add(key, json)?,
            _ => self.uploads.add(kind, key, json)?,
        }
        Ok(())
    }
}

impl Vault {
    /// Collects the rows of the vault, below this key.
    pub(crate) fn collect(&self, key: &str, collector: &mut Collector) {
        collector.remove_below(format!("{key}/"));
        // Equal states are saved as equal files.
        let mut all: Vec<_> = self.stored.iter().collect();
        all.sort_unstable_by_key(|stored| stored.position);
        all.into_iter().for_each(|stored| collect_stored(key, stored, collector));
        let mut deleted: Vec<_> = self.deleted.values().collect();
        deleted.sort_unstable_by(|one, other| one.id.cmp(&other.id));
        deleted.into_iter().for_each(|archive| collect_deleted(key, archive, collector));
        self.uploads.collect(key, collector);
        self.jobs.collect(key, collector);
        let row = self.to_data(collector);
        collector.put_changed(key.to_owned(), &row);
    }

    /// From now on, changes are noted.
    pub(crate) fn note_all(&mut self) {
        self.changed_archives.take();
        self.uploads.note_all();
        self.jobs.note_all();
    }

    /// Collects the rows that have changed since the last call.
    pub(crate) fn collect_changes(&mut self, key: &str, collector: &mut Collector) {
        let Some(archives) = self.changed_archives.take() else {
            self.note_all();
            return self.collect(key, collector);
        };
        for id in archives {
            match self.stored.get(id.as_str()) {
                Some(stored) => collect_stored(key, stored, collector),
                None => collector.remove(format!("{key}/stored/{id}")),
            }
            match self.deleted.get(&id) {
                Some(deleted) => collect_deleted(key, deleted, collector),
                None => collector.remove(format!("{key}/deleted/{id}")),
            }
        }
        self.uploads.collect_changes(key, collector);
        self.jobs.collect_changes(key, collector);
        let row = self.to_data(collector);
        collector.put_changed(key.to_owned(), &row);
    }

    /// Returns the row with the properties of the vault.
    fn to_data(&self, collector: &mut Collector) -> VaultData {
        let notifications = self.notifications.as_ref().map(|set| NotificationsData {
            topic: set.topic.as_str().to_owned(),
            events: set.events.iter().map(|event| event.as_str().to_owned()).collect(),
        });
        VaultData {
            name: self.name.to_string(),
            created: self.created.as_milliseconds(),
            stored: Vec::new(),
            deleted: Vec::new(),
            stored_before: self.stored_before,
            count_overhead: self.overhead > 0,
            inventories: self.schedule.to_data(collector),
            next_position: self.next_position,
            jobs: self.jobs.to_data(),
            inventory_markers: self.inventory_markers.to_data(|position| *position),
            uploads: self.uploads.to_data(),
            tags: self.tags.to_data(),
            notifications,
            access_policy: self.access_policy.as_ref().map(|policy| policy.text().to_owned()),
            lock: self.lock.as_ref().map(VaultLock::to_data),
        }
    }

    /// Returns a vault as it was at `now`. Adds the ends of its jobs to the schedule.
    pub(crate) fn from_data(
        data: &VaultData,
        place: &AccountRegion,
        now: Timestamp,
        restored: &Restored,
        schedule: &mut Schedule,
    ) -> Result<Self, String> {
        let name = VaultName::parse(&data.name).ok_or_else(|| format!("{:?} is not the name of a vault", data.name))?;
        let rules = VaultRules {
            inventory: InventoryMode::live(),
            count_overhead: data.count_overhead,
            keep_idle_uploads: false,
        };
        let mut vault = Vault::new(place, &name, Timestamp::restored(data.created)?, rules);
        for stored in &data.stored {
            let (archive, content) = (restored.archive(stored.archive)?.clone(), restored.content(stored.content)?);
            if content.len() != archive.size() || stored.position > data.next_position {
                return Err(format!("the archive {} has another size or position", archive.id));
            }
            vault.bytes += vault.counted(&archive);
            vault.archives.insert(stored.position, archive.clone());
            vault.stored.insert(Stored { position: stored.position, archive, content });
        }
        for &deleted in &data.deleted {
            let archive = restored.archive(deleted)?.clone();
            vault.deleted.insert(archive.id.clone(), archive);
        }
        vault.stored_before = data.stored_before;
        vault.schedule = InventorySchedule::from_data(&data.inventories, restored)?;
        vault.next_position = data.next_position;
        let place = VaultPlace { place: place.clone(), vault: name };
        vault.jobs = Jobs::from_data(&data.jobs, place, now, restored, schedule)?;
        vault.inventory_markers = Markers::from_data(&data.inventory_markers, |position| Ok(*position))?;
        vault.uploads = Uploads::from_data(&data.uploads, restored)?;
        vault.tags = Tags::from_data(&data.tags);
        vault.notifications = data.notifications.as_ref().map(notifications).transpose()?;
        vault.access_policy = data.access_policy.as_deref().map(policy).transpose()?;
        vault.lock = data.lock.as_ref().map(VaultLock::from_data).transpose()?;
        debug_assert!(vault.overhead == 0 || vault.overhead == OVERHEAD);
        Ok(vault)
    }
}

fn collect_stored(key: &str, stored: &Stored, collector: &mut Collector) {
    let Stored { position, archive, content } = stored;
    let row =
        StoredData { position: *position, archive: collector.archive(archive), content: collector.content(content) };
    collector.put(format!("{key}/stored/{}", archive.id), &row);
}

fn collect_deleted(key: &str, archive: &Arc<Archive>, collector: &mut Collector) {
    let number = collector.archive(archive);
    collector.put(format!("{key}/deleted/{}", archive.id), &number);
}

fn notifications(data: &NotificationsData) -> Result<Notifications, String> {
    let events = JobEvent::parse_all(&data.events).map_err(|_| "a notification has an unknown event")?;
    Ok(Notifications { topic: topic(&data.topic)?, events })
}

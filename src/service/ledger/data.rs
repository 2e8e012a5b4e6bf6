//! The ledger as plain data, to be saved and loaded.

use serde::{Deserialize, Serialize};

use super::{Ledger, Started, StartedJob};
use crate::domain::account::AccountRegion;
use crate::domain::vault::{Collector, EndingData, Restored, Status, numbered, parse};
use crate::domain::words::{ArchiveId, JobId, LockId, Timestamp, UploadId, VaultName};
use crate::service::data::{PlaceName, vault_name};

/// What requests have started and not finished. Times are milliseconds since 1970.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct LedgerData {
    /// The texts are IDs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    uploads: Vec<(String, StartedData)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    locks: Vec<(String, StartedData)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    jobs: Vec<StartedJobData>,
    downloaded: Vec<(PlaceName, u128)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    arranged: Vec<String>,
    started: u64,
}

#[derive(Debug, Deserialize, Serialize)]
struct StartedData {
    place: PlaceName,
    vault: String,
    at: i64,
    order: u64,
}

#[derive(Debug, Deserialize, Serialize)]
struct StartedJobData {
    number: u64,
    id: String,
    started: StartedData,
    delivered: usize,
    is_of_request: bool,
    end: Option<EndingData>,
}

impl Started {
    fn to_data(&self) -> StartedData {
        StartedData {
            place: PlaceName::of(&self.place),
            vault: self.vault.to_string(),
            at: self.at.as_milliseconds(),
            order: self.order,
        }
    }

    fn from_data(data: &StartedData) -> Result<Self, String> {
        Ok(Started {
            place: data.place.place()?,
            vault: vault_name(&data.vault)?,
            at: Timestamp::restored(data.at)?,
            order: data.order,
        })
    }
}

impl StartedJob {
    fn to_data(&self, number: u64, collector: &mut Collector) -> StartedJobData {
        StartedJobData {
            number,
            id: self.id.to_string(),
            started: self.started.to_data(),
            delivered: collector.delivered(&self.delivered),
            is_of_request: self.is_of_request,
            end: self.end.as_ref().and_then(Status::to_data),
        }
    }

    fn from_data(data: &StartedJobData, restored: &Restored) -> Result<Self, String> {
        Ok(StartedJob {
            started: Started::from_data(&data.started)?,
            id: JobId::new(&*data.id),
            delivered: restored.delivered(data.delivered)?,
            is_of_request: data.is_of_request,
            end: data.end.as_ref().map(Status::from_data).transpose()?,
        })
    }
}

impl LedgerData {
    /// Adds a row of the ledger. `kind` is the part of its key behind `ledger`.
    pub(crate) fn add(&mut self, kind: &str, key: &str, json: &[u8]) -> Result<(), String> {
        match kind {
            "upload" => self.uploads.push(parse(key, json)?),
            "lock" => self.locks.push(parse(key, json)?),
            "job" => self.jobs.push(parse(key, json)?),
            "arranged" => self.arranged.push(parse(key, json)?),
            _ => return Err(format!("the kind of the row {key:?} is unknown")),
        }
        Ok(())
    }
}

impl Ledger {
    /// Collects all rows.
    pub(crate) fn collect(&self, collector: &mut Collector) {
        collector.remove_below("ledger/".into());
        sorted(self.uploads.keys()).for_each(|id| self.collect_upload(id, collector));
        sorted(self.locks.keys()).for_each(|(place, vault)| self.collect_lock(place, vault, collector));
        self.jobs.keys().for_each(|number| self.collect_job(*number, collector));
        sorted(self.arranged.iter()).for_each(|id| self.collect_arranged(id, collector));
        collector.put_changed("ledger".into(), &self.to_data());
    }

    /// From now on, changes are noted.
    pub(crate) fn note_all(&mut self) {
        self.changed_uploads.take();
        self.changed_locks.take();
        self.changed_jobs.take();
        self.changed_arranged.take();
    }

    /// Collects the rows that have changed since the last call.
    pub(crate) fn collect_changes(&mut self, collector: &mut Collector) {
        let (uploads, locks) = (self.changed_uploads.take(), self.changed_locks.take());
        let (jobs, arranged) = (self.changed_jobs.take(), self.changed_arranged.take());
        let (Some(uploads), Some(locks), Some(jobs), Some(arranged)) = (uploads, locks, jobs, arranged) else {
            return self.collect(collector);
        };
        uploads.iter().for_each(|id| self.collect_upload(id, collector));
        locks.iter().for_each(|(place, vault)| self.collect_lock(place, vault, collector));
        jobs.iter().for_each(|number| self.collect_job(*number, collector));
        arranged.iter().for_each(|id| self.collect_arranged(id, collector));
        collector.put_changed("ledger".into(), &self.to_data());
    }

    fn collect_upload(&self, id: &UploadId, collector: &mut Collector) {
        let key = format!("ledger/upload/{id}");
        match self.uploads.get(id) {
            Some(started) => collector.put(key, &(id.to_string(), started.to_data())),
            None => collector.remove(key),
        }
    }

    fn collect_lock(&self, place: &AccountRegion, vault: &VaultName, collector: &mut Collector) {
        let key = format!("ledger/lock/{}/{}/{vault}", place.account, place.region);
        match self.locks.get(&(place.clone(), vault.clone())) {
            Some((id, started)) => collector.put(key, &(id.to_string(), started.to_data())),
            None => collector.remove(key),
        }
    }

    fn collect_job(&self, number: u64, collector: &mut Collector) {
        let key = numbered("ledger/job", number);
        match self.jobs.get(&number) {
            Some(job) => {
                let row = job.to_data(number, collector);
                collector.put_changed(key, &row);
            }
            None => collector.remove(key),
        }
    }

    fn collect_arranged(&self, id: &ArchiveId, collector: &mut Collector) {
        let key = format!("ledger/arranged/{id}");
        if self.arranged.contains(id) {
            collector.put(key, &id.to_string());
        } else {
            collector.remove(key);
        }
    }

    /// Returns the row with what has no separate rows.
    fn to_data(&self) -> LedgerData {
        LedgerData {
            uploads: Vec::new(),
            locks: Vec::new(),
            jobs: Vec::new(),
            downloaded: sorted(self.downloaded.iter()).map(|(place, bytes)| (PlaceName::of(place), *bytes)).collect(),
            arranged: Vec::new(),
            started: self.started,
        }
    }

    pub(crate) fn from_data(data: &LedgerData, restored: &Restored) -> Result<Self, String> {
        let mut ledger = Ledger { started: data.started, ..Ledger::default() };
        for (id, started) in &data.uploads {
            ledger.uploads.insert(UploadId::new(&**id), Started::from_data(started)?);
        }
        for (id, started) in &data.locks {
            let started = Started::from_data(started)?;
            let place = (started.place.clone(), started.vault.clone());
            ledger.locks.insert(place, (LockId::new(&**id), started));
        }
        for job in &data.jobs {
            ledger.jobs.insert(job.number, StartedJob::from_data(job, restored)?);
        }
        for (place, bytes) in &data.downloaded {
            ledger.downloaded.insert(place.place()?, *bytes);
        }
        ledger.arranged = data.arranged.iter().map(|id| ArchiveId::new(&**id)).collect();
        Ok(ledger)
    }
}

/// Equal states are saved as equal files.
fn sorted<T: Ord>(keys: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    let mut keys: Vec<T> = keys.collect();
    keys.sort_unstable();
    keys.into_iter()
}

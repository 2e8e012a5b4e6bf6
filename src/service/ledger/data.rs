//! The ledger as plain data, to be saved and loaded.

use serde::{Deserialize, Serialize};

use super::{Ledger, Started, StartedJob};
use crate::domain::vault::{Collected, EndingData, Restored, Status};
use crate::domain::words::{ArchiveId, JobId, LockId, Timestamp, UploadId};
use crate::service::data::{PlaceName, vault_name};

/// What requests have started and not finished. Times are milliseconds since 1970.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct LedgerData {
    /// The texts are IDs.
    uploads: Vec<(String, StartedData)>,
    locks: Vec<(String, StartedData)>,
    jobs: Vec<StartedJobData>,
    downloaded: Vec<(PlaceName, u128)>,
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
    fn to_data(&self, number: u64, collected: &mut Collected) -> StartedJobData {
        StartedJobData {
            number,
            id: self.id.to_string(),
            started: self.started.to_data(),
            delivered: collected.delivered(&self.delivered),
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

impl Ledger {
    pub(crate) fn to_data(&self, collected: &mut Collected) -> LedgerData {
        let mut uploads: Vec<_> =
            self.uploads.iter().map(|(id, started)| (id.to_string(), started.to_data())).collect();
        let mut locks: Vec<_> = self.locks.values().map(|(id, started)| (id.to_string(), started.to_data())).collect();
        uploads.sort_unstable_by_key(|(_, started)| started.order);
        locks.sort_unstable_by_key(|(_, started)| started.order);
        let mut arranged: Vec<_> = self.arranged.iter().map(ArchiveId::to_string).collect();
        arranged.sort_unstable();
        LedgerData {
            uploads,
            locks,
            jobs: self.jobs.iter().map(|(number, job)| job.to_data(*number, collected)).collect(),
            downloaded: self.downloaded.iter().map(|(place, bytes)| (PlaceName::of(place), *bytes)).collect(),
            arranged,
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

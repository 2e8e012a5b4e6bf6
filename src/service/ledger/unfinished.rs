//! What requests have started and not finished, with how it stands now.

use std::sync::Arc;

use super::{Started, StartedJob};
use crate::domain::account::AccountRegion;
use crate::domain::vault::{Archive, LockState, Status};
use crate::domain::words::{JobId, LockId, Timestamp, UploadId, VaultName};
use crate::service::Service;
use crate::service::state::State;

/// Something that a request started and no request has finished.
#[derive(Clone, Debug)]
pub(crate) struct Unfinished {
    pub(crate) place: AccountRegion,
    pub(crate) vault: VaultName,
    pub(crate) since: Timestamp,
    pub(crate) what: UnfinishedKind,
    order: u64,
}

#[derive(Clone, Debug)]
pub(crate) enum UnfinishedKind {
    Upload {
        id: UploadId,
        expired: bool,
    },
    Lock {
        id: LockId,
        expired: bool,
    },
    JobInProgress {
        id: JobId,
    },
    /// The client received `arrived` bytes of the output.
    Output {
        id: JobId,
        arrived: u64,
        total: Option<u64>,
    },
}

/// An archive of a vault, and whether a request stored it.
#[derive(Clone, Debug)]
pub(crate) struct StoredArchive {
    pub(crate) archive: Arc<Archive>,
    pub(crate) is_of_request: bool,
}

impl State {
    pub(super) fn unfinished(&mut self, now: Timestamp) -> Vec<Unfinished> {
        let mut found = Vec::new();
        // The vaults need mutable access: looking at a lock removes it if it has expired.
        let ledger = std::mem::take(&mut self.ledger);
        for (id, started) in &ledger.uploads {
            let vault = self.vault(&started.place, started.vault.as_str());
            let expired = vault.is_none_or(|vault| vault.uploads.get(id, now).is_err());
            found.push(started.unfinished(UnfinishedKind::Upload { id: id.clone(), expired }));
        }
        for (id, started) in ledger.locks.values() {
            let lock = self.vault(&started.place, started.vault.as_str());
            let lock = lock.and_then(|vault| vault.current_lock(now).as_ref());
            let is_open = lock.is_some_and(|lock| lock.id == *id && lock.state != LockState::Locked);
            found.push(started.unfinished(UnfinishedKind::Lock { id: id.clone(), expired: !is_open }));
        }
        for job in ledger.jobs.values().filter(|job| job.is_of_request) {
            let vault = self.vault(&job.started.place, job.started.vault.as_str());
            let status = vault.and_then(|vault| vault.jobs.get(&job.id, now)).map(|found| found.status);
            found.extend(job.unfinished(status.as_ref().or(job.end.as_ref())));
        }
        self.ledger = ledger;
        found.sort_by_key(|unfinished| unfinished.order);
        found
    }
}

impl Started {
    pub(super) fn unfinished(&self, what: UnfinishedKind) -> Unfinished {
        let Started { place, vault, at, order } = self.clone();
        Unfinished { place, vault, since: at, what, order }
    }
}

impl StartedJob {
    /// Returns what is left of a job with this status; `None` is that of a job that was in progress when its vault was
    /// deleted.
    pub(super) fn unfinished(&self, status: Option<&Status>) -> Option<Unfinished> {
        match status? {
            Status::InProgress => Some(self.started.unfinished(UnfinishedKind::JobInProgress { id: self.id.clone() })),
            Status::Succeeded { at } => {
                let delivery = self.delivered.now();
                let (arrived, total) = (delivery.distinct, delivery.total);
                let what = UnfinishedKind::Output { id: self.id.clone(), arrived, total };
                let is_whole = total == Some(arrived);
                (!is_whole).then(|| Unfinished { since: *at, ..self.started.unfinished(what) })
            }
            Status::Failed { .. } => None,
        }
    }
}

impl Service {
    /// Returns what requests have started and not finished, in the order in which it was started.
    pub(crate) fn unfinished(&self) -> Vec<Unfinished> {
        self.announce();
        let mut state = self.lock();
        let now = self.now();
        state.unfinished(now)
    }

    /// Returns the archives of every vault, in the order in which they were uploaded.
    pub(crate) fn stored_archives(&self) -> Vec<(AccountRegion, VaultName, Vec<StoredArchive>)> {
        let state = self.lock();
        let stored = |archive: &Arc<Archive>| StoredArchive {
            archive: archive.clone(),
            is_of_request: !state.ledger.arranged.contains(&archive.id),
        };
        let mut all = Vec::new();
        for (place, account) in &state.places {
            for (name, vault) in &account.vaults.by_name {
                let archives = vault.archives().map(|(archive, _)| stored(archive)).collect();
                all.push((place.clone(), name.clone(), archives));
            }
        }
        all
    }
}

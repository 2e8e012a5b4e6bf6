//! The ledger: what requests have started and not finished.
//!
//! The state cannot tell: uploads and locks disappear when they expire, jobs a day after their end, and nothing in it
//! says whether a request or the test created something. The record may keep only the newest requests. So the service
//! keeps a small entry for each upload and lock in progress and for each job, behind its lock. A reset starts a new
//! ledger with the new state.

#[cfg(feature = "state")]
mod data;
mod unfinished;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::domain::account::AccountRegion;
use crate::domain::failure::Failure;
use crate::domain::vault::{Changes, Delivered, Job, Status, VaultPlace};
use crate::domain::words::{ArchiveId, JobId, LockId, Operation, Timestamp, UploadId, VaultName};

#[cfg(feature = "state")]
pub(super) use self::data::LedgerData;
pub(crate) use self::unfinished::{StoredArchive, Unfinished, UnfinishedKind};
use super::bounds::Bounds;
use super::command::{Command, VaultCommand};
use super::outcome::Outcome;
use super::state::State;

/// What requests have started and not finished.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) uploads: HashMap<UploadId, Started>,
    /// A vault has at most one lock.
    pub(super) locks: HashMap<(AccountRegion, VaultName), (LockId, Started)>,
    /// By the number of the job.
    pub(super) jobs: BTreeMap<u64, StartedJob>,
    /// The number of jobs at which those that can no longer change are removed.
    tidy_at: usize,
    /// The bytes that were downloaded from jobs that were removed here.
    pub(super) downloaded: HashMap<AccountRegion, u128>,
    /// The archives that the test stored, not a request.
    pub(super) arranged: HashSet<ArchiveId>,
    /// The number of uploads, locks and jobs so far, which orders them.
    started: u64,
    changed_uploads: Changes<UploadId>,
    changed_locks: Changes<(AccountRegion, VaultName)>,
    changed_jobs: Changes<u64>,
    changed_arranged: Changes<ArchiveId>,
}

/// Where and when something was started.
#[derive(Clone, Debug)]
pub(super) struct Started {
    place: AccountRegion,
    vault: VaultName,
    at: Timestamp,
    order: u64,
}

#[derive(Debug)]
pub(super) struct StartedJob {
    started: Started,
    id: JobId,
    delivered: Arc<Delivered>,
    /// Whether a request started the job or asked for its output. Other jobs belong to the test.
    is_of_request: bool,
    /// The status at the end. The vault forgets the job a day later.
    end: Option<Status>,
}

/// What the ledger needs of a command, which its execution consumes.
pub(super) struct Entry {
    pub(super) operation: Operation,
    pub(super) vault: Option<VaultName>,
    pub(super) upload: Option<UploadId>,
}

impl Entry {
    fn of(command: &Command) -> Self {
        let upload = match command {
            Command::OnVault(_, VaultCommand::UploadMultipartPart(part)) => Some(part.upload.clone()),
            Command::OnVault(_, VaultCommand::CompleteMultipartUpload(whole)) => Some(whole.upload.clone()),
            Command::OnVault(_, VaultCommand::AbortMultipartUpload(id)) => Some(id.clone()),
            _ => None,
        };
        Entry { operation: command.operation(), vault: command.vault().cloned(), upload }
    }
}

impl State {
    /// Applies a command as [`State::dispatch`] does, and enters its success in the ledger and in the charges.
    pub(super) fn execute(
        &mut self,
        place: &AccountRegion,
        now: Timestamp,
        command: Command,
        is_of_request: bool,
    ) -> Result<Outcome, Failure> {
        let entry = Entry::of(&command);
        let deleted = self.archive_to_delete(place, &command);
        let ends = self.ends(place, &entry, deleted.as_deref(), now);
        let outcome = self.dispatch(place, now, command);
        self.use_place(place);
        let outcome = outcome?;
        if let Some(deleted) = &deleted {
            // The test may have stored it.
            self.ledger.changed_arranged.note(|| deleted.id.clone());
            self.ledger.arranged.remove(&deleted.id);
        }
        if is_of_request {
            let deleted = entry.vault.clone().zip(deleted);
            self.charge(place, now, entry.operation, deleted, &outcome);
        }
        if let Some(vault) = &entry.vault {
            self.enter(place, vault, now, &entry, &outcome, is_of_request);
            if let Some(over) = ends {
                self.remember(|| Arc::new(VaultPlace { place: place.clone(), vault: vault.clone() }), over, now);
            }
        }
        Ok(outcome)
    }

    fn enter(
        &mut self,
        place: &AccountRegion,
        vault: &VaultName,
        now: Timestamp,
        entry: &Entry,
        outcome: &Outcome,
        is_of_request: bool,
    ) {
        let upload = entry.upload.as_ref();
        match (entry.operation, outcome) {
            (_, Outcome::UploadStarted { id, .. }) if is_of_request => {
                let started = self.ledger.start(place, vault, now);
                self.ledger.changed_uploads.note(|| id.clone());
                self.ledger.uploads.insert(id.clone(), started);
            }
            // A request that continues an upload of the test has to finish it.
            (Operation::UploadMultipartPart, _) if is_of_request => {
                let Some(id) = upload.filter(|id| !self.ledger.uploads.contains_key(*id)) else { return };
                let found = self.vault(place, vault.as_str()).and_then(|vault| vault.uploads.get(id, now).ok());
                let created = found.map_or(now, |upload| upload.created);
                let started = self.ledger.start(place, vault, created);
                self.ledger.changed_uploads.note(|| id.clone());
                self.ledger.uploads.insert(id.clone(), started);
            }
            (Operation::AbortMultipartUpload, _) => upload.into_iter().for_each(|id| self.ledger.end_upload(id)),
            (_, Outcome::ArchiveStored { id, .. }) => {
                upload.into_iter().for_each(|id| self.ledger.end_upload(id));
                if !is_of_request {
                    self.ledger.arrange(id.clone());
                }
            }
            (_, Outcome::LockStarted { id }) if is_of_request => {
                let started = self.ledger.start(place, vault, now);
                self.ledger.changed_locks.note(|| (place.clone(), vault.clone()));
                self.ledger.locks.insert((place.clone(), vault.clone()), (id.clone(), started));
            }
            (Operation::CompleteVaultLock | Operation::AbortVaultLock, _) => {
                self.ledger.changed_locks.note(|| (place.clone(), vault.clone()));
                self.ledger.locks.remove(&(place.clone(), vault.clone()));
            }
            (_, Outcome::JobStarted { job, .. }) => {
                self.ledger.start_job(place, vault, &job.job, is_of_request);
            }
            (_, Outcome::JobOutput(output)) if is_of_request => {
                let number = output.job_number();
                if let Some(job) = self.ledger.jobs.get_mut(&number) {
                    self.ledger.changed_jobs.note(|| number);
                    job.is_of_request = true;
                }
            }
            (Operation::DeleteVault, _) => self.ledger.vault_is_gone(place, vault),
            _ => {}
        }
        self.ledger.cut(self.settings.bounds);
    }
}

impl Ledger {
    fn start(&mut self, place: &AccountRegion, vault: &VaultName, at: Timestamp) -> Started {
        self.started += 1;
        Started { place: place.clone(), vault: vault.clone(), at, order: self.started }
    }

    fn start_job(&mut self, place: &AccountRegion, vault: &VaultName, job: &Job, is_of_request: bool) {
        self.tidy();
        let started = self.start(place, vault, job.created);
        let (id, delivered) = (job.id.clone(), job.delivered.clone());
        self.changed_jobs.note(|| job.number);
        self.jobs.insert(job.number, StartedJob { started, id, delivered, is_of_request, end: None });
    }

    /// Removes jobs that the service has forgotten and that left nothing open. Each look at all jobs follows as many new
    /// jobs as the look before has left, so the cost of a job does not grow.
    fn tidy(&mut self) {
        if self.jobs.len() < self.tidy_at {
            return;
        }
        let (downloaded, changed) = (&mut self.downloaded, &mut self.changed_jobs);
        self.jobs.retain(|number, job| {
            // The job has the other reference, and a download in progress has one too.
            let can_change = Arc::strong_count(&job.delivered) > 1;
            let is_open = job.is_of_request && job.unfinished(job.end.as_ref()).is_some();
            if !can_change && !is_open {
                changed.note(|| *number);
                *downloaded.entry(job.started.place.clone()).or_default() += u128::from(job.delivered.now().sent);
            }
            can_change || is_open
        });
        self.tidy_at = 2 * self.jobs.len() + 32;
    }

    /// Forgets the oldest uploads and jobs, if there are too many.
    fn cut(&mut self, bounds: Bounds) {
        for _ in 0..bounds.excess(self.jobs.len()) {
            let Some((number, job)) = self.jobs.pop_first() else { break };
            self.changed_jobs.note(|| number);
            *self.downloaded.entry(job.started.place).or_default() += u128::from(job.delivered.now().sent);
        }
        let excess = bounds.excess(self.uploads.len());
        if excess > 0 {
            let mut orders: Vec<_> = self.uploads.values().map(|started| started.order).collect();
            orders.sort_unstable();
            let changed = &mut self.changed_uploads;
            self.uploads.retain(|id, started| {
                let stays = started.order > orders[excess - 1];
                if !stays {
                    changed.note(|| id.clone());
                }
                stays
            });
        }
    }

    /// Forgets what was downloaded by an account in a region.
    pub(super) fn forget_place(&mut self, place: &AccountRegion) {
        self.downloaded.remove(place);
    }

    /// Forgets that the test stored these archives.
    pub(super) fn archives_are_gone<'a>(&mut self, archives: impl Iterator<Item = &'a ArchiveId>) {
        for id in archives {
            self.changed_arranged.note(|| id.clone());
            self.arranged.remove(id);
        }
    }

    /// Forgets all jobs, which the test removed. What was downloaded from them still counts.
    #[cfg(feature = "standalone")]
    pub(super) fn jobs_are_gone(&mut self) {
        for (number, job) in std::mem::take(&mut self.jobs) {
            self.changed_jobs.note(|| number);
            *self.downloaded.entry(job.started.place).or_default() += u128::from(job.delivered.now().sent);
        }
    }

    /// Notes that the test stored an archive.
    pub(super) fn arrange(&mut self, id: ArchiveId) {
        self.changed_arranged.note(|| id.clone());
        self.arranged.insert(id);
    }

    /// Removes an upload that was completed or aborted.
    fn end_upload(&mut self, id: &UploadId) {
        self.changed_uploads.note(|| id.clone());
        self.uploads.remove(id);
    }

    /// Records how a job ended.
    pub(super) fn job_ended(&mut self, number: u64, status: &Status) {
        if let Some(job) = self.jobs.get_mut(&number) {
            self.changed_jobs.note(|| number);
            job.end = Some(status.clone());
        }
    }

    /// Returns the number of bytes of outputs that were sent to clients, each time that they were sent.
    pub(super) fn downloaded(&self, place: &AccountRegion) -> u128 {
        let jobs = self.jobs.values().filter(|job| job.started.place == *place);
        let of_jobs: u128 = jobs.map(|job| u128::from(job.delivered.now().sent)).sum();
        of_jobs + self.downloaded.get(place).copied().unwrap_or_default()
    }

    /// Forgets the uploads and the lock of a vault that was deleted with them. A new vault may have the same name.
    pub(super) fn vault_is_gone(&mut self, place: &AccountRegion, vault: &VaultName) {
        let changed = &mut self.changed_uploads;
        self.uploads.retain(|id, started| {
            let stays = started.place != *place || started.vault != *vault;
            if !stays {
                changed.note(|| id.clone());
            }
            stays
        });
        self.changed_locks.note(|| (place.clone(), vault.clone()));
        self.locks.remove(&(place.clone(), vault.clone()));
    }
}

#[cfg(test)]
mod tests;

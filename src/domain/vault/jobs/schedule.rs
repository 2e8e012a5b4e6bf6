//! The ends of the jobs of all vaults, in the order of announcement.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::account::AccountRegion;
use crate::domain::words::{JobId, Timestamp, VaultName};

/// When each job in progress ends, over all vaults; jobs whose end is not known yet are absent.
///
/// Only [`Jobs`](super::Jobs) adds and removes ends: its methods that may change the end of a job take the schedule.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    /// By time, then by the number of the job.
    ends: BTreeMap<(Timestamp, u64), DueJob>,
    jobs_numbered: u64,
}

/// A job that has ended and is not announced yet.
#[derive(Clone, Debug)]
pub(crate) struct DueJob {
    pub(crate) place: Arc<VaultPlace>,
    pub(crate) id: JobId,
    /// When it ended.
    pub(crate) at: Timestamp,
}

/// The account, the region and the name of a vault.
#[derive(Debug)]
pub(crate) struct VaultPlace {
    pub(crate) place: AccountRegion,
    pub(crate) vault: VaultName,
}

impl Schedule {
    /// Returns the number of the next job. Numbers order the jobs of all vaults by their start.
    pub(crate) fn next_number(&mut self) -> u64 {
        self.jobs_numbered += 1;
        self.jobs_numbered
    }

    /// Returns how many jobs have a number.
    #[cfg(feature = "state")]
    pub(crate) fn jobs_numbered(&self) -> u64 {
        self.jobs_numbered
    }

    /// Returns a schedule without ends, after this number of jobs.
    #[cfg(feature = "state")]
    pub(crate) fn after_jobs(jobs_numbered: u64) -> Self {
        Schedule { jobs_numbered, ..Schedule::default() }
    }

    /// Returns when the next job ends.
    pub(crate) fn next_end(&self) -> Option<Timestamp> {
        self.ends.first_key_value().map(|((at, _), _)| *at)
    }

    /// Removes and returns the first job that has ended by `now`. The caller must pass it to
    /// [`Jobs::settle`](super::Jobs::settle).
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Option<DueJob> {
        let first = self.ends.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(first.remove())
    }

    pub(super) fn add(&mut self, number: u64, due: DueJob) {
        self.ends.insert((due.at, number), due);
    }

    pub(super) fn remove(&mut self, number: u64, at: Timestamp) {
        self.ends.remove(&(at, number));
    }
}

//! The jobs of a vault in the order in which they were started, and the only place that decides how a job ends.
//!
//! The end of a job is recorded in two places: the [`Schedule`] has the ends that are not announced yet, and the lists
//! by status have the jobs whose end was announced. `start`, `poll`, `decide` and `discard` update the schedule;
//! `settle` moves a job from the schedule to the lists. The lists keep the cost of a page of jobs with one status
//! independent of the number of other jobs.

#[cfg(feature = "state")]
mod data;

mod schedule;
mod scheduled;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

#[cfg(feature = "state")]
pub(crate) use self::data::{EndingData, JobsData};
use super::changes::Changes;
use super::event::Event;
use super::job::{Ending, Job, JobAt, JobKind, JobStatus, Status, Verdict};
use super::page::Markers;
use crate::domain::account::AccountRegion;
use crate::domain::words::{ArchiveId, JobId, Timestamp};

pub(crate) use super::jobs::schedule::{DueJob, Schedule, VaultPlace};
pub(crate) use super::jobs::scheduled::ScheduledJob;

/// All jobs that a vault knows.
#[derive(Debug)]
pub(crate) struct Jobs {
    place: Arc<VaultPlace>,
    /// By position. Positions only grow, so the order of the list and the meaning of a marker do not change.
    known: BTreeMap<u64, ScheduledJob>,
    positions: HashMap<JobId, u64>,
    next_position: u64,
    in_progress: BTreeSet<u64>,
    succeeded: BTreeSet<u64>,
    failed: BTreeSet<u64>,
    /// Settled jobs, by the time at which they expire.
    ended: BTreeSet<(Timestamp, u64)>,
    pub(crate) markers: Markers<u64>,
    /// The positions of jobs that started, changed or were forgotten, or whose output was asked for.
    changed: Changes<u64>,
}

/// A decision of the test about a job.
#[derive(Clone, Debug)]
pub(crate) enum Decision {
    /// The job ends now, successfully.
    Complete,
    /// The job ends now as Failed, with this StatusMessage.
    Fail(String),
    /// The job stays in progress until a later decision.
    Hold,
    /// The job expires now, not 24 hours after its end.
    Expire,
}

/// Why a decision about a job cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JobError {
    /// The job does not exist or has expired.
    Gone,
    /// The job has the wrong status for the decision.
    Is(JobStatus),
}

impl Jobs {
    pub(crate) fn new(place: VaultPlace) -> Self {
        Jobs {
            place: place.into(),
            known: BTreeMap::new(),
            positions: HashMap::new(),
            next_position: 0,
            in_progress: BTreeSet::new(),
            succeeded: BTreeSet::new(),
            failed: BTreeSet::new(),
            ended: BTreeSet::new(),
            markers: Markers::default(),
            changed: Changes::default(),
        }
    }

    /// Adds a job that was created now. Returns its state.
    pub(crate) fn start(&mut self, job: Job, ending: Ending, schedule: &mut Schedule) -> JobAt {
        self.forget(job.created);
        self.next_position += 1;
        let position = self.next_position;
        self.positions.insert(job.id.clone(), position);
        self.in_progress.insert(position);
        let job = ScheduledJob { job: job.into(), ending: Ending::Manual, is_expired: false };
        let started = ScheduledJob { ending: ending.clone(), ..job.clone() }.at(job.job.created);
        self.changed.note(|| position);
        self.known.insert(position, job);
        self.set_ending(position, ending, schedule);
        started
    }

    /// Counts a poll by a client, which may end the job. Returns the job as the client sees it.
    pub(crate) fn poll(&mut self, id: &JobId, now: Timestamp, schedule: &mut Schedule) -> Option<JobAt> {
        let position = self.position(id, now)?;
        self.changed.note(|| position);
        if let Ending::AfterPolls(left) = self.known.get(&position)?.ending {
            let ending = left.checked_sub(1).map_or(Ending::At(now, Verdict::Succeeds), Ending::AfterPolls);
            self.set_ending(position, ending, schedule);
        }
        self.known.get(&position).map(|job| job.at(now))
    }

    /// Applies a decision of the test.
    pub(crate) fn decide(
        &mut self,
        id: &JobId,
        decision: Decision,
        now: Timestamp,
        schedule: &mut Schedule,
    ) -> Result<(), JobError> {
        let position = self.position(id, now).ok_or(JobError::Gone)?;
        let scheduled = self.known.get_mut(&position).ok_or(JobError::Gone)?;
        let status = scheduled.status(now);
        let ending = match (decision, &status) {
            (Decision::Complete, Status::InProgress) => Ending::At(now, Verdict::Succeeds),
            (Decision::Fail(message), Status::InProgress) => Ending::At(now, Verdict::Fails(message)),
            (Decision::Hold, Status::InProgress) => Ending::Manual,
            (Decision::Expire, Status::Succeeded { .. } | Status::Failed { .. }) => {
                scheduled.is_expired = true;
                self.changed.note(|| position);
                return Ok(());
            }
            _ => return Err(JobError::Is(status.code())),
        };
        self.set_ending(position, ending, schedule);
        Ok(())
    }

    /// Sets how a job ends, and updates the schedule accordingly.
    fn set_ending(&mut self, position: u64, ending: Ending, schedule: &mut Schedule) {
        let Some(ScheduledJob { job, ending: current, .. }) = self.known.get_mut(&position) else { return };
        if let Ending::At(at, _) = *current {
            schedule.remove(job.number, at);
        }
        if let Ending::At(at, _) = ending {
            schedule.add(job.number, DueJob { place: self.place.clone(), id: job.id.clone(), at });
        }
        *current = ending;
        self.changed.note(|| position);
    }

    /// Moves a job that has ended to the list of its status, and returns its state at its end, to be announced. Returns
    /// `None` for an unknown job, which may belong to a deleted vault of the same name.
    pub(crate) fn settle(&mut self, due: &DueJob) -> Option<JobAt> {
        let &position = self.positions.get(&due.id)?;
        let scheduled = self.known.get(&position)?;
        let job = scheduled.at(due.at);
        let list = match job.status.code() {
            JobStatus::InProgress => return None,
            JobStatus::Succeeded => &mut self.succeeded,
            JobStatus::Failed => &mut self.failed,
        };
        list.insert(position);
        self.in_progress.remove(&position);
        self.ended.extend(scheduled.expires(due.at).map(|expires| (expires, position)));
        Some(job)
    }

    /// Removes all jobs with their vault, without announcing them. Returns the numbers of those that were in progress.
    pub(crate) fn discard(&mut self, schedule: &mut Schedule) -> Vec<u64> {
        let in_progress: Vec<_> = self.in_progress.iter().copied().collect();
        let mut numbers = Vec::new();
        for position in in_progress {
            self.set_ending(position, Ending::Manual, schedule);
            numbers.extend(self.known.get(&position).map(|scheduled| scheduled.job.number));
        }
        numbers
    }

    /// Frees the memory of expired jobs. They are hidden from the time when they expire.
    fn forget(&mut self, now: Timestamp) {
        while let Some(&(_, position)) = self.ended.first().filter(|(at, _)| *at <= now) {
            self.ended.pop_first();
            self.succeeded.remove(&position);
            self.failed.remove(&position);
            self.remove(position);
        }
    }

    fn remove(&mut self, position: u64) {
        self.changed.note(|| position);
        if let Some(gone) = self.known.remove(&position) {
            self.positions.remove(&gone.job.id);
        }
    }

    /// Forgets a job whose end was announced, as if it had expired. Does nothing if it has expired already.
    pub(crate) fn forget_ended(&mut self, id: &JobId, now: Timestamp) {
        let Some(&position) = self.positions.get(id) else { return };
        if self.succeeded.remove(&position) | self.failed.remove(&position) {
            let expires = self.known.get(&position).and_then(|known| known.expires(now));
            expires.map(|expires| self.ended.remove(&(expires, position)));
            self.remove(position);
        }
    }

    /// Forgets the jobs that retrieved one of these archives and whose end was announced. Looks at all jobs.
    pub(crate) fn forget_retrievals(&mut self, archives: &HashSet<ArchiveId>, now: Timestamp) {
        let retrieves = |job: &Job| match &job.kind {
            JobKind::Archive(retrieval) => archives.contains(&retrieval.archive.id),
            JobKind::Inventory(_) => false,
        };
        let known = self.known.values().filter(|known| retrieves(&known.job));
        let ids: Vec<_> = known.map(|known| known.job.id.clone()).collect();
        ids.iter().for_each(|id| self.forget_ended(id, now));
    }

    /// Returns the lengths of all lists of jobs.
    #[cfg(all(test, feature = "standalone"))]
    pub(crate) fn counts(&self) -> [(&'static str, usize); 7] {
        [
            ("jobs", self.known.len()),
            ("job IDs", self.positions.len()),
            ("jobs in progress", self.in_progress.len()),
            ("succeeded jobs", self.succeeded.len()),
            ("failed jobs", self.failed.len()),
            ("ended jobs", self.ended.len()),
            ("markers of jobs", self.markers.len()),
        ]
    }

    fn position(&self, id: &JobId, now: Timestamp) -> Option<u64> {
        let &position = self.positions.get(id)?;
        (!self.known.get(&position)?.is_gone(now)).then_some(position)
    }

    pub(crate) fn get(&self, id: &JobId, now: Timestamp) -> Option<JobAt> {
        Some(self.known.get(&self.position(id, now)?)?.at(now))
    }

    /// Returns the account and the region of the vault.
    pub(crate) fn place(&self) -> &AccountRegion {
        &self.place.place
    }

    /// Returns what will happen to each job after `now` because time passes, and when.
    pub(crate) fn events(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, Event)> {
        self.all(now).flat_map(move |job| job.events(&self.place, now))
    }

    /// Returns all jobs that have not expired.
    pub(crate) fn all(&self, now: Timestamp) -> impl Iterator<Item = &ScheduledJob> {
        self.known.values().filter(move |job| !job.is_gone(now))
    }

    /// Returns the jobs from a position on that have a wanted status. Every job that has ended by `now` must be
    /// settled.
    pub(crate) fn with_status(
        &self,
        wanted: impl Fn(JobStatus) -> bool,
        from: u64,
        now: Timestamp,
    ) -> impl Iterator<Item = (u64, JobAt)> {
        let lists = [
            (JobStatus::InProgress, &self.in_progress),
            (JobStatus::Succeeded, &self.succeeded),
            (JobStatus::Failed, &self.failed),
        ];
        let lists = lists.into_iter().filter(|(code, _)| wanted(*code));
        let mut lists: Vec<_> = lists.map(|(_, list)| list.range(from..).copied().peekable()).collect();
        let positions = std::iter::from_fn(move || {
            let next = lists.iter_mut().filter_map(|list| list.peek().copied().map(|position| (position, list)));
            next.min_by_key(|(position, _)| *position)?.1.next()
        });
        let jobs = positions.filter_map(|position| Some((position, self.known.get(&position)?)));
        let known = jobs.filter(move |(_, job)| !job.is_gone(now)).map(move |(position, job)| (position, job.at(now)));
        known.filter(move |(_, job)| wanted(job.status.code()))
    }
}

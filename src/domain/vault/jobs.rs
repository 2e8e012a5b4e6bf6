//! The jobs of a vault, in the order in which they were asked for, and the only place that decides how a job ends.
//!
//! A job's end is in two books: the [`Schedule`] has the ends that are not announced yet, and the lists by status have the
//! jobs whose end was announced. `start`, `poll`, `decide` and `discard` keep the first, `settle` moves a job from the
//! first to the second. With the lists, to find a job and to cut a page of those with a status costs the same however
//! many jobs there are.

mod schedule;
mod scheduled;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::job::{Ending, Job, JobAt, Status, StatusCode, Verdict};
use super::page::Markers;
use crate::domain::words::{JobId, Timestamp};

pub(crate) use super::jobs::schedule::{DueJob, Schedule, VaultPlace};
pub(crate) use super::jobs::scheduled::ScheduledJob;

/// All jobs that a vault knows.
#[derive(Debug)]
pub(crate) struct Jobs {
    place: Arc<VaultPlace>,
    /// By position. Positions only grow, so the list keeps its order and a marker its place.
    known: BTreeMap<u64, ScheduledJob>,
    positions: HashMap<JobId, u64>,
    next_position: u64,
    in_progress: BTreeSet<u64>,
    succeeded: BTreeSet<u64>,
    failed: BTreeSet<u64>,
    /// Settled jobs by the moment at which the service forgets them.
    ended: BTreeSet<(Timestamp, u64)>,
    pub(crate) markers: Markers<u64>,
}

/// What a test decides about a job.
#[derive(Clone, Debug)]
pub(crate) enum Decision {
    /// It ends now, successfully.
    Complete,
    /// It ends now as Failed, with this StatusMessage.
    Fail(String),
    /// It stays in progress until a later decision.
    Hold,
    /// The service forgets it, as it would 24 hours after its end.
    Expire,
}

/// Why a decision about a job cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum JobError {
    /// The service does not know the job, or has forgotten it.
    Gone,
    /// The job has the wrong status for the decision.
    Is(StatusCode),
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
        }
    }

    /// Adds a job, which was created now.
    pub(crate) fn start(&mut self, job: Job, ending: Ending, schedule: &mut Schedule) {
        self.forget(job.created);
        self.next_position += 1;
        let position = self.next_position;
        self.positions.insert(job.id.clone(), position);
        self.in_progress.insert(position);
        self.known.insert(position, ScheduledJob { job: job.into(), ending: Ending::Manual, is_expired: false });
        self.set_ending(position, ending, schedule);
    }

    /// A client looks at a job, which may be the look that ends it. Returns what the client sees.
    pub(crate) fn poll(&mut self, id: &JobId, now: Timestamp, schedule: &mut Schedule) -> Option<JobAt> {
        let position = self.position(id, now)?;
        if let Ending::AfterPolls(left) = self.known.get(&position)?.ending {
            let ending = left.checked_sub(1).map_or(Ending::At(now, Verdict::Succeeds), Ending::AfterPolls);
            self.set_ending(position, ending, schedule);
        }
        self.known.get(&position).map(|job| job.at(now))
    }

    /// Does with a job what a test decides.
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
                return Ok(());
            }
            _ => return Err(JobError::Is(status.code())),
        };
        self.set_ending(position, ending, schedule);
        Ok(())
    }

    /// Writes how a job ends, and keeps the schedule in step with it.
    fn set_ending(&mut self, position: u64, ending: Ending, schedule: &mut Schedule) {
        let Some(ScheduledJob { job, ending: current, .. }) = self.known.get_mut(&position) else { return };
        if let Ending::At(at, _) = *current {
            schedule.remove(job.number, at);
        }
        if let Ending::At(at, _) = ending {
            schedule.add(job.number, DueJob { place: self.place.clone(), id: job.id.clone(), at });
        }
        *current = ending;
    }

    /// Moves a job that has ended to the list of its status, and returns it as it was at its end, to be announced. `None`
    /// if the vault does not know it: an older vault of the same name may have had it.
    pub(crate) fn settle(&mut self, due: &DueJob) -> Option<JobAt> {
        let &position = self.positions.get(&due.id)?;
        let scheduled = self.known.get(&position)?;
        let job = scheduled.at(due.at);
        let list = match job.status.code() {
            StatusCode::InProgress => return None,
            StatusCode::Succeeded => &mut self.succeeded,
            StatusCode::Failed => &mut self.failed,
        };
        list.insert(position);
        self.in_progress.remove(&position);
        self.ended.extend(scheduled.expires(due.at).map(|expires| (expires, position)));
        Some(job)
    }

    /// Removes every job with its vault, without an announcement. Returns the numbers of those that were in progress.
    pub(crate) fn discard(mut self, schedule: &mut Schedule) -> Vec<u64> {
        let in_progress: Vec<_> = self.in_progress.iter().copied().collect();
        let mut numbers = Vec::new();
        for position in in_progress {
            self.set_ending(position, Ending::Manual, schedule);
            numbers.extend(self.known.get(&position).map(|scheduled| scheduled.job.number));
        }
        numbers
    }

    /// Frees the memory of jobs that the service has forgotten. They stopped to show when their time had come.
    fn forget(&mut self, now: Timestamp) {
        while let Some(&(_, position)) = self.ended.first().filter(|(at, _)| *at <= now) {
            self.ended.pop_first();
            self.succeeded.remove(&position);
            self.failed.remove(&position);
            if let Some(gone) = self.known.remove(&position) {
                self.positions.remove(&gone.job.id);
            }
        }
    }

    fn position(&self, id: &JobId, now: Timestamp) -> Option<u64> {
        let &position = self.positions.get(id)?;
        (!self.known.get(&position)?.is_gone(now)).then_some(position)
    }

    pub(crate) fn get(&self, id: &JobId, now: Timestamp) -> Option<JobAt> {
        Some(self.known.get(&self.position(id, now)?)?.at(now))
    }

    /// All jobs that are not forgotten.
    pub(crate) fn all(&self, now: Timestamp) -> impl Iterator<Item = &ScheduledJob> {
        self.known.values().filter(move |job| !job.is_gone(now))
    }

    /// The jobs from a position on whose status is one of these. Every job that has ended by `now` must be settled.
    pub(crate) fn with_status(
        &self,
        wanted: impl Fn(StatusCode) -> bool,
        from: u64,
        now: Timestamp,
    ) -> impl Iterator<Item = (u64, JobAt)> {
        let lists = [
            (StatusCode::InProgress, &self.in_progress),
            (StatusCode::Succeeded, &self.succeeded),
            (StatusCode::Failed, &self.failed),
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

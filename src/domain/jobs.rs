//! The jobs of a vault, in the order in which they were asked for.
//!
//! However many there are, finding one and cutting a page of those with a status costs the same: those that have ended
//! are noted as such when somebody settles what time has brought.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::id::JobId;
use super::job::{Ending, Job, JobAt, ScheduledJob, StatusCode};
use super::page::Markers;
use super::timestamp::Timestamp;

/// All jobs that a vault knows.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    /// By position. Positions only grow, so the list keeps its order and a marker its place.
    known: BTreeMap<u64, ScheduledJob>,
    positions: HashMap<JobId, u64>,
    next_position: u64,
    in_progress: BTreeSet<u64>,
    succeeded: BTreeSet<u64>,
    failed: BTreeSet<u64>,
    /// By when they will be forgotten.
    ended: BTreeSet<(Timestamp, u64)>,
    pub(crate) markers: Markers<u64>,
}

impl Jobs {
    pub(crate) fn start(&mut self, job: Job, ending: Ending, now: Timestamp) {
        self.forget(now);
        self.next_position += 1;
        self.positions.insert(job.id.clone(), self.next_position);
        self.in_progress.insert(self.next_position);
        self.known.insert(self.next_position, ScheduledJob { job: job.into(), ending, expired: false });
    }

    /// Those that are gone do not show any more; here their memory goes too.
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

    /// A job has ended at this moment, for good. Until this is said it is found among those in progress.
    pub(crate) fn note_end(&mut self, id: &str, at: Timestamp) {
        let Some(&position) = self.positions.get(id) else { return };
        let Some(job) = self.known.get(&position) else { return };
        let list = match job.status(at).code() {
            StatusCode::InProgress => return,
            StatusCode::Succeeded => &mut self.succeeded,
            StatusCode::Failed => &mut self.failed,
        };
        list.insert(position);
        self.in_progress.remove(&position);
        self.ended.extend(job.expires(at).map(|expires| (expires, position)));
    }

    pub(crate) fn get(&self, id: &str, now: Timestamp) -> Option<JobAt> {
        let job = self.known.get(self.positions.get(id)?)?;
        (!job.is_gone(now)).then(|| job.at(now))
    }

    /// A job for the test to decide about, or that a client looks at.
    pub(crate) fn get_mut(&mut self, id: &str, now: Timestamp) -> Option<&mut ScheduledJob> {
        let job = self.known.get_mut(self.positions.get(id)?)?;
        (!job.is_gone(now)).then_some(job)
    }

    /// All of them.
    pub(crate) fn all(&self, now: Timestamp) -> impl Iterator<Item = &ScheduledJob> {
        self.known.values().filter(move |job| !job.is_gone(now))
    }

    /// Those from a position on whose status is one of these. Every end up to `now` must have been noted.
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::archive_list::{ArchiveList, Period, Window};
    use crate::domain::description::Description;
    use crate::domain::inventory::InventoryRetrieval;
    use crate::domain::inventory_format::Format;
    use crate::domain::job::{JobKind, Status, Verdict};
    use proptest::prelude::*;

    fn at(hour: u64) -> Timestamp {
        Timestamp::parse("2026-01-31T00:00:00Z").unwrap().after(Duration::from_secs(hour * 3600))
    }

    fn job(n: u64) -> Job {
        let kind = JobKind::Inventory(InventoryRetrieval {
            vault_arn: "arn".into(),
            taken: at(0),
            archives: ArchiveList::default(),
            format: Format::Json,
            page: Window::starting_at(0, Period::default()),
            limit: None,
            next: None,
        });
        Job::new(JobId::new(format!("{n}")), n, kind, Description::default(), None, at(0))
    }

    proptest! {
        /// The oracle looks at every job. Each hour may bring a job, and notes the ends.
        #[test]
        fn lists_by_status_are_what_a_look_at_every_job_finds(
            endings in proptest::collection::vec(proptest::option::of((0u64..60, any::<bool>())), 1..60),
            wanted in proptest::collection::vec(any::<bool>(), 3),
            from in 0u64..60,
        ) {
            let mut jobs = Jobs::default();
            let mut oracle: Vec<(String, Option<(Timestamp, bool)>)> = Vec::new();
            for (n, ending) in endings.iter().enumerate() {
                let now = at(n as u64);
                for (id, end) in &oracle {
                    if let Some((end, _)) = end && *end <= now {
                        jobs.note_end(id, *end);
                    }
                }
                let end = ending.map(|(hours, succeeds)| (at(n as u64 + hours + 1), succeeds));
                let scheduled = end.map_or(Ending::Manual, |(end, succeeds)| {
                    Ending::At(end, if succeeds { Verdict::Succeeds } else { Verdict::Fails("no".into()) })
                });
                jobs.start(job(n as u64), scheduled, now);
                oracle.push((n.to_string(), end));

                let is_wanted = |code| wanted[match code {
                    StatusCode::InProgress => 0,
                    StatusCode::Succeeded => 1,
                    StatusCode::Failed => 2,
                }];
                let expected: Vec<_> = oracle.iter().enumerate().filter(|(position, (_, end))| {
                    let code = match end {
                        Some((end, true)) if *end <= now => StatusCode::Succeeded,
                        Some((end, false)) if *end <= now => StatusCode::Failed,
                        _ => StatusCode::InProgress,
                    };
                    let gone = end.is_some_and(|(end, _)| end.after(Duration::from_secs(24 * 3600)) <= now);
                    *position as u64 + 1 >= from && !gone && is_wanted(code)
                }).map(|(_, (id, _))| id.clone()).collect();
                let seen: Vec<_> = jobs.with_status(is_wanted, from, now).map(|(_, job)| job.job.id.to_string()).collect();
                prop_assert_eq!(seen, expected);
            }
        }
    }

    #[test]
    fn jobs_that_are_gone_take_no_memory_even_behind_one_that_hangs() {
        let mut jobs = Jobs::default();
        jobs.start(job(0), Ending::Manual, at(0));
        for n in 1..100 {
            let end = Ending::Ended(Status::Succeeded { at: at(0) });
            jobs.start(job(n), end, at(0));
            jobs.note_end(&n.to_string(), at(0));
        }
        assert_eq!(jobs.known.len(), 100);
        jobs.start(job(100), Ending::Manual, at(24));
        assert_eq!((jobs.known.len(), jobs.positions.len(), jobs.succeeded.len(), jobs.ended.len()), (2, 2, 0, 0));
    }
}

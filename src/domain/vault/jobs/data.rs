//! The jobs of a vault as plain data, to be saved and loaded. The schedule and the lists by status are rebuilt.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{DueJob, Jobs, Schedule, ScheduledJob, VaultPlace};
use crate::domain::vault::data::{Collector, Restored, numbered, parse};
use crate::domain::vault::job::{Ending, Job, JobAt, JobData, JobStatus, Status, Verdict};
use crate::domain::vault::page::{Markers, MarkersData};
use crate::domain::words::Timestamp;

/// All jobs that a vault knows.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct JobsData {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    known: Vec<ScheduledData>,
    next_position: u64,
    markers: MarkersData<u64>,
}

#[derive(Debug, Deserialize, Serialize)]
struct ScheduledData {
    position: u64,
    job: JobData,
    ending: EndingData,
    is_expired: bool,
}

/// When and how a job ends or has ended. Times are milliseconds since 1970, and the texts are messages of failures.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) enum EndingData {
    SucceedsAt(i64),
    FailsAt(i64, String),
    AfterPolls(u32),
    Manual,
}

impl Ending {
    fn to_data(&self) -> EndingData {
        match self {
            Ending::At(at, Verdict::Succeeds) => EndingData::SucceedsAt(at.as_milliseconds()),
            Ending::At(at, Verdict::Fails(message)) => EndingData::FailsAt(at.as_milliseconds(), message.clone()),
            Ending::AfterPolls(polls) => EndingData::AfterPolls(*polls),
            Ending::Manual => EndingData::Manual,
        }
    }

    fn from_data(data: &EndingData) -> Result<Self, String> {
        Ok(match data {
            EndingData::SucceedsAt(at) => Ending::At(Timestamp::restored(*at)?, Verdict::Succeeds),
            EndingData::FailsAt(at, message) => Ending::At(Timestamp::restored(*at)?, Verdict::Fails(message.clone())),
            EndingData::AfterPolls(polls) => Ending::AfterPolls(*polls),
            EndingData::Manual => Ending::Manual,
        })
    }
}

impl Status {
    /// Returns the status of a job that has ended.
    pub(crate) fn to_data(&self) -> Option<EndingData> {
        match self {
            Status::InProgress => None,
            Status::Succeeded { at } => Some(EndingData::SucceedsAt(at.as_milliseconds())),
            Status::Failed { at, message } => Some(EndingData::FailsAt(at.as_milliseconds(), message.clone())),
        }
    }

    pub(crate) fn from_data(data: &EndingData) -> Result<Self, String> {
        match Ending::from_data(data)? {
            Ending::At(at, Verdict::Succeeds) => Ok(Status::Succeeded { at }),
            Ending::At(at, Verdict::Fails(message)) => Ok(Status::Failed { at, message }),
            Ending::AfterPolls(_) | Ending::Manual => Err("a job that has ended is in progress".into()),
        }
    }
}

impl JobAt {
    /// Returns a job that has ended.
    pub(crate) fn ended(job: Job, status: Status) -> Self {
        JobAt { job: Arc::new(job), status, awaited: None }
    }
}

impl JobsData {
    /// Adds the row of a job.
    pub(crate) fn add(&mut self, key: &str, json: &[u8]) -> Result<(), String> {
        self.known.push(parse(key, json)?);
        Ok(())
    }
}

impl Jobs {
    /// Collects the rows of all jobs, below the key of their vault.
    pub(crate) fn collect(&self, vault: &str, collector: &mut Collector) {
        self.known.keys().for_each(|position| self.collect_job(vault, *position, collector));
    }

    /// From now on, changes are noted.
    pub(crate) fn note_all(&mut self) {
        self.changed.take();
    }

    /// Collects the rows that have changed since the last call.
    pub(crate) fn collect_changes(&mut self, vault: &str, collector: &mut Collector) {
        match self.changed.take() {
            None => {
                collector.remove_below(format!("{vault}/job/"));
                self.collect(vault, collector);
            }
            Some(changed) => changed.into_iter().for_each(|position| self.collect_job(vault, position, collector)),
        }
    }

    fn collect_job(&self, vault: &str, position: u64, collector: &mut Collector) {
        let key = numbered(&format!("{vault}/job"), position);
        let Some(known) = self.known.get(&position) else { return collector.remove(key) };
        let row = ScheduledData {
            position,
            job: known.job.to_data(collector),
            ending: known.ending.to_data(),
            is_expired: known.is_expired,
        };
        collector.put_changed(key, &row);
    }

    /// Returns the part of the vault's row about its jobs.
    pub(crate) fn to_data(&self) -> JobsData {
        let markers = self.markers.to_data(|position| *position);
        JobsData { known: Vec::new(), next_position: self.next_position, markers }
    }

    /// Returns the jobs of a vault, whose ends by `now` were announced. Adds the other ends to the schedule.
    pub(crate) fn from_data(
        data: &JobsData,
        place: VaultPlace,
        now: Timestamp,
        restored: &Restored,
        schedule: &mut Schedule,
    ) -> Result<Self, String> {
        let mut jobs = Jobs::new(place);
        jobs.next_position = data.next_position;
        jobs.markers = Markers::from_data(&data.markers, |position| Ok(*position))?;
        for known in &data.known {
            let (position, job) = (known.position, Job::from_data(&known.job, restored)?);
            let ending = Ending::from_data(&known.ending)?;
            jobs.positions.insert(job.id.clone(), position);
            jobs.in_progress.insert(position);
            let due = DueJob { place: jobs.place.clone(), id: job.id.clone(), at: now };
            let known = ScheduledJob { job: job.into(), ending: Ending::Manual, is_expired: known.is_expired };
            jobs.known.insert(position, known);
            match ending {
                Ending::At(at, _) if at <= now => {
                    if let Some(known) = jobs.known.get_mut(&position) {
                        known.ending = ending;
                    }
                    jobs.settle(&DueJob { at, ..due });
                }
                ending => jobs.set_ending(position, ending, schedule),
            }
        }
        debug_assert!(jobs.in_progress.iter().all(|position| {
            jobs.known.get(position).is_some_and(|known| known.status(now).code() == JobStatus::InProgress)
        }));
        Ok(jobs)
    }
}

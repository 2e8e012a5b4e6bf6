//! The jobs of a mock: a test reads them, waits for them, and decides how they end.

use std::sync::Arc;

use crate::domain::vault::{Decision, JobAt, JobError, Status};
use crate::domain::words::JobId;
use crate::mock::Mock;
use crate::service::{FoundJob, JobTiming};

use super::error::ControlError;
use super::until::Wait;

/// One job.
#[derive(Clone, Debug)]
pub(crate) struct JobControl {
    mock: Arc<Mock>,
    /// The job, its vault, and its state at the time when it was found.
    place: FoundJob,
}

impl JobControl {
    pub(crate) fn new(mock: Arc<Mock>, place: FoundJob) -> Self {
        JobControl { mock, place }
    }

    /// Returns all jobs that the service knows now, of all accounts and regions, in the order in which they were
    /// started.
    pub(crate) fn all(mock: &Arc<Mock>) -> Vec<Self> {
        mock.service.jobs().into_iter().map(|place| JobControl::new(mock.clone(), place)).collect()
    }

    /// Returns the wait for a job in progress. Its result is the oldest one.
    pub(crate) fn wait_for_one(mock: Arc<Mock>) -> Wait<JobControl> {
        let oldest = |jobs: Vec<FoundJob>| jobs.into_iter().find(|place| place.seen.status == Status::InProgress);
        let (waiting, looking) = (mock.clone(), mock.clone());
        let arrival = async move { JobControl::new(waiting.clone(), waiting.service.wait_for_jobs(oldest).await) };
        Wait::new(mock, arrival)
            .looking_last(move || oldest(looking.service.jobs()).map(|place| JobControl::new(looking, place)))
    }

    pub(crate) fn mock(&self) -> &Arc<Mock> {
        &self.mock
    }

    /// Returns the job, its vault, and its state at the time when it was found.
    pub(crate) fn place(&self) -> &FoundJob {
        &self.place
    }

    pub(crate) fn id(&self) -> &JobId {
        &self.place.seen.job.id
    }

    /// Returns the job as it is now.
    pub(crate) fn now(&self) -> Result<JobAt, ControlError> {
        self.mock.service.job(&self.place).ok_or_else(|| self.gone())
    }

    /// Completes the job, makes it fail, keeps it in progress, or makes the service forget it.
    pub(crate) fn decide(&self, decision: Decision) -> Result<(), ControlError> {
        let expires = matches!(decision, Decision::Expire);
        self.mock.service.decide_job(&self.place, decision).map_err(|error| match error {
            JobError::Gone => self.gone(),
            JobError::Is(_) if expires => ControlError::conflict(format!(
                "job {} is still in progress, so it has no output that could expire",
                self.id()
            )),
            JobError::Is(status) => {
                ControlError::conflict(format!("job {} has already ended: {}", self.id(), status.as_str()))
            }
        })
    }

    fn gone(&self) -> ControlError {
        ControlError::not_found(format!(
            "the service no longer knows job {}: it ended more than 24 hours ago, was expired, or vault {:?} was deleted",
            self.id(),
            self.place.vault.as_str()
        ))
    }
}

/// Sets when the jobs that are started from now on complete.
pub(crate) fn set_timing(mock: &Mock, timing: JobTiming) {
    mock.service.set_job_timing(timing);
}

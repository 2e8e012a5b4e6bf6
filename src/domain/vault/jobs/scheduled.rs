//! A job with its ending. Its status is computed when it is read.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::account::AccountRegion;
use crate::domain::vault::event::Event;
use crate::domain::vault::job::{Awaited, Ending, Job, JobAt, JobKind, Status, Verdict};
use crate::domain::vault::jobs::schedule::VaultPlace;
use crate::domain::words::Timestamp;

/// A job and its output expire this long after the job's end (api.md section 5).
const KEPT_AFTER_COMPLETION: Duration = Duration::from_secs(24 * 60 * 60);

/// A job and how it ends. Only `Jobs` changes it.
#[derive(Clone, Debug)]
pub(crate) struct ScheduledJob {
    pub(super) job: Arc<Job>,
    pub(super) ending: Ending,
    /// Whether the test expired the job early.
    pub(super) is_expired: bool,
}

impl ScheduledJob {
    /// Returns the status that a client sees now.
    pub(super) fn status(&self, now: Timestamp) -> Status {
        match (&self.ending, &self.job.kind) {
            (Ending::AfterPolls(_) | Ending::Manual, _) => Status::InProgress,
            (Ending::At(at, _), _) if now < *at => Status::InProgress,
            (Ending::At(at, Verdict::Fails(message)), _) => Status::Failed { at: *at, message: message.clone() },
            (Ending::At(at, Verdict::Succeeds), JobKind::Archive(retrieval)) if retrieval.is_lost_by(*at) => {
                // Ours: no source has the text of the service (observed.md 3.4).
                let message = format!("The archive ID was not found: {}", retrieval.archive.id);
                Status::Failed { at: *at, message }
            }
            (Ending::At(at, Verdict::Succeeds), _) => Status::Succeeded { at: *at },
        }
    }

    /// Returns whether the job has expired.
    pub(super) fn is_gone(&self, now: Timestamp) -> bool {
        self.is_expired || self.expires(now).is_some_and(|at| at <= now)
    }

    /// Returns when the job expires; `None` while it is in progress.
    pub(super) fn expires(&self, now: Timestamp) -> Option<Timestamp> {
        self.status(now).completed_at().map(|at| at.after(KEPT_AFTER_COMPLETION))
    }

    /// Returns what will happen to the job after `now` because time passes, and when: its end, and the expiry of its
    /// output.
    pub(crate) fn events(&self, place: &VaultPlace, now: Timestamp) -> impl Iterator<Item = (Timestamp, Event)> {
        let VaultPlace { place: AccountRegion { account, region }, vault } = place;
        let (account, region, vault, job) = (*account, region.to_string(), vault.to_string(), self.job.id.clone());
        let end = match self.ending {
            Ending::At(at, _) if self.status(now) == Status::InProgress => Some(at),
            _ => None,
        };
        let completed = end.map(|at| {
            let (region, vault, job) = (region.clone(), vault.clone(), job.clone());
            (at, Event::JobCompleted { account, region, vault, job, status: self.status(at).code() })
        });
        let expires = self.expires(end.unwrap_or(now));
        let expired = expires.map(|at| (at, Event::OutputExpired { account, region, vault, job }));
        completed.into_iter().chain(expired)
    }

    /// Returns the job as a client sees it now.
    pub(crate) fn at(&self, now: Timestamp) -> JobAt {
        let status = self.status(now);
        let awaited = if status == Status::InProgress { Some(self.awaited()) } else { None };
        JobAt { job: self.job.clone(), status, awaited }
    }

    fn awaited(&self) -> Awaited {
        match self.ending {
            Ending::At(at, _) => Awaited::Time(at),
            Ending::AfterPolls(_) => Awaited::Polls,
            Ending::Manual => Awaited::Test,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::vault::archive::{Archive, StoredBytes};
    use crate::domain::vault::job::{ArchiveRetrieval, JobStatus, Tier};
    use crate::domain::words::{ArchiveId, Description, JobId};

    fn at(second: u8) -> Timestamp {
        format!("2026-01-31T00:00:{second:02}Z").parse::<Timestamp>().unwrap()
    }

    fn retrieval(with_body: bool, ending: Ending) -> (Arc<Archive>, ScheduledJob) {
        let body = StoredBytes::of(vec![7; 10]).unwrap();
        let archive = Archive::new(ArchiveId::new("a"), Description::default(), at(0), &body).unwrap();
        let kind = JobKind::Archive(ArchiveRetrieval {
            archive: archive.clone(),
            content: with_body.then_some(body.content),
            range: archive.bytes(),
            tier: Tier::Standard,
        });
        let job = Job::new(JobId::new("j"), 1, kind, Description::default(), None, at(0));
        (archive, ScheduledJob { job: job.into(), ending, is_expired: false })
    }

    #[test]
    fn a_job_succeeds_at_its_end_time() {
        let (_, job) = retrieval(true, Ending::At(at(5), Verdict::Succeeds));
        assert_eq!(job.status(at(4)), Status::InProgress);
        assert_eq!(job.status(at(5)), Status::Succeeded { at: at(5) });
        assert_eq!(retrieval(true, Ending::Manual).1.status(at(59)), Status::InProgress);
    }

    /// A job fails if the archive is deleted while it runs. A completed job keeps its output (api.md section 4).
    #[test]
    fn deleting_the_archive_fails_jobs_in_progress() {
        let (archive, job) = retrieval(true, Ending::At(at(5), Verdict::Succeeds));
        archive.delete(at(4));
        assert_eq!(job.status(at(4)), Status::InProgress);
        assert_eq!(job.status(at(5)).code(), JobStatus::Failed);

        let (archive, job) = retrieval(true, Ending::At(at(5), Verdict::Succeeds));
        archive.delete(at(6));
        assert_eq!(job.status(at(9)).code(), JobStatus::Succeeded);

        let (_, job) = retrieval(false, Ending::At(at(0), Verdict::Succeeds));
        assert_eq!(job.status(at(0)).code(), JobStatus::Failed);
    }

    #[test]
    fn a_completed_job_expires_after_a_day() {
        let (_, job) = retrieval(true, Ending::At(at(5), Verdict::Succeeds));
        let day_later = |second: u8| format!("2026-02-01T00:00:{second:02}Z").parse::<Timestamp>().unwrap();
        assert!(!job.is_gone(day_later(4)));
        assert!(job.is_gone(day_later(5)));
        assert!(!retrieval(true, Ending::Manual).1.is_gone(day_later(59)));
    }
}

//! A job: a retrieval that ends by itself at some moment, or when the test says so. Its state is computed when read.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::archive::Archive;
use super::content::Content;
use super::description::Description;
use super::digest::Digest;
use super::id::JobId;
use super::inventory::InventoryRetrieval;
use super::notification::Topic;
use super::range::ByteRange;
use super::timestamp::Timestamp;

/// A job and its output stay for this long after its end (api.md section 5).
pub(crate) const KEPT_AFTER_COMPLETION: Duration = Duration::from_secs(24 * 60 * 60);

/// How fast, and for how much, an archive is retrieved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    Expedited,
    Standard,
    Bulk,
}

impl Tier {
    pub(crate) fn parse(tier: &str) -> Option<Self> {
        [Tier::Expedited, Tier::Standard, Tier::Bulk].into_iter().find(|known| known.as_str() == tier)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Tier::Expedited => "Expedited",
            Tier::Standard => "Standard",
            Tier::Bulk => "Bulk",
        }
    }
}

/// What a job brings.
#[derive(Clone, Debug)]
pub(crate) enum JobKind {
    Archive(ArchiveRetrieval),
    Inventory(InventoryRetrieval),
}

/// A retrieval of an archive or of a part of it.
#[derive(Clone, Debug)]
pub(crate) struct ArchiveRetrieval {
    pub(crate) archive: Arc<Archive>,
    /// Absent only if the archive was gone when the job was asked for; such a job fails.
    pub(crate) content: Option<Content>,
    pub(crate) range: ByteRange,
    pub(crate) tier: Tier,
}

impl ArchiveRetrieval {
    /// Deleted before it was asked for, or before it was complete. What was complete keeps its output.
    fn is_lost_by(&self, completed: Timestamp) -> bool {
        self.content.is_none() || self.archive.deleted().is_some_and(|deleted| deleted < completed)
    }

    /// The tree hash of the range, where it is a node of the archive's tree.
    pub(crate) fn tree_hash(&self) -> Option<Digest> {
        if self.range == self.archive.bytes() {
            return Some(self.archive.tree_hash());
        }
        self.tree_hash_of(ByteRange::whole(self.range.len())?)
    }

    /// The tree hash of a part of the output, if the job's range and that part are both aligned.
    pub(crate) fn tree_hash_of(&self, part: ByteRange) -> Option<Digest> {
        let total = self.archive.size();
        let aligned = self.range.is_tree_hash_aligned(total) && part.is_tree_hash_aligned(self.range.len());
        aligned.then(|| self.archive.leaves.root_of_range(part.shifted_by(self.range.first())))
    }
}

/// The state of a job as clients see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    InProgress,
    Succeeded { at: Timestamp },
    Failed { at: Timestamp, message: String },
}

impl Status {
    /// The StatusCode of the API.
    pub(crate) fn code(&self) -> StatusCode {
        match self {
            Status::InProgress => StatusCode::InProgress,
            Status::Succeeded { .. } => StatusCode::Succeeded,
            Status::Failed { .. } => StatusCode::Failed,
        }
    }

    pub(crate) fn completed_at(&self) -> Option<Timestamp> {
        match self {
            Status::InProgress => None,
            Status::Succeeded { at } | Status::Failed { at, .. } => Some(*at),
        }
    }
}

/// The StatusCode of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatusCode {
    /// The job is not done yet.
    InProgress,
    /// Its output can be had.
    Succeeded,
    /// It ended without output; the StatusMessage says why.
    Failed,
}

impl StatusCode {
    pub(crate) fn parse(code: &str) -> Option<Self> {
        [StatusCode::InProgress, StatusCode::Succeeded, StatusCode::Failed]
            .into_iter()
            .find(|known| known.as_str() == code)
    }

    /// The word that the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            StatusCode::InProgress => "InProgress",
            StatusCode::Succeeded => "Succeeded",
            StatusCode::Failed => "Failed",
        }
    }
}

/// When and how a job ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// By itself, at this moment.
    At(Timestamp, Verdict),
    /// After so many more polls have found it in progress.
    AfterPolls(u32),
    /// Not before the test says so.
    Manual,
    /// It has.
    Ended(Status),
}

/// What becomes of a job that ends by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Succeeds,
    Fails(String),
}

/// A retrieval that a client asked for: all of it that never changes.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    /// Counts the jobs of the whole service, so that they have one order.
    pub(crate) number: u64,
    pub(crate) kind: JobKind,
    pub(crate) description: Description,
    pub(crate) sns_topic: Option<Topic>,
    pub(crate) created: Timestamp,
    inventory: OnceLock<Content>,
}

impl Job {
    pub(crate) fn new(
        id: JobId,
        number: u64,
        kind: JobKind,
        description: Description,
        sns_topic: Option<Topic>,
        created: Timestamp,
    ) -> Self {
        Job { id, number, kind, description, sns_topic, created, inventory: OnceLock::new() }
    }

    /// The output, as a range of a content.
    pub(crate) fn output(&self) -> (Content, ByteRange) {
        match &self.kind {
            JobKind::Archive(retrieval) => {
                let content = retrieval.content.clone().unwrap_or_default();
                (content, retrieval.range)
            }
            JobKind::Inventory(retrieval) => {
                let content = self.inventory.get_or_init(|| retrieval.output()).clone();
                let whole = content.whole();
                (content, whole)
            }
        }
    }
}

/// A job and the moment it ends.
#[derive(Clone, Debug)]
pub(crate) struct ScheduledJob {
    pub(crate) job: Arc<Job>,
    pub(crate) ending: Ending,
    /// The test wants its output gone before the day is over.
    pub(crate) expired: bool,
}

impl ScheduledJob {
    /// What a client sees now.
    pub(crate) fn status(&self, now: Timestamp) -> Status {
        let status = match &self.ending {
            Ending::At(at, _) if now < *at => return Status::InProgress,
            Ending::At(at, Verdict::Succeeds) => Status::Succeeded { at: *at },
            Ending::At(at, Verdict::Fails(message)) => Status::Failed { at: *at, message: message.clone() },
            Ending::AfterPolls(_) | Ending::Manual => return Status::InProgress,
            Ending::Ended(status) => status.clone(),
        };
        match (&status, &self.job.kind) {
            (Status::Succeeded { at }, JobKind::Archive(retrieval)) if retrieval.is_lost_by(*at) => {
                // Ours: nobody has published what the service says here (observed.md 3.4).
                let message = format!("The archive ID was not found: {}", retrieval.archive.id);
                Status::Failed { at: *at, message }
            }
            _ => status,
        }
    }

    /// Whether it has been complete for so long that the service has forgotten it.
    pub(crate) fn is_gone(&self, now: Timestamp) -> bool {
        self.expired || self.expires(now).is_some_and(|at| at <= now)
    }

    /// When the service will forget it, once it has ended.
    pub(crate) fn expires(&self, now: Timestamp) -> Option<Timestamp> {
        self.status(now).completed_at().map(|at| at.after(KEPT_AFTER_COMPLETION))
    }

    /// A client looks at it. Whether this look was what it waited for.
    pub(crate) fn poll(&mut self, now: Timestamp) -> bool {
        match &mut self.ending {
            Ending::AfterPolls(0) => {
                self.ending = Ending::Ended(Status::Succeeded { at: now });
                true
            }
            Ending::AfterPolls(left) => {
                *left -= 1;
                false
            }
            Ending::At(..) | Ending::Manual | Ending::Ended(_) => false,
        }
    }

    pub(crate) fn at(&self, now: Timestamp) -> JobAt {
        let status = self.status(now);
        let awaited = if status == Status::InProgress { self.awaited() } else { None };
        JobAt { job: self.job.clone(), status, awaited }
    }

    fn awaited(&self) -> Option<Awaited> {
        match &self.ending {
            Ending::At(at, _) => Some(Awaited::Time(*at)),
            Ending::AfterPolls(_) => Some(Awaited::Polls),
            Ending::Manual => Some(Awaited::Test),
            Ending::Ended(_) => None,
        }
    }
}

/// A job as it is at one moment.
#[derive(Clone, Debug)]
pub(crate) struct JobAt {
    pub(crate) job: Arc<Job>,
    pub(crate) status: Status,
    /// `None` once it has ended.
    pub(crate) awaited: Option<Awaited>,
}

/// What a job in progress waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// This instant of the mock's clock.
    Time(Timestamp),
    /// More polls.
    Polls,
    /// A decision of the test: it does not end by itself.
    Test,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::archive::StoredBytes;
    use crate::domain::id::ArchiveId;

    fn at(second: u8) -> Timestamp {
        Timestamp::parse(&format!("2026-01-31T00:00:{second:02}Z")).unwrap()
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
        (archive, ScheduledJob { job: job.into(), ending, expired: false })
    }

    #[test]
    fn a_job_succeeds_when_its_time_has_come() {
        let (_, job) = retrieval(true, Ending::At(at(5), Verdict::Succeeds));
        assert_eq!(job.status(at(4)), Status::InProgress);
        assert_eq!(job.status(at(5)), Status::Succeeded { at: at(5) });
        assert_eq!(retrieval(true, Ending::Manual).1.status(at(59)), Status::InProgress);
    }

    #[test]
    fn a_job_ends_after_so_many_polls() {
        let (_, mut job) = retrieval(true, Ending::AfterPolls(2));
        let mut poll = |second| {
            job.poll(at(second));
            job.status(at(second)).code()
        };
        let polls = [1, 2, 3, 4].map(&mut poll);
        assert_eq!(
            polls,
            [StatusCode::InProgress, StatusCode::InProgress, StatusCode::Succeeded, StatusCode::Succeeded]
        );
        assert_eq!(job.status(at(9)), Status::Succeeded { at: at(3) });
    }

    /// Deleted while the job runs: it fails. Deleted afterwards: the output stays (api.md section 4).
    #[test]
    fn deleting_the_archive_fails_what_is_not_complete() {
        let (archive, job) = retrieval(true, Ending::At(at(5), Verdict::Succeeds));
        archive.delete(at(4));
        assert_eq!(job.status(at(4)), Status::InProgress);
        assert_eq!(job.status(at(5)).code(), StatusCode::Failed);

        let (archive, job) = retrieval(true, Ending::At(at(5), Verdict::Succeeds));
        archive.delete(at(6));
        assert_eq!(job.status(at(9)).code(), StatusCode::Succeeded);

        let (_, job) = retrieval(false, Ending::At(at(0), Verdict::Succeeds));
        assert_eq!(job.status(at(0)).code(), StatusCode::Failed);
    }

    #[test]
    fn a_completed_job_is_forgotten_after_a_day() {
        let (_, job) = retrieval(true, Ending::At(at(5), Verdict::Succeeds));
        let day_later = |second: u8| Timestamp::parse(&format!("2026-02-01T00:00:{second:02}Z")).unwrap();
        assert!(!job.is_gone(day_later(4)));
        assert!(job.is_gone(day_later(5)));
        assert!(!retrieval(true, Ending::Manual).1.is_gone(day_later(59)));
    }
}

//! A job: a retrieval of an archive or an inventory, and its state as clients see it. `jobs` decides when it ends.

#[cfg(feature = "state")]
pub(super) mod data;

use std::sync::{Arc, OnceLock};

use std::fmt;

#[cfg(feature = "state")]
pub(crate) use self::data::JobData;
use super::archive::Archive;
use super::delivered::Delivered;
use super::inventory::InventoryRetrieval;
use super::notification::Topic;
use crate::domain::bytes::{ByteRange, Content, Digest};
use crate::domain::words::{Description, JobId, Timestamp};
use crate::text::word_enum;

word_enum! {
    /// The tier of an archive retrieval, which determines its speed and price.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum Tier {
        /// Takes 1 to 5 minutes, according to AWS.
        Expedited = "Expedited",
        /// Takes 3 to 5 hours, according to AWS. This is the default of the service.
        Standard = "Standard",
        /// Takes 5 to 12 hours, according to AWS.
        Bulk = "Bulk",
    }
}

/// Writes the word that the API uses.
impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The retrieval that a job performs.
#[derive(Clone, Debug)]
pub(crate) enum JobKind {
    Archive(ArchiveRetrieval),
    Inventory(InventoryRetrieval),
}

/// A retrieval of an archive or of a part of it.
#[derive(Clone, Debug)]
pub(crate) struct ArchiveRetrieval {
    pub(crate) archive: Arc<Archive>,
    /// `None` only if the archive had been deleted when the job was started; such a job fails.
    pub(crate) content: Option<Content>,
    pub(crate) range: ByteRange,
    pub(crate) tier: Tier,
}

impl ArchiveRetrieval {
    /// Returns whether the archive was deleted before the job completed. A completed job keeps its output.
    pub(super) fn is_lost_by(&self, completed: Timestamp) -> bool {
        self.content.is_none() || self.archive.deleted().is_some_and(|deleted| deleted < completed)
    }

    /// Returns the tree hash of the range, if it is a node of the archive's hash tree.
    pub(crate) fn tree_hash(&self) -> Option<Digest> {
        if self.range == self.archive.bytes() {
            return Some(self.archive.tree_hash());
        }
        self.tree_hash_of(ByteRange::whole(self.range.len())?)
    }

    /// Returns the tree hash of a part of the output, if both the job's range and that part are tree-hash aligned.
    pub(crate) fn tree_hash_of(&self, part: ByteRange) -> Option<Digest> {
        let total = self.archive.size();
        let aligned = self.range.is_tree_hash_aligned(total) && part.is_tree_hash_aligned(self.range.len());
        self.archive.leaves.root_of_range(part.shifted_by(self.range.first())).filter(|_| aligned)
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
    /// Returns the StatusMessage of a job with this status.
    pub(crate) fn message(&self) -> Option<&str> {
        match self {
            Status::InProgress => None,
            Status::Succeeded { .. } => Some("Succeeded"),
            Status::Failed { message, .. } => Some(message),
        }
    }

    /// Returns the status without its details.
    pub(crate) fn code(&self) -> JobStatus {
        match self {
            Status::InProgress => JobStatus::InProgress,
            Status::Succeeded { .. } => JobStatus::Succeeded,
            Status::Failed { .. } => JobStatus::Failed,
        }
    }

    pub(crate) fn completed_at(&self) -> Option<Timestamp> {
        match self {
            Status::InProgress => None,
            Status::Succeeded { at } | Status::Failed { at, .. } => Some(*at),
        }
    }
}

word_enum! {
    /// The status of a job, which the API calls StatusCode.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    #[non_exhaustive]
    pub enum JobStatus {
        /// The job has not ended yet.
        InProgress = "InProgress",
        /// The output can be downloaded.
        Succeeded = "Succeeded",
        /// The job ended without output; the StatusMessage gives the reason.
        Failed = "Failed",
    }
}

/// Writes the word that the API uses.
impl fmt::Display for JobStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// When and how a job ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// At this time, which may be in the past.
    At(Timestamp, Verdict),
    /// At the poll that follows this number of polls that find the job in progress.
    AfterPolls(u32),
    /// When the test decides it.
    Manual,
}

/// How a job ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Succeeds,
    Fails(String),
}

/// The immutable part of a job.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: JobId,
    /// The number of the job in the whole service, which orders the jobs of all vaults.
    pub(crate) number: u64,
    pub(crate) kind: JobKind,
    pub(crate) description: Description,
    pub(crate) sns_topic: Option<Topic>,
    pub(crate) created: Timestamp,
    /// The bytes of the output that clients received. Outlives the job in the ledger of the service.
    pub(crate) delivered: Arc<Delivered>,
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
        Job { id, number, kind, description, sns_topic, created, delivered: Arc::default(), inventory: OnceLock::new() }
    }

    /// Returns a copy for the announcement of its end, which does not keep the bytes of the archive alive.
    fn announced(&self) -> Self {
        let mut kind = self.kind.clone();
        if let JobKind::Archive(retrieval) = &mut kind {
            retrieval.content = None;
        }
        let (description, sns_topic) = (self.description.clone(), self.sns_topic.clone());
        Job::new(self.id.clone(), self.number, kind, description, sns_topic, self.created)
    }

    /// Returns the output, as a content and a range of it.
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

/// The state of a job at one time.
#[derive(Clone, Debug)]
pub(crate) struct JobAt {
    pub(crate) job: Arc<Job>,
    pub(crate) status: Status,
    /// `None` once it has ended.
    pub(crate) awaited: Option<Awaited>,
}

impl JobAt {
    /// Returns a copy for the announcement of the job's end. It has no output.
    pub(crate) fn announced(&self) -> Self {
        JobAt { job: self.job.announced().into(), ..self.clone() }
    }
}

/// The condition for a job in progress to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Awaited {
    /// The mock's clock reaches this instant.
    Time(Timestamp),
    /// Clients poll the job more often.
    Polls,
    /// The test ends the job.
    Test,
}

//! A job: a retrieval of an archive or an inventory, and what clients see of it. `jobs` decides when it ends.

use std::sync::{Arc, OnceLock};

use super::archive::Archive;
use super::inventory::InventoryRetrieval;
use super::notification::Topic;
use crate::domain::bytes::{ByteRange, Content, Digest};
use crate::domain::words::{Description, JobId, Timestamp};
use crate::text::word_enum::word_enum;

word_enum! {
    /// How fast an archive is retrieved, and at what price.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Tier {
        Expedited = "Expedited",
        Standard = "Standard",
        Bulk = "Bulk",
    }
}

/// What a job retrieves.
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
    pub(super) fn is_lost_by(&self, completed: Timestamp) -> bool {
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

word_enum! {
    /// The StatusCode of a job.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum StatusCode {
        /// The job is not done yet.
        InProgress = "InProgress",
        /// Its output can be downloaded.
        Succeeded = "Succeeded",
        /// It ended without output; the StatusMessage says why.
        Failed = "Failed",
    }
}

/// When and how a job ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// At this moment, which may be in the past.
    At(Timestamp, Verdict),
    /// After this number of further polls has found it in progress.
    AfterPolls(u32),
    /// Not before the test decides it.
    Manual,
}

/// How a job ends.
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

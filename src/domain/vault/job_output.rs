//! The output of a job that a client downloads, in full or as a range.

use std::sync::Arc;

use super::delivered::Download;
use super::job::{Job, JobKind};
use crate::domain::bytes::{ByteRange, Chunks, Digest, HeaderRange};
use crate::domain::failure::Failure;

/// The output of a job, or the part of it that a client asked for.
#[derive(Debug)]
pub(crate) struct JobOutput {
    job: Arc<Job>,
    /// Counted from the first byte of the output.
    part: ByteRange,
    /// The length of the whole output, in bytes.
    total: u64,
    is_range: bool,
}

impl JobOutput {
    /// A requested range counts from the start of the job's own range. The service cuts a range that ends beyond the
    /// output, and refuses one that begins there (observed.md 2.D).
    pub(crate) fn new(job: Arc<Job>, asked: Option<&HeaderRange>) -> Result<Self, Failure> {
        let (_, output) = job.output();
        let total = output.len();
        job.delivered.asked(total);
        let part = match asked {
            Some(asked) if asked.bytes.first() >= total => {
                return Err(Failure::RangeBeyondOutput { header: String::from(&*asked.written) });
            }
            Some(asked) => asked.bytes.cut_to(total),
            None => output.moved_to_zero(),
        };
        Ok(JobOutput { job, part, total, is_range: asked.is_some() })
    }

    /// Returns the part and the length of the whole, if the client asked for a range.
    pub(crate) fn range(&self) -> Option<(ByteRange, u64)> {
        self.is_range.then_some((self.part, self.total))
    }

    /// Returns the number of the job in the whole service.
    pub(crate) fn job_number(&self) -> u64 {
        self.job.number
    }

    /// Returns the counter for the bytes of this download.
    pub(crate) fn download(&self) -> Download {
        Download::new(self.job.delivered.clone(), self.part.first())
    }

    pub(crate) fn kind(&self) -> &JobKind {
        &self.job.kind
    }

    /// Returns the tree hash of the part, if it is a node of the archive's hash tree. An inventory has no tree hash.
    pub(crate) fn tree_hash(&self) -> Option<Digest> {
        match &self.job.kind {
            JobKind::Archive(retrieval) => retrieval.tree_hash_of(self.part),
            JobKind::Inventory(_) => None,
        }
    }

    pub(crate) fn chunks(&self) -> Chunks {
        let (content, output) = self.job.output();
        content.range(self.part.shifted_by(output.first()))
    }
}

//! An archive: immutable bytes, and when they were deleted.

#[cfg(feature = "state")]
mod data;

use std::io;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

#[cfg(feature = "state")]
pub(crate) use self::data::ArchiveData;
use crate::domain::bytes::{ByteRange, Content, Digest, LeafHasher, Leaves};
use crate::domain::failure::Failure;
use crate::domain::words::{ArchiveId, Description, Timestamp};

use super::inventory_reader::ListedArchive;

/// The bytes that the real service adds for each archive in the SizeInBytes of a vault (observed.md 3.2).
pub(crate) const OVERHEAD: u64 = 32_768;

/// The maximum size of the body of an UploadArchive request: 4 GiB (api.md section 4).
pub(crate) const MAX_UPLOAD: u64 = 4 << 30;

/// An archive, shared by its vault, by the jobs that retrieve it and by the inventories that list it.
#[derive(Debug)]
pub(crate) struct Archive {
    pub(crate) id: ArchiveId,
    pub(crate) description: Description,
    pub(crate) created: Timestamp,
    /// The leaves of its hash tree. DescribeJob needs them after the bytes are gone, too.
    pub(crate) leaves: Leaves,
    /// The number of bytes, at least one.
    size: NonZeroU64,
    /// When it was deleted, in milliseconds since 1970, or [`NOT_DELETED`]. A retrieval that is not complete by then fails.
    deleted: AtomicI64,
    /// Set when a job that retrieves it is started.
    retrieved: AtomicBool,
}

/// Stands for the time of deletion of an archive that is not deleted. No timestamp is that late.
const NOT_DELETED: i64 = i64::MAX;

impl Archive {
    /// Returns `None` for an empty body, because the service does not store empty archives.
    pub(crate) fn new(
        id: ArchiveId,
        description: Description,
        created: Timestamp,
        body: &StoredBytes,
    ) -> Option<Arc<Self>> {
        Some(Arc::new(Archive {
            id,
            description,
            created,
            leaves: body.leaves.clone(),
            size: NonZeroU64::new(body.content.len())?,
            deleted: AtomicI64::new(NOT_DELETED),
            retrieved: AtomicBool::new(false),
        }))
    }

    /// Returns an archive of an inventory of the real service, and its bytes, which are zeros.
    pub(crate) fn of_inventory(listed: ListedArchive) -> (Arc<Self>, Content) {
        let ListedArchive { id, description, created, size, tree_hash } = listed;
        let leaves = Leaves::of_root(tree_hash, size.get());
        let (deleted, retrieved) = (AtomicI64::new(NOT_DELETED), AtomicBool::new(false));
        let archive = Archive { id, description, created, leaves, size, deleted, retrieved };
        (Arc::new(archive), Content::zeros(size.get()))
    }

    /// Returns whether the bytes are not those of the tree hash, because the mock was given only the tree hash.
    pub(crate) fn is_made_up(&self) -> bool {
        self.leaves.is_root_only()
    }

    pub(crate) fn size(&self) -> u64 {
        self.size.get()
    }

    /// Returns the range of all bytes.
    pub(crate) fn bytes(&self) -> ByteRange {
        ByteRange::FIRST.up_to(self.size.get() - 1)
    }

    pub(crate) fn tree_hash(&self) -> Digest {
        self.leaves.root()
    }

    /// Returns for how many bytes times milliseconds the archive was stored by `now`, with the overhead (api.md section
    /// 11).
    pub(super) fn stored_until(&self, now: Timestamp) -> u128 {
        let until = self.deleted().map_or(now, |deleted| deleted.min(now));
        (u128::from(self.size()) + u128::from(OVERHEAD)) * until.since(self.created).as_millis()
    }

    /// Records that a job retrieves the archive.
    pub(crate) fn retrieve(&self) {
        self.retrieved.store(true, Ordering::Relaxed);
    }

    /// Returns whether a job has retrieved the archive.
    pub(super) fn was_retrieved(&self) -> bool {
        self.retrieved.load(Ordering::Relaxed)
    }

    /// Records the deletion. Only the first call counts.
    pub(crate) fn delete(&self, now: Timestamp) {
        let now = now.as_milliseconds();
        let _ = self.deleted.compare_exchange(NOT_DELETED, now, Ordering::Relaxed, Ordering::Relaxed);
    }

    pub(crate) fn deleted(&self) -> Option<Timestamp> {
        Some(self.deleted.load(Ordering::Relaxed)).filter(|ms| *ms != NOT_DELETED).and_then(Timestamp::of_milliseconds)
    }
}

/// The bytes of an archive, with their hash tree.
#[derive(Clone, Debug)]
pub(crate) struct StoredBytes {
    pub(crate) content: Content,
    pub(crate) leaves: Leaves,
}

impl StoredBytes {
    pub(crate) fn tree_hash(&self) -> Digest {
        self.leaves.root()
    }

    /// Hashes a content. This reads a file on disk, which may fail. Hashing a repeat costs no more than hashing its
    /// block.
    pub(crate) fn of(content: impl Into<Content>) -> io::Result<Self> {
        let content = content.into();
        if let Some(repeat) = content.as_repeat() {
            return Ok(StoredBytes { leaves: Leaves::of_repeat(repeat), content });
        }
        let mut hasher = LeafHasher::new();
        // Hashing the slice avoids a second reference, because the first clone of `Bytes` allocates a reference count.
        match content.as_slice() {
            Some(bytes) => hasher.update(bytes),
            None => content.chunks().try_for_each(|chunk| chunk.map(|chunk| hasher.update(&chunk)))?,
        }
        let leaves = hasher.finish();
        Ok(StoredBytes { content, leaves })
    }

    /// Checks the tree hash that the client sent against the received bytes.
    pub(crate) fn check(&self, claimed: Digest) -> Result<(), Failure> {
        if self.tree_hash() == claimed {
            return Ok(());
        }
        Err(Failure::ChecksumMismatch { expected: claimed.to_string(), computed: self.tree_hash().to_string() })
    }
}

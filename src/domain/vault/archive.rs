//! An archive: bytes that never change, and the moment from which they are gone.

use std::io;
use std::num::NonZeroU64;
use std::sync::{Arc, OnceLock};

use crate::domain::bytes::{ByteRange, Content, Digest, Leaves, TreeHasher};
use crate::domain::failure::Failure;
use crate::domain::words::{ArchiveId, Description, Timestamp};

/// What the real service adds to an archive's size in a vault's SizeInBytes (observed.md 3.2).
pub(crate) const OVERHEAD: u64 = 32_768;

/// The most bytes that one UploadArchive may carry: 4 GiB (api.md section 4).
pub(crate) const MAX_UPLOAD: u64 = 4 << 30;

/// An archive, shared by its vault, by the jobs that retrieve it and by the inventories that list it.
#[derive(Debug)]
pub(crate) struct Archive {
    pub(crate) id: ArchiveId,
    pub(crate) description: Description,
    pub(crate) created: Timestamp,
    /// Its hash tree, which a job's description needs also when the bytes are gone.
    pub(crate) leaves: Leaves,
    /// How many bytes it has; at least one.
    size: NonZeroU64,
    /// When it was deleted, if it was. Jobs look here: a retrieval that is not complete by then fails.
    deleted: OnceLock<Timestamp>,
}

impl Archive {
    /// `None` if there are no bytes: the service keeps no empty archives.
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
            deleted: OnceLock::new(),
        }))
    }

    pub(crate) fn size(&self) -> u64 {
        self.size.get()
    }

    /// The range of all its bytes.
    pub(crate) fn bytes(&self) -> ByteRange {
        ByteRange::FIRST.up_to(self.size.get() - 1)
    }

    pub(crate) fn tree_hash(&self) -> Digest {
        self.leaves.root()
    }

    pub(crate) fn delete(&self, now: Timestamp) {
        self.deleted.get_or_init(|| now);
    }

    pub(crate) fn deleted(&self) -> Option<Timestamp> {
        self.deleted.get().copied()
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

    /// Hashes these bytes. Those on disk are read for it, which may fail; a repeat takes no longer than its block.
    pub(crate) fn of(content: impl Into<Content>) -> io::Result<Self> {
        let content = content.into();
        if let Some(repeat) = content.as_repeat() {
            return Ok(StoredBytes { leaves: Leaves::of_repeat(repeat), content });
        }
        let mut hasher = TreeHasher::new();
        // Without a second reference: the first one makes bytes count theirs.
        match content.as_slice() {
            Some(bytes) => hasher.update(bytes),
            None => content.chunks().try_for_each(|chunk| chunk.map(|chunk| hasher.update(&chunk)))?,
        }
        let leaves = hasher.finish().leaves;
        Ok(StoredBytes { content, leaves })
    }

    /// The tree hash that the client sent must be that of what arrived.
    pub(crate) fn check(&self, claimed: Digest) -> Result<(), Failure> {
        if self.tree_hash() == claimed {
            return Ok(());
        }
        Err(Failure::ChecksumMismatch { expected: claimed.to_string(), computed: self.tree_hash().to_string() })
    }
}

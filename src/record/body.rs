//! The body of a recorded request: the very chunks that the service keeps, not a copy.

use std::fmt;

use bytes::Bytes;

use crate::domain::content::Content;
use crate::domain::digest::Digest;

/// What a request carried.
#[derive(Clone)]
pub struct Body {
    content: Content,
    len: u64,
    sha256: Digest,
    tree_hash: Digest,
}

impl Body {
    /// Keeps at most `limit` bytes of the content.
    pub(crate) fn new(content: &Content, len: u64, sha256: Digest, tree_hash: Digest, limit: u64) -> Self {
        Body { content: content.up_to(limit), len, sha256, tree_hash }
    }

    /// How many bytes arrived.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether nothing arrived.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many of the bytes that arrived are not on record: those beyond
    /// [`Builder::keep_body_bytes`](crate::Builder::keep_body_bytes), or all of a body that the service refused for its
    /// size.
    pub fn dropped(&self) -> u64 {
        self.len - self.content.len()
    }

    /// The bytes on record, copied into one piece.
    pub fn to_vec(&self) -> Vec<u8> {
        // What arrived is in memory.
        self.content.to_bytes().unwrap_or_default().into()
    }

    /// The bytes on record piece by piece: as they arrived, without copying them. Where they repeat themselves the mock
    /// keeps one block, and makes the pieces.
    pub fn chunks(&self) -> impl Iterator<Item = Bytes> {
        self.content.chunks().map_while(Result::ok)
    }

    /// The plain SHA-256 of what arrived.
    pub fn sha256(&self) -> Digest {
        self.sha256
    }

    /// The tree hash of what arrived.
    pub fn tree_hash(&self) -> Digest {
        self.tree_hash
    }
}

/// The length alone: a failing test must not print megabytes.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dropped() {
            0 => write!(f, "Body({} bytes)", self.len),
            dropped => write!(f, "Body({} bytes, {dropped} of them dropped)", self.len),
        }
    }
}

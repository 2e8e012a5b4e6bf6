//! The body of a recorded request: the very chunks that the service keeps, not a copy.

use std::fmt;

use bytes::Bytes;

use crate::domain::bytes::{Content, Digest, Hashes};

/// What a request carried.
#[derive(Clone)]
pub struct Body(
    /// `None` of no byte, as of most requests: so those have no room for one.
    Option<Box<Arrived>>,
);

#[derive(Clone)]
struct Arrived {
    content: Content,
    len: u64,
    sha256: Digest,
    /// `None` if it is the plain one: up to 1 MiB.
    tree_hash: Option<Box<Digest>>,
}

impl Body {
    /// Keeps at most `limit` bytes of the content.
    pub(crate) fn new(content: &Content, len: u64, sha256: Digest, tree_hash: Digest, limit: u64) -> Self {
        let tree_hash = (tree_hash != sha256).then(|| tree_hash.into());
        let content = content.up_to(limit);
        Body((len > 0).then(|| Arrived { content, len, sha256, tree_hash }.into()))
    }

    /// How many bytes arrived.
    pub fn len(&self) -> u64 {
        self.0.as_ref().map_or(0, |arrived| arrived.len)
    }

    /// Whether nothing arrived.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// How many of the bytes that arrived are not on record: those beyond
    /// [`Builder::keep_body_bytes`](crate::Builder::keep_body_bytes), or all of a body that the service refused for its
    /// size.
    pub fn dropped(&self) -> u64 {
        self.0.as_ref().map_or(0, |arrived| arrived.len - arrived.content.len())
    }

    /// The bytes on record, copied into one piece.
    pub fn to_vec(&self) -> Vec<u8> {
        // What arrived is in memory.
        self.0.as_ref().and_then(|arrived| arrived.content.to_bytes().ok()).unwrap_or_default().into()
    }

    /// The bytes on record piece by piece: as they arrived, without copying them. Where they repeat themselves the mock
    /// keeps one block, and makes the pieces.
    pub fn chunks(&self) -> impl Iterator<Item = Bytes> {
        self.0.iter().flat_map(|arrived| arrived.content.chunks().map_while(Result::ok))
    }

    /// The plain SHA-256 of what arrived.
    pub fn sha256(&self) -> Digest {
        self.0.as_ref().map_or_else(|| Hashes::of_nothing().plain, |arrived| arrived.sha256)
    }

    /// The tree hash of what arrived.
    pub fn tree_hash(&self) -> Digest {
        let other = self.0.as_ref().and_then(|arrived| arrived.tree_hash.as_deref().copied());
        other.unwrap_or_else(|| self.sha256())
    }
}

/// The length alone: a failing test must not print megabytes.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dropped() {
            0 => write!(f, "Body({} bytes)", self.len()),
            dropped => write!(f, "Body({} bytes, {dropped} of them dropped)", self.len()),
        }
    }
}

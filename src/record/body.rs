//! The body of a recorded request. It shares its memory with the service instead of copying it.

use std::fmt;

use bytes::Bytes;

use crate::domain::bytes::{Content, Digest, Hashes};

/// The body of a recorded request.
#[derive(Clone)]
pub struct Body(
    /// `None` for an empty body, which most requests have; this saves the allocation.
    Option<Box<Arrived>>,
);

#[derive(Clone)]
struct Arrived {
    content: Content,
    len: u64,
    sha256: Digest,
    /// `None` if it equals the plain SHA-256, as it does up to 1 MiB.
    tree_hash: Option<Box<Digest>>,
}

impl Body {
    /// Keeps at most the first `limit` bytes of the content.
    pub(crate) fn new(content: &Content, len: u64, sha256: Digest, tree_hash: Digest, limit: u64) -> Self {
        let tree_hash = (tree_hash != sha256).then(|| tree_hash.into());
        let content = content.up_to(limit);
        Body((len > 0).then(|| Arrived { content, len, sha256, tree_hash }.into()))
    }

    /// Returns the number of bytes that arrived.
    pub fn len(&self) -> u64 {
        self.0.as_ref().map_or(0, |arrived| arrived.len)
    }

    /// Returns whether the request had an empty body.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Returns the number of bytes that arrived but are not in the record: those beyond
    /// [`GlacierMockBuilder::keep_body_bytes`](crate::GlacierMockBuilder::keep_body_bytes), or the whole body if the service refused it
    /// because of its size.
    pub fn dropped(&self) -> u64 {
        self.0.as_ref().map_or(0, |arrived| arrived.len - arrived.content.len())
    }

    /// Copies the recorded bytes into one vector.
    pub fn to_vec(&self) -> Vec<u8> {
        // The content of a request is in memory, so reading it cannot fail.
        self.0.as_ref().and_then(|arrived| arrived.content.to_bytes().ok()).unwrap_or_default().into()
    }

    /// Iterates over the recorded bytes in chunks, as they arrived, without copying them. For content that repeats, the
    /// mock keeps one block and creates the chunks from it.
    pub fn chunks(&self) -> impl Iterator<Item = Bytes> {
        self.0.iter().flat_map(|arrived| arrived.content.chunks().map_while(Result::ok))
    }

    /// Returns the plain SHA-256 of the bytes that arrived.
    pub fn sha256(&self) -> Digest {
        self.0.as_ref().map_or_else(|| Hashes::of_nothing().plain, |arrived| arrived.sha256)
    }

    /// Returns the tree hash of the bytes that arrived.
    pub fn tree_hash(&self) -> Digest {
        let other = self.0.as_ref().and_then(|arrived| arrived.tree_hash.as_deref().copied());
        other.unwrap_or_else(|| self.sha256())
    }
}

/// Prints only the length: a failing test must not print megabytes.
impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dropped() {
            0 => write!(f, "Body({} bytes)", self.len()),
            dropped => write!(f, "Body({} bytes, {dropped} of them dropped)", self.len()),
        }
    }
}

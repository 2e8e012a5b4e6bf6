//! The body of a recorded request: the very chunks that the service keeps, not a copy.

use std::fmt;

use crate::domain::content::Content;
use crate::domain::digest::Digest;

/// What a request carried.
#[derive(Clone)]
pub struct Body {
    pub(crate) content: Content,
    pub(crate) len: u64,
    pub(crate) sha256: Digest,
    pub(crate) tree_hash: Digest,
}

impl Body {
    /// How many bytes arrived.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether nothing arrived.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes, copied into one piece. Fewer than [`len`](Self::len) if the service refused the body for its size
    /// and did not keep it.
    pub fn to_vec(&self) -> Vec<u8> {
        self.content.to_bytes().into()
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
        write!(f, "Body({} bytes)", self.len)
    }
}

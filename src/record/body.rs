//! The body of a recorded request. It shares its memory with the service instead of copying it.

use std::fmt;

use bytes::Bytes;

#[cfg(feature = "standalone")]
use crate::domain::bytes::Chunks;
use crate::domain::bytes::{Content, Digest, Hashes};
use crate::sync::Mutex;

/// The body of a recorded request, returned by [`Request::body`](crate::Request::body).
///
/// It compares with bytes and with text. The comparison covers all bytes that arrived: if some of them are not in the
/// record, it uses their SHA-256.
///
/// ```
/// # #[cfg(feature = "client")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), aws_sdk_glacier::Error> {
/// use glacier_mock::{Digest, GlacierMock, Operation};
///
/// let mock = GlacierMock::start();
/// mock.create_vault("photos");
/// mock.client().upload_archive().vault_name("photos").body(b"a cat".to_vec().into()).send().await?;
///
/// let upload = mock.requests().operation(Operation::UploadArchive).only();
/// let body = upload.body().unwrap();
/// assert_eq!(body, b"a cat");
/// assert_eq!(body, "a cat");
/// assert_eq!((body.len(), body.sha256()), (5, Digest::sha256(b"a cat")));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "client"))]
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct Body(
    /// `None` for an empty body, which most requests have. The box keeps the record of these requests small.
    Option<Box<Arrived>>,
);

struct Arrived {
    /// Empty after the record has dropped the bytes.
    content: Mutex<Content>,
    len: u64,
    sha256: Digest,
    /// `None` if it equals the plain SHA-256, as for a body of at most 1 MiB.
    tree_hash: Option<Box<Digest>>,
}

impl Clone for Arrived {
    fn clone(&self) -> Self {
        let content = Mutex::new(self.content.lock().clone());
        Arrived { content, len: self.len, sha256: self.sha256, tree_hash: self.tree_hash.clone() }
    }
}

impl Body {
    /// Keeps at most the first `limit` bytes of the content.
    pub(crate) fn new(content: &Content, len: u64, sha256: Digest, tree_hash: Digest, limit: u64) -> Self {
        let content = Mutex::new(content.up_to(limit));
        let tree_hash = (tree_hash != sha256).then(|| tree_hash.into());
        Body((len > 0).then(|| Arrived { content, len, sha256, tree_hash }.into()))
    }

    /// Returns the recorded bytes.
    fn content(&self) -> Content {
        self.0.as_ref().map(|arrived| arrived.content.lock().clone()).unwrap_or_default()
    }

    /// Returns how many bytes of memory the recorded bytes keep alive.
    pub(super) fn memory(&self) -> u64 {
        self.content().memory()
    }

    /// Drops the recorded bytes. The length and the hashes remain.
    pub(super) fn drop_bytes(&self) {
        if let Some(arrived) = &self.0 {
            // Freed without the lock.
            drop(std::mem::take(&mut *arrived.content.lock()));
        }
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
    /// [`GlacierMockBuilder::keep_body_bytes`](crate::GlacierMockBuilder::keep_body_bytes), or the whole body if the
    /// service refused it because of its size. The program also drops whole bodies, the oldest first, when those on
    /// record take more memory than `--keep-body-bytes`.
    pub fn dropped(&self) -> u64 {
        self.len() - self.content().len()
    }

    /// Copies the recorded bytes into one vector. Bytes that were [dropped](Self::dropped) are missing at its end.
    pub fn to_vec(&self) -> Vec<u8> {
        // The content of a request is in memory, so reading it cannot fail.
        self.content().to_bytes().unwrap_or_default().into()
    }

    /// Iterates over the recorded bytes in chunks, as they arrived, without copying them. For content that repeats, the
    /// mock keeps one block and creates the chunks from it.
    pub fn chunks(&self) -> impl Iterator<Item = Bytes> {
        self.content().chunks().map_while(Result::ok)
    }

    /// Like [`Body::chunks`], independent of the record.
    #[cfg(feature = "standalone")]
    pub(crate) fn to_chunks(&self) -> Chunks {
        self.content().chunks()
    }

    /// Returns the plain SHA-256 of the bytes that arrived.
    pub fn sha256(&self) -> Digest {
        self.0.as_ref().map_or_else(|| Hashes::of_nothing().plain, |arrived| arrived.sha256)
    }

    /// Returns the tree hash of the bytes that arrived.
    pub fn tree_hash(&self) -> Digest {
        self.0.as_ref().and_then(|arrived| arrived.tree_hash.as_deref().copied()).unwrap_or_else(|| self.sha256())
    }
}

impl PartialEq<[u8]> for Body {
    fn eq(&self, other: &[u8]) -> bool {
        if self.len() != other.len() as u64 {
            return false;
        }
        let content = self.content();
        if content.len() < self.len() {
            return self.sha256() == Digest::sha256(other);
        }
        let mut rest = other;
        content.chunks().map_while(Result::ok).all(|chunk| match rest.split_at_checked(chunk.len()) {
            Some((same, after)) => {
                rest = after;
                same == chunk
            }
            None => false,
        })
    }
}

impl PartialEq<str> for Body {
    fn eq(&self, other: &str) -> bool {
        *self == *other.as_bytes()
    }
}

macro_rules! compare_with {
    ($([$($generic:tt)*] $body:ty, $other:ty;)*) => {$(
        impl<$($generic)*> PartialEq<$other> for $body {
            fn eq(&self, other: &$other) -> bool {
                Body::eq(self, &other[..])
            }
        }
    )*};
}

// The record lends a `&Body`, so the owned types need a second row each.
compare_with! {
    [] Body, &[u8];
    [] Body, &str;
    [const N: usize] Body, &[u8; N];
    [const N: usize] Body, [u8; N];
    [const N: usize] &Body, [u8; N];
    [] Body, Vec<u8>;
    [] &Body, Vec<u8>;
    [] Body, String;
    [] &Body, String;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns a body of these bytes, of which the record keeps the first `limit`.
    fn body(bytes: &'static [u8], limit: u64) -> Body {
        let hash = Digest::sha256(bytes);
        Body::new(&Content::from(bytes), bytes.len() as u64, hash, hash, limit)
    }

    #[test]
    fn a_body_compares_with_bytes_and_text() {
        let body = &body(b"a cat", u64::MAX);
        assert!(body == b"a cat" && *body == b"a cat" && body == *b"a cat" && *body == *b"a cat");
        let (slice, vector, string) = (&b"a cat"[..], b"a cat".to_vec(), String::from("a cat"));
        assert!(body == slice && *body == slice && *body == *slice);
        assert!(body == vector && *body == vector && body == string && *body == string);
        assert!(body == "a cat" && *body == "a cat");
        assert_ne!(body, b"a cap");
        assert_ne!(body, "a ca");
        assert_ne!(body, "a cats");
        assert_eq!(&Body(None), b"");
        assert_ne!(&Body(None), b"a");
    }

    #[test]
    fn a_body_of_several_chunks_compares_as_a_whole() {
        let bytes = b"0123456789".repeat(200_000);
        let content = Content::repeat("0123456789", bytes.len() as u64);
        let body = Body::new(&content, content.len(), Digest::sha256(&bytes), Digest::sha256(&bytes), u64::MAX);
        assert!(body.chunks().count() > 1);
        assert!(body == bytes);
        let mut changed = bytes;
        changed[1_999_999] = b'x';
        assert!(body != changed);
    }

    /// The comparison covers the bytes that the record does not have.
    #[test]
    fn a_body_with_dropped_bytes_compares_as_a_whole() {
        let body = body(b"a cat", 2);
        assert_eq!((body.dropped(), body.to_vec()), (3, b"a ".to_vec()));
        assert_eq!(body, b"a cat");
        assert_ne!(body, b"a cap");
        assert_ne!(body, b"a ");
    }

    #[test]
    fn a_body_whose_bytes_were_dropped_has_its_length_and_hashes() {
        let body = body(b"a cat", u64::MAX);
        let copy = body.clone();
        body.drop_bytes();
        assert_eq!((body.len(), body.dropped(), body.memory(), body.to_vec()), (5, 5, 0, Vec::new()));
        assert_eq!((body.sha256(), body.chunks().count()), (Digest::sha256(b"a cat"), 0));
        assert_eq!(body, b"a cat");
        assert_ne!(body, b"a cap");
        assert_eq!((copy.dropped(), copy.memory()), (0, 5));
    }
}

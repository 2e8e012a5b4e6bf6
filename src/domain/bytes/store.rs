//! Where the bytes of archives are kept, if not in memory.

use std::fmt;
use std::io;
use std::pin::Pin;

use bytes::Bytes;

use super::content::Content;

/// The result of storing a chunk.
pub(crate) type Storing<'a> = Pin<Box<dyn Future<Output = io::Result<Content>> + Send + 'a>>;

/// Keeps the bytes of archives outside of memory while they arrive.
pub(crate) trait ContentStore: fmt::Debug + Send + Sync {
    /// Takes a chunk of at most [`chunk_size`](Self::chunk_size) bytes, and returns its content. Waits while too many
    /// chunks are not written yet.
    fn store(&self, chunk: Bytes) -> Storing<'_>;

    /// Returns the number of bytes of a full chunk.
    fn chunk_size(&self) -> usize;

    /// Returns a number that changes when chunks are lost, because they could not be written.
    fn losses(&self) -> u64;
}

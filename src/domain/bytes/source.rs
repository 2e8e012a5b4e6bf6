//! Bytes that are generated or fetched on demand: a file on disk, or an inventory.

use std::fmt;
use std::io;
use std::panic::RefUnwindSafe;
#[cfg(feature = "state")]
use std::path::Path;

use bytes::Bytes;

#[cfg(feature = "state")]
use super::digest::Digest;

/// Bytes that are not in memory. They never change, so reading the same range again returns the same bytes,
/// after a panic too.
pub(crate) trait Source: fmt::Debug + Send + Sync + RefUnwindSafe {
    /// Returns the number of bytes.
    fn len(&self) -> u64;

    /// Reads at least one and at most `most` bytes from `from` on, all within `len`. An error ends the read of the
    /// whole content.
    fn read(&self, from: u64, most: usize) -> io::Result<Bytes>;

    /// Returns the path of the file that has the bytes, from its first to its last.
    #[cfg(feature = "state")]
    fn path(&self) -> Option<&Path> {
        None
    }

    /// Returns the SHA-256 under which the file of the state has the bytes, if it has them as one chunk.
    #[cfg(feature = "state")]
    fn chunk(&self) -> Option<&Digest> {
        None
    }
}

//! Bytes that are made or fetched when somebody reads them: a file on disk, an inventory.

use std::fmt;
use std::io;

use bytes::Bytes;

/// Bytes that are not in memory. They never change: every read of a place brings the same.
pub(crate) trait Source: fmt::Debug + Send + Sync {
    /// How many bytes there are.
    fn len(&self) -> u64;

    /// Those from `from` on: at least one, at most `most`, which lie within `len`. Fails if they cannot be had any
    /// more; whoever is reading then gets no further.
    fn read(&self, from: u64, most: usize) -> io::Result<Bytes>;
}

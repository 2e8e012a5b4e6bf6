//! A piece of a content: stored bytes, a repeated block, bytes that are fetched on demand, or another content.

use std::io;
use std::sync::Arc;

use bytes::Bytes;

use super::content::Content;
use super::repeat::Repeat;
use super::source::Source;

/// The maximum number of bytes that one read generates or fetches, if they are not stored in memory.
pub(super) const LARGEST: u64 = 256 * 1024;

/// A piece of a content, with at least one byte.
#[derive(Clone)]
pub(crate) enum Piece {
    Stored(Bytes),
    /// Boxed, because the largest variant determines the size of all and most pieces are `Stored`.
    Repeat(Box<Repeat>),
    Lazy {
        source: Arc<dyn Source>,
        from: u64,
        len: u64,
    },
    /// A part of an upload. The cost of assembling an upload depends on the number of its parts, not of their pieces.
    Part(Content),
}

impl Piece {
    pub(super) fn len(&self) -> u64 {
        match self {
            Piece::Stored(bytes) => bytes.len() as u64,
            Piece::Repeat(repeat) => repeat.len(),
            Piece::Lazy { len, .. } => *len,
            Piece::Part(content) => content.len(),
        }
    }

    /// Returns how many bytes of memory the piece keeps alive, whether or not others share them.
    pub(super) fn memory(&self) -> u64 {
        match self {
            Piece::Stored(bytes) => bytes.len() as u64,
            Piece::Repeat(repeat) => repeat.memory(),
            Piece::Lazy { .. } => 0,
            Piece::Part(content) => content.memory(),
        }
    }

    /// Returns the bytes from `first` on and before `end`.
    pub(super) fn slice(&self, first: u64, end: u64) -> Self {
        match self {
            Piece::Stored(bytes) => Piece::Stored(bytes.slice(first as usize..end as usize)),
            Piece::Repeat(repeat) => Piece::Repeat(Box::new(repeat.slice(first, end - first))),
            Piece::Lazy { source, from, .. } => {
                Piece::Lazy { source: source.clone(), from: from + first, len: end - first }
            }
            Piece::Part(content) => Piece::Part(content.between(first, end)),
        }
    }

    /// Reads bytes from `first` on and before `end`, as many as are available in one piece.
    pub(super) fn read(&self, first: u64, end: u64) -> io::Result<Bytes> {
        let most = (end - first).min(LARGEST);
        match self {
            Piece::Stored(bytes) => Ok(bytes.slice(first as usize..end as usize)),
            Piece::Repeat(repeat) => Ok(repeat.read(first, most as usize)),
            Piece::Lazy { source, from, .. } => source.read(from + first, most as usize),
            Piece::Part(content) => content.read(first, end),
        }
    }
}

//! A piece of a content: bytes that are stored, that repeat themselves, or that are fetched.

use std::io;
use std::sync::Arc;

use bytes::Bytes;

use super::content::Content;
use super::repeat::Repeat;
use super::source::Source;

/// The most bytes that are made or fetched at a time, of what is not in memory as it is.
pub(super) const LARGEST: u64 = 256 * 1024;

/// Bytes of one kind, at least one of them.
#[derive(Clone)]
pub(crate) enum Piece {
    Stored(Bytes),
    /// In a box: most pieces are stored, and the largest kind decides how much room each takes.
    Repeat(Box<Repeat>),
    Lazy {
        source: Arc<dyn Source>,
        from: u64,
        len: u64,
    },
    /// A part of an upload: to put parts together takes as long as there are parts, not bytes.
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

    /// The bytes between two places.
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

    /// Some of the bytes between two places: those at the first, as many as are at hand in one piece.
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

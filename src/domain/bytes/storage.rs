//! The pieces of a content that is not empty.

use super::piece::Piece;

/// The pieces of a content, with at least one byte.
pub(super) enum Storage {
    /// The only piece. Most contents have one, and without this variant each archive would take 26 bytes more.
    One(Piece),
    /// At least two pieces.
    Many(Box<[Segment]>),
}

pub(super) struct Segment {
    /// The position after its last byte, in the whole content.
    end: u64,
    piece: Piece,
}

impl Storage {
    /// Stores the pieces that have bytes. Returns `None` if there are none.
    pub(super) fn new(pieces: impl IntoIterator<Item = Piece>) -> Option<Self> {
        let mut pieces = pieces.into_iter().filter(|piece| piece.len() > 0);
        let first = pieces.next()?;
        let Some(second) = pieces.next() else { return Some(Storage::One(first)) };
        let mut end = 0;
        let segments = [first, second].into_iter().chain(pieces).map(|piece| {
            end += piece.len();
            Segment { end, piece }
        });
        Some(Storage::Many(segments.collect()))
    }

    /// Returns the number of bytes.
    pub(super) fn len(&self) -> u64 {
        match self {
            Storage::One(only) => only.len(),
            Storage::Many(segments) => segments.last().map_or(0, |segment| segment.end),
        }
    }

    pub(super) fn pieces(&self) -> impl Iterator<Item = &Piece> {
        let (one, many) = match self {
            Storage::One(only) => (Some(only), &[][..]),
            Storage::Many(segments) => (None, &**segments),
        };
        one.into_iter().chain(many.iter().map(|segment| &segment.piece))
    }

    /// Returns the piece with the byte at a position, and the position after its last byte. O(log n) in the number of
    /// pieces.
    pub(super) fn piece_at(&self, position: u64) -> Option<(&Piece, u64)> {
        match self {
            Storage::One(only) => Some((only, only.len())).filter(|(_, end)| position < *end),
            Storage::Many(segments) => {
                let segment = segments.get(segments.partition_point(|segment| segment.end <= position))?;
                Some((&segment.piece, segment.end))
            }
        }
    }
}

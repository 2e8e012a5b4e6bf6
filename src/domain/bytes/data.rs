//! Contents as plain data, to be saved and loaded.

use std::sync::Arc;

use bytes::Bytes;

use super::content::Content;
use super::piece::Piece;
use super::repeat::Repeat;
use super::source::Source;

/// A piece of a content that is not itself a content.
#[derive(Clone, Debug)]
pub(crate) enum PlainPiece {
    Stored(Bytes),
    /// `len` bytes that repeat a block, beginning at `phase` within it.
    Repeat {
        block: Bytes,
        phase: u64,
        len: u64,
    },
    Lazy {
        source: Arc<dyn Source>,
        from: u64,
        len: u64,
    },
}

impl Content {
    /// Returns the pieces, and those of the parts of an upload in their place.
    pub(crate) fn plain_pieces(&self) -> Vec<PlainPiece> {
        let mut pieces = Vec::new();
        self.add_pieces_to(&mut pieces);
        pieces
    }

    fn add_pieces_to(&self, pieces: &mut Vec<PlainPiece>) {
        for piece in self.pieces() {
            match piece {
                Piece::Stored(bytes) => pieces.push(PlainPiece::Stored(bytes.clone())),
                Piece::Repeat(repeat) => {
                    let (block, phase) = repeat.block();
                    pieces.push(PlainPiece::Repeat { block, phase, len: repeat.len() });
                }
                Piece::Lazy { source, from, len } => {
                    pieces.push(PlainPiece::Lazy { source: source.clone(), from: *from, len: *len });
                }
                Piece::Part(content) => content.add_pieces_to(pieces),
            }
        }
    }

    /// Returns the content of a repeat, or `None` if there is no such repeat.
    pub(crate) fn of_repeat(block: Bytes, phase: u64, len: u64) -> Option<Self> {
        let is_in_block = phase < block.len() as u64 && len > 0;
        let whole = Repeat::new(block, phase.checked_add(len)?).filter(|_| is_in_block)?;
        Some([Piece::Repeat(Box::new(whole.slice(phase, len)))].into_iter().collect())
    }

    /// Returns the address of the storage, which is the same for contents that share it.
    pub(crate) fn address(&self) -> usize {
        self.storage.as_ref().map_or(0, |storage| Arc::as_ptr(storage).addr())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_repeat_begins_in_its_block_and_has_bytes() {
        let repeat = |phase, len| Content::of_repeat(Bytes::from_static(b"ab"), phase, len);
        assert_eq!(repeat(1, 3).unwrap().to_bytes().unwrap(), "bab");
        for (phase, len) in [(2, 3), (9, 3), (1, 0), (1, u64::MAX)] {
            assert!(repeat(phase, len).is_none(), "{len} bytes from {phase}");
        }
        assert!(Content::of_repeat(Bytes::new(), 0, 1).is_none());
    }
}

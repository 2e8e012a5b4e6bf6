//! Where the bytes of a body are kept: in pieces of a MiB, each given back to the operating system as soon as nobody
//! needs it.

use bytes::Bytes;
use memmap2::MmapMut;

use crate::domain::words::MIB;

/// A leaf of the hash tree. A receive buffer is kept alive by its smallest slice, so bytes are not left in those.
const PIECE: usize = MIB as usize;

/// From here on a piece is a mapping of its own. An allocator keeps what is given back between small pieces that are
/// not: a gigabyte of dropped archives would stay with the process.
const MAPPED_FROM: usize = 256 * 1024;

/// Makes the chunks of one body into pieces.
pub(super) struct Pieces {
    open: Option<Piece>,
    /// Whether a piece has been full.
    is_large: bool,
    /// How many bytes are still to come, as far as the client says.
    expected: u64,
}

impl Pieces {
    pub(super) fn new(expected: u64) -> Self {
        Pieces { open: None, is_large: false, expected }
    }

    /// Adds bytes, and hands out each piece that is full.
    pub(super) fn extend(&mut self, mut bytes: &[u8], mut filled: impl FnMut(Bytes)) {
        while !bytes.is_empty() {
            let mut piece = self.open.take().unwrap_or_else(|| Piece::new(self.expected, self.is_large));
            let (now, later) = bytes.split_at(bytes.len().min(piece.room()));
            piece.extend(now);
            self.expected = self.expected.saturating_sub(now.len() as u64);
            if piece.room() == 0 {
                self.is_large = true;
                filled(piece.freeze());
            } else {
                self.open = Some(piece);
            }
            bytes = later;
        }
    }

    /// The last piece, if it is not full.
    pub(super) fn finish(self) -> Option<Bytes> {
        self.open.map(Piece::freeze)
    }
}

enum Piece {
    Heap(Vec<u8>),
    Mapped(Mapped),
}

impl Piece {
    /// A body without a length that has filled a piece is taken for a large one.
    fn new(expected: u64, is_large: bool) -> Self {
        let capacity = expected.min(MIB) as usize;
        let mapped = match capacity {
            MAPPED_FROM.. => MmapMut::map_anon(capacity).ok(),
            0 if is_large => MmapMut::map_anon(PIECE).ok(),
            _ => None,
        };
        // Without a mapping to be had, the allocator may still have something.
        mapped.map_or_else(|| Piece::Heap(Vec::with_capacity(capacity)), |map| Piece::Mapped(Mapped { map, len: 0 }))
    }

    fn room(&self) -> usize {
        match self {
            Piece::Heap(bytes) => PIECE - bytes.len(),
            Piece::Mapped(mapped) => mapped.map.len() - mapped.len,
        }
    }

    fn extend(&mut self, bytes: &[u8]) {
        match self {
            Piece::Heap(all) => all.extend_from_slice(bytes),
            Piece::Mapped(mapped) => {
                let end = mapped.len + bytes.len();
                mapped.map[mapped.len..end].copy_from_slice(bytes);
                mapped.len = end;
            }
        }
    }

    fn freeze(self) -> Bytes {
        match self {
            Piece::Heap(bytes) => bytes.into_boxed_slice().into(),
            Piece::Mapped(mapped) => Bytes::from_owner(mapped),
        }
    }
}

/// A mapping that is filled from the front. Pages that nothing was written to are not in memory.
struct Mapped {
    map: MmapMut,
    len: usize,
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        &self.map[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(all: &[u8], expected: u64, chunk: usize) -> Vec<Bytes> {
        let (mut pieces, mut out) = (Pieces::new(expected), Vec::new());
        all.chunks(chunk).for_each(|chunk| pieces.extend(chunk, |full| out.push(full)));
        out.extend(pieces.finish());
        out
    }

    /// Whatever the length, said or not, and the chunks.
    #[test]
    fn every_byte_is_in_one_piece() {
        let bytes: Vec<u8> = (0..3 * PIECE + 7).map(|n| (n % 251) as u8).collect();
        for len in [0, 1, MAPPED_FROM, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, bytes.len()] {
            for expected in [0, len as u64] {
                for chunk in [1000, PIECE, 2 * PIECE + 1] {
                    let all = &bytes[..len];
                    let pieces = pieces(all, expected, chunk);
                    assert!(pieces.concat() == all, "{len} bytes, {expected} expected, by {chunk}");
                    assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.len() <= PIECE));
                }
            }
        }
    }
}

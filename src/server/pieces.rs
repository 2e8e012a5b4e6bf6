//! Stores the bytes of a body in pieces of 1 MiB. Each piece returns to the operating system as soon as it is unused.

use bytes::Bytes;
use memmap2::MmapMut;

use crate::domain::words::MIB;

/// The size of a leaf of the hash tree. Bytes do not stay in a receive buffer, because its smallest slice would keep
/// all of it alive.
const PIECE: usize = MIB as usize;

/// Pieces of at least this size have a separate memory mapping. An allocator keeps freed memory that lies between small
/// live allocations: a gigabyte of dropped archives would stay with the process.
const MAPPED_FROM: usize = 256 * 1024;

/// Collects the chunks of one body into pieces.
pub(super) struct Pieces {
    open: Option<Piece>,
    /// Whether a piece has been filled.
    is_large: bool,
    /// The number of bytes still to come, according to the client.
    expected: u64,
}

impl Pieces {
    pub(super) fn new(expected: u64) -> Self {
        Pieces { open: None, is_large: false, expected }
    }

    /// Appends bytes, and passes each full piece to `filled`.
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

    /// Returns the last piece, if it is not full.
    pub(super) fn finish(self) -> Option<Bytes> {
        self.open.map(Piece::freeze)
    }
}

enum Piece {
    Heap(Vec<u8>),
    Mapped(Mapped),
}

impl Piece {
    /// A body of unknown length counts as large after it has filled one piece.
    fn new(expected: u64, is_large: bool) -> Self {
        let capacity = expected.min(MIB) as usize;
        let mapped = match capacity {
            MAPPED_FROM.. => MmapMut::map_anon(capacity).ok(),
            0 if is_large => MmapMut::map_anon(PIECE).ok(),
            _ => None,
        };
        // If no mapping is available, the allocator may still have memory.
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

/// A memory mapping that is filled from the front. Pages without data take no memory.
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

    /// For any length, announced or not, and any chunk size.
    #[test]
    fn pieces_contain_every_byte_exactly_once() {
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

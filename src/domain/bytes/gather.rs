//! Collects the chunks of a body as they arrive, and stores repeated data only once.
//!
//! A test that uploads gigabytes usually sends zeros or a short pattern. Storing the pattern instead saves the memory.
//! Comparing takes a fraction of the time of hashing, and stops at the first byte for ordinary data.

use bytes::Bytes;

use super::content::Content;
use super::piece::Piece;
use super::repeat::Repeat;

/// The length of the longest block that is recognised.
const LONGEST_BLOCK: usize = 1024;
/// The number of bytes that must repeat before a block is recognised. Smaller savings are not worth the search.
const WINDOW: usize = 4 * LONGEST_BLOCK;
/// A body that has not begun to repeat after this number of chunks counts as ordinary data.
const TRIES: usize = 4;

/// Gathers chunks into a [`Content`].
#[derive(Default)]
pub(crate) struct Gatherer(Vec<Piece>);

impl Gatherer {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Takes the next chunk, of any size, and stores it unless it repeats the bytes before it.
    pub(crate) fn push(&mut self, chunk: Bytes) {
        if let Some(Piece::Repeat(last)) = self.0.last_mut()
            && last.append(&chunk)
        {
            return;
        }
        if self.0.len() < TRIES
            && let Some(mut repeat) = recognise(&chunk)
        {
            // The chunks before may have been too small to recognise the block.
            while let Some(Piece::Stored(before)) = self.0.last()
                && repeat.prepend(before)
            {
                self.0.pop();
            }
            self.0.push(Piece::Repeat(Box::new(repeat)));
            return;
        }
        self.0.push(Piece::Stored(chunk));
    }

    /// Discards all chunks.
    pub(crate) fn clear(&mut self) {
        self.0 = Vec::new();
    }

    pub(crate) fn finish(self) -> Content {
        self.0.into_iter().collect()
    }
}

/// Returns the repeat that a chunk consists of, if it does.
fn recognise(chunk: &Bytes) -> Option<Repeat> {
    let window = chunk.get(..WINDOW)?;
    let first = window[0];
    // The cheap comparison of one byte comes first; ordinary data rarely needs more.
    let period =
        (1..=LONGEST_BLOCK).find(|&period| window[period] == first && window[period..] == window[..WINDOW - period])?;
    let mut repeat = Repeat::new(Bytes::copy_from_slice(&chunk[..period]), 0)?;
    repeat.append(chunk).then_some(repeat)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gather(body: &[u8], sizes: &[usize]) -> Content {
        let (mut gatherer, mut rest, mut sizes) = (Gatherer::new(), body, sizes.iter().cycle());
        while !rest.is_empty() {
            let (chunk, later) = rest.split_at(sizes.next().map_or(1, |&size| size.min(rest.len())));
            gatherer.push(Bytes::copy_from_slice(chunk));
            rest = later;
        }
        gatherer.finish()
    }

    fn cycle(block: &[u8], len: usize) -> Vec<u8> {
        block.iter().copied().cycle().take(len).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// The body is a repeat with a few changed bytes, split into chunks of any size.
        #[test]
        fn gathered_bytes_equal_the_received_bytes(
            block in proptest::collection::vec(0u8..2, 1..40),
            len in 1usize..60_000,
            changed in proptest::collection::vec(any::<prop::sample::Index>(), 0..3),
            sizes in proptest::collection::vec(1usize..20_000, 1..5),
        ) {
            let mut body = cycle(&block, len);
            for at in &changed {
                let at = at.index(len);
                body[at] ^= 4;
            }
            prop_assert_eq!(gather(&body, &sizes).to_bytes().unwrap(), body);
        }
    }

    #[test]
    fn repeated_data_is_stored_once() {
        for block in [&b"\0"[..], b"0123456789", &cycle(b"abcdefg", 1023), &(0..251).collect::<Vec<u8>>()] {
            let body = cycle(block, 1 << 20);
            for sizes in [&[16_384][..], &[100, 7000, 65_536], &[1 << 20], &[5, 5, 5, 8192, 3]] {
                let content = gather(&body, sizes);
                assert!(content.as_repeat().is_some(), "{} bytes in {sizes:?}: {content:?}", block.len());
                assert_eq!(content.to_bytes().unwrap(), body);
            }
        }
    }

    #[test]
    fn a_repeat_is_recognised_among_the_first_chunks() {
        let chunk = |n: usize| (0..WINDOW).map(|at| (((at + n) * (at + n)) >> 7) as u8).collect::<Vec<_>>();
        for (others, stored) in [(TRIES - 1, (TRIES - 1) * WINDOW + 1), (TRIES, (TRIES + 1) * WINDOW)] {
            let body = [(0..others).flat_map(chunk).collect(), vec![0; WINDOW]].concat();
            assert_eq!(gather(&body, &[WINDOW]).memory(), stored as u64, "behind {others} chunks");
        }
    }

    #[test]
    fn discarded_chunks_are_freed() {
        let (mut gatherer, chunk) = (Gatherer::new(), Bytes::from(vec![1, 2, 3]));
        gatherer.push(chunk.clone());
        gatherer.clear();
        assert!(chunk.is_unique() && gatherer.finish().is_empty());
    }

    #[test]
    fn ordinary_data_is_stored_unchanged() {
        let body: Vec<u8> = (0..100_000_u32).flat_map(|n| (n.wrapping_mul(2_654_435_761) >> 7).to_le_bytes()).collect();
        assert!(gather(&body, &[65_536]).as_repeat().is_none());
        // A repeat that is followed by other data.
        let mixed = [vec![0; 200_000], body.clone(), vec![0; 200_000]].concat();
        let content = gather(&mixed, &[50_000]);
        assert!(content.as_repeat().is_none());
        assert_eq!(content.to_bytes().unwrap(), mixed);
    }
}

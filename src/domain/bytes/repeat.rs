//! A repeated block of bytes. It takes the memory of one block, for any length.

use std::fmt;

use bytes::Bytes;

use crate::domain::words::MIB;

/// `len` bytes that repeat a block, beginning at `phase` within the block.
#[derive(Clone)]
pub(crate) struct Repeat {
    /// Never empty.
    block: Bytes,
    /// The position in the block at which the bytes begin.
    phase: usize,
    len: u64,
}

impl Repeat {
    /// Returns `None` for an empty block, which cannot be repeated.
    pub(crate) fn new(block: Bytes, len: u64) -> Option<Self> {
        (!block.is_empty()).then_some(Repeat { block, phase: 0, len })
    }

    /// Returns the block, and the position in it at which the bytes begin.
    #[cfg(feature = "state")]
    pub(super) fn block(&self) -> (Bytes, u64) {
        (self.block.clone(), self.phase as u64)
    }

    /// Returns the length of the block, which is all that is in memory.
    pub(super) fn memory(&self) -> u64 {
        self.block.len() as u64
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    fn phase_at(&self, position: u64) -> usize {
        let period = self.block.len() as u64;
        // Both summands are smaller than the block, which is in memory, so the sum does not overflow and the result
        // fits.
        ((self.phase as u64 + position % period) % period) as usize
    }

    /// Returns `len` bytes from `from` on.
    pub(crate) fn read(&self, from: u64, len: usize) -> Bytes {
        let (phase, period) = (self.phase_at(from), self.block.len());
        if phase + len <= period {
            return self.block.slice(phase..phase + len);
        }
        let mut out = Vec::with_capacity(len);
        out.extend_from_slice(&self.block[phase..]);
        out.extend_from_slice(&self.block[..phase.min(len - out.len())]);
        // `out` contains one whole block, so doubling it continues the repeat.
        while out.len() < len {
            out.extend_from_within(..out.len().min(len - out.len()));
        }
        out.into()
    }

    /// Returns a part of the repeat.
    pub(crate) fn slice(&self, from: u64, len: u64) -> Self {
        Repeat { block: self.block.clone(), phase: self.phase_at(from), len }
    }

    /// Extends the repeat by the bytes after it, if they continue it. Returns whether they do.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> bool {
        let fits = self.has_at(self.phase_at(self.len), bytes);
        if fits {
            self.len += bytes.len() as u64;
        }
        fits
    }

    /// Extends the repeat by the bytes before it, if they lead up to it. Returns whether they do.
    pub(crate) fn prepend(&mut self, bytes: &[u8]) -> bool {
        let period = self.block.len();
        let phase = (self.phase + period - bytes.len() % period) % period;
        let fits = self.has_at(phase, bytes);
        if fits {
            self.phase = phase;
            self.len += bytes.len() as u64;
        }
        fits
    }

    /// Extends the repeat by another one that follows it, if that continues it. Returns whether it does.
    pub(crate) fn join(&mut self, next: &Repeat) -> bool {
        let period = self.block.len();
        let fits = next.block.len() == period && self.read(self.len, period) == next.read(0, period);
        if fits {
            self.len += next.len;
        }
        fits
    }

    /// Returns whether `bytes` equal the repeated block from a phase on. Stops at the first difference.
    fn has_at(&self, phase: usize, bytes: &[u8]) -> bool {
        let (head, rest) = bytes.split_at(bytes.len().min(self.block.len() - phase));
        let (turn, _) = rest.split_at(rest.len().min(phase));
        let period = self.block.len().min(bytes.len());
        self.block[phase..].starts_with(head)
            && self.block.starts_with(turn)
            && bytes[period..] == bytes[..bytes.len() - period]
    }

    /// Returns the number of MiBs after which the MiBs repeat.
    pub(crate) fn period_in_mib(&self) -> u64 {
        let period = self.block.len() as u64;
        period >> period.trailing_zeros().min(MIB.trailing_zeros())
    }
}

impl fmt::Debug for Repeat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes of a block of {}", self.len, self.block.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The oracle: the same bytes from an iterator.
    fn spelt_out(block: &[u8], from: usize, len: usize) -> Vec<u8> {
        block.iter().copied().cycle().skip(from).take(len).collect()
    }

    proptest! {
        #[test]
        fn a_repeat_reads_like_its_block_repeated(
            block in proptest::collection::vec(0u8..3, 1..9), cut in 0usize..30, from in 0usize..40, len in 0usize..60,
        ) {
            let repeat = Repeat::new(Bytes::from(block.clone()), 1000).unwrap().slice(cut as u64, 500);
            prop_assert_eq!(repeat.read(from as u64, len), spelt_out(&block, cut + from, len));
        }

        #[test]
        fn a_repeat_grows_only_by_bytes_that_continue_it(
            block in proptest::collection::vec(0u8..2, 1..5),
            len in 1usize..12,
            more in proptest::collection::vec(0u8..2, 1..12),
        ) {
            let original = Repeat::new(Bytes::from(block.clone()), 100).unwrap().slice(3, len as u64);
            let mut after = original.clone();
            let goes_on = more == spelt_out(&block, 3 + len, more.len());
            prop_assert_eq!(after.append(&more), goes_on);
            prop_assert_eq!(after.len() as usize, len + if goes_on { more.len() } else { 0 });

            let mut before = original.clone();
            let start = (3 + 60 * block.len() - more.len()) % block.len();
            let led_up = more == spelt_out(&block, start, more.len());
            prop_assert_eq!(before.prepend(&more), led_up);
            if led_up {
                prop_assert_eq!(before.read(0, more.len() + len), spelt_out(&block, start, more.len() + len));
            }

            let other = Repeat::new(Bytes::from(more.clone()), 20).unwrap();
            let mut joined = original.clone();
            let same = more.len() == block.len() && more == spelt_out(&block, 3 + len, more.len());
            prop_assert_eq!(joined.join(&other), same);
        }
    }

    #[test]
    fn a_repeat_takes_the_memory_of_its_block() {
        assert_eq!(Repeat::new(Bytes::from_static(b"abc"), 1000).unwrap().memory(), 3);
    }

    #[test]
    fn the_period_in_mib_depends_on_the_powers_of_two_in_the_block_length() {
        let period = |block: usize| Repeat::new(vec![0; block].into(), 1).unwrap().period_in_mib();
        assert_eq!([1, 3, 4096, 1000, 3 << 20].map(period), [1, 3, 1, 125, 3]);
    }
}

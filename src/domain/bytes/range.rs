//! Byte ranges of retrievals and downloads, and whether they are aligned to the nodes of a hash tree.

use std::fmt;

use crate::domain::words::MIB;
use crate::text::decimal;

/// The bytes `first` to `last`, both inclusive, like every range in this API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ByteRange {
    first: u64,
    last: u64,
}

impl ByteRange {
    /// Only the first byte.
    pub(crate) const FIRST: ByteRange = ByteRange { first: 0, last: 0 };

    /// The last byte of a range without an end.
    pub(crate) const OPEN_END: u64 = u64::MAX - 1;

    /// Returns the range from the same first byte to `last`, or to the first byte if `last` is before it.
    pub(crate) fn up_to(self, last: u64) -> Self {
        ByteRange { first: self.first, last: last.max(self.first) }
    }

    /// Returns `None` if `last` is before `first`.
    pub(crate) fn new(first: u64, last: u64) -> Option<Self> {
        (first <= last && last < u64::MAX).then_some(ByteRange { first, last })
    }

    /// Returns the range of all of `len` bytes, or `None` for 0.
    pub(crate) fn whole(len: u64) -> Option<Self> {
        Self::new(0, len.checked_sub(1)?)
    }

    pub(crate) fn first(self) -> u64 {
        self.first
    }

    pub(crate) fn last(self) -> u64 {
        self.last
    }

    pub(crate) fn len(self) -> u64 {
        self.last - self.first + 1
    }

    /// Parses `A-B`, the form of RetrievalByteRange.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-')?;
        Self::new(decimal(first)?, decimal(last)?)
    }

    /// Parses a `Range` header: `bytes=A-B`, or `bytes=A-` for everything from A on. Returns `None` for all other
    /// forms, which the service ignores (observed.md 2.D), including the suffix form `bytes=-N` and lists of ranges.
    pub(crate) fn parse_header(text: &str) -> Option<Self> {
        let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
        let last = if last.is_empty() { Self::OPEN_END } else { decimal(last)? };
        Self::new(decimal(first)?, last)
    }

    /// Returns whether the range begins at a MiB, and ends before a MiB or at the end of the archive, as a retrieval
    /// must (api.md section 5).
    pub(crate) fn is_megabyte_aligned(self, total: u64) -> bool {
        self.last < total
            && self.first.is_multiple_of(MIB)
            && (self.last + 1 == total || (self.last + 1).is_multiple_of(MIB))
    }

    /// Returns whether the tree hash of this range is a node in the hash tree of `total` bytes: some node covers
    /// exactly the range (api.md section 5).
    pub(crate) fn is_tree_hash_aligned(self, total: u64) -> bool {
        if !self.is_megabyte_aligned(total) {
            return false;
        }
        let nodes = total.div_ceil(MIB);
        let (from, to) = (self.first / MIB, (self.last + 1).div_ceil(MIB));
        let width = (to - from).next_power_of_two();
        from.is_multiple_of(width) && to == nodes.min(from + width)
    }

    /// Returns this range cut to `len` bytes. It must begin within them.
    pub(crate) fn cut_to(self, len: u64) -> Self {
        ByteRange { first: self.first, last: self.last.min(len.saturating_sub(1)).max(self.first) }
    }

    /// Returns a range of the same length that begins at 0.
    pub(crate) fn moved_to_zero(self) -> Self {
        ByteRange { first: 0, last: self.last - self.first }
    }

    /// Returns this range moved up by `start` bytes.
    pub(crate) fn shifted_by(self, start: u64) -> Self {
        ByteRange { first: self.first + start, last: self.last + start }
    }
}

/// A range from a header, with the text of the header, which error messages quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HeaderRange {
    pub(crate) bytes: ByteRange,
    pub(crate) written: Box<str>,
}

impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.first, self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retrieval_range_is_two_numbers() {
        assert_eq!(ByteRange::parse("0-1048575"), ByteRange::new(0, 1048575));
        for bad in ["", "-", "5-4", "1-", "-1", "+1-2", "bytes=0-1", "0-18446744073709551615", " 0-1", "0-1-2"] {
            assert_eq!(ByteRange::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn unsupported_range_headers_are_ignored() {
        assert_eq!(ByteRange::parse_header("bytes=0-9"), ByteRange::new(0, 9));
        assert_eq!(ByteRange::parse_header("bytes=5-").unwrap().first(), 5);
        for ignored in ["bytes 0-4194303/235", "0-100/493", "bytes=-5", "bytes=0-1,3-4", "bytes=a-b", "bytes=9-5", ""] {
            assert_eq!(ByteRange::parse_header(ignored), None, "{ignored}");
        }
    }

    #[test]
    fn a_retrieval_range_is_aligned_to_megabytes() {
        let aligned = |text: &str, total| ByteRange::parse(text).unwrap().is_megabyte_aligned(total);
        assert!(aligned("0-1048575", 5 * MIB));
        assert!(aligned("1048576-5242879", 5 * MIB));
        assert!(aligned("1048576-1048580", MIB + 5));
        assert!(!aligned("1-1048575", 5 * MIB));
        assert!(!aligned("0-1048576", 5 * MIB));
        assert!(!aligned("0-1048575", MIB - 1));
    }

    /// The definition by brute force: builds every level of the tree as the spans of leaves that its nodes cover.
    fn nodes_of(leaves: u64) -> Vec<(u64, u64)> {
        let mut level: Vec<_> = (0..leaves).map(|leaf| (leaf, leaf + 1)).collect();
        let mut all = level.clone();
        while level.len() > 1 {
            level = level.chunks(2).map(|pair| (pair[0].0, pair[pair.len() - 1].1)).collect();
            all.extend(&level);
        }
        all
    }

    #[test]
    fn a_range_is_tree_hash_aligned_if_it_is_a_node_of_the_tree() {
        for leaves in 1..=70 {
            let nodes = nodes_of(leaves);
            for total in [leaves * MIB, leaves * MIB - 1, (leaves - 1) * MIB + 1] {
                for from in 0..leaves {
                    for to in from + 1..=leaves {
                        let range = ByteRange::new(from * MIB, (to * MIB).min(total) - 1).unwrap();
                        let expected = nodes.contains(&(from, to));
                        assert_eq!(range.is_tree_hash_aligned(total), expected, "{range} of {total}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_range_that_is_not_megabyte_aligned_is_not_tree_hash_aligned() {
        assert!(!ByteRange::new(0, MIB).unwrap().is_tree_hash_aligned(4 * MIB));
        assert!(!ByteRange::new(1, MIB - 1).unwrap().is_tree_hash_aligned(4 * MIB));
        assert!(!ByteRange::new(0, 4 * MIB).unwrap().is_tree_hash_aligned(4 * MIB));
    }
}

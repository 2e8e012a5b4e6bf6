//! Which bytes of a job's output the server has sent.

#[cfg(feature = "state")]
mod data;

use std::collections::BTreeMap;
use std::sync::Arc;

#[cfg(feature = "state")]
pub(crate) use self::data::DeliveredData;
use crate::sync::Mutex;

/// The bytes of one job's output that were sent, over all downloads. Its own lock lets the server count the pieces of a
/// body without the lock of the service.
#[derive(Debug, Default)]
pub(crate) struct Delivered(Mutex<Progress>);

/// How much of an output was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// The number of bytes that were sent at least once.
    pub(crate) distinct: u64,
    /// The number of bytes that were sent, including those that were sent again.
    pub(crate) sent: u64,
    /// The length of the output; `None` until a client asked for it.
    pub(crate) total: Option<u64>,
}

/// The number of separate ranges that are remembered of an output. A download of more pieces, in random order, would
/// count as incomplete.
const MOST_RANGES: usize = 100_000;

#[derive(Debug, Default)]
struct Progress {
    /// The end of each range that was sent by its first byte. The ranges neither overlap nor touch.
    ranges: BTreeMap<u64, u64>,
    sent: u64,
    total: Option<u64>,
}

impl Delivered {
    /// Records that a client asked for the output, and its length.
    pub(super) fn asked(&self, total: u64) {
        self.0.lock().total = Some(total);
    }

    /// Records that `length` bytes from `first` on were sent.
    fn add(&self, first: u64, length: u64) {
        if length == 0 {
            return;
        }
        let mut progress = self.0.lock();
        progress.sent = progress.sent.saturating_add(length);
        let (mut start, mut end) = (first, first.saturating_add(length));
        // Joins all ranges that overlap or touch the new one. The last of them begins at or before its end.
        while let Some((&from, &to)) = progress.ranges.range(..=end).next_back().filter(|(_, to)| **to >= start) {
            progress.ranges.remove(&from);
            (start, end) = (start.min(from), end.max(to));
        }
        // The limit is reached only by a client that never downloads what lies between.
        if progress.ranges.len() < MOST_RANGES {
            progress.ranges.insert(start, end);
        }
    }

    pub(crate) fn now(&self) -> Delivery {
        let progress = self.0.lock();
        let distinct = progress.ranges.iter().map(|(start, end)| end - start).sum();
        Delivery { distinct, sent: progress.sent, total: progress.total }
    }
}

/// Counts the bytes of one response body.
#[derive(Clone, Debug)]
pub(crate) struct Download {
    delivered: Arc<Delivered>,
    /// The position of the next byte in the output.
    next: u64,
}

impl Download {
    pub(super) fn new(delivered: Arc<Delivered>, first: u64) -> Self {
        Download { delivered, next: first }
    }

    /// Records that the next `length` bytes were sent.
    pub(crate) fn sent(&mut self, length: u64) {
        self.delivered.add(self.next, length);
        self.next = self.next.saturating_add(length);
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The oracle has a flag for each byte.
        #[test]
        fn bytes_that_were_sent_count_once(sent in vec((0_u64..60, 0_u64..20), 0..20)) {
            let (delivered, mut oracle) = (Delivered::default(), [false; 80]);
            for &(first, length) in &sent {
                delivered.add(first, length);
                (first..first + length).for_each(|byte| oracle[byte as usize] = true);
            }
            let now = delivered.now();
            prop_assert_eq!(now.distinct, oracle.iter().filter(|was_sent| **was_sent).count() as u64);
            prop_assert_eq!(now.sent, sent.iter().map(|(_, length)| length).sum::<u64>());
        }
    }

    /// A download of any number of pieces in a row, forward or backward, stays below [`MOST_RANGES`].
    #[test]
    fn ranges_that_touch_are_one() {
        for pieces in [[0, 10, 20], [20, 10, 0], [0, 20, 10]] {
            let delivered = Delivered::default();
            pieces.iter().for_each(|first| delivered.add(*first, 10));
            assert_eq!(delivered.0.lock().ranges, [(0, 30)].into(), "{pieces:?}");
        }
    }
}

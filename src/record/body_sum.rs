//! The memory of all bodies on record, and which of them to drop when it is too much.

use std::collections::BTreeMap;

/// The bytes of memory that each recorded body keeps alive, by the number of its request, and their sum.
#[derive(Debug, Default)]
pub(super) struct BodySum {
    // The keys are `u64`, as in other maps, because the compiler makes 6,000 lines of LLVM IR for each new type of map.
    by_number: BTreeMap<u64, u64>,
    sum: u64,
}

impl BodySum {
    pub(super) fn add(&mut self, number: usize, bytes: u64) {
        self.by_number.insert(number as u64, bytes);
        self.sum += bytes;
    }

    /// Removes the body of a request that the record has dropped. Does nothing for a body that was not counted.
    pub(super) fn remove(&mut self, number: usize) {
        self.sum -= self.by_number.remove(&(number as u64)).unwrap_or_default();
    }

    /// Removes the oldest body and returns the number of its request, if the sum is above the limit.
    pub(super) fn take_excess(&mut self, limit: u64) -> Option<usize> {
        if self.sum <= limit {
            return None;
        }
        let (number, bytes) = self.by_number.pop_first()?;
        self.sum -= bytes;
        Some(number as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_bodies_are_in_excess() {
        let mut bodies = BodySum::default();
        // Bodies arrive in another order than their requests.
        for (number, bytes) in [(2, 40), (1, 30), (4, 20), (3, 10)] {
            bodies.add(number, bytes);
        }
        assert_eq!(bodies.take_excess(100), None);
        assert_eq!((bodies.take_excess(60), bodies.take_excess(60), bodies.take_excess(60)), (Some(1), Some(2), None));
        bodies.remove(4);
        bodies.remove(4);
        assert_eq!((bodies.sum, bodies.take_excess(9), bodies.take_excess(0)), (10, Some(3), None));
    }
}

//! The Standard retrievals of an account in a region that its data retrieval policy counts: the bytes of those in
//! progress, and of those accepted today.
//!
//! Both are kept as sums, so that the cost of a request does not depend on the number of jobs. Code that ends a job
//! must call [`StandardRetrievals::end`].

#[cfg(feature = "state")]
mod data;

use std::collections::HashMap;

#[cfg(feature = "state")]
pub(crate) use self::data::StandardRetrievalsData;
use crate::domain::words::Timestamp;

/// The sums that a data retrieval policy is checked against.
#[derive(Debug, Default)]
pub(crate) struct StandardRetrievals {
    /// The bytes of each retrieval in progress, by the number of its job, so that none is subtracted twice.
    in_progress: HashMap<u64, u64>,
    /// The sum of `in_progress`.
    bytes_in_progress: u128,
    /// The UTC day of the newest retrieval, counted from 1970.
    day: i64,
    /// The bytes accepted on that day.
    bytes_of_day: u128,
}

impl StandardRetrievals {
    /// Counts an accepted job.
    pub(crate) fn begin(&mut self, job: u64, bytes: u64, now: Timestamp) {
        self.bytes_of_day = self.bytes_of_today(now) + u128::from(bytes);
        self.day = now.utc_day();
        self.bytes_in_progress += u128::from(bytes);
        self.in_progress.insert(job, bytes);
    }

    /// Removes a job that is no longer in progress. Does nothing for a job that was not counted.
    pub(crate) fn end(&mut self, job: u64) {
        let bytes = self.in_progress.remove(&job).unwrap_or_default();
        self.bytes_in_progress -= u128::from(bytes);
    }

    pub(crate) fn bytes_in_progress(&self) -> u128 {
        self.bytes_in_progress
    }

    /// Returns the bytes accepted since midnight, UTC.
    pub(crate) fn bytes_of_today(&self, now: Timestamp) -> u128 {
        if self.day == now.utc_day() { self.bytes_of_day } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::account::retrieval_policy::RetrievalPolicy;

    /// A retrieval of a number of bytes, or the end of an earlier one, which may have ended before.
    #[derive(Clone, Debug)]
    enum Step {
        Retrieve(u64),
        End(usize),
    }

    /// A retrieval as the oracle keeps it.
    struct Seen {
        accepted: Timestamp,
        bytes: u64,
        in_progress: bool,
    }

    fn steps() -> impl Strategy<Value = Vec<(u64, Step)>> {
        let step = prop_oneof![2 => (1_u64..100).prop_map(Step::Retrieve), 1 => (0_usize..8).prop_map(Step::End)];
        vec((0_u64..9, step), 1..40)
    }

    proptest! {
        /// The oracle keeps every accepted retrieval, and applies the definitions with a division and a date as text.
        #[test]
        fn the_sums_agree_with_a_list_of_all_retrievals(
            steps in steps(), quota in 1_u64..60, free_tier in 0_u64..300, strategy in 0..3
        ) {
            let policy = [RetrievalPolicy::BytesPerHour(quota), RetrievalPolicy::FreeTier, RetrievalPolicy::None]
                [strategy as usize];
            let mut sums = StandardRetrievals::default();
            let mut all: Vec<Seen> = Vec::new();
            let mut now = "2026-02-27T20:30:00Z".parse::<Timestamp>().unwrap();
            for (hours, step) in steps {
                now = now.after(Duration::from_secs(hours * 3600));
                match step {
                    Step::Retrieve(bytes) => {
                        let day = |at: Timestamp| at.to_string()[..10].to_owned();
                        let running: u64 = all.iter().filter(|seen| seen.in_progress).map(|seen| seen.bytes).sum();
                        let today: u64 =
                            all.iter().filter(|seen| day(seen.accepted) == day(now)).map(|seen| seen.bytes).sum();
                        let expected = match policy {
                            RetrievalPolicy::BytesPerHour(quota) => (running + bytes) as f64 / 4.0 <= quota as f64,
                            RetrievalPolicy::FreeTier => today + bytes <= free_tier,
                            RetrievalPolicy::None => true,
                        };
                        prop_assert_eq!(policy.admit(bytes, &sums, free_tier, now).is_ok(), expected);
                        if expected {
                            sums.begin(all.len() as u64, bytes, now);
                            all.push(Seen { accepted: now, bytes, in_progress: true });
                        }
                    }
                    Step::End(job) => {
                        sums.end(job as u64);
                        if let Some(seen) = all.get_mut(job) {
                            seen.in_progress = false;
                        }
                    }
                }
            }
        }
    }
}

//! The Standard retrievals of an account in a region, as far as its data retrieval policy asks for them: the bytes of those
//! in progress, and of those accepted today.
//!
//! Both are kept as sums, so that a request costs the same however many jobs there are. Who ends a job says so here.

use std::collections::HashMap;

use crate::domain::words::Timestamp;

/// What the policy has to know of the retrievals before.
#[derive(Debug, Default)]
pub(crate) struct StandardRetrievals {
    /// The bytes of each that is in progress, by the number of its job: so none is taken off twice.
    in_progress: HashMap<u64, u64>,
    /// Their sum.
    bytes_in_progress: u128,
    /// The day of the newest, counted from 1970.
    day: i64,
    /// What was accepted on that day.
    bytes_of_day: u128,
}

impl StandardRetrievals {
    /// A job was accepted.
    pub(crate) fn begin(&mut self, job: u64, bytes: u64, now: Timestamp) {
        self.bytes_of_day = self.bytes_of_today(now) + u128::from(bytes);
        self.day = now.utc_day();
        self.bytes_in_progress += u128::from(bytes);
        self.in_progress.insert(job, bytes);
    }

    /// A job is not in progress any more. Nothing, if it was none of these.
    pub(crate) fn end(&mut self, job: u64) {
        let bytes = self.in_progress.remove(&job).unwrap_or_default();
        self.bytes_in_progress -= u128::from(bytes);
    }

    pub(crate) fn bytes_in_progress(&self) -> u128 {
        self.bytes_in_progress
    }

    /// What was accepted since midnight, UTC.
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

    /// Some hours, then a retrieval of so many bytes or the end of one of those before, in progress or not.
    #[derive(Clone, Debug)]
    enum Step {
        Asks(u64),
        Ends(usize),
    }

    /// As naive as can be: every retrieval that was ever accepted.
    struct Seen {
        accepted: Timestamp,
        bytes: u64,
        in_progress: bool,
    }

    fn steps() -> impl Strategy<Value = Vec<(u64, Step)>> {
        let step = prop_oneof![2 => (1_u64..100).prop_map(Step::Asks), 1 => (0_usize..8).prop_map(Step::Ends)];
        vec((0_u64..9, step), 1..40)
    }

    proptest! {
        /// The rules by definition: over all that was ever accepted, a division and a date as text.
        #[test]
        fn the_sums_and_a_list_of_everything_agree(
            steps in steps(), quota in 1_u64..60, free_tier in 0_u64..300, strategy in 0..3
        ) {
            let policy = [RetrievalPolicy::BytesPerHour(quota), RetrievalPolicy::FreeTier, RetrievalPolicy::None]
                [strategy as usize];
            let mut sums = StandardRetrievals::default();
            let mut all: Vec<Seen> = Vec::new();
            let mut now = Timestamp::parse("2026-02-27T20:30:00Z").unwrap();
            for (hours, step) in steps {
                now = now.after(Duration::from_secs(hours * 3600));
                match step {
                    Step::Asks(bytes) => {
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
                    Step::Ends(job) => {
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

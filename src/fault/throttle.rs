//! Throttling: a token bucket that refills on the mock's clock.

use std::time::Duration;

use crate::domain::words::Timestamp;

/// A burst of requests, and one more request after each refill interval on the mock's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    pub(crate) burst: u32,
    pub(crate) refill: Duration,
}

/// The remaining tokens of a quota.
#[derive(Debug)]
pub(crate) struct Bucket {
    quota: Quota,
    tokens: u32,
    /// When the wait for the next token began; `None` while the bucket is full.
    since: Option<Timestamp>,
}

impl Bucket {
    pub(crate) fn full(quota: Quota) -> Self {
        Bucket { quota, tokens: quota.burst, since: None }
    }

    /// Takes a token for a request at this time. Returns `false` if there is none.
    pub(crate) fn admits(&mut self, now: Timestamp) -> bool {
        self.refill(now);
        if self.tokens == 0 {
            return false;
        }
        self.tokens -= 1;
        self.since.get_or_insert(now);
        true
    }

    fn refill(&mut self, now: Timestamp) {
        let Quota { burst, refill } = self.quota;
        let Some(since) = self.since else { return };
        let missing = burst - self.tokens;
        let due = now.since(since).as_millis().checked_div(refill.as_millis());
        // With an interval of zero the bucket is always full.
        let due = due.and_then(|due| u32::try_from(due).ok()).unwrap_or(u32::MAX);
        if due >= missing {
            (self.tokens, self.since) = (burst, None);
        } else {
            self.tokens += due;
            self.since = Some(since.after(refill * due));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_followed_by_one_request_per_refill_interval() {
        let start = "2026-01-31T00:00:00Z".parse::<Timestamp>().unwrap();
        let mut bucket = Bucket::full(Quota { burst: 2, refill: Duration::from_secs(10) });
        let mut at = |seconds| bucket.admits(start.after(Duration::from_secs(seconds)));
        assert_eq!([at(0), at(0), at(0)], [true, true, false]);
        assert_eq!([at(9), at(10), at(10), at(19), at(20)], [false, true, false, false, true]);
        // The bucket fills up to the burst and no further.
        assert_eq!([at(1000), at(1000), at(1000), at(1010)], [true, true, false, true]);
    }

    #[test]
    fn a_refill_interval_of_zero_never_runs_out() {
        let now = "2026-01-31T00:00:00Z".parse::<Timestamp>().unwrap();
        let mut bucket = Bucket::full(Quota { burst: 1, refill: Duration::ZERO });
        assert!((0..10).all(|_| bucket.admits(now)));
        let mut none = Bucket::full(Quota { burst: 0, refill: Duration::from_secs(1) });
        assert!(!none.admits(now));
    }
}

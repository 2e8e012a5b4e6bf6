//! The data retrieval policy of an account in a region, and the retrievals that it admits (api.md section 10).
//!
//! Scope: the policy applies to Standard retrievals of archives, summed over all vaults of the account in the region. A
//! retrieval that would exceed the policy is refused at once; jobs in progress are not affected (developer guide, "Data
//! Retrieval Policies": it "applies only to Standard retrievals", "does not affect previously accepted retrieval jobs
//! that are already in progress").
//!
//! The rate of BytesPerHour: a request is refused "if it would cause the peak retrieval rate of the in-progress jobs to
//! exceed the bytes-per-hour quota" (same page). The guide does not define the rate of a job. Up to 2016 the FAQ
//! computed it for billing: the bytes of a job, spread over the four hours that it typically takes (Haystack Software
//! on 29 May 2014: "the total size [..] divided by 4 hours"; today's FAQ bills by the byte and has no rate). The mock
//! therefore counts a quarter of the bytes of a retrieval's range per hour, for as long as the job is in progress on
//! the mock's clock. Jobs that complete at once never overlap, so each is measured alone.
//!
//! The day of FreeTier: "you cannot retrieve more data in a day than your prorated daily AWS Free Tier retrieval
//! allowance for that AWS Region" (same page). The allowance is that of the FAQ since November 2016, "10 GB of your
//! Amazon Glacier data per month for free", for Standard retrievals. Before, it was 5 % of the stored data, which AWS's
//! storage whitepaper still states; a test can set that. Our assumptions: a month has 30 days, a day is a UTC day, and
//! every retrieval accepted on it counts, no matter which policy was set then and how the job ended.

use super::standard_retrievals::StandardRetrievals;
use crate::domain::failure::Failure;
use crate::domain::words::Timestamp;

/// The assumed duration of a retrieval, in hours, from which its rate is computed.
const HOURS: u128 = 4;

/// The daily allowance of FreeTier, in bytes: 10 GB (of 1024 * 1024 * 1024 bytes, as AWS counts) for a month of 30
/// days.
pub(crate) const FREE_TIER_PER_DAY: u64 = (10 << 30) / 30;

/// The data retrieval policy of an account in a region: the limit on Standard retrievals. Returned by
/// [`GlacierMock::retrieval_policy`](crate::GlacierMock::retrieval_policy).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetrievalPolicy {
    /// At most this many bytes per hour.
    BytesPerHour(u64),
    /// The allowance of the AWS free tier. The builder's
    /// [`free_tier_per_day`](crate::GlacierMockBuilder::free_tier_per_day) sets it.
    FreeTier,
    /// No limit.
    #[default]
    None,
}

impl RetrievalPolicy {
    /// Validates the Strategy and the BytesPerHour of a rule. BytesPerHour is required with the strategy of that name,
    /// from 1 to 2^63-1, and invalid with any other strategy.
    pub(crate) fn new(strategy: &str, bytes_per_hour: Option<i128>) -> Result<Self, Failure> {
        let invalid = |given: i128| Failure::invalid("BytesPerHour", given.to_string());
        match (strategy, bytes_per_hour) {
            ("BytesPerHour", None) => Err(Failure::missing("BytesPerHour")),
            ("BytesPerHour", Some(given)) => {
                let limit =
                    i64::try_from(given).ok().filter(|&limit| limit >= 1).and_then(|limit| limit.try_into().ok());
                limit.map(RetrievalPolicy::BytesPerHour).ok_or_else(|| invalid(given))
            }
            ("FreeTier", None) => Ok(RetrievalPolicy::FreeTier),
            ("None", None) => Ok(RetrievalPolicy::None),
            ("FreeTier" | "None", Some(given)) => Err(invalid(given)),
            (other, _) => Err(Failure::invalid("strategy", other)),
        }
    }

    pub(crate) fn strategy(self) -> &'static str {
        match self {
            RetrievalPolicy::BytesPerHour(_) => "BytesPerHour",
            RetrievalPolicy::FreeTier => "FreeTier",
            RetrievalPolicy::None => "None",
        }
    }

    pub(crate) fn bytes_per_hour(self) -> Option<u64> {
        match self {
            RetrievalPolicy::BytesPerHour(limit) => Some(limit),
            RetrievalPolicy::FreeTier | RetrievalPolicy::None => None,
        }
    }

    /// Refuses a Standard retrieval of `bytes` that would exceed the limit, given the retrievals `before` it. A
    /// retrieval that exactly reaches the limit is admitted.
    pub(crate) fn admit(
        self,
        bytes: u64,
        before: &StandardRetrievals,
        free_tier_per_day: u64,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let bytes = u128::from(bytes);
        let fits = match self {
            // Multiplies the quota instead of dividing the bytes, so that nothing is rounded.
            RetrievalPolicy::BytesPerHour(quota) => before.bytes_in_progress() + bytes <= u128::from(quota) * HOURS,
            RetrievalPolicy::FreeTier => before.bytes_of_today(now) + bytes <= u128::from(free_tier_per_day),
            RetrievalPolicy::None => true,
        };
        if fits { Ok(()) } else { Err(Failure::RetrievalDeniedByPolicy) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_per_hour_is_valid_only_with_its_strategy() {
        let of = RetrievalPolicy::new;
        assert_eq!(of("BytesPerHour", Some(1)), Ok(RetrievalPolicy::BytesPerHour(1)));
        assert_eq!(of("BytesPerHour", Some(i64::MAX.into())), Ok(RetrievalPolicy::BytesPerHour(i64::MAX as u64)));
        for bad in [0, -1, i128::from(i64::MAX) + 1] {
            assert_eq!(of("BytesPerHour", Some(bad)), Err(Failure::invalid("BytesPerHour", bad.to_string())));
        }
        assert_eq!(of("BytesPerHour", None), Err(Failure::missing("BytesPerHour")));
        assert_eq!(of("FreeTier", Some(5)), Err(Failure::invalid("BytesPerHour", "5")));
        assert_eq!(of("Unlimited", None), Err(Failure::invalid("strategy", "Unlimited")));
    }

    fn noon() -> Timestamp {
        "2026-01-31T12:00:00Z".parse::<Timestamp>().unwrap()
    }

    /// A job of 4 bytes retrieves one an hour (the guide's "Data Retrieval Policies" and the FAQ up to 2016).
    #[test]
    fn retrievals_in_progress_may_reach_the_quota_but_not_exceed_it() {
        let mut before = StandardRetrievals::default();
        let admit = |before: &StandardRetrievals, quota, bytes| {
            RetrievalPolicy::BytesPerHour(quota).admit(bytes, before, 0, noon()).is_ok()
        };
        assert!(admit(&before, 10, 40));
        assert!(!admit(&before, 10, 41), "a job that exceeds the quota alone");
        before.begin(1, 17, noon());
        before.begin(2, 20, noon());
        assert!(admit(&before, 10, 3));
        assert!(!admit(&before, 10, 4));
        before.end(1);
        assert!(admit(&before, 10, 20));
        assert!(!admit(&before, 10, 21));
        // The largest numbers do not overflow.
        before.begin(3, u64::MAX, noon());
        assert!(!admit(&before, i64::MAX as u64, u64::MAX));
        assert!(RetrievalPolicy::None.admit(u64::MAX, &before, 0, noon()).is_ok());
    }

    /// "You cannot retrieve more data in a day than your prorated daily [..] allowance" (the same page).
    #[test]
    fn the_free_tier_is_per_day_and_counts_ended_jobs() {
        let mut before = StandardRetrievals::default();
        let admit =
            |before: &StandardRetrievals, bytes, now| RetrievalPolicy::FreeTier.admit(bytes, before, 100, now).is_ok();
        before.begin(1, 60, noon());
        before.end(1);
        assert!(admit(&before, 40, noon()));
        assert!(!admit(&before, 41, noon()));
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert!(!admit(&before, 41, at("2026-01-31T23:59:59.999Z")));
        assert!(admit(&before, 100, at("2026-02-01T00:00:00Z")));
        assert!(!admit(&before, 101, at("2026-02-01T00:00:00Z")));
    }

    #[test]
    fn the_free_tier_is_ten_gigabytes_per_month() {
        assert_eq!(FREE_TIER_PER_DAY, 357_913_941);
    }
}

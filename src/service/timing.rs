//! The default timing of jobs.

#[cfg(feature = "state")]
mod data;

use std::time::Duration;

#[cfg(feature = "state")]
pub(super) use self::data::TimingData;
use crate::domain::vault::{Ending, JobKind, Tier, Verdict};
use crate::domain::words::Timestamp;

/// Decides when jobs complete, unless a rule or the test decides it.
///
/// ```
/// use std::time::Duration;
/// use glacier_mock::{GlacierMock, JobTiming};
///
/// let mock = GlacierMock::builder().jobs(Duration::from_secs(2)).start();
/// mock.set_job_timing(JobTiming::after_polls(3));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobTiming(Rule);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Rule {
    #[default]
    Instant,
    After(Duration),
    AfterPolls(u32),
    ByTier,
    Manual,
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// Jobs take this long, as with [`JobTiming::after`].
impl From<Duration> for JobTiming {
    fn from(duration: Duration) -> Self {
        JobTiming::after(duration)
    }
}

impl JobTiming {
    /// Jobs complete immediately. This is the default.
    pub fn instant() -> Self {
        JobTiming(Rule::Instant)
    }

    /// Jobs complete a fixed time after their start, on the mock's clock.
    pub fn after(duration: Duration) -> Self {
        JobTiming(Rule::After(duration))
    }

    /// Jobs complete after `polls` responses that reported them as InProgress. A poll is a DescribeJob or GetJobOutput
    /// for the job, or a page of ListJobs that contains it. Looking at the job from the test does not count.
    pub fn after_polls(polls: u32) -> Self {
        JobTiming(Rule::AfterPolls(polls))
    }

    /// Jobs take as long as on AWS, on the mock's clock: Expedited 2 to 5 minutes, Standard 4 to 5 hours, Bulk 6 to 12
    /// hours, an inventory 4 hours. The duration depends only on the size; larger archives take longer. While Expedited
    /// capacity is short ([`GlacierMock::set_expedited_shortage`](crate::GlacierMock::set_expedited_shortage)),
    /// provisioned capacity transfers at most 150 MB per second and unit.
    pub fn by_tier() -> Self {
        JobTiming(Rule::ByTier)
    }

    /// Jobs stay InProgress until the test calls [`Job::complete`](crate::Job::complete) or
    /// [`Job::fail`](crate::Job::fail).
    pub fn manual() -> Self {
        JobTiming(Rule::Manual)
    }

    /// Returns when a job that was started at `created` ends. A job that uses provisioned capacity does not end before
    /// `carried`.
    pub(crate) fn ending(&self, kind: &JobKind, created: Timestamp, carried: Option<Timestamp>) -> Ending {
        let succeeds = |duration| Ending::At(created.after(duration), Verdict::Succeeds);
        match self.0 {
            Rule::Instant => succeeds(Duration::ZERO),
            Rule::After(duration) => succeeds(duration),
            Rule::AfterPolls(polls) => Ending::AfterPolls(polls),
            Rule::ByTier => {
                let typical = created.after(typical_duration(kind));
                Ending::At(carried.map_or(typical, |carried| carried.max(typical)), Verdict::Succeeds)
            }
            Rule::Manual => Ending::Manual,
        }
    }
}

/// Returns a duration within the ranges of api.md section 5, which grows with the size.
fn typical_duration(kind: &JobKind) -> Duration {
    let (least, most, size) = match kind {
        JobKind::Inventory(_) => return 4 * HOUR,
        JobKind::Archive(retrieval) => match retrieval.tier {
            Tier::Expedited => (2 * MINUTE, 5 * MINUTE, retrieval.range.len()),
            Tier::Standard => (4 * HOUR, 5 * HOUR, retrieval.range.len()),
            Tier::Bulk => (6 * HOUR, 12 * HOUR, retrieval.range.len()),
        },
    };
    // At 64 GiB the duration is halfway between the bounds; it never reaches the upper one.
    let (size, half) = (u128::from(size), 64_u128 << 30);
    let more = (most - least).as_millis() * size / (size + half);
    least + Duration::from_millis(u64::try_from(more).unwrap_or_default())
}

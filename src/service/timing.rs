//! When jobs complete.

use std::time::Duration;

use crate::domain::job::Ending;
use crate::domain::timestamp::Timestamp;

/// When the jobs that the code under test asks for complete.
///
/// ```
/// use std::time::Duration;
/// use glacier_mock::{GlacierMock, JobTiming};
///
/// let mock = GlacierMock::builder().jobs(JobTiming::after(Duration::from_secs(2))).start();
/// # drop(mock);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobTiming(Rule);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Rule {
    #[default]
    Instant,
    After(Duration),
    Manual,
}

impl JobTiming {
    /// Complete as soon as they are asked for. The default.
    pub fn instant() -> Self {
        JobTiming(Rule::Instant)
    }

    /// Complete a fixed time after they were asked for, on the mock's clock.
    pub fn after(duration: Duration) -> Self {
        JobTiming(Rule::After(duration))
    }

    /// Stay InProgress until the test calls [`Job::complete`](crate::Job::complete) or
    /// [`Job::fail`](crate::Job::fail).
    pub fn manual() -> Self {
        JobTiming(Rule::Manual)
    }

    /// When a job that was asked for at `created` ends.
    pub(crate) fn ending(&self, created: Timestamp) -> Ending {
        match self.0 {
            Rule::Instant => Ending::SucceedsAt(created),
            Rule::After(duration) => Ending::SucceedsAt(created.after(duration)),
            Rule::Manual => Ending::Manual,
        }
    }
}

//! Detects jobs that the code under test polls long before they end: a test that waits for such a job in real time
//! appears to hang.

use std::fmt;
use std::time::Duration;

use crate::domain::vault::{Awaited, JobAt};
use crate::domain::words::{JobId, Timestamp};
use crate::sync::Mutex;

use super::Service;

/// A test that would wait this long for one job has most likely forgotten to let time pass.
const FAR: Duration = Duration::from_secs(60);

/// A job in progress that is due more than a minute after it was polled.
#[derive(Debug)]
pub(crate) struct FarJob {
    vault_arn: String,
    id: JobId,
    left: Duration,
}

impl FarJob {
    /// Returns `None` for a job that ends soon, has ended, or does not wait for time.
    pub(super) fn seen(vault_arn: &str, at: &JobAt, now: Timestamp) -> Option<Self> {
        let left = time_left(at, || now)?;
        Some(FarJob { vault_arn: vault_arn.to_owned(), id: at.job.id.clone(), left })
    }
}

/// Returns the remaining time of a job in progress, if that is more than a minute. Calls `now` only for a job that ends
/// at some time, because reading the clock takes a lock.
fn time_left(at: &JobAt, now: impl FnOnce() -> Timestamp) -> Option<Duration> {
    match at.awaited {
        Some(Awaited::Time(end)) => Some(end.since(now())).filter(|left| *left > FAR),
        Some(Awaited::Polls | Awaited::Test) | None => None,
    }
}

/// States what the job waits for, and the ways to let that time pass.
impl fmt::Display for FarJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FarJob { vault_arn, id, left } = self;
        let vault = vault_arn.rsplit('/').next().unwrap_or_default();
        let minutes = left.as_secs() / 60;
        write!(
            f,
            "job {id} of vault {:?} ends in {}h{:02}m of real time. A test need not wait for that: use \
             #[tokio::test(start_paused = true)] with the mock's client, call mock.clock().advance(..), or choose another \
             timing with .jobs(..) or mock.next_job()",
            vault,
            minutes / 60,
            minutes % 60
        )
    }
}

impl Service {
    /// Records the first job that a client polled more than a minute of real time before its end.
    pub(super) fn note_far_job(&self, far: FarJob) {
        if self.far_job.get().is_none() && self.clock.is_real_time() {
            self.far_job.get_or_init(|| Mutex::new(Some(far)));
        }
    }

    /// Returns the recorded job. Later calls return `None`.
    pub(crate) fn first_far_job(&self) -> Option<FarJob> {
        self.far_job.get()?.lock().take()
    }

    /// Returns the remaining time of a job in progress, if it is more than a minute of real time.
    pub(crate) fn real_time_left(&self, at: &JobAt) -> Option<Duration> {
        time_left(at, || self.now()).filter(|_| self.clock.is_real_time())
    }
}

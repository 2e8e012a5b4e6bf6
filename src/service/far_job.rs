//! A job that the code under test polls although it ends much later: a test that waits for it in real time seems to hang.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use crate::domain::vault::{Awaited, JobAt};
use crate::domain::words::{JobId, Timestamp};

use super::Service;

/// A test that waits this long for one job has most likely forgotten to let time pass.
const FAR: Duration = Duration::from_secs(60);

/// A job in progress that ends more than a minute after it was polled.
#[derive(Debug)]
pub(crate) struct FarJob {
    vault_arn: String,
    id: JobId,
    left: Duration,
}

impl FarJob {
    /// `None` for a job that ends soon, has ended, or does not wait for time.
    pub(super) fn seen(vault_arn: &str, at: &JobAt, now: Timestamp) -> Option<Self> {
        let left = time_left(at, now)?;
        Some(FarJob { vault_arn: vault_arn.to_owned(), id: at.job.id.clone(), left })
    }
}

/// How long a job in progress still takes, if that is more than a minute.
fn time_left(at: &JobAt, now: Timestamp) -> Option<Duration> {
    match at.awaited {
        Some(Awaited::Time(end)) => Some(end.since(now)).filter(|left| *left > FAR),
        Some(Awaited::Polls | Awaited::Test) | None => None,
    }
}

/// What the job waits for, and the ways to let that time pass.
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
    /// Keeps the first job that a client polled and that ends in more than a minute of real time.
    pub(super) fn note_far_job(&self, far: FarJob) {
        if self.far_job.get().is_none() && self.clock.is_real_time() {
            self.far_job.get_or_init(|| Mutex::new(Some(far)));
        }
    }

    /// The job that was polled first of those that end in more than a minute of real time. Given out once.
    pub(crate) fn first_far_job(&self) -> Option<FarJob> {
        self.far_job.get()?.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take()
    }

    /// How long a job in progress still takes, if that is more than a minute, and of real time.
    pub(crate) fn real_time_left(&self, at: &JobAt) -> Option<Duration> {
        time_left(at, self.now()).filter(|_| self.clock.is_real_time())
    }
}

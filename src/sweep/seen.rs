//! The calls that a run made, as places where a fault can happen.

use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

use crate::domain::words::Operation;
use crate::fixture::GlacierMock;
use crate::record::Call;

/// A call of a run.
pub(super) struct Seen {
    /// The position among all calls, counted from 1.
    pub(super) number: usize,
    pub(super) operation: Operation,
    /// The position among the calls of this operation, counted from 1.
    pub(super) nth: usize,
    /// The byte in the middle of the response, if the call downloads the output of a job.
    pub(super) middle: u64,
    /// The job that the call started.
    pub(super) job: Option<JobSeen>,
    /// Whether time passes on the mock's clock without real time.
    pub(super) time_is_free: bool,
}

/// A job of a run.
pub(super) struct JobSeen {
    /// How long each job took, in the order in which they were started. The last one is this job. `None` for a job that
    /// did not end.
    pub(super) times: Vec<Option<Duration>>,
}

impl Seen {
    /// Returns how long the job took that the call started.
    pub(super) fn own_job(&self) -> Option<Duration> {
        self.job.as_ref()?.times.last().copied().flatten()
    }

    /// Returns the calls of a run. Requests that are no operation are left out, because a fault cannot select them.
    pub(super) fn all(mock: &GlacierMock, calls: &[Call]) -> Vec<Rc<Seen>> {
        let clock = mock.mock.service.clock();
        let time_is_free = clock.runs() && !clock.is_real_time();
        let mut nth: HashMap<Operation, usize> = HashMap::new();
        let mut times = Vec::new();
        let mut all = Vec::new();
        for call in calls {
            let Some(operation) = call.operation() else { continue };
            let count = nth.entry(operation).or_default();
            *count += 1;
            all.push(Rc::new(Seen {
                number: call.number(),
                operation,
                nth: *count,
                middle: middle(mock, call),
                job: job(mock, call, &mut times),
                time_is_free,
            }));
        }
        all
    }
}

/// Returns the job that a call started, and adds its time.
fn job(mock: &GlacierMock, call: &Call, times: &mut Vec<Option<Duration>>) -> Option<JobSeen> {
    if call.operation() != Some(Operation::InitiateJob) {
        return None;
    }
    let time = match mock.jobs().get(call.job_id()?) {
        Some(job) => job.completed().map(|completed| completed.since(job.created())),
        // The service has forgotten the job: it ended long ago, or its vault is gone.
        None => Some(Duration::ZERO),
    };
    times.push(time);
    Some(JobSeen { times: times.clone() })
}

/// Returns the middle of the bytes that a GetJobOutput returned, or 0 if their number is unknown.
fn middle(mock: &GlacierMock, call: &Call) -> u64 {
    if call.operation() != Some(Operation::GetJobOutput) {
        return 0;
    }
    let job = call.job_id().and_then(|id| mock.jobs().get(id));
    let archive = job.as_ref().and_then(|job| job.archive_id()).zip(call.vault());
    let size = archive.and_then(|(id, vault)| mock.vault(vault).archive(id)).map_or(0, |archive| archive.size());
    let asked = call.last().byte_range().map_or(size, |range| range.end().saturating_sub(*range.start()) + 1);
    asked.min(size) / 2
}

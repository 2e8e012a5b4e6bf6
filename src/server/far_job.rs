//! What the mock records about a polled job: its status, and whether the test waits for it in real time.

use crate::domain::vault::{Awaited, JobAt};
use crate::record::{JobSeen, Waits};

use super::Served;

/// Returns the state of the job that a DescribeJob found, for the record.
pub(super) fn seen(served: &Served, at: &JobAt) -> JobSeen {
    let minutes = served.mock.service.real_time_left(at).map(|left| left.as_secs() / 60);
    let waits = match (at.awaited, minutes) {
        (Some(Awaited::Test), _) => Waits::ForTheTest,
        (_, Some(minutes)) => Waits::RealMinutes(minutes.try_into().unwrap_or(u32::MAX)),
        (_, None) => Waits::Not,
    };
    JobSeen { status: at.status.code(), waits }
}

/// Writes one line to standard error the first time that a test polls a job which is due in more than a minute of real
/// time. Otherwise such a test appears to hang without a reason.
pub(super) fn report(served: &Served) {
    let Some(far) = served.mock.service.first_far_job() else { return };
    served.reporter.warning(&far.to_string(), !served.is_quiet);
}

//! What the mock records about a polled job: its status, and whether the test waits for it in real time.

use crate::domain::vault::{Awaited, JobAt};
use crate::record::{JobSeen, Waits};

use super::Core;

/// Returns the state of the job that a DescribeJob found, for the record.
pub(super) fn seen(core: &Core, at: &JobAt) -> JobSeen {
    let minutes = core.service.real_time_left(at).map(|left| left.as_secs() / 60);
    let waits = match (at.awaited, minutes) {
        (Some(Awaited::Test), _) => Waits::ForTheTest,
        (_, Some(minutes)) => Waits::RealMinutes(minutes.try_into().unwrap_or(u32::MAX)),
        (_, None) => Waits::Not,
    };
    JobSeen { status: at.status.code(), waits }
}

/// Writes one line to standard error the first time that a test polls a job which is due in more than a minute of real
/// time. Otherwise such a test appears to hang without a reason.
pub(super) fn report(core: &Core) {
    let Some(far) = core.service.first_far_job() else { return };
    core.reporter.warning(&far.to_string(), !core.is_quiet);
}

//! Hints about jobs that the code under test polls but that do not end.

use crate::domain::vault::JobStatus;
use crate::domain::words::Operation;
use crate::record::{JobSeen, Request, Waits, short};

use super::style::Advice;

/// The minimum number of polls for a hint about a job that only the test can end.
const POLLS: usize = 2;

/// Returns whether the request is a DescribeJob for a job that may be waiting for the mock's clock.
pub(super) fn is_idle_poll(request: &Request) -> bool {
    let waits = request.job_seen().map(|seen| seen.waits);
    request.operation() == Some(Operation::DescribeJob) && waits != Some(Waits::ForTheTest)
}

/// Returns a hint for each reason why a job does not end, about the job that was polled last.
pub(super) fn job_hints(requests: &[Request], advice: Advice) -> Vec<String> {
    let mut hints = Vec::new();
    let last_that = |waits: fn(Waits) -> bool| {
        // Only the latest state of each job matters.
        let mut jobs = Vec::new();
        requests.iter().rev().find(|request| {
            let Some(job) = request.job_id() else { return false };
            let seen = request.job_seen();
            if seen.is_none() && !is_output(request) {
                return false;
            }
            let is_last = !jobs.contains(&job);
            jobs.push(job);
            is_last && seen.is_some_and(|seen| seen.status == JobStatus::InProgress && waits(seen.waits))
        })
    };
    if let Some(poll) = last_that(|waits| waits == Waits::ForTheTest) {
        let polls = polls_of(poll, requests);
        if polls >= POLLS {
            let what = match advice {
                Advice::Rust => {
                    "find it with mock.jobs() and call .complete() or .fail(..). The cause is JobTiming::manual(), \
                     never_completes() or hold()"
                }
                Advice::Http => {
                    "find it with GET /jobs and send POST /jobs/{id}/complete or /fail. The cause is the timing `manual`, \
                     a rule with the outcome `never_completes`, or POST /jobs/{id}/hold"
                }
            };
            hints.push(format!(
                "a job of vault {:?} was polled {polls} times, but stays in progress until the test ends it: {what}",
                vault(poll)
            ));
        }
    }
    if let Some(poll) = last_that(|waits| matches!(waits, Waits::RealMinutes(_)))
        && let Some(JobSeen { waits: Waits::RealMinutes(minutes), .. }) = poll.job_seen()
    {
        let what = match advice {
            Advice::Rust => {
                "use #[tokio::test(start_paused = true)] with the mock's client, call mock.clock().advance(..), or choose \
                 another timing with .jobs(..) or mock.next_job()"
            }
            Advice::Http => {
                "advance the mock's clock with POST /clock/advance, or choose another timing with PUT /jobs/timing or POST \
                 /jobs/rules"
            }
        };
        hints.push(format!(
            "a job of vault {:?} would end only after {}h{:02}m of real time: {what}",
            vault(poll),
            minutes / 60,
            minutes % 60
        ));
    }
    hints
}

/// Returns whether the request returned a job's output, which shows that the job has completed.
fn is_output(request: &Request) -> bool {
    request.operation() == Some(Operation::GetJobOutput) && matches!(request.status(), Some(200 | 206))
}

fn polls_of(poll: &Request, requests: &[Request]) -> usize {
    requests.iter().filter(|request| request.job_seen().is_some() && request.job_id() == poll.job_id()).count()
}

fn vault(poll: &Request) -> String {
    short(poll.vault().unwrap_or_default())
}

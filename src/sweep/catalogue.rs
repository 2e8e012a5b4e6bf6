//! The faults of a sweep, and the calls to which each of them can happen.

use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use crate::domain::words::Operation;
use crate::fixture::{Fault, GlacierMock};

use super::seen::{JobSeen, Seen};

/// What a failed job says.
const FAILED: &str = "The job failed in a fault sweep";

/// A fault of the catalogue that [`FaultSweep`](crate::FaultSweep) sweeps. [`FaultSweep::without`](crate::FaultSweep::without)
/// takes one away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SweepFault {
    /// `ThrottlingException`: [`Fault::throttled`].
    Throttled,
    /// `ServiceUnavailableException`, status 500: [`Fault::service_unavailable`].
    ServiceUnavailable,
    /// The connection is reset before the service has processed the request: [`Fault::resets`].
    ResetBefore,
    /// The connection is reset after the service has processed the request: [`Fault::reset_after_commit`].
    ResetAfterCommit,
    /// The connection is closed without a response: [`Fault::loses_answer`].
    AnswerLost,
    /// The response arrives later than any client waits: [`Fault::answer_delayed`]. Only while the mock's clock follows
    /// paused time, because the delay would otherwise be real. [`FaultSweep::late_by`](crate::FaultSweep::late_by) sets the delay.
    LateAnswer,
    /// Status 502 with an HTML body, as from a proxy: [`Fault::answers`].
    BadGateway,
    /// The connection is closed in the middle of a downloaded body: [`Fault::cut_body_after`]. Only for GetJobOutput.
    CutBody,
    /// One bit of a downloaded body is wrong: [`Fault::flips_byte`]. Only for GetJobOutput.
    CorruptedBody,
    /// The job fails at the moment when it would have succeeded. Only for InitiateJob.
    FailedJob,
    /// The job takes ten times as long. Only for InitiateJob, and if the job takes any time.
    SlowJob,
    /// `ExpiredTokenException`: [`Fault::expired_token`]. SDKs do not retry it.
    ExpiredToken,
}

impl SweepFault {
    /// All faults of the catalogue.
    pub const ALL: &[SweepFault] = &[
        SweepFault::Throttled,
        SweepFault::ServiceUnavailable,
        SweepFault::ResetBefore,
        SweepFault::ResetAfterCommit,
        SweepFault::AnswerLost,
        SweepFault::LateAnswer,
        SweepFault::BadGateway,
        SweepFault::CutBody,
        SweepFault::CorruptedBody,
        SweepFault::FailedJob,
        SweepFault::SlowJob,
        SweepFault::ExpiredToken,
    ];

    /// Returns whether an SDK retries a call after this fault. If not, a fault for each attempt is the same as one for
    /// the first.
    fn is_retried(self) -> bool {
        !matches!(
            self,
            SweepFault::CutBody
                | SweepFault::CorruptedBody
                | SweepFault::FailedJob
                | SweepFault::SlowJob
                | SweepFault::ExpiredToken
        )
    }

    /// Returns whether this fault can happen to a call.
    fn applies(self, seen: &Seen) -> bool {
        match self {
            SweepFault::CutBody | SweepFault::CorruptedBody => seen.operation == Operation::GetJobOutput,
            SweepFault::FailedJob => seen.job.is_some(),
            SweepFault::SlowJob => seen.own_job().is_some_and(|time| !time.is_zero()),
            SweepFault::LateAnswer => seen.time_is_free,
            _ => true,
        }
    }
}

impl fmt::Display for SweepFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SweepFault::Throttled => "throttled",
            SweepFault::ServiceUnavailable => "service unavailable",
            SweepFault::ResetBefore => "reset before",
            SweepFault::ResetAfterCommit => "reset after commit",
            SweepFault::AnswerLost => "answer lost",
            SweepFault::LateAnswer => "late answer",
            SweepFault::BadGateway => "502 from a proxy",
            SweepFault::CutBody => "cut body",
            SweepFault::CorruptedBody => "corrupted body",
            SweepFault::FailedJob => "failed job",
            SweepFault::SlowJob => "slow job",
            SweepFault::ExpiredToken => "expired token",
        })
    }
}

/// A fault that the test adds to the catalogue.
pub(super) struct Own<'a> {
    pub(super) name: String,
    pub(super) set: Box<dyn Fn(Fault) + 'a>,
}

/// What goes wrong at a call.
#[derive(Clone)]
pub(super) enum Kind<'a> {
    Known(SweepFault),
    Own(Rc<Own<'a>>),
    CrashBefore,
    CrashAfter,
}

impl Kind<'_> {
    fn is_retried(&self) -> bool {
        match self {
            Kind::Known(known) => known.is_retried(),
            Kind::Own(_) => true,
            Kind::CrashBefore | Kind::CrashAfter => false,
        }
    }
}

impl fmt::Display for Kind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Known(known) => known.fmt(f),
            Kind::Own(own) => f.write_str(&own.name),
            Kind::CrashBefore => f.write_str("crash before commit"),
            Kind::CrashAfter => f.write_str("crash after commit"),
        }
    }
}

/// The faults of a sweep.
pub(super) struct Catalogue<'a> {
    pub(super) kinds: Vec<Kind<'a>>,
    /// Whether to sweep faults for the first attempt of a call, which the SDK's retries absorb.
    pub(super) first_attempt: bool,
    /// Whether to sweep faults for every attempt of a call, which reach the code under test.
    pub(super) every_attempt: bool,
    pub(super) late_by: Duration,
}

/// A fault at a call.
#[derive(Clone)]
pub(super) struct Point<'a> {
    pub(super) seen: Rc<Seen>,
    pub(super) kind: Kind<'a>,
    pub(super) at_every_attempt: bool,
}

impl Point<'_> {
    /// Returns whether the fault happens to a job and not to a request.
    pub(super) fn is_for_job(&self) -> bool {
        matches!(self.kind, Kind::Known(SweepFault::FailedJob | SweepFault::SlowJob))
    }
}

/// For example `call 2 InitiateMultipartUpload, reset after commit`.
impl fmt::Display for Point<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call {} {}, {}", self.seen.number, self.seen.operation, self.kind)?;
        f.write_str(if self.at_every_attempt { " at every attempt" } else { "" })
    }
}

impl<'a> Catalogue<'a> {
    /// Returns all faults that can happen to these calls, in order.
    pub(super) fn points(&self, calls: &[Rc<Seen>]) -> Vec<Point<'a>> {
        let mut points = Vec::new();
        for seen in calls {
            self.add_points(seen, &mut points);
        }
        points
    }

    /// Adds all faults that can happen to a call.
    fn add_points(&self, seen: &Rc<Seen>, points: &mut Vec<Point<'a>>) {
        for kind in &self.kinds {
            if matches!(kind, Kind::Known(known) if !known.applies(seen)) {
                continue;
            }
            let retried = kind.is_retried();
            let attempts = [(self.first_attempt && retried, false), (self.every_attempt && retried, true)];
            let attempts = attempts.into_iter().filter_map(|(is_swept, every)| is_swept.then_some(every));
            let once = (!retried).then_some(false);
            points.extend(attempts.chain(once).map(|at_every_attempt| Point {
                seen: seen.clone(),
                kind: kind.clone(),
                at_every_attempt,
            }));
        }
    }
}

/// Sets the faults of a run. All are optional, because the run need not make the call again.
pub(super) fn arm(mock: &GlacierMock, points: &[Point<'_>], late_by: Duration) {
    let mut jobs: Vec<(&JobSeen, SweepFault)> = Vec::new();
    for point in points {
        let seen = &point.seen;
        let fault = mock.fault(seen.operation).nth_call(seen.nth).optional();
        let fault = if point.at_every_attempt { fault.always() } else { fault.once() };
        match &point.kind {
            Kind::Own(own) => (own.set)(fault),
            Kind::CrashBefore => fault.resets(),
            Kind::CrashAfter => fault.loses_answer(),
            Kind::Known(known) => match known {
                SweepFault::Throttled => fault.throttled(),
                SweepFault::ServiceUnavailable => fault.service_unavailable(),
                SweepFault::ResetBefore => fault.resets(),
                SweepFault::ResetAfterCommit => fault.reset_after_commit(),
                SweepFault::AnswerLost => fault.loses_answer(),
                SweepFault::LateAnswer => fault.answer_delayed(late_by),
                SweepFault::BadGateway => fault.answers(502, "<html><h1>502 Bad Gateway</h1></html>"),
                SweepFault::CutBody => fault.cut_body_after(seen.middle),
                SweepFault::CorruptedBody => fault.flips_byte(seen.middle),
                SweepFault::ExpiredToken => fault.expired_token(),
                SweepFault::FailedJob | SweepFault::SlowJob => jobs.extend(seen.job.as_ref().map(|job| (job, *known))),
            },
        }
    }
    decide_jobs(mock, &jobs);
}

/// Sets rules for the jobs up to the last one that a fault is for. The other jobs take as long as they did without it.
fn decide_jobs(mock: &GlacierMock, faults: &[(&JobSeen, SweepFault)]) {
    let Some((last, _)) = faults.iter().max_by_key(|(job, _)| job.times.len()) else { return };
    for (n, time) in last.times.iter().enumerate() {
        let fault = faults.iter().find(|(job, _)| job.times.len() == n + 1).map(|(_, fault)| *fault);
        let rule = mock.next_job().optional();
        match (fault, time) {
            (Some(SweepFault::FailedJob), time) => rule.fails_after(time.unwrap_or_default(), FAILED),
            (Some(_), Some(time)) => rule.takes(time.saturating_mul(10)),
            (None, Some(time)) => rule.takes(*time),
            (_, None) => rule.never_completes(),
        }
    }
}

//! One run: a mock, the faults, the scenario, and the check of its end.

use std::rc::Rc;

use crate::fixture::{GlacierMock, GlacierMockBuilder};
use crate::record::Call;

use super::catalogue::{Catalogue, Point, arm};
use super::crash::{Life, crashes, live, settled};
use super::drive::{Guarded, Limits};
use super::guard::{Failure, guarded};
use super::program::Program;
use super::seen::Seen;

/// The name of the run without a fault.
pub(super) const NO_FAULT: &str = "no fault";

const INCOMPLETE: &str = "the record of the run is not complete, so the sweep does not know all calls: leave out \
                          keep_requests(..), forget_requests() and reset()";

/// The seed for IDs, so that all runs have the same IDs. A builder's own seed takes precedence.
const SEED: u64 = 16;

/// The parts of a sweep that every run needs.
pub(super) struct Scene<'a> {
    pub(super) builder: Box<dyn Fn() -> GlacierMockBuilder + 'a>,
    pub(super) arrange: Box<dyn Fn(&GlacierMock) + 'a>,
    pub(super) program: Box<dyn Program + 'a>,
    pub(super) catalogue: Catalogue<'a>,
    pub(super) limits: Limits,
}

/// What is to be run.
#[derive(Clone)]
pub(super) struct Plan<'a> {
    pub(super) points: Vec<Point<'a>>,
}

impl Plan<'_> {
    /// For example `call 1 CreateVault, throttled, then call 2 UploadArchive, cut body`.
    pub(super) fn name(&self) -> String {
        let names: Vec<_> = self.points.iter().map(ToString::to_string).collect();
        if names.is_empty() { NO_FAULT.into() } else { names.join(", then ") }
    }
}

/// A run that is over.
pub(super) struct Ran {
    pub(super) name: String,
    pub(super) failure: Option<Failure>,
    pub(super) calls: Vec<Call>,
    /// The calls as places for further faults.
    pub(super) seen: Vec<Rc<Seen>>,
    /// Whether each fault happened to a request.
    pub(super) met: bool,
    /// The number of the call that the last fault was for.
    pub(super) at: Option<usize>,
}

impl Scene<'_> {
    pub(super) async fn run(&self, plan: &Plan<'_>) -> Ran {
        let name = plan.name();
        let prepared = guarded(|| {
            let mock = (self.builder)().seed_unless_set(SEED).start();
            // A panic in `arrange` must not drop the mock while the thread panics: it would print its record.
            let arranged = guarded(|| {
                (self.arrange)(&mock);
                arm(&mock, &plan.points, self.catalogue.late_by);
            });
            (mock, arranged)
        });
        let (mock, arranged) = match prepared {
            Ok(prepared) => prepared,
            Err(failure) => {
                return Ran { name, failure: Some(failure), calls: Vec::new(), seen: Vec::new(), met: true, at: None };
            }
        };
        let checked = match arranged {
            Ok(()) => self.live_and_check(&mock, plan).await,
            Err(failure) => Err(failure),
        };
        let verified = guarded(|| mock.try_verify())
            .and_then(|verified| verified.map_err(|error| Failure::new(error.to_string())));
        let complete = has_complete_record(&mock);
        let calls = mock.all_calls().to_vec();
        let met = plan.points.iter().all(|point| has_met(point, &calls));
        let seen = Seen::all(&mock, &calls);
        let at = plan.points.last().map(|point| point.seen.number);
        let dropped = guarded(|| drop(mock));
        Ran { name, failure: checked.and(verified).and(complete).and(dropped).err(), calls, seen, met, at }
    }

    async fn live_and_check(&self, mock: &GlacierMock, plan: &Plan<'_>) -> Result<(), Failure> {
        let mut crashes = crashes(&plan.points);
        let judge = loop {
            let scenario = guarded(|| self.program.start(mock))?;
            match live(mock, Guarded::new(scenario), self.limits, &mut crashes).await? {
                Life::Finished(judge) => break judge,
                // The next life is the process after its restart.
                Life::Crashed => {}
            }
        };
        // A scenario that returned early may have requests in flight, which would end before or after the check.
        settled(mock).await;
        guarded(|| judge(mock))?.map_err(Failure::new)
    }
}

/// Returns an error if requests of a run are not on record. The calls of a run are the places for faults.
fn has_complete_record(mock: &GlacierMock) -> Result<(), Failure> {
    let requests = mock.requests();
    let is_complete = requests.dropped() == 0 && requests.first().is_none_or(|first| first.number() == 1);
    if is_complete { Ok(()) } else { Err(Failure::new(INCOMPLETE)) }
}

/// Returns whether a fault happened to its call.
fn has_met(point: &Point<'_>, calls: &[Call]) -> bool {
    if point.is_for_job() {
        return true;
    }
    let mut calls = calls.iter().filter(|call| call.operation() == Some(point.seen.operation));
    calls.nth(point.seen.nth - 1).is_some_and(|call| call.attempts().iter().any(|attempt| attempt.fault().is_some()))
}

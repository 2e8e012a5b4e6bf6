//! What a test expects beforehand, and whether it came.

use std::panic::Location;

use crate::record::call::Call;
use crate::record::filter::Filter;
use crate::record::line::short;

use super::count::Count;
use super::explain::{CALLS, Problem, brief, nearest_request, wrong_count};
use super::known::StateView;
use super::style::Style;
use super::table::render_marked;

/// How many failures are told one by one. The rest is counted.
const TOLD: usize = 10;

/// So many calls that fit, declared at some place of a test.
#[derive(Clone, Debug)]
pub(crate) struct Expectation {
    pub(crate) name: Option<String>,
    pub(crate) filter: Filter,
    pub(crate) count: Count,
    pub(crate) declared: &'static Location<'static>,
}

/// Something that the test set up for requests that did not come: a fault that did not fire, for example.
#[derive(Clone, Debug)]
pub(crate) struct Unused {
    pub(crate) declared: &'static Location<'static>,
    /// What was set up, and that it was not used.
    pub(crate) headline: String,
    /// Why it was not used, where that is known already, and what to do.
    pub(crate) notes: Vec<String>,
    /// The requests that it waited for. The one that came nearest is shown.
    pub(crate) wanted: Option<Filter>,
    /// The number of the first request that it saw.
    pub(crate) since: usize,
}

/// The expectations that do not hold, and what was set up and not used. With `strict`, a call that was not expected is a
/// failure too.
///
/// The first failure is told with the record and the hints, the next ones with the calls that they are about, and the
/// rest is counted.
pub(crate) fn failures(
    expectations: &[Expectation],
    unused: &[Unused],
    calls: &[Call],
    strict: bool,
    state: &dyn StateView,
    style: Style,
) -> Vec<String> {
    let unmet = expectations.iter().filter_map(|expectation| {
        let count = calls.iter().filter(|call| expectation.filter.fits(call.last())).count();
        if expectation.count.holds(count) {
            return None;
        }
        let name = expectation.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        let title = format!("{name}declared at {}\n", expectation.declared);
        Some((title, wrong_count(&expectation.filter, expectation.count, calls, CALLS)))
    });
    let stranger = strict.then(|| unexpected(expectations, calls)).flatten().map(|problem| (String::new(), problem));
    let unused = unused.iter().map(|unused| (format!("declared at {}\n", unused.declared), not_used(unused, calls)));
    let problems: Vec<_> = unmet.chain(stranger).chain(unused).collect();
    let count = problems.len();
    let mut failures = Vec::new();
    for (n, (title, problem)) in problems.into_iter().take(TOLD).enumerate() {
        let report = if n == 0 {
            problem.report(calls, state, style)
        } else {
            brief(&problem.headline, &problem.notes, style) + &render_marked(calls, &problem.marks, style)
        };
        failures.push(title + &report);
    }
    if count > TOLD {
        failures.push(format!("... {} more failures are not shown\n", count - TOLD));
    }
    failures
}

/// The first call that fits no expectation.
fn unexpected(expectations: &[Expectation], calls: &[Call]) -> Option<Problem> {
    let is_expected = |call: &Call| expectations.iter().any(|expectation| expectation.filter.fits(call.last()));
    let stranger = calls.iter().find(|call| !is_expected(call))?;
    let what = match stranger.operation() {
        Some(operation) => operation.to_string(),
        None => format!("{} {}", stranger.first().method(), short(stranger.first().path())),
    };
    let headline = format!("nobody expected call {}, {what}, and the mock is strict", stranger.number());
    Some(Problem { headline, notes: Vec::new(), marks: Some(stranger.number() - 1).into() })
}

fn not_used(unused: &Unused, calls: &[Call]) -> Problem {
    let nearest = unused.wanted.as_ref().and_then(|wanted| nearest_request(wanted, unused.since, calls));
    let note = nearest.as_ref().map(|(n, why)| format!("call {} came nearest: {why}", n + 1));
    let notes = note.into_iter().chain(unused.notes.iter().cloned()).collect();
    Problem { headline: unused.headline.clone(), notes, marks: nearest.map(|(n, _)| n).into() }
}

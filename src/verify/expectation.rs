//! What a test expects beforehand, and whether it came.

use std::panic::Location;

use crate::record::{Call, Filter, Panicked, short};

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

/// What does not hold.
#[derive(Debug, Default)]
pub(crate) struct Unmet {
    /// The reports.
    pub(crate) texts: Vec<String>,
    /// Whether too few requests came for one of them, so that more may still come, or the test may have ended too early.
    pub(crate) too_little: bool,
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
) -> Unmet {
    let mut too_little = !unused.is_empty();
    let mut problems = Vec::new();
    for Expectation { name, filter, count, declared } in expectations {
        let name = name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        let title = format!("{name}declared at {declared}\n");
        match came(filter, calls) {
            Ok(came) if count.holds(came) => {}
            Ok(came) => {
                too_little |= came < count.least();
                problems.push((title, wrong_count(filter, *count, calls, CALLS)));
            }
            Err(panicked) => {
                let headline = format!("it could not be verified: {panicked}");
                problems.push((title, Problem { headline, notes: Vec::new(), marks: None.into() }));
            }
        }
    }
    let stranger = strict.then(|| unexpected(expectations, calls)).flatten();
    problems.extend(stranger.map(|problem| (String::new(), problem)));
    problems
        .extend(unused.iter().map(|unused| (format!("declared at {}\n", unused.declared), not_used(unused, calls))));
    let count = problems.len();
    let mut texts = Vec::new();
    for (n, (title, problem)) in problems.into_iter().take(TOLD).enumerate() {
        let report = if n == 0 {
            problem.report(calls, state, style)
        } else {
            brief(&problem.headline, &problem.notes, style) + &render_marked(calls, &problem.marks, style)
        };
        texts.push(title + &report);
    }
    if count > TOLD {
        texts.push(format!("... {} more failures are not shown\n", count - TOLD));
    }
    Unmet { texts, too_little }
}

/// The first call that fits no expectation.
fn unexpected(expectations: &[Expectation], calls: &[Call]) -> Option<Problem> {
    // A condition that panicked is reported as a failure of its expectation.
    let expects = |expectation: &Expectation, call: &Call| expectation.filter.judge(call.last()).unwrap_or(true);
    let is_expected = |call: &Call| expectations.iter().any(|expectation| expects(expectation, call));
    let stranger = calls.iter().find(|call| !is_expected(call))?;
    let what = match stranger.operation() {
        Some(operation) => operation.to_string(),
        None => format!("{} {}", stranger.first().method(), short(stranger.first().path())),
    };
    let headline = format!("unexpected call {}: {what} (the mock is strict)", stranger.number());
    Some(Problem { headline, notes: Vec::new(), marks: Some(stranger.number() - 1).into() })
}

fn not_used(unused: &Unused, calls: &[Call]) -> Problem {
    let nearest = unused.wanted.as_ref().and_then(|wanted| nearest_request(wanted, unused.since, calls));
    let note = nearest.as_ref().map(|(n, why)| format!("call {} came nearest: {why}", n + 1));
    let notes = note.into_iter().chain(unused.notes.iter().cloned()).collect();
    Problem { headline: unused.headline.clone(), notes, marks: nearest.map(|(n, _)| n).into() }
}

/// How many calls fit, or the panic of a condition of the test's own.
fn came(filter: &Filter, calls: &[Call]) -> Result<usize, Panicked> {
    let mut came = 0;
    for call in calls {
        came += usize::from(filter.judge(call.last())?);
    }
    Ok(came)
}

//! Checks the expectations that a test declared, and reports those that were not met.

use crate::domain::words::Origin;
use crate::record::{Call, Filter, Panicked, short};

use super::count::Count;
use super::explain::{CALLS, Judged, Problem, brief, check_count, incomplete, nearest_request};
use super::known::StateView;
use super::style::{Advice, Style};
use super::table::render_marked;

/// The maximum number of failures that are described. The rest are counted.
const TOLD: usize = 10;

/// An expected number of matching calls, with the place where it was declared.
#[derive(Clone, Debug)]
pub(crate) struct Expectation {
    pub(crate) name: Option<String>,
    pub(crate) filter: Filter,
    pub(crate) count: Count,
    pub(crate) declared: Origin,
}

/// Something that a test set up for requests that did not arrive, for example a fault that did not fire.
#[derive(Clone, Debug)]
pub(crate) struct Unused {
    pub(crate) declared: Origin,
    /// Says what was set up, and that it was not used.
    pub(crate) headline: String,
    /// The reason if it is known, and advice.
    pub(crate) notes: Vec<String>,
    /// The requests that would have used it. The report shows the nearest miss.
    pub(crate) wanted: Option<Filter>,
    /// The number of the first request that could have used it.
    pub(crate) since: usize,
}

/// The failures of a verification.
#[derive(Debug, Default)]
pub(crate) struct Unmet {
    /// One report for each failure.
    pub(crate) texts: Vec<String>,
    /// Whether a failure is about too few calls. Calls may then still follow, or the test may have ended too early.
    pub(crate) too_little: bool,
}

/// Returns the failures: unmet expectations, unused setup and, if `strict`, the first unexpected call.
///
/// The report of the first failure contains the record and the hints. Those of the next failures contain only the calls
/// that they are about. The failures after [`TOLD`] are counted.
pub(crate) fn failures(
    expectations: &[Expectation],
    unused: &[Unused],
    judged: &Judged<'_>,
    strict: bool,
    state: &dyn StateView,
    style: Style,
) -> Unmet {
    let calls = judged.calls;
    let mut too_little = !unused.is_empty();
    let mut problems = Vec::new();
    for Expectation { name, filter, count, declared } in expectations {
        let name = name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        let title = format!("{name}declared {declared}\n");
        match came(filter, judged) {
            Ok(came) => {
                too_little |= came < count.least();
                problems.extend(
                    check_count(filter, *count, came, judged, CALLS, style.advice).map(|problem| (title, problem)),
                );
            }
            Err(panicked) => {
                let headline = format!("cannot be verified: {panicked}");
                problems.push((title, Problem { headline, notes: Vec::new(), marks: None.into() }));
            }
        }
    }
    let unexpected_call = strict.then(|| unexpected(expectations, judged, style.advice)).flatten();
    problems.extend(unexpected_call.map(|problem| (String::new(), problem)));
    problems.extend(unused.iter().map(|unused| (format!("declared {}\n", unused.declared), not_used(unused, calls))));
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

/// Returns a failure for the first call that matches no expectation, or if such a call may no longer be on record.
fn unexpected(expectations: &[Expectation], judged: &Judged<'_>, advice: Advice) -> Option<Problem> {
    // A condition that panicked is reported as a failure of its expectation.
    let expects = |expectation: &Expectation, call: &Call| expectation.filter.judge(call.last()).unwrap_or(true);
    let is_expected = |call: &Call| expectations.iter().any(|expectation| expects(expectation, call));
    let Some((_, call)) = judged.iter().find(|(_, call)| !is_expected(call)) else {
        return incomplete("no unexpected calls (the mock is strict)", judged.dropped, advice);
    };
    let what = match call.operation() {
        Some(operation) => operation.to_string(),
        None => format!("{} {}", call.first().method(), short(call.first().path())),
    };
    let headline = format!("unexpected call {}: {what} (the mock is strict)", call.number());
    Some(Problem { headline, notes: Vec::new(), marks: Some(call.number() - 1).into() })
}

fn not_used(unused: &Unused, calls: &[Call]) -> Problem {
    let nearest = unused.wanted.as_ref().and_then(|wanted| nearest_request(wanted, unused.since, calls));
    let note = nearest.as_ref().map(|(n, why)| format!("call {} came nearest: {why}", n + 1));
    let notes = note.into_iter().chain(unused.notes.iter().cloned()).collect();
    Problem { headline: unused.headline.clone(), notes, marks: nearest.map(|(n, _)| n).into() }
}

/// Returns the number of calls that match, or an error if a custom condition panicked.
fn came(filter: &Filter, judged: &Judged<'_>) -> Result<usize, Panicked> {
    let mut came = 0;
    for (_, call) in judged.iter() {
        came += usize::from(filter.judge(call.last())?);
    }
    Ok(came)
}

//! What a test expects beforehand, and whether it came.

use std::panic::Location;

use crate::record::call::Call;
use crate::record::closure::Panicked;
use crate::record::line::short;

use super::count::Count;
use super::explain::{CALLS, report, wrong_count};
use super::style::Style;
use crate::record::filter::Filter;

/// So many calls that fit, declared at some place of a test.
#[derive(Clone, Debug)]
pub(crate) struct Expectation {
    pub(crate) name: Option<String>,
    pub(crate) filter: Filter,
    pub(crate) count: Count,
    pub(crate) declared: &'static Location<'static>,
}

/// An expectation that does not hold.
#[derive(Debug)]
pub(crate) struct Unmet {
    /// The report.
    pub(crate) text: String,
    /// Whether too few calls came, so that more may still come, or the test may have ended too early.
    pub(crate) too_few: bool,
    /// Whether the report shows the record.
    pub(crate) shows_record: bool,
}

/// What of the expectations does not hold. With `strict`, a call that nobody expected is one too many.
pub(crate) fn failures(expectations: &[Expectation], calls: &[Call], strict: bool, style: Style) -> Vec<Unmet> {
    let unmet = expectations.iter().filter_map(|expectation| {
        let Expectation { name, filter, count, declared } = expectation;
        let name = name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        let (why, too_few, shows_record) = match came(filter, calls) {
            Ok(came) if count.holds(came) => return None,
            Ok(came) => (wrong_count(filter, *count, calls, CALLS, style), came < count.least(), true),
            Err(panicked) => (format!("it could not be verified: {panicked}\n"), false, false),
        };
        Some(Unmet { text: format!("{name}declared at {declared}\n{why}"), too_few, shows_record })
    });
    let mut failures: Vec<_> = unmet.collect();
    if strict {
        // A condition that panicked is a failure of its own above.
        let expects = |expectation: &Expectation, call: &Call| expectation.filter.judge(call.last()).unwrap_or(true);
        let stranger = |call: &&Call| !expectations.iter().any(|expectation| expects(expectation, call));
        if let Some(stranger) = calls.iter().find(stranger) {
            let what = match stranger.operation() {
                Some(operation) => operation.to_string(),
                None => format!("{} {}", stranger.first().method(), short(stranger.first().path())),
            };
            let headline = format!("nobody expected call {}, {what}, and the mock is strict", stranger.number());
            let text = report(&headline, &[], calls, Some(stranger.number() - 1), style);
            failures.push(Unmet { text, too_few: false, shows_record: true });
        }
    }
    failures
}

/// How many calls fit, or the panic of a condition of the test's own.
fn came(filter: &Filter, calls: &[Call]) -> Result<usize, Panicked> {
    let mut came = 0;
    for call in calls {
        came += usize::from(filter.judge(call.last())?);
    }
    Ok(came)
}

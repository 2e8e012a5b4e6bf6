//! What a test expects beforehand, and whether it came.

use std::panic::Location;

use crate::record::call::Call;
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

/// What of the expectations does not hold. With `strict`, a call that nobody expected is one too many.
pub(crate) fn failures(expectations: &[Expectation], calls: &[Call], strict: bool, style: Style) -> Vec<String> {
    let unmet = expectations.iter().filter_map(|expectation| {
        let count = calls.iter().filter(|call| expectation.filter.fits(call.last())).count();
        if expectation.count.holds(count) {
            return None;
        }
        let name = expectation.name.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
        let why = wrong_count(&expectation.filter, expectation.count, calls, CALLS, style);
        Some(format!("{name}declared at {}\n{why}", expectation.declared))
    });
    let mut failures: Vec<_> = unmet.collect();
    if strict {
        let stranger = |call: &&Call| !expectations.iter().any(|expectation| expectation.filter.fits(call.last()));
        if let Some(stranger) = calls.iter().find(stranger) {
            let what = match stranger.operation() {
                Some(operation) => operation.to_string(),
                None => format!("{} {}", stranger.first().method(), short(stranger.first().path())),
            };
            let headline = format!("nobody expected call {}, {what}, and the mock is strict", stranger.number());
            failures.push(report(&headline, &[], calls, Some(stranger.number() - 1), style));
        }
    }
    failures
}

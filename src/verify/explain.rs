//! A failure in words: what was expected, the nearest miss, the record around it, and what to look at next.

use crate::record::call::Call;
use crate::record::line::{escape, escape_lines};

use super::count::Count;
use super::hints::hints;
use super::style::Style;
use super::table;
use crate::record::filter::Filter;

/// A report under a headline, with the record and the hints that fit it.
pub(super) fn report(headline: &str, notes: &[String], calls: &[Call], mark: Option<usize>, style: Style) -> String {
    let mut out = format!("{}\n", style.bold(&escape_lines(headline)));
    for note in notes {
        out += &format!("  {}\n", style.fit(&escape(note)));
    }
    out += &table::render(calls, mark, style);
    for hint in hints(calls) {
        out += &format!("     {}\n", escape_lines(&hint));
    }
    out
}

/// What is counted, in words.
#[derive(Clone, Copy)]
pub(super) struct What {
    one: &'static str,
    many: &'static str,
}

pub(super) const CALLS: What = What { one: "call", many: "calls" };
pub(super) const REQUESTS: What = What { one: "request", many: "requests" };

/// A number of calls that is not the expected one.
pub(super) fn wrong_count(filter: &Filter, expected: Count, calls: &[Call], what: What, style: Style) -> String {
    let fitting: Vec<_> = calls.iter().enumerate().filter(|(_, call)| filter.fits(call.last())).collect();
    let verb = if fitting.len() == 1 { "was" } else { "were" };
    let what = if expected.is_one() { what.one } else { what.many };
    let headline = format!("expected {expected} {what} of {filter}, there {verb} {}", fitting.len());
    let too_many = fitting.len() > expected.least();
    let nearest = if too_many { None } else { nearest_miss(filter, calls) };
    let mark = match (&nearest, too_many) {
        (Some((n, _)), _) => Some(*n),
        // The first that is one too many.
        (None, true) => fitting.get(expected.most().unwrap_or_default()).map(|(n, _)| *n),
        (None, false) => None,
    };
    let notes: Vec<_> = nearest.map(|(n, why)| format!("call {} came nearest: {why}", n + 1)).into_iter().collect();
    report(&headline, &notes, calls, mark, style)
}

/// The call that fails the fewest of a filter's conditions, and which.
fn nearest_miss(filter: &Filter, calls: &[Call]) -> Option<(usize, String)> {
    let misses = calls.iter().enumerate().filter_map(|(n, call)| Some((n, filter.misses(call.last())?)));
    let nearest = misses.filter(|(_, why)| !why.is_empty()).min_by_key(|(_, why)| why.len())?;
    Some((nearest.0, nearest.1.join(", ")))
}

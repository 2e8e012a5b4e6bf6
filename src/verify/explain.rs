//! A failure in words: what was expected, the nearest miss, the record around it, and what to look at next.

use crate::record::{Call, Filter, Request, cut, escape, escape_lines};

use super::count::Count;
use super::hints::hints;
use super::known::StateView;
use super::style::Style;
use super::table;
use super::table::Marks;

/// In characters.
const LONGEST_NOTE: usize = 600;

/// A report under a headline, with the record and the hints that fit it.
pub(super) fn report(
    headline: &str,
    notes: &[String],
    calls: &[Call],
    marks: impl Into<Marks>,
    state: &dyn StateView,
    style: Style,
) -> String {
    let mut out = brief(headline, notes, style) + &table::render(calls, &marks.into(), style);
    for hint in hints(calls, state) {
        out += &format!("     {}\n", escape_lines(&hint));
    }
    out
}

/// The headline and the notes alone. Notes say why, so the width of the terminal does not cut them.
pub(super) fn brief(headline: &str, notes: &[String], style: Style) -> String {
    let notes = notes.iter().map(|note| format!("  {}\n", cut(&escape(note), LONGEST_NOTE)));
    std::iter::once(format!("{}\n", style.bold(&escape_lines(headline)))).chain(notes).collect()
}

/// What is counted, in words.
#[derive(Clone, Copy)]
pub(super) struct What {
    one: &'static str,
    many: &'static str,
}

pub(super) const CALLS: What = What { one: "call", many: "calls" };
pub(super) const REQUESTS: What = What { one: "request", many: "requests" };

/// What is wrong, and the calls that show it.
pub(super) struct Problem {
    pub(super) headline: String,
    pub(super) notes: Vec<String>,
    pub(super) marks: Marks,
}

impl Problem {
    pub(super) fn report(self, calls: &[Call], state: &dyn StateView, style: Style) -> String {
        report(&self.headline, &self.notes, calls, self.marks, state, style)
    }
}

/// A number of calls that is not the expected one.
pub(super) fn wrong_count(filter: &Filter, expected: Count, calls: &[Call], what: What) -> Problem {
    let fitting: Vec<_> = calls
        .iter()
        .enumerate()
        .filter(|(_, call)| filter.judge(call.last()).unwrap_or(false))
        .map(|(n, _)| n)
        .collect();
    let verb = if fitting.len() == 1 { "was" } else { "were" };
    let counted = if expected.is_one() { what.one } else { what.many };
    let headline = format!("expected {expected} {counted} of {filter}, there {verb} {}", fitting.len());
    if fitting.len() > expected.least() {
        // The first that is one too many.
        let here = fitting.get(expected.most().unwrap_or_default()).copied();
        return Problem { headline, notes: Vec::new(), marks: here.into() };
    }
    let nearest = nearest_miss(calls, |call| filter.misses(call.last()));
    let others = if fitting.is_empty() { "" } else { "of the others, " };
    let note = nearest.as_ref().map(|(n, why)| format!("{others}{} {} came nearest: {why}", what.one, n + 1));
    let marks = Marks { here: nearest.map(|(n, _)| n), fitting };
    Problem { headline, notes: note.into_iter().collect(), marks }
}

/// The call that fails the fewest conditions, and which. `misses` says why a call does not fit: nothing if it fits, and
/// `None` if it is no near miss.
fn nearest_miss(calls: &[Call], misses: impl Fn(&Call) -> Option<Vec<String>>) -> Option<(usize, String)> {
    let misses = calls.iter().enumerate().filter_map(|(n, call)| Some((n, misses(call)?)));
    let nearest = misses.filter(|(_, why)| !why.is_empty()).min_by_key(|(_, why)| why.len())?;
    Some((nearest.0, nearest.1.join(", ")))
}

/// The request that came nearest to one that was waited for, by the call that it belongs to. Each attempt of a call
/// counts by itself. A request that fits is no miss.
pub(super) fn nearest_request(filter: &Filter, since: usize, calls: &[Call]) -> Option<(usize, String)> {
    let misses = |request: &Request| filter.misses(request).filter(|why| !why.is_empty());
    nearest_miss(calls, |call| {
        let attempts = call.attempts();
        let attempts = attempts.iter().filter(|attempt| attempt.number() >= since);
        attempts.filter_map(misses).min_by_key(Vec::len)
    })
}

//! Renders a failure: what was expected, the nearest miss, the record around it, and hints.

use crate::record::{Call, Filter, Request, cut, escape, escape_lines};

use super::count::Count;
use super::hints::hints;
use super::known::StateView;
use super::style::{Advice, Style};
use super::table;
use super::table::Marks;

/// The maximum length of a note, in characters.
const LONGEST_NOTE: usize = 600;

/// Renders a report: the headline, the notes, the record, and the hints that apply.
pub(super) fn report(
    headline: &str,
    notes: &[String],
    calls: &[Call],
    marks: impl Into<Marks>,
    state: &dyn StateView,
    style: Style,
) -> String {
    let mut out = brief(headline, notes, style) + &table::render(calls, &marks.into(), style);
    for hint in hints(calls, state, style.advice) {
        out += &format!("     {}\n", escape_lines(&hint));
    }
    out
}

/// Renders only the headline and the notes. Notes explain the failure, so they are not cut to the width of the
/// terminal.
pub(super) fn brief(headline: &str, notes: &[String], style: Style) -> String {
    let notes = notes.iter().map(|note| format!("  {}\n", cut(&escape(note), LONGEST_NOTE)));
    std::iter::once(format!("{}\n", style.bold(&escape_lines(headline)))).chain(notes).collect()
}

/// The noun for the items that are counted.
#[derive(Clone, Copy)]
pub(super) struct What {
    one: &'static str,
    many: &'static str,
}

pub(super) const CALLS: What = What { one: "call", many: "calls" };
pub(super) const REQUESTS: What = What { one: "request", many: "requests" };

/// A failure, and the calls that the report marks for it.
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

/// The calls on record, and which of them an assertion judges.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged<'a> {
    /// All calls on record, which a report shows.
    pub(crate) calls: &'a [Call],
    /// The number of the last request that an earlier verification has judged. Calls that began later are judged.
    pub(crate) after: usize,
    /// The number of later requests that the limit of the record removed.
    pub(crate) dropped: usize,
}

impl<'a> Judged<'a> {
    /// Returns the calls that are judged, with their indices in the record.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &'a Call)> + use<'a> {
        let after = self.after;
        self.calls.iter().enumerate().filter(move |(_, call)| call.first().number() > after)
    }
}

/// Returns the failure if the number of matching calls is not the expected one, or if calls that are no longer on
/// record could exceed it.
pub(super) fn check_count(
    filter: &Filter,
    expected: Count,
    found: usize,
    judged: &Judged<'_>,
    what: What,
    advice: Advice,
) -> Option<Problem> {
    if !expected.holds(found) {
        return Some(wrong_count(filter, expected, judged, what, advice));
    }
    expected.most()?;
    let counted = if expected.is_one() { what.one } else { what.many };
    incomplete(&format!("{expected} {counted} of {filter}"), judged.dropped, advice)
}

/// Returns the failure of an expectation that holds for the requests on record, if older ones were dropped.
pub(super) fn incomplete(expected: &str, dropped: usize, advice: Advice) -> Option<Problem> {
    let note = dropped_note(dropped, advice)?;
    let headline = format!("expected {expected}, but this cannot be verified");
    Some(Problem { headline, notes: vec![note], marks: None.into() })
}

/// Explains that requests are missing from the record, if any are.
pub(super) fn dropped_note(dropped: usize, advice: Advice) -> Option<String> {
    let requests = match dropped {
        0 => return None,
        1 => "1 older request is".to_owned(),
        many => format!("{many} older requests are"),
    };
    let limit = match advice {
        Advice::Rust => "the limit of the builder's `keep_requests`",
        Advice::Http => "the limit of the program's option `--keep-requests`",
    };
    Some(format!("{requests} no longer on record: increase {limit}"))
}

/// Describes a number of calls that differs from the expected one.
pub(super) fn wrong_count(
    filter: &Filter,
    expected: Count,
    judged: &Judged<'_>,
    what: What,
    advice: Advice,
) -> Problem {
    let calls = judged.calls;
    let fits = |call: &Call| filter.judge(call.last()).unwrap_or(false);
    let fitting: Vec<_> = judged.iter().filter(|(_, call)| fits(call)).map(|(n, _)| n).collect();
    let verb = if fitting.len() == 1 { "was" } else { "were" };
    let counted = if expected.is_one() { what.one } else { what.many };
    let headline = format!("expected {expected} {counted} of {filter}, but there {verb} {}", fitting.len());
    if fitting.len() > expected.least() {
        // The first call that exceeds the expected number.
        let here = fitting.get(expected.most().unwrap_or_default()).copied();
        return Problem { headline, notes: Vec::new(), marks: here.into() };
    }
    let is_judged = |call: &Call| call.first().number() > judged.after;
    let nearest = nearest_miss(calls, |call| filter.misses(call.last()).filter(|_| is_judged(call)));
    let earlier = calls.iter().rfind(|call| !is_judged(call) && fits(call));
    let earlier = earlier
        .map(|call| format!("call {} matches, but an earlier verification has already counted it", call.number()));
    let others = if fitting.is_empty() { "" } else { "of the others, " };
    let note = nearest.as_ref().map(|(n, why)| format!("{others}{} {} came nearest: {why}", what.one, n + 1));
    let marks = Marks { here: nearest.map(|(n, _)| n), fitting };
    let notes = note.into_iter().chain(earlier).chain(dropped_note(judged.dropped, advice)).collect();
    Problem { headline, notes, marks }
}

/// Returns the call that fails the fewest conditions, and the conditions that it fails. `misses` returns the failed
/// conditions of a call: an empty list if the call matches, and `None` if it is not similar enough to report.
fn nearest_miss(calls: &[Call], misses: impl Fn(&Call) -> Option<Vec<String>>) -> Option<(usize, String)> {
    let misses = calls.iter().enumerate().filter_map(|(n, call)| Some((n, misses(call)?)));
    let nearest = misses.filter(|(_, why)| !why.is_empty()).min_by_key(|(_, why)| why.len())?;
    Some((nearest.0, nearest.1.join(", ")))
}

/// Returns the call with the request that is the nearest miss, and the conditions that it fails. Each attempt of a call
/// is compared separately. A request that matches is not a miss.
pub(super) fn nearest_request(filter: &Filter, since: usize, calls: &[Call]) -> Option<(usize, String)> {
    let misses = |request: &Request| filter.misses(request).filter(|why| !why.is_empty());
    nearest_miss(calls, |call| {
        let attempts = call.attempts();
        let attempts = attempts.iter().filter(|attempt| attempt.number() >= since);
        attempts.filter_map(misses).min_by_key(Vec::len)
    })
}

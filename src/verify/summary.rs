//! The summary that the mock prints when a panicking test drops it: the end of the record, on one screen.

use crate::record::{Call, Request};

use super::hints::hints;
use super::known::StateView;
use super::style::Style;
use super::table;
use super::table::Marks;

/// The number of lines that a terminal shows without scrolling.
const SCREEN: usize = 24;

/// Renders the end of the record and the hints that apply. Returns `None` if no request failed.
pub(crate) fn tail(calls: &[Call], state: &dyn StateView, style: Style) -> Option<String> {
    let last = calls.iter().rposition(|call| call.attempts().iter().any(Request::has_failed))?;
    // The table shows the last calls. If all of those succeeded, it shows the calls up to the last failed one instead.
    let table = table::render(calls, &Marks::default(), style);
    let shown = table.lines().count();
    let (table, after) = if calls.len() - last <= shown {
        (table, 0)
    } else {
        (table::render(&calls[..=last], &Marks::default(), style), calls.len() - last - 1)
    };
    let mut out = String::from("glacier-mock: the test panicked. The last requests on record are:\n");
    out += &table;
    if after > 0 {
        out += &format!("  ... {after} after, which succeeded\n");
    }
    let mut room = SCREEN.saturating_sub(out.lines().map(|line| rows(line, style)).sum());
    let hints = hints(calls, state, style.advice);
    for (n, hint) in hints.iter().enumerate() {
        let hint = format!("     {hint}");
        let needed: usize = hint.lines().map(|line| rows(line, style)).sum();
        let is_last = n + 1 == hints.len();
        if needed + usize::from(!is_last) > room {
            out += &format!("     ... and {} more hints\n", hints.len() - n);
            break;
        }
        room -= needed;
        out += &hint;
        out += "\n";
    }
    Some(out)
}

/// Returns the number of terminal rows that a line takes.
fn rows(line: &str, style: Style) -> usize {
    line.chars().count().div_ceil(style.width).max(1)
}

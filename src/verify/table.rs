//! The numbered record, as a failing assertion shows it.

use crate::record::call::Call;
use crate::record::line::Line;

/// How many calls are shown before and after the one that matters.
const CONTEXT: usize = 10;

/// The calls around `mark` (from 0), one a line; the marked one ends in an arrow.
pub(super) fn render(calls: &[Call], mark: Option<usize>) -> String {
    if calls.is_empty() {
        return "  (no request arrived)\n".into();
    }
    let centre = mark.unwrap_or(0).min(calls.len() - 1);
    let shown = centre.saturating_sub(CONTEXT)..(centre + CONTEXT + 1).min(calls.len());
    let lines: Vec<_> = calls.iter().map(line).collect();
    let width = |column: fn(&Line) -> &str| {
        lines[shown.clone()].iter().map(|line| column(line).chars().count()).max().unwrap_or(0)
    };
    let (operation, vault) = (width(|line| &line.operation), width(|line| &line.vault));
    let mut out = String::new();
    if shown.start > 0 {
        out += &format!("  ... {} before\n", shown.start);
    }
    for n in shown.clone() {
        let line = &lines[n];
        let row = format!(
            "  {:>2}  {:operation$}  {:vault$}  {}  {}",
            n + 1,
            line.operation,
            line.vault,
            line.status,
            line.detail
        );
        out += row.trim_end();
        out += if mark == Some(n) { "          <- here\n" } else { "\n" };
    }
    if shown.end < calls.len() {
        out += &format!("  ... {} after\n", calls.len() - shown.end);
    }
    out
}

/// A call is shown by its last attempt, with how many there were.
fn line(call: &Call) -> Line {
    let mut line = Line::of(&call.attempts[call.attempts.len() - 1]);
    if call.attempts.len() > 1 {
        line.detail = format!("{} attempts  {}", call.attempts.len(), line.detail);
    }
    line
}

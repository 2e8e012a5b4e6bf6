//! The numbered record, as a failing assertion shows it.

use crate::domain::timestamp::Timestamp;
use crate::record::call::Call;
use crate::record::line::Line;

use super::style::Style;

/// How many calls are shown before and after the one that matters.
const CONTEXT: usize = 10;

/// The calls around `mark` (from 0), one a line; the marked one ends in an arrow. Without a mark, the last ones.
pub(super) fn render(calls: &[Call], mark: Option<usize>, style: Style) -> String {
    if calls.is_empty() {
        return "  (no request arrived)\n".into();
    }
    let centre = mark.unwrap_or(calls.len() - 1).min(calls.len() - 1);
    let shown = centre.saturating_sub(CONTEXT)..(centre + CONTEXT + 1).min(calls.len());
    let began = calls[0].first().service_time();
    let lines: Vec<_> = calls[shown.clone()].iter().map(|call| line(call, began)).collect();
    let width = |column: fn(&Line) -> &str| lines.iter().map(|line| column(line).chars().count()).max().unwrap_or(0);
    let (operation, vault) = (width(|line| &line.operation).min(40), width(|line| &line.vault).min(24));
    let mut out = String::new();
    if shown.start > 0 {
        out += &style.dim(&format!("  ... {} before\n", shown.start));
    }
    for (n, line) in shown.clone().zip(&lines) {
        let row = format!(
            "  {:>2}  {:operation$}  {:vault$}  {}  {}",
            n + 1,
            line.operation,
            line.vault,
            line.status,
            line.detail
        );
        if mark == Some(n) {
            let arrow = if style.width < 100 { "  <- here" } else { "          <- here" };
            let room = Style { width: style.width.saturating_sub(arrow.len()).max(20), ..style };
            out += &style.red(&format!("{}{arrow}", room.fit(row.trim_end())));
        } else {
            out += &style.fit(row.trim_end());
        }
        out += "\n";
    }
    if shown.end < calls.len() {
        out += &style.dim(&format!("  ... {} after\n", calls.len() - shown.end));
    }
    out
}

/// A call is shown by its last attempt, with how many there were, and with the service's time since the first call
/// where that matters: a minute and more.
fn line(call: &Call, began: Timestamp) -> Line {
    let mut line = Line::of(call.last());
    let attempts = call.attempts().len();
    if attempts > 1 {
        line.detail = format!("{attempts} attempts  {}", line.detail);
    }
    let minutes = call.last().service_time().since(began).as_secs() / 60;
    if minutes > 0 {
        line.detail = format!("+{}h{:02}m  {}", minutes / 60, minutes % 60, line.detail);
    }
    line
}

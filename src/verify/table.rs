//! The table of recorded calls in a failure report.

use crate::domain::words::Timestamp;
use crate::record::{Call, Line, cut, short};

use super::style::Style;

/// The number of calls that a report shows before and after the marked one.
pub(super) const CONTEXT: usize = 10;
/// The maximum number of matching calls that a report shows in addition.
const FITTING: usize = 5;
/// The maximum length of an error message at a marked call, in characters. The service's messages are shorter, unless
/// the client sent a name or path that is longer than the service allows.
const LONGEST_DETAIL: usize = 600;

/// The calls that a report marks, by index.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// The call that differs from the expected one, or the nearest miss.
    pub(super) here: Option<usize>,
    /// The calls that matched, in order, if there were too few of them.
    pub(super) fitting: Vec<usize>,
}

impl From<Option<usize>> for Marks {
    fn from(here: Option<usize>) -> Self {
        Marks { here, fitting: Vec::new() }
    }
}

impl Marks {
    /// Returns the call that the report shows in the middle.
    fn centre(&self) -> Option<usize> {
        self.fitting.last().copied().or(self.here)
    }

    /// Returns the first [`FITTING`] calls that matched, and the call of `here`.
    fn of_interest(&self, calls: &[Call]) -> impl Iterator<Item = usize> {
        self.fitting.iter().take(FITTING).copied().chain(self.here.filter(|here| *here < calls.len()))
    }

    fn of(&self, call: usize) -> Option<&'static str> {
        if self.here == Some(call) {
            Some("<- here")
        } else {
            self.fitting.binary_search(&call).ok().map(|_| "<- fits")
        }
    }
}

/// Renders the calls around the marked ones, one per line, with counts of the omitted calls. Without marks, renders the
/// last calls.
pub(super) fn render(calls: &[Call], marks: &Marks, style: Style) -> String {
    if calls.is_empty() {
        return "  (no request arrived)\n".into();
    }
    let centre = marks.centre().unwrap_or(calls.len() - 1).min(calls.len() - 1);
    let mut shown: Vec<usize> = (centre.saturating_sub(CONTEXT)..(centre + CONTEXT + 1).min(calls.len())).collect();
    shown.extend(marks.of_interest(calls));
    rows(calls, shown, marks, style)
}

/// Renders the calls around one, `around` before it and as many after it. Without one, renders the last calls.
pub(crate) fn excerpt(calls: &[Call], here: Option<usize>, around: usize, style: Style) -> String {
    let Some(last) = calls.len().checked_sub(1) else { return "  (no request arrived)\n".into() };
    let here = here.filter(|here| *here <= last);
    let centre = here.unwrap_or(last);
    let shown = (centre.saturating_sub(around)..(centre + around + 1).min(calls.len())).collect();
    rows(calls, shown, &Marks::from(here), style)
}

/// Renders only the marked calls, for each further failure of a report whose first failure shows the calls around them.
pub(super) fn render_marked(calls: &[Call], marks: &Marks, style: Style) -> String {
    let shown: Vec<usize> = marks.of_interest(calls).collect();
    if shown.is_empty() { String::new() } else { rows(calls, shown, marks, style) }
}

/// Renders these calls, one per line, in the order of the record.
fn rows(calls: &[Call], mut shown: Vec<usize>, marks: &Marks, style: Style) -> String {
    shown.sort_unstable();
    shown.dedup();
    let began = calls[0].first().service_time();
    let lines: Vec<_> = shown.iter().map(|&call| line(&calls[call], began)).collect();
    let width = |column: fn(&Line) -> &str| lines.iter().map(|line| column(line).chars().count()).max().unwrap_or(0);
    let (operation, vault) = (width(|line| &line.operation).min(40), width(|line| &line.vault).min(24));
    let mut out = String::new();
    let mut next = 0;
    for (&call, line) in shown.iter().zip(&lines) {
        out += &left_out(call - next, if next == 0 { "before" } else { "between" }, style);
        next = call + 1;
        let mark = marks.of(call);
        let (name, of) = match mark {
            Some(_) => (short(&line.operation), short(&line.vault)),
            None => (line.operation.clone(), line.vault.clone()),
        };
        let head = format!("  {:>2}  {name:operation$}  {of:vault$}  {}", call + 1, line.status);
        match mark {
            Some(arrow) => out += &marked(&head, &line.detail, arrow, style),
            None => out += &format!("{}\n", style.fit(format!("{head}  {}", line.detail).trim_end())),
        }
    }
    out + &left_out(calls.len() - next, "after", style)
}

fn left_out(calls: usize, place: &str, style: Style) -> String {
    if calls == 0 { String::new() } else { format!("{}\n", style.dim(&format!("  ... {calls} {place}"))) }
}

/// Renders a marked call. Its line is never cut: an error that does not fit beside the arrow continues on separate
/// lines.
fn marked(head: &str, detail: &str, arrow: &str, style: Style) -> String {
    let gap = if style.width < 100 { "  " } else { "          " };
    let one_line = format!("{}{gap}{arrow}", format!("{head}  {detail}").trim_end());
    if one_line.chars().count() <= style.width {
        return format!("{}\n", style.red(&one_line));
    }
    let mut out = format!("{}\n", style.red(&format!("{head}{gap}{arrow}")));
    let mut detail = cut(detail, LONGEST_DETAIL);
    const INDENT: &str = "        ";
    while !detail.is_empty() {
        let rest = detail.split_off(line_end(&detail, style.width.saturating_sub(INDENT.len())));
        out += &format!("{}\n", style.red(&format!("{INDENT}{}", detail.trim_end())));
        detail = rest.trim_start().to_owned();
    }
    out
}

/// Returns where to break a line of at most `width` characters: after a word. A longer word stays in one piece on its
/// own line, so that an ARN or a hash can be copied.
fn line_end(text: &str, width: usize) -> usize {
    if text.chars().count() <= width {
        return text.len();
    }
    let spaces = || text.match_indices(' ').map(|(at, _)| at);
    let fitting = spaces().take_while(|&at| text[..at].chars().count() <= width).filter(|&at| at > 0).last();
    fitting.or_else(|| spaces().find(|&at| at > 0)).unwrap_or(text.len())
}

/// Returns the line for a call: its last attempt, the number of attempts and, if at least a minute passed, the
/// service's time since the first call.
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

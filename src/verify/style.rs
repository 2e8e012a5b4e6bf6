//! The style of a failure report: its width, and whether it is coloured.

use std::io::IsTerminal as _;

/// The width and colour of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) colour: bool,
    /// The maximum length of a line in characters. Longer lines are cut.
    pub(crate) width: usize,
}

impl Style {
    /// The style for files, and for panics that are caught.
    pub(crate) const PLAIN: Style = Style { colour: false, width: 120 };

    /// Returns the style for standard error. It uses colour only on a terminal, and not if `NO_COLOR` is set
    /// (<https://no-color.org>).
    pub(crate) fn of_stderr() -> Self {
        let terminal = std::io::stderr().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        if !terminal {
            return Style::PLAIN;
        }
        Style { colour: !no_colour, width: columns.filter(|columns| *columns >= 40).unwrap_or(Style::PLAIN.width) }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.paint("31", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Cuts a line that exceeds the width, and marks the cut with `...`.
    pub(crate) fn fit(self, line: &str) -> String {
        if line.chars().count() <= self.width {
            return line.to_owned();
        }
        let kept: String = line.chars().take(self.width - 3).collect();
        format!("{}...", kept.trim_end())
    }
}

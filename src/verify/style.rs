//! How a failure is shown: its width, and whether in colour.

use std::io::IsTerminal as _;

/// The width and colour of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) colour: bool,
    /// In characters. A longer line is cut.
    pub(crate) width: usize,
}

impl Style {
    /// For what goes to a file or into a panic that somebody catches.
    pub(crate) const PLAIN: Style = Style { colour: false, width: 120 };

    /// For standard error as it is now: colour only on a terminal that does not ask for none (<https://no-color.org>).
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

    /// A line that fits, cut with `...` if it would not.
    pub(crate) fn fit(self, line: &str) -> String {
        if line.chars().count() <= self.width {
            return line.to_owned();
        }
        let kept: String = line.chars().take(self.width - 3).collect();
        format!("{}...", kept.trim_end())
    }
}

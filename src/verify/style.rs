//! The style of a failure report: its width, whether it is coloured, and which interface its advice names.

use std::io::IsTerminal as _;

/// How a report is written, and which interface its advice names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    pub(crate) colour: bool,
    /// The maximum length of a line in characters. Longer lines are cut.
    pub(crate) width: usize,
    pub(crate) advice: Advice,
}

/// What the advice of a report names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    /// Methods of the fixture, for the author of a Rust test.
    Rust,
    /// Endpoints of the control API and options of the program, for the author of a test in another language.
    #[cfg_attr(not(feature = "standalone"), expect(dead_code, reason = "only the control API has such advice"))]
    Http,
}

impl Style {
    /// The style for files, and for panics that are caught.
    pub(crate) const PLAIN: Style = Style { colour: false, width: 120, advice: Advice::Rust };

    /// The style for responses of the control API.
    #[cfg(feature = "standalone")]
    pub(crate) const HTTP: Style = Style { advice: Advice::Http, ..Style::PLAIN };

    /// Returns the style for standard error. It uses colour only on a terminal, and not if `NO_COLOR` is set
    /// (<https://no-color.org>).
    pub(crate) fn of_stderr() -> Self {
        let terminal = std::io::stderr().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        if !terminal {
            return Style::PLAIN;
        }
        let width = columns.filter(|columns| *columns >= 40).unwrap_or(Style::PLAIN.width);
        Style { colour: !no_colour, width, ..Style::PLAIN }
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

//! The report of a sweep: one screen that says which runs broke, why, and how to repeat the first.

use std::fmt;
use std::panic::Location;

use crate::record::Call;
use crate::verify::{Style, excerpt};

use super::guard::Failure;
use super::run::{NO_FAULT, Ran};
use super::runs::ONLY_VARIABLE;

/// The number of different failures that a report shows.
const FAILURES: usize = 3;
/// The number of lines of each failure.
const LINES: usize = 3;
/// The number of runs that are listed for each failure.
const NAMES: usize = 2;
/// The length from which a word counts as an ID. Those of archives, uploads and jobs have at least 92 characters.
const ID: usize = 40;
/// The number of characters that are shown of an ID.
const SHORT_ID: usize = 8;
/// The number of calls before and after the one with the fault.
const AROUND: usize = 4;

/// What a sweep found. `Display` writes at most one screen.
pub struct SweepReport {
    declared: &'static Location<'static>,
    runs: usize,
    /// The number of runs in which a fault found no request.
    unmet: usize,
    names: Vec<String>,
    failures: Vec<SweepFailure>,
    /// The record of the first run that broke, and the call with the fault.
    first: Option<(Vec<Call>, Option<usize>)>,
}

/// A run that broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepFailure {
    name: String,
    failure: Failure,
}

impl SweepFailure {
    /// Returns the name of the run, for [`FaultSweep::only`](crate::FaultSweep::only).
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns why the run broke: the message of a panic or of the check's error, or which limit the run exceeded.
    pub fn message(&self) -> &str {
        &self.failure.text
    }

    /// Returns the place of the panic as `file:line:column`, or `None` if the run did not panic.
    pub fn place(&self) -> Option<&str> {
        self.failure.place.as_deref()
    }

    /// Returns the text by which failures are recognised as the same. Later lines often contain values of the run, and
    /// IDs in the first line differ between runs too.
    fn key(&self) -> (Option<&str>, String) {
        let headline = self.message().lines().next().unwrap_or_default();
        (self.place(), with_words(headline, |word| (word.len() >= ID).then(String::new)))
    }
}

impl SweepReport {
    pub(super) fn new(declared: &'static Location<'static>) -> Self {
        SweepReport { declared, runs: 0, unmet: 0, names: Vec::new(), failures: Vec::new(), first: None }
    }

    /// Returns the number of runs with a fault. The run without one is not counted.
    pub fn runs(&self) -> usize {
        self.runs
    }

    /// Returns the names of the runs with a fault, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the runs that broke, in order.
    pub fn failures(&self) -> &[SweepFailure] {
        &self.failures
    }

    /// Adds the run without a fault. Returns whether it broke, or leaves nothing to sweep.
    pub(super) fn has_broken_without_fault(&mut self, mut base: Ran) -> bool {
        if base.failure.is_none() && base.seen.is_empty() {
            base.failure = Some(Failure::new("the scenario called no operation, so there is nothing to sweep"));
        }
        self.keep(base)
    }

    /// Adds runs with faults.
    pub(super) fn extend(&mut self, runs: Vec<Ran>) {
        for ran in runs {
            self.runs += 1;
            self.unmet += usize::from(!ran.met);
            self.names.push(ran.name.clone());
            self.keep(ran);
        }
    }

    /// Keeps the failure of a run. Returns whether there is one.
    fn keep(&mut self, ran: Ran) -> bool {
        let Some(failure) = ran.failure else { return false };
        self.failures.push(SweepFailure { name: ran.name, failure });
        self.first.get_or_insert((ran.calls, ran.at));
        true
    }

    pub(super) fn text(&self, style: Style) -> String {
        let mut out = format!("{}\n", style.bold(&format!("fault sweep at {}: {}", self.declared, self.headline())));
        let mut groups: Vec<Vec<&SweepFailure>> = Vec::new();
        for failure in &self.failures {
            match groups.iter_mut().find(|group| group[0].key() == failure.key()) {
                Some(group) => group.push(failure),
                None => groups.push(vec![failure]),
            }
        }
        for group in groups.iter().take(FAILURES) {
            out += &group_text(group, style);
        }
        if groups.len() > FAILURES {
            out += &format!("\n... and {} more failures\n", groups.len() - FAILURES);
        }
        if let (Some(first), Some((calls, at))) = (self.failures.first(), &self.first) {
            let of = if first.name == NO_FAULT { String::new() } else { format!(" of \"{}\"", first.name) };
            out += &format!("\nthe record{of}:\n");
            let here = at.and_then(|at| at.checked_sub(1));
            out += &excerpt(calls, here, AROUND, style);
            if first.name != NO_FAULT {
                out += &repeat(&first.name);
            }
        }
        out
    }

    fn headline(&self) -> String {
        let runs = if self.runs == 1 { "1 run".to_owned() } else { format!("{} runs", self.runs) };
        let unmet = match self.unmet {
            0 => String::new(),
            unmet => format!(" (in {unmet} of them the fault met no request)"),
        };
        match self.failures.first() {
            None => format!("{runs}, none broke{unmet}"),
            Some(first) if first.name == NO_FAULT => "the run without a fault broke".into(),
            Some(_) => format!("{} of {runs} broke{unmet}", self.failures.len()),
        }
    }
}

/// Describes one failure, and lists the runs in which it happened.
fn group_text(group: &[&SweepFailure], style: Style) -> String {
    let first = group[0];
    let mut out = String::from("\n");
    let mut lines = first.message().lines();
    let headline = lines.next().unwrap_or_default();
    let headline = short_ids(headline);
    let headline = first.place().map_or(headline.clone(), |place| format!("{place}: {headline}"));
    out += &format!("{}\n", style.red(&style.fit(&headline)));
    for line in lines.by_ref().take(LINES - 1) {
        out += &format!("  {}\n", style.fit(&short_ids(line)));
    }
    if lines.next().is_some() {
        out += "  ...\n";
    }
    for failure in group.iter().take(NAMES).filter(|failure| failure.name != NO_FAULT) {
        out += &format!("  in \"{}\"\n", failure.name);
    }
    if group.len() > NAMES {
        out += &format!("  and {} more\n", group.len() - NAMES);
    }
    out
}

/// Shortens the IDs in a line, which would leave no room for what the line says about them.
fn short_ids(line: &str) -> String {
    // All characters of a word are ASCII.
    with_words(line, |word| (word.len() >= ID).then(|| format!("{}...", &word[..SHORT_ID])))
}

/// Replaces words of a line. A word consists of the characters of IDs.
fn with_words(line: &str, replace: impl Fn(&str) -> Option<String>) -> String {
    let is_of_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let (mut out, mut rest) = (String::new(), line);
    while let Some(begin) = rest.find(is_of_word) {
        let (before, word) = rest.split_at(begin);
        let (word, after) = word.split_at(word.find(|c| !is_of_word(c)).unwrap_or(word.len()));
        out += before;
        out += replace(word).as_deref().unwrap_or(word);
        rest = after;
    }
    out + rest
}

/// Says how to repeat a run. The test harness names the thread of a test after it.
fn repeat(name: &str) -> String {
    let thread = std::thread::current();
    let test = thread.name().filter(|name| *name != "main").map(|name| format!(" {name}")).unwrap_or_default();
    let quoted = name.replace('\'', "'\\''");
    format!("to repeat only this run: .only({name:?})\nor from a shell: {ONLY_VARIABLE}='{quoted}' cargo test{test}\n")
}

impl fmt::Display for SweepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Style::PLAIN))
    }
}

impl fmt::Debug for SweepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut report = f.debug_struct("SweepReport");
        report.field("runs", &self.runs).field("failures", &self.failures).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_shortened_and_other_words_are_not() {
        let id = "4RXiWi7l_gnraiPJkev6tkaLJKK_1ZtqHtW7YAiRAyw7k22Qhpbu24e8";
        assert_eq!(
            short_ids(&format!("archive {id} (\u{e9} {id}), and others")),
            "archive 4RXiWi7l... (\u{e9} 4RXiWi7l...), and others"
        );
        assert_eq!(short_ids("left: [1, 2]"), "left: [1, 2]");
    }
}

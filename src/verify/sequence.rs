//! Calls in an order: exactly these, or these with others between; repeated, or in groups whose order does not matter.

use std::fmt;

use crate::domain::operation::Operation;
use crate::record::call::Call;
use crate::record::line::short;

use super::count::Count;
use super::explain::report;
use super::style::Style;

/// A step of a sequence. An [`Operation`] is one by itself.
///
/// ```
/// use glacier_mock::{Operation, Step};
///
/// // Four parts in any order, then complete.
/// let resumed = [
///     Step::from(Operation::InitiateMultipartUpload),
///     Step::times(Operation::UploadMultipartPart, 4),
///     Operation::CompleteMultipartUpload.into(),
/// ];
/// # drop(resumed);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step(Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Times(Operation, Count),
    AnyOrder(Vec<Operation>),
}

impl Step {
    /// The same operation so many times in a row: a number, or a range of numbers.
    pub fn times(operation: Operation, count: impl Into<Count>) -> Self {
        Step(Kind::Times(operation, count.into()))
    }

    /// Each of these once, in whatever order.
    pub fn any_order(operations: impl IntoIterator<Item = Operation>) -> Self {
        Step(Kind::AnyOrder(operations.into_iter().collect()))
    }
}

impl From<Operation> for Step {
    fn from(operation: Operation) -> Self {
        Step::times(operation, 1_usize)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Times(operation, count) if *count == Count::from(1_usize) => write!(f, "{operation}"),
            Kind::Times(operation, count) => write!(f, "{operation} ({count} times)"),
            Kind::AnyOrder(operations) if operations.len() == 1 => write!(f, "{}", operations[0]),
            Kind::AnyOrder(operations) => {
                let names: Vec<_> = operations.iter().map(|operation| operation.name()).collect();
                write!(f, "one of {} (in any order)", names.join(", "))
            }
        }
    }
}

/// Where a sequence stops fitting: the call that should have been something else, and what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Difference {
    call: usize,
    /// `None`: nothing more was expected.
    expected: Option<String>,
}

/// `Err` with what to tell the reader, if the calls are not exactly the expected ones.
pub(crate) fn check_exact(steps: &[Step], calls: &[Call], style: Style) -> Result<(), String> {
    let mut furthest = Difference::default();
    if fits(steps, calls, 0, &mut furthest) {
        return Ok(());
    }
    let Difference { call, expected } = furthest;
    let (headline, mark) = match (expected, calls.get(call)) {
        (Some(step), Some(got)) => {
            (format!("expected call {} to be {step}, it was {}", call + 1, name(got)), Some(call))
        }
        (Some(step), None) => (format!("expected call {} to be {step}, there was none", call + 1), None),
        (None, got) => {
            let plural = if call == 1 { "call" } else { "calls" };
            let another = got.map(name).unwrap_or_default();
            (format!("expected {call} {plural}, there was another: {another}"), Some(call))
        }
    };
    Err(report(&headline, &[], calls, mark, style))
}

/// Whether the calls from `at` on are exactly the steps. Remembers how far any attempt at it came.
fn fits(steps: &[Step], calls: &[Call], at: usize, furthest: &mut Difference) -> bool {
    let Some((step, rest)) = steps.split_first() else {
        if at < calls.len() {
            note(furthest, at, None);
        }
        return at == calls.len();
    };
    match &step.0 {
        Kind::Times(operation, count) => {
            let run = calls[at..].iter().take_while(|call| call.operation() == Some(*operation)).count();
            let most = count.most().unwrap_or(usize::MAX).min(run);
            if run < count.least() {
                note(furthest, at + run, Some(step.to_string()));
                return false;
            }
            // As many as there are, and fewer only if the rest needs them.
            (count.least()..=most).rev().any(|taken| fits(rest, calls, at + taken, furthest))
        }
        Kind::AnyOrder(operations) => {
            let mut open = operations.clone();
            for taken in 0..operations.len() {
                let found = calls.get(at + taken).and_then(Call::operation);
                match open.iter().position(|operation| Some(*operation) == found) {
                    Some(place) => drop(open.remove(place)),
                    None => {
                        note(furthest, at + taken, Some(Step::any_order(open).to_string()));
                        return false;
                    }
                }
            }
            fits(rest, calls, at + operations.len(), furthest)
        }
    }
}

fn note(furthest: &mut Difference, call: usize, expected: Option<String>) {
    if call >= furthest.call {
        *furthest = Difference { call, expected };
    }
}

/// `Err` with what to tell the reader, if the steps do not come in this order; other calls may come between.
pub(crate) fn check_in_order(steps: &[Step], calls: &[Call], style: Style) -> Result<(), String> {
    let mut at = 0;
    for (n, step) in steps.iter().enumerate() {
        let mut wanted: Vec<Operation> = match &step.0 {
            Kind::Times(operation, count) => vec![*operation; count.least()],
            Kind::AnyOrder(operations) => operations.clone(),
        };
        let began = at;
        while let Some(next) = wanted.first().copied() {
            let found = calls[at..].iter().position(|call| call.operation().is_some_and(|got| wanted.contains(&got)));
            let Some(found) = found else {
                let after = if began == 0 { String::new() } else { format!(" after call {began}") };
                let headline = format!("expected {next}{after}, as step {} of {}; it did not come", n + 1, steps.len());
                return Err(report(&headline, &[], calls, began.checked_sub(1), style));
            };
            let got = calls[at + found].operation();
            wanted.remove(wanted.iter().position(|operation| Some(*operation) == got).unwrap_or_default());
            at += found + 1;
        }
    }
    Ok(())
}

fn name(call: &Call) -> String {
    match call.operation() {
        Some(operation) => operation.to_string(),
        None => {
            let path = short(call.first().path());
            format!("{} {path}, which is no operation of Glacier", call.first().method())
        }
    }
}

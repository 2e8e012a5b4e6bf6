//! Assertions on the order of calls: exact sequences, and subsequences. A step can repeat, or be a group in any order.

use std::collections::HashMap;
use std::fmt;

use crate::domain::words::Operation;
use crate::record::{Call, Filter, short};

use super::count::Count;
use super::explain::{dropped_note, report};
use super::known::StateView;
use super::matcher::{Difference, difference};
use super::style::Style;

/// A step of an expected sequence of calls. An [`Operation`] converts into a step for one call.
///
/// ```
/// use glacier_mock::{Operation, Step};
///
/// // Four parts, then the completion of the upload.
/// let resumed = [
///     Step::from(Operation::InitiateMultipartUpload),
///     Step::times(Operation::UploadMultipartPart, 4),
///     Operation::CompleteMultipartUpload.into(),
/// ];
/// # drop(resumed);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step(pub(super) Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Times(Operation, Count),
    AnyOrder(Vec<Operation>),
}

impl Step {
    /// Expects one call of this operation.
    ///
    /// ```
    /// use glacier_mock::{Operation, Step};
    ///
    /// let steps = [Step::once(Operation::CreateVault), Step::times(Operation::UploadArchive, 1..=5)];
    /// assert_eq!(steps[0], Step::from(Operation::CreateVault));
    /// ```
    pub fn once(operation: Operation) -> Self {
        Step(Kind::Times(operation, Count::ONE))
    }

    /// Expects consecutive calls of the same operation: an exact number, or a range.
    ///
    /// ```
    /// use glacier_mock::{Operation, Step};
    ///
    /// assert_eq!(Step::times(Operation::UploadMultipartPart, 4).to_string(), "UploadMultipartPart (exactly 4 times)");
    /// ```
    ///
    /// # Panics
    ///
    /// If the number is negative, or the range is empty.
    #[track_caller]
    pub fn times(operation: Operation, count: impl Into<Count>) -> Self {
        Step(Kind::Times(operation, count.into()))
    }

    /// Expects one call of each of these operations, in any order. An operation may be named more than once.
    ///
    /// ```
    /// use glacier_mock::{Operation, Step};
    ///
    /// let both = Step::any_order([Operation::AddTagsToVault, Operation::SetVaultNotifications]);
    /// assert_eq!(both.to_string(), "AddTagsToVault, SetVaultNotifications (in any order)");
    /// ```
    ///
    /// # Panics
    ///
    /// If there are no operations.
    #[track_caller]
    pub fn any_order(operations: impl IntoIterator<Item = Operation>) -> Self {
        let operations: Vec<_> = operations.into_iter().collect();
        assert!(!operations.is_empty(), "invalid step: `Step::any_order` needs at least one operation");
        Step(Kind::AnyOrder(operations))
    }
}

impl From<Operation> for Step {
    fn from(operation: Operation) -> Self {
        Step::once(operation)
    }
}

impl From<&Operation> for Step {
    fn from(operation: &Operation) -> Self {
        Step::once(*operation)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Times(operation, count) if *count == Count::ONE => write!(f, "{operation}"),
            Kind::Times(operation, count) => write!(f, "{operation} ({count} times)"),
            Kind::AnyOrder(operations) if operations.len() == 1 => write!(f, "{}", operations[0]),
            Kind::AnyOrder(operations) => {
                let mut counts: Vec<(Operation, usize)> = Vec::new();
                for &operation in operations {
                    match counts.iter_mut().find(|(known, _)| *known == operation) {
                        Some((_, count)) => *count += 1,
                        None => counts.push((operation, 1)),
                    }
                }
                let names: Vec<_> = counts
                    .into_iter()
                    .map(|(operation, count)| match count {
                        1 => operation.to_string(),
                        _ => format!("{operation} ({count} times)"),
                    })
                    .collect();
                match &names[..] {
                    [one] => f.write_str(one),
                    several => write!(f, "{} (in any order)", several.join(", ")),
                }
            }
        }
    }
}

/// The calls that a sequence is compared with.
pub(crate) struct Listed<'a> {
    pub(crate) calls: &'a [Call],
    /// The filter that selected the calls; `None` for all calls.
    pub(crate) filter: Option<&'a Filter>,
    /// All calls, which a report shows.
    pub(crate) record: &'a [Call],
    /// The number of older requests that are no longer on record.
    pub(crate) dropped: usize,
}

impl Listed<'_> {
    /// Renders a report that marks one of the calls by its place among them.
    fn report(&self, headline: String, mark: Option<usize>, state: &dyn StateView, style: Style) -> String {
        let dropped = dropped_note(self.dropped, style.advice);
        let Some(filter) = self.filter else {
            return report(&headline, &Vec::from_iter(dropped), self.record, mark, state, style);
        };
        let headline = format!("among the calls of {filter}, {headline}");
        let number = |mark: usize| self.calls.get(mark).map(Call::number);
        let marked = mark.and_then(|mark| Some((mark + 1, number(mark)?)));
        let note = marked.filter(|(place, number)| place != number);
        let note = note.map(|(place, number)| format!("call {place} among these is call {number} of the record"));
        let mark = marked.map(|(_, number)| number - 1);
        report(&headline, &note.into_iter().chain(dropped).collect::<Vec<_>>(), self.record, mark, state, style)
    }
}

/// Returns an error with a report if the calls are not exactly the expected ones.
pub(crate) fn check_exact(
    steps: &[Step],
    listed: &Listed<'_>,
    state: &dyn StateView,
    style: Style,
) -> Result<(), String> {
    let calls = listed.calls;
    let made: Vec<_> = calls.iter().map(Call::operation).collect();
    let Some(Difference { call, expected }) = difference(steps, &made) else { return Ok(()) };
    let (headline, mark) = match (expected, calls.get(call)) {
        (Some(step), Some(got)) => {
            (format!("expected call {} to be {step}, but it was {}", call + 1, name(got)), Some(call))
        }
        (Some(step), None) => (format!("expected call {} to be {step}, but there was none", call + 1), None),
        (None, got) => {
            let plural = if call == 1 { "call" } else { "calls" };
            let another = got.map(name).unwrap_or_default();
            (format!("expected {call} {plural}, but there was another: {another}"), Some(call))
        }
    };
    Err(listed.report(headline, mark, state, style))
}

/// Returns an error with a report if the steps do not occur in this order. Other calls may come between them.
pub(crate) fn check_in_order(
    steps: &[Step],
    listed: &Listed<'_>,
    state: &dyn StateView,
    style: Style,
) -> Result<(), String> {
    let calls = listed.calls;
    let mut at = 0;
    for (n, step) in steps.iter().enumerate() {
        let began = at;
        let mut wanted = Wanted::least(step);
        while !wanted.is_empty() {
            let found = calls[at..].iter().position(|call| wanted.take(call.operation()));
            let Some(found) = found else {
                let after = if began == 0 { String::new() } else { format!(" after call {began}") };
                let next = wanted.first(step);
                let earlier = calls[..began].iter().rposition(|call| call.operation() == next);
                let (but, mark) = match earlier {
                    Some(earlier) => {
                        (format!("it was only called before that, as call {}", earlier + 1), Some(earlier))
                    }
                    None => ("it was never called".to_owned(), began.checked_sub(1)),
                };
                let next = next.map(|next| next.to_string()).unwrap_or_default();
                let headline = format!("expected {next}{after} (step {} of {}), but {but}", n + 1, steps.len());
                return Err(listed.report(headline, mark, state, style));
            };
            at += found + 1;
        }
    }
    Ok(())
}

/// The calls that a step of a sequence still requires.
struct Wanted(HashMap<Operation, usize>);

impl Wanted {
    /// Returns the minimum number of calls that satisfies a step.
    fn least(step: &Step) -> Self {
        let mut wanted = HashMap::new();
        match &step.0 {
            Kind::Times(operation, count) => drop(wanted.insert(*operation, count.least())),
            Kind::AnyOrder(operations) => {
                operations.iter().for_each(|operation| *wanted.entry(*operation).or_default() += 1);
            }
        }
        wanted.retain(|_, count| *count > 0);
        Wanted(wanted)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Counts a call if the step still requires it, and returns whether it does.
    fn take(&mut self, operation: Option<Operation>) -> bool {
        let Some((operation, count)) = operation.and_then(|operation| Some((operation, self.0.get_mut(&operation)?)))
        else {
            return false;
        };
        *count -= 1;
        if *count == 0 {
            self.0.remove(&operation);
        }
        true
    }

    /// Returns the first of the step's operations that is still required.
    fn first(&self, step: &Step) -> Option<Operation> {
        let operations = match &step.0 {
            Kind::Times(operation, _) => std::slice::from_ref(operation),
            Kind::AnyOrder(operations) => operations,
        };
        operations.iter().copied().find(|operation| self.0.contains_key(operation))
    }
}

fn name(call: &Call) -> String {
    match call.operation() {
        Some(operation) => operation.to_string(),
        None => {
            let path = short(call.first().path());
            format!("{} {path}, which is not an operation of Glacier", call.first().method())
        }
    }
}

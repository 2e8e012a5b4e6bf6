//! The requests on record, narrowed down and asserted on.

use std::sync::Arc;

use crate::domain::account::Account;
use crate::domain::words::{ArchiveId, JobId, Operation, UploadId};
use crate::record::{Request, calls};

use super::count::Count;
use super::explain;
use super::known::StateView;
use super::slice::slice_of;
use super::style::Style;
use crate::record::{Condition, Filter, answer_filters, filters};

/// Requests in the order of their arrival: each attempt of a call is one. Made by
/// [`GlacierMock::requests`](crate::GlacierMock::requests).
///
/// It is a slice too: `len()`, `iter()`, `first()` and indices work on it.
#[derive(Clone)]
pub struct Requests {
    all: Vec<Request>,
    filter: Filter,
    fitting: Vec<Request>,
    dropped: usize,
    state: Arc<dyn StateView>,
}

impl Requests {
    pub(crate) fn new(all: Vec<Request>, filter: Filter, dropped: usize, state: Arc<dyn StateView>) -> Self {
        let fitting = all.iter().filter(|request| filter.fits(request)).cloned().collect();
        Requests { all, filter, fitting, dropped, state }
    }

    fn narrowed(self, condition: Condition) -> Self {
        Requests::new(self.all, self.filter.and(condition), self.dropped, self.state)
    }

    filters!();

    answer_filters!();

    /// Those of this operation.
    pub fn operation(self, operation: Operation) -> Self {
        let condition = Condition::new(operation.name(), move |request: &Request| match request.operation() {
            Some(found) if found == operation => Ok(()),
            Some(found) => Err(format!("it was {found}")),
            None => Err("it was no operation".into()),
        });
        self.narrowed(condition)
    }

    /// How many of the oldest are not on record any more: more than none only with
    /// [`Builder::keep_requests`](crate::Builder::keep_requests).
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// The one request. It is owned, and shares the record.
    ///
    /// # Panics
    ///
    /// If there is none, or more than one.
    #[track_caller]
    pub fn only(&self) -> Request {
        self.assert_count(1);
        self.fitting[0].clone()
    }

    /// Asserts how many there are: a number, or a range of numbers.
    ///
    /// # Panics
    ///
    /// If there are more or fewer, with the record and the nearest miss; if the number is negative, or the range holds no
    /// number.
    #[track_caller]
    pub fn assert_count(&self, expected: impl Into<Count>) {
        let expected = expected.into();
        if !expected.holds(self.fitting.len()) {
            // Each request on a line of its own.
            let each: Vec<_> = self.all.iter().flat_map(|request| calls(std::slice::from_ref(request))).collect();
            let problem = explain::wrong_count(&self.filter, expected, &each, explain::REQUESTS);
            panic!("{}", problem.report(&each, &*self.state, Style::of_stderr()));
        }
    }

    /// Asserts that there is none.
    ///
    /// # Panics
    ///
    /// If there is one.
    #[track_caller]
    pub fn assert_none(&self) {
        self.assert_count(Count::NONE);
    }
}

slice_of!(Requests, Request);

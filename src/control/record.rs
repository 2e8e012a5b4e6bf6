//! The record of a mock.

use std::sync::Arc;

use crate::mock::Mock;
use crate::record::{Call, Request, calls};

/// The record of a mock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordControl<'a>(pub(crate) &'a Arc<Mock>);

impl RecordControl<'_> {
    /// Returns all requests on record, and the number of older ones that were dropped.
    pub(crate) fn requests(self) -> (Vec<Request>, usize) {
        self.0.journal.requests()
    }

    /// Returns the calls that the requests on record are attempts of, and the number of older requests that were
    /// dropped.
    pub(crate) fn calls(self) -> (Vec<Call>, usize) {
        let (requests, dropped) = self.requests();
        (calls(&requests), dropped)
    }

    /// Returns the number that the next request will have.
    pub(crate) fn next_number(self) -> usize {
        self.0.journal.arrived() + 1
    }

    /// Removes all requests from the record. Their effects remain, and later requests continue the numbering.
    pub(crate) fn clear(self) {
        self.0.journal.clear();
    }
}

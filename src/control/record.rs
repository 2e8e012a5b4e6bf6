//! The record of a mock.

#[cfg(feature = "standalone")]
use std::future::{Future, poll_fn};
#[cfg(feature = "standalone")]
use std::pin::pin;
use std::sync::Arc;
#[cfg(feature = "standalone")]
use std::task::Poll;

use crate::mock::Mock;
#[cfg(feature = "standalone")]
use crate::record::Filter;
use crate::record::{Call, Request, calls};
#[cfg(feature = "standalone")]
use crate::sync::until;
#[cfg(feature = "standalone")]
use crate::verify::{Calls, Transcript};

#[cfg(feature = "standalone")]
use super::error::ControlError;

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

#[cfg(feature = "standalone")]
impl RecordControl<'_> {
    /// Returns the request with a number.
    pub(crate) fn request(self, number: usize) -> Result<Request, ControlError> {
        self.0.journal.request(number).ok_or_else(|| {
            let why = if (1..=self.0.journal.arrived()).contains(&number) {
                "the record has dropped it"
            } else {
                "it has not been made"
            };
            ControlError::not_found(format!("there is no request {number}: {why}"))
        })
    }

    /// Returns the calls that match a filter as text that is the same in every run.
    pub(crate) fn transcript(self, filter: Filter) -> Transcript {
        Calls::new(self.calls(), filter, self.0.clone()).transcript()
    }

    /// Returns the place of the next request to end, in the order in which requests end.
    pub(crate) fn next_place(self) -> usize {
        self.0.journal.finished_after(usize::MAX)
    }

    /// Returns the place after the request with this number, in the order in which requests end.
    pub(crate) fn place_after(self, number: usize) -> usize {
        self.0.journal.finished_after(number)
    }

    /// Waits until a request ends or has ended at a place or later. Returns at most `most` of them in that order, and
    /// the place after the last of them; `None` if the mock has ended.
    pub(crate) async fn finished(self, place: usize, most: usize) -> Option<(Vec<Request>, usize)> {
        let journal = &self.0.journal;
        let look = || Some(journal.finished(place, most)).filter(|(found, _)| !found.is_empty());
        let mut found = pin!(until(|| journal.changed(), look));
        let mut ended = pin!(self.0.until_ended());
        poll_fn(|context| match ended.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => found.as_mut().poll(context).map(Some),
        })
        .await
    }
}

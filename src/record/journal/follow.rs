//! How a reader follows the record: single requests, and those that have ended.

use tokio::sync::futures::Notified;

use super::Journal;
use crate::record::request::Request;

impl Journal {
    /// Returns the request with a number, if it is on record.
    pub(crate) fn request(&self, number: usize) -> Option<Request> {
        self.record.lock().entry(number).cloned().map(Request)
    }

    /// Returns at most `most` requests that have ended, in the order in which they did, from a place in that order on;
    /// and the place after the last of them.
    pub(crate) fn finished(&self, place: usize, most: usize) -> (Vec<Request>, usize) {
        self.record.lock().finished.from(place, most)
    }

    /// Returns the place in the order in which requests end after the one with this number.
    pub(crate) fn finished_after(&self, number: usize) -> usize {
        self.record.lock().finished.after(number)
    }

    /// Returns a future that completes at the next change of a request. To miss no change, create it before looking.
    pub(crate) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }
}

//! The record itself: requests go in when they arrive and are completed when they end.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::body::Body;
use super::request::{Arrival, End, Entry, Request};

/// Every request that a mock received, in order of arrival.
#[derive(Default)]
pub(crate) struct Journal(Mutex<Vec<Arc<Entry>>>);

impl Journal {
    /// Puts a request on record. Its number is its place in the order of arrival.
    pub(crate) fn arrival(&self, arrival: Arrival) -> Open {
        let mut entries = self.lock();
        let number = entries.len() + 1;
        let entry = Arc::new(Entry { number, arrival, body: OnceLock::new(), end: OnceLock::new() });
        entries.push(entry.clone());
        Open(entry)
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.lock().iter().cloned().map(Request).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Entry>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that has not ended yet. Dropping it unfinished says that the client went away.
pub(crate) struct Open(Arc<Entry>);

impl Open {
    pub(crate) fn request(&self) -> Request {
        Request(self.0.clone())
    }

    pub(crate) fn arrival(&self) -> &Arrival {
        &self.0.arrival
    }

    pub(crate) fn body(&self, body: Body) {
        // Each request has one body, so the cell is empty.
        let _ = self.0.body.set(body);
    }

    pub(crate) fn end(&self, end: End) {
        // The first word counts: a request that was answered stays answered.
        let _ = self.0.end.set(end);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.end(End::Disconnected);
    }
}

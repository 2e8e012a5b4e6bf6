//! The record itself: requests go in when they arrive and are completed when they end.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use hyper::HeaderMap;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::domain::vault::Subject;

use super::body::Body;
use super::headers::{Headers, Shared as SharedHeaders};
use super::request::{Arrival, End, Entry, Ids, JobSeen, Progress, Request};

/// Every request that a mock received, in order of arrival.
pub(crate) struct Journal {
    shelf: Mutex<Shelf>,
    /// Wakes who waits for requests to end.
    ended: Condvar,
    /// Wakes those who watch requests.
    changed: Notify,
    /// What requests have in common with others of their client.
    common_headers: Mutex<SharedHeaders>,
    limits: Limits,
}

#[derive(Default)]
struct Shelf {
    entries: VecDeque<Arc<Entry>>,
    arrived: usize,
    open: usize,
    /// Who waits for requests to end. To wake nobody is a system call all the same.
    waiting: usize,
    /// What each watch has not taken yet, by the watch's number.
    watches: Vec<(usize, Vec<Request>)>,
    next_watch: usize,
}

impl Shelf {
    /// Hands a request to every watch.
    fn show(&mut self, entry: &Arc<Entry>) {
        for (_, news) in &mut self.watches {
            news.push(Request(entry.clone()));
        }
    }
}

/// How much is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Of the requests, the newest.
    pub(crate) requests: usize,
    /// Of each body, the first bytes.
    pub(crate) body_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { requests: usize::MAX, body_bytes: u64::MAX }
    }
}

impl Journal {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Journal {
            shelf: Mutex::default(),
            ended: Condvar::new(),
            changed: Notify::new(),
            common_headers: Mutex::default(),
            limits,
        })
    }

    /// Puts a request on record. Its number is its place in the order of arrival. `arrival` is made where no other can
    /// come between, so that what it reads of clocks is in order too.
    pub(crate) fn arrival(self: &Arc<Self>, arrival: impl FnOnce() -> Arrival) -> Open {
        let mut shelf = self.lock();
        let arrival = arrival();
        shelf.arrived += 1;
        shelf.open += 1;
        let entry = Arc::new(Entry {
            number: shelf.arrived,
            arrival,
            ids: Ids::default(),
            marks: OnceLock::new(),
            body: OnceLock::new(),
            progress: Progress::default(),
            end: OnceLock::new(),
        });
        shelf.entries.push_back(entry.clone());
        shelf.show(&entry);
        while shelf.entries.len() > self.limits.requests {
            shelf.entries.pop_front();
        }
        drop(shelf);
        self.changed.notify_waiters();
        Open { entry, journal: self.clone() }
    }

    /// The headers of a request, for its record.
    pub(crate) fn headers(&self, headers: &HeaderMap) -> Headers {
        Headers::new(headers, &mut self.common_headers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// All requests on record, and how many older ones are not any more.
    pub(crate) fn requests(&self) -> (Vec<Request>, usize) {
        let shelf = self.lock();
        let dropped = shelf.arrived - shelf.entries.len();
        (shelf.entries.iter().cloned().map(Request).collect(), dropped)
    }

    /// How many requests have arrived.
    pub(crate) fn arrived(&self) -> usize {
        self.lock().arrived
    }

    /// Blocks until no request is under way, at most for `patience`. `false` if some still are.
    pub(crate) fn wait_until_idle(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let mut shelf = self.lock();
        while shelf.open > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            shelf.waiting += 1;
            let (guard, _) = self.ended.wait_timeout(shelf, left).unwrap_or_else(PoisonError::into_inner);
            shelf = guard;
            shelf.waiting -= 1;
        }
        true
    }

    /// Watches the requests from now on, beginning with those that are on record.
    pub(crate) fn watch(self: &Arc<Self>) -> Watch {
        let mut shelf = self.lock();
        let number = shelf.next_watch;
        shelf.next_watch += 1;
        let news = shelf.entries.iter().cloned().map(Request).collect();
        shelf.watches.push((number, news));
        Watch { journal: self.clone(), number }
    }

    /// Something became known of a request.
    fn changes(&self, entry: &Arc<Entry>) {
        let mut shelf = self.lock();
        if !shelf.watches.is_empty() {
            shelf.show(entry);
            drop(shelf);
            self.changed.notify_waiters();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A look at each request when it arrives, and again whenever something becomes known of it: its body, what it is about,
/// a fault, how it ended. What a waiter does is in proportion to what happens, not to the length of the record.
pub(crate) struct Watch {
    journal: Arc<Journal>,
    number: usize,
}

impl Watch {
    /// The requests that arrived or changed since this was last called, in that order. A request that changed twice is
    /// there twice.
    pub(crate) fn news(&self) -> Vec<Request> {
        let mut shelf = self.journal.lock();
        let own = shelf.watches.iter_mut().find(|(number, _)| *number == self.number);
        own.map(|(_, news)| std::mem::take(news)).unwrap_or_default()
    }

    /// Waits until there is news. Register with it before looking.
    pub(crate) fn changed(&self) -> Notified<'_> {
        self.journal.changed.notified()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.journal.lock().watches.retain(|(number, _)| *number != self.number);
    }
}

/// A request that has not ended yet. Dropping it unfinished says that the client went away.
pub(crate) struct Open {
    entry: Arc<Entry>,
    journal: Arc<Journal>,
}

impl Open {
    pub(crate) fn request(&self) -> Request {
        Request(self.entry.clone())
    }

    pub(crate) fn arrival(&self) -> &Arrival {
        &self.entry.arrival
    }

    /// So many bytes of the body have arrived.
    pub(crate) fn has_read(&self, bytes: u64) {
        self.entry.progress.set(bytes);
    }

    /// Keeps as much of the body as the record is to keep.
    pub(crate) fn body(&self, body: impl FnOnce(u64) -> Body) {
        // Each request has one body, so the cell is empty.
        let _ = self.entry.body.set(body(self.journal.limits.body_bytes));
        self.journal.changes(&self.entry);
    }

    /// What it turns out to be about. What the path says counts more, and what is said first.
    pub(crate) fn is_about(&self, subject: Subject) {
        let ids = &self.entry.ids;
        match subject {
            Subject::None => return,
            Subject::Archive(id) => drop(ids.archive.set(id)),
            created => drop(ids.begun.set(created)),
        }
        self.journal.changes(&self.entry);
    }

    /// What a DescribeJob found.
    pub(crate) fn found_job(&self, seen: JobSeen) {
        // A request finds one job.
        let _ = self.entry.ids.job.set(seen);
    }

    /// A fault touches it.
    pub(crate) fn is_faulted(&self, fault: String) {
        // One fault a request.
        let _ = self.entry.marks.get_or_init(Box::default).fault.set(fault.into());
        self.journal.changes(&self.entry);
    }

    /// How it ended. The first word counts: a request that was answered stays answered.
    pub(crate) fn end(&self, end: End) {
        if self.entry.end.set(end).is_ok() {
            let mut shelf = self.journal.lock();
            shelf.open -= 1;
            shelf.show(&self.entry);
            if shelf.waiting > 0 {
                self.journal.ended.notify_all();
            }
            drop(shelf);
            self.journal.changed.notify_waiters();
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.end(End::Disconnected);
    }
}

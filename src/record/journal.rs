//! The record: a request is added when it arrives and completed when it ends.

#[cfg(feature = "standalone")]
mod follow;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::HeaderMap;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::domain::vault::Subject;
use crate::sync::{Condvar, Mutex};

use super::body::Body;
use super::body_sum::BodySum;
use super::end::{End, Refusal};
use super::entry::{Arrival, Entry, Head, JobSeen};
#[cfg(feature = "standalone")]
use super::finished::Finished;
use super::headers::{Form, Headers};
use super::request::Request;

/// Every request that a mock received, in order of arrival.
pub(crate) struct Journal {
    record: Mutex<Record>,
    /// Wakes threads that wait for requests to end.
    ended: Condvar,
    /// Wakes tasks that watch requests.
    changed: Notify,
    last: Mutex<Last>,
    limits: Limits,
}

/// The parts of the last request that the next one shares if it has equal ones.
#[derive(Default)]
struct Last {
    head: Option<Arc<Head>>,
    form: Form,
}

#[derive(Default)]
struct Record {
    entries: VecDeque<Arc<Entry>>,
    #[cfg(feature = "standalone")]
    finished: Finished,
    arrived: usize,
    /// The number of requests that the limit removed.
    dropped: usize,
    /// The number of the last request that [`Journal::clear`] removed. Watches are not shown older requests any more.
    forgotten: usize,
    open: usize,
    /// The number of threads waiting on `ended`. `notify_all` makes a system call even without a waiter: 0.6 us of the
    /// 18 us that a DescribeVault costs the mock and its client together.
    waiting: usize,
    /// The memory of the bodies of `entries`, if it is limited.
    bodies: BodySum,
    /// The number of each watch, with the requests that it has not taken yet.
    watches: Vec<(usize, Vec<Request>)>,
    next_watch: usize,
}

impl Record {
    /// Returns the number of the newest request that the record has dropped, or 0.
    #[cfg(feature = "standalone")]
    fn last_removed(&self) -> usize {
        self.arrived - self.entries.len()
    }

    /// Queues a request for every watch, unless it was removed from the record.
    fn show(&mut self, entry: &Arc<Entry>, limits: &Limits) {
        if entry.number <= self.forgotten {
            return;
        }
        for (_, changes) in &mut self.watches {
            changes.push(Request(entry.clone()));
            // A reader that does not keep up misses the oldest changes.
            if changes.len() > limits.requests.saturating_add(MOST_CHANGES) {
                changes.drain(..MOST_CHANGES / 2);
            }
        }
    }

    /// Returns an entry that is in the record.
    fn entry(&self, number: usize) -> Option<&Arc<Entry>> {
        let first = self.arrived - self.entries.len() + 1;
        self.entries.get(number.checked_sub(first)?)
    }
}

/// How many changes wait for the reader of a watch, in addition to as many as the record has requests, if the record is
/// limited.
const MOST_CHANGES: usize = 10_000;

/// How many requests and how much of their bodies the record keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The number of requests to keep. The oldest are dropped first.
    pub(crate) requests: usize,
    /// The number of bytes to keep from the start of each body.
    pub(crate) body_bytes: u64,
    /// The number of bytes of memory that all bodies together may keep alive. Beyond it, whole bodies are dropped, the
    /// oldest first.
    pub(crate) all_body_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { requests: usize::MAX, body_bytes: u64::MAX, all_body_bytes: u64::MAX }
    }
}

impl Limits {
    /// Returns whether the sum of the bodies is limited. If it is not, a request that the test still has keeps its body
    /// when the record drops it.
    fn has_sum(&self) -> bool {
        self.all_body_bytes < u64::MAX
    }
}

/// The record at one moment.
pub(crate) struct Snapshot {
    pub(crate) requests: Vec<Request>,
    /// The number of older requests that the limit removed since the record was last cleared.
    pub(crate) dropped: usize,
    /// The number of the last request that has arrived, which may no longer be on record.
    pub(crate) arrived: usize,
}

impl Snapshot {
    /// Returns how many requests after this one the limit removed.
    pub(crate) fn dropped_after(&self, number: usize) -> usize {
        let last_dropped = self.arrived - self.requests.len();
        self.dropped.min(last_dropped.saturating_sub(number))
    }
}

impl Journal {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Journal {
            record: Mutex::default(),
            ended: Condvar::default(),
            changed: Notify::new(),
            last: Mutex::default(),
            limits,
        })
    }

    /// Adds a request to the record and numbers it in order of arrival. `arrival` runs under the lock, so that the
    /// times it reads are in the same order.
    pub(crate) fn arrival(self: &Arc<Self>, arrival: impl FnOnce() -> Arrival) -> Open {
        let mut record = self.record.lock();
        let arrival = arrival();
        record.arrived += 1;
        record.open += 1;
        let entry = Arc::new(Entry::new(record.arrived, arrival));
        record.entries.push_back(entry.clone());
        record.show(&entry, &self.limits);
        // At most one, because this is the only place that adds one.
        let mut oldest = None;
        if record.entries.len() > self.limits.requests {
            oldest = record.entries.pop_front();
            #[cfg(feature = "standalone")]
            record.finished.drop_up_to(oldest.as_ref().map_or(0, |oldest| oldest.number));
            record.dropped += 1;
        }
        if let Some(oldest) = &oldest {
            record.bodies.remove(oldest.number);
        }
        drop(record);
        // Memory is freed without the lock.
        if let Some(body) = oldest.as_ref().filter(|_| self.limits.has_sum()).and_then(|oldest| oldest.body.get()) {
            body.drop_bytes();
        }
        drop(oldest);
        self.changed.notify_waiters();
        Open { entry, journal: self.clone() }
    }

    /// Prepares the head and the headers of a request for its record. They share parts that are equal to those of the
    /// previous request.
    pub(crate) fn shared(&self, head: Head, headers: &HeaderMap) -> (Arc<Head>, Headers) {
        let mut last = self.last.lock();
        let shared = match last.head.take() {
            Some(last) if *last == head => last,
            _ => Arc::new(head),
        };
        last.head = Some(shared.clone());
        (shared, Headers::new(headers, &mut last.form))
    }

    /// Returns all requests in the record, and the number of older ones that were dropped.
    pub(crate) fn requests(&self) -> (Vec<Request>, usize) {
        let Snapshot { requests, dropped, .. } = self.snapshot();
        (requests, dropped)
    }

    /// Returns the requests in the record, with the numbers that belong to the same moment.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let record = self.record.lock();
        let requests = record.entries.iter().cloned().map(Request).collect();
        Snapshot { requests, dropped: record.dropped, arrived: record.arrived }
    }

    /// Removes all requests from the record, also those in flight. Later requests continue the numbers.
    pub(crate) fn clear(&self) {
        let mut record = self.record.lock();
        let entries = std::mem::take(&mut record.entries);
        #[cfg(feature = "standalone")]
        let _finished = record.finished.take();
        let queued: Vec<_> = record.watches.iter_mut().map(|(_, changes)| std::mem::take(changes)).collect();
        record.bodies = BodySum::default();
        (record.dropped, record.forgotten) = (0, record.arrived);
        drop(record);
        // The last reference to a body may be here, and freeing it must not delay requests.
        drop((entries, queued));
    }

    /// Returns how many requests have arrived.
    pub(crate) fn arrived(&self) -> usize {
        self.record.lock().arrived
    }

    /// Blocks until no request is in flight, or until `timeout` has passed. Returns `false` after a timeout.
    pub(crate) fn wait_until_idle(&self, timeout: Duration) -> bool {
        let deadline = Instant::now() + timeout;
        let mut record = self.record.lock();
        while record.open > 0 {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            record.waiting += 1;
            record = self.ended.wait_timeout(record, left);
            record.waiting -= 1;
        }
        true
    }

    /// Watches requests from now on, starting with those already in the record.
    pub(crate) fn watch(self: &Arc<Self>) -> Watch {
        let mut record = self.record.lock();
        let number = record.next_watch;
        record.next_watch += 1;
        let changes = record.entries.iter().cloned().map(Request).collect();
        record.watches.push((number, changes));
        Watch { journal: self.clone(), number }
    }

    /// Counts a body that was recorded, and drops those of the oldest requests if all together are too large.
    fn count_body(&self, entry: &Arc<Entry>) {
        let memory = entry.body.get().map_or(0, Body::memory);
        if memory == 0 || !self.limits.has_sum() {
            return;
        }
        let mut record = self.record.lock();
        let mut excess = Vec::new();
        if memory <= self.limits.all_body_bytes && record.entry(entry.number).is_some() {
            record.bodies.add(entry.number, memory);
            while let Some(number) = record.bodies.take_excess(self.limits.all_body_bytes) {
                excess.extend(record.entry(number).cloned());
            }
        } else {
            // The body is too large even alone, or the record has dropped the request already.
            excess.push(entry.clone());
        }
        drop(record);
        excess.iter().filter_map(|entry| entry.body.get()).for_each(Body::drop_bytes);
    }

    /// Tells the watches that more is known about a request.
    fn announce(&self, entry: &Arc<Entry>) {
        let mut record = self.record.lock();
        if !record.watches.is_empty() {
            record.show(entry, &self.limits);
            drop(record);
            self.changed.notify_waiters();
        }
    }
}

/// Observes each request when it arrives, and again whenever more becomes known about it: its body, its subject, a
/// fault, how it ended. The work of a waiter is therefore proportional to the number of changes, not to the length of
/// the record.
pub(crate) struct Watch {
    journal: Arc<Journal>,
    number: usize,
}

impl Watch {
    /// Returns the requests that arrived or changed since the previous call, in that order. A request that changed
    /// twice occurs twice.
    pub(crate) fn changes(&self) -> Vec<Request> {
        let mut record = self.journal.record.lock();
        let own = record.watches.iter_mut().find(|(number, _)| *number == self.number);
        own.map(|(_, changes)| std::mem::take(changes)).unwrap_or_default()
    }

    /// Returns the number of the last request that was removed from the record by [`Journal::clear`].
    pub(crate) fn forgotten(&self) -> usize {
        self.journal.record.lock().forgotten
    }

    /// Returns a future that completes at the next change. To miss no change, create it before calling
    /// [`Watch::changes`].
    pub(crate) fn changed(&self) -> Notified<'_> {
        self.journal.changed.notified()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.journal.record.lock().watches.retain(|(number, _)| *number != self.number);
    }
}

/// A request that has not ended yet. Dropping it before the end records that the client went away.
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

    /// Records how many bytes of the body have arrived.
    pub(crate) fn has_read(&self, bytes: u64) {
        self.entry.progress.set(bytes);
    }

    /// Records the body, up to the limit of the record.
    pub(crate) fn body(&self, body: impl FnOnce(u64) -> Body) {
        // Each request has one body, so the cell is empty.
        let _ = self.entry.body.set(body(self.journal.limits.body_bytes));
        self.journal.count_body(&self.entry);
        self.journal.announce(&self.entry);
    }

    /// Records what the request is about. The IDs in the path take precedence, and the first call takes precedence over
    /// later ones.
    pub(crate) fn is_about(&self, subject: Subject) {
        match subject {
            Subject::None => return,
            Subject::Archive(id) => drop(self.entry.archive.set(id)),
            created => drop(self.entry.rare().created.set(created)),
        }
        self.journal.announce(&self.entry);
    }

    /// Records the job that a DescribeJob found.
    pub(crate) fn found_job(&self, seen: JobSeen) {
        // A request finds at most one job, so the cell is empty.
        let _ = self.entry.rare().job.set(seen);
    }

    /// Records the fault that applies to the request.
    pub(crate) fn is_faulted(&self, fault: String) {
        // At most one fault applies to a request. What goes wrong afterwards, such as a panic, does not replace it.
        let _ = self.entry.rare().fault.set(fault.into());
        self.journal.announce(&self.entry);
    }

    /// Records the error that the request is about to be answered with.
    pub(crate) fn is_refused(&self, refusal: Refusal) {
        let _ = self.entry.rare().refusal.set(refusal);
    }

    /// Records how the request ended. Only the first call counts, so a request that was answered stays answered.
    pub(crate) fn end(&self, end: End) {
        if self.entry.has_ended(end) {
            let mut record = self.journal.record.lock();
            record.open -= 1;
            #[cfg(feature = "standalone")]
            if self.entry.number > record.last_removed() {
                record.finished.push(&self.entry);
            }
            record.show(&self.entry, &self.journal.limits);
            if record.waiting > 0 {
                self.journal.ended.notify_all();
            }
            drop(record);
            self.journal.changed.notify_waiters();
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.end(End::ClientWentAway);
    }
}

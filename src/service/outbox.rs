//! Notices that wait to be sent to one endpoint, in the order in which their jobs ended.
//!
//! The service puts them in while it holds the lock of its state, so that their order is that of the jobs' ends. The
//! task that sends them removes each one when it is done with it.

use std::collections::VecDeque;

use tokio::sync::Notify;

use crate::domain::vault::Notice;
use crate::sync::{Mutex, until};

/// A bounded queue of notices.
#[derive(Debug)]
pub(crate) struct Outbox {
    capacity: usize,
    queue: Mutex<Queue>,
    /// Notified when notices are added, and when a reset removes them.
    changed: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// The number of notices that were put in so far.
    count: u64,
    /// The number of notices that were dropped because the queue was full, and that are not reported yet.
    dropped: u64,
    /// Why the last attempt to send the first notice failed.
    failure: Option<String>,
    is_closed: bool,
}

impl Queue {
    fn begins_with(&self, number: u64) -> bool {
        self.waiting.front().is_some_and(|first| first.number == number)
    }
}

/// A notice in the queue.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    /// The position among all notices of this queue, from 1.
    pub(crate) number: u64,
    pub(crate) notice: Notice,
}

/// What an outbox contained when it was closed.
#[derive(Debug)]
pub(crate) struct Unsent {
    pub(crate) notices: Vec<Notice>,
    /// The number of notices that were dropped and not reported.
    pub(crate) dropped: u64,
    /// Why the last attempt to send the first notice failed, if there was one.
    pub(crate) failure: Option<String>,
}

impl Outbox {
    /// Creates a queue for at most `capacity` notices.
    pub(crate) fn new(capacity: usize) -> Self {
        Outbox { capacity, queue: Mutex::default(), changed: Notify::new() }
    }

    /// Adds notices. Those for which there is no room are dropped and counted. Does nothing after
    /// [`close`](Self::close).
    pub(super) fn put(&self, notices: &[Notice]) {
        let mut queue = self.queue.lock();
        if queue.is_closed {
            return;
        }
        for notice in notices {
            queue.count += 1;
            if queue.waiting.len() < self.capacity {
                let number = queue.count;
                queue.waiting.push_back(Waiting { number, notice: notice.clone() });
            } else {
                queue.dropped += 1;
            }
        }
        drop(queue);
        self.changed.notify_waiters();
    }

    /// Waits for the first notice of the queue, and returns a copy. The notice stays in the queue until
    /// [`remove`](Self::remove) is called.
    pub(crate) async fn first(&self) -> Waiting {
        until(|| self.changed.notified(), || self.queue.lock().waiting.front().cloned()).await
    }

    /// Waits until a reset of the service has discarded the first notice, which has this number.
    pub(crate) async fn until_discarded(&self, number: u64) {
        until(|| self.changed.notified(), || (!self.queue.lock().begins_with(number)).then_some(())).await;
    }

    /// Keeps the reason why the first notice could not be sent yet, if it is the one with this number.
    pub(crate) fn note_failure(&self, number: u64, reason: &str) {
        let mut queue = self.queue.lock();
        if queue.begins_with(number) {
            queue.failure = Some(reason.to_owned());
        }
    }

    /// Removes the first notice, if it is the one with this number, and returns whether it was.
    pub(crate) fn remove(&self, number: u64) -> bool {
        let mut queue = self.queue.lock();
        let removed = queue.waiting.pop_front_if(|first| first.number == number);
        if removed.is_some() {
            queue.failure = None;
        }
        // The notice is dropped without the lock, because it may be the last owner of an archive of the test.
        drop(queue);
        removed.is_some()
    }

    /// Returns how many notices were dropped since the last call.
    pub(crate) fn take_dropped(&self) -> u64 {
        std::mem::take(&mut self.queue.lock().dropped)
    }

    /// Empties the queue. The caller drops the notices when it holds no lock.
    pub(super) fn discard(&self) -> Vec<Waiting> {
        let mut queue = self.queue.lock();
        queue.failure = None;
        let waiting = std::mem::take(&mut queue.waiting);
        drop(queue);
        self.changed.notify_waiters();
        waiting.into()
    }

    /// Empties the queue for good, and returns what was in it.
    pub(crate) fn close(&self) -> Unsent {
        let mut queue = self.queue.lock();
        let Queue { waiting, dropped, failure, .. } =
            std::mem::replace(&mut *queue, Queue { is_closed: true, ..Queue::default() });
        drop(queue);
        Unsent { notices: waiting.into_iter().map(|waiting| waiting.notice).collect(), dropped, failure }
    }
}

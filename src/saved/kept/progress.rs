//! Tracks which changes are in the file, and which are lost.

use std::collections::VecDeque;
use std::ops::RangeInclusive;

use tokio::sync::watch::{Sender, channel};

use crate::sync::Mutex;

/// The number of losses that are remembered. A request asks about its changes when they are settled, so older ones do not
/// matter any more.
const MOST_LOSSES: usize = 1000;

/// The numbers of changes. They are counted from 1, in the order in which they were sent to the writing thread.
pub(super) struct Progress {
    sent: Mutex<u64>,
    done: Sender<Done>,
}

#[derive(Debug, Default)]
struct Done {
    /// All changes up to this one are in the file or are lost.
    settled: u64,
    /// Changes that are lost, and why.
    lost: VecDeque<(RangeInclusive<u64>, String)>,
    /// How often changes were lost.
    losses: u64,
    /// Whether the file was closed, so that the changes that are not settled are lost.
    is_closed: bool,
}

impl Default for Progress {
    fn default() -> Self {
        Progress { sent: Mutex::default(), done: channel(Done::default()).0 }
    }
}

impl Progress {
    /// Returns the number of a change that is about to be sent.
    pub(super) fn next(&self) -> u64 {
        let mut sent = self.sent.lock();
        *sent += 1;
        *sent
    }

    /// Returns the number of the last change.
    pub(super) fn sent(&self) -> u64 {
        *self.sent.lock()
    }

    /// Records that all changes up to this one are in the file, except those that were recorded as lost.
    pub(super) fn record_written(&self, number: u64) {
        self.done.send_modify(|done| done.settled = done.settled.max(number));
    }

    /// Records that some changes are about to be lost.
    pub(super) fn begin_loss(&self) {
        self.done.send_modify(|done| done.losses += 1);
    }

    /// Records that all changes up to this one that are not in the file are lost.
    pub(super) fn record_lost(&self, number: u64, reason: &str) {
        self.done.send_modify(|done| {
            if number > done.settled {
                done.lost.push_back((done.settled + 1..=number, reason.to_owned()));
                done.settled = number;
            }
            if done.lost.len() > MOST_LOSSES {
                done.lost.pop_front();
            }
        });
    }

    /// Records that the file was closed.
    pub(super) fn close(&self) {
        self.done.send_modify(|done| done.is_closed = true);
    }

    pub(super) fn losses(&self) -> u64 {
        self.done.borrow().losses
    }

    /// Waits until the change with this number is in the file, or returns why it is lost.
    pub(super) async fn wait(&self, number: u64) -> Result<(), String> {
        let mut receiver = self.done.subscribe();
        let done = receiver.wait_for(|done| done.settled >= number || done.is_closed).await;
        let done = done.map_err(|error| error.to_string())?;
        if done.settled < number {
            return Err("the state file was closed".into());
        }
        match done.lost.iter().find(|(lost, _)| lost.contains(&number)) {
            Some((_, reason)) => Err(reason.clone()),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_change_is_lost_even_if_later_ones_are_written() {
        let progress = Progress::default();
        let [one, two, three, four] = std::array::from_fn(|_| progress.next());
        progress.record_written(one);
        progress.begin_loss();
        progress.record_lost(three, "the disk is full");
        progress.record_written(four);
        assert_eq!(progress.wait(one).await, Ok(()));
        assert_eq!(progress.wait(two).await, Err("the disk is full".into()));
        assert_eq!(progress.wait(three).await, Err("the disk is full".into()));
        assert_eq!((progress.wait(four).await, progress.losses()), (Ok(()), 1));
        let five = progress.next();
        progress.close();
        assert_eq!(progress.wait(five).await, Err("the state file was closed".into()));
    }
}

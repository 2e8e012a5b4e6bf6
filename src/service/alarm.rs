//! Waiting for an instant of the service's clock.
//!
//! The clock moves in three ways, and each must wake who waits: by itself, as tokio's clock of the test's runtime, which
//! may be paused and jump; by itself, as real time, while the test's thread is blocked and its runtime asleep; and by
//! the test's hand. Paused time that waits for nothing else must be able to jump here: so a timer is set in the test's
//! own runtime. There are timers only while somebody waits.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use crate::domain::timestamp::Timestamp;

use super::clock::RunningClock;

/// Who waits for the clock.
#[derive(Clone, Default)]
pub(super) struct Alarms(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    set: Vec<Alarm>,
    next: u64,
}

struct Alarm {
    number: u64,
    at: Timestamp,
    rings: Box<dyn FnOnce() + Send>,
    heard: oneshot::Sender<()>,
}

impl Alarms {
    /// Rings all whose time has come, on this thread, before it returns.
    pub(super) fn ring_until(&self, now: Timestamp) {
        self.ring(|alarm| alarm.at <= now);
    }

    fn ring(&self, whose: impl Fn(&Alarm) -> bool) {
        let due: Vec<_> = self.lock().set.extract_if(.., |alarm| whose(alarm)).collect();
        for Alarm { rings, heard, .. } in due {
            rings();
            // Nobody may be listening any more.
            let _ = heard.send(());
        }
    }

    fn set(&self, at: Timestamp, rings: Box<dyn FnOnce() + Send>) -> (u64, oneshot::Receiver<()>) {
        let (heard, listener) = oneshot::channel();
        let mut kept = self.lock();
        kept.next += 1;
        let number = kept.next;
        kept.set.push(Alarm { number, at, rings, heard });
        (number, listener)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes an alarm back when nobody waits for it any more.
struct Waiting {
    alarms: Alarms,
    number: u64,
    timer: Option<AbortHandle>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.alarms.lock().set.retain(|alarm| alarm.number != self.number);
        if let Some(timer) = &self.timer {
            timer.abort();
        }
    }
}

impl RunningClock {
    /// Waits until it is `at`. `sleeps` is called as soon as the clock may move on, which is when a timer in the test's
    /// runtime keeps it from jumping too far; `wakes` in the moment in which it has arrived, before it can move again.
    pub(crate) async fn wait_until(
        &self,
        at: Timestamp,
        sleeps: impl FnOnce() + Send + 'static,
        wakes: impl FnOnce() + Send + 'static,
    ) {
        let (number, mut heard) = self.alarms.set(at, Box::new(wakes));
        let mut waiting = Waiting { alarms: self.alarms.clone(), number, timer: None };
        let left = at.since(self.now());
        match self.runtime() {
            _ if left.is_zero() => {}
            None => sleeps(),
            Some(runtime) => {
                let alarms = self.alarms.clone();
                let timer = runtime.spawn(async move {
                    let mut timer = std::pin::pin!(tokio::time::sleep(left));
                    // The first look sets the timer. Only then may time go on, or it would jump past it; and not at all
                    // if it is over already: whoever rings then may be another thread, and not have done it yet.
                    let set = std::future::poll_fn(|context| std::task::Poll::Ready(timer.as_mut().poll(context)));
                    if set.await.is_pending() {
                        sleeps();
                        timer.await;
                    }
                    alarms.ring(|alarm| alarm.number == number);
                });
                waiting.timer = Some(timer.abort_handle());
            }
        }
        loop {
            let left = at.since(self.now());
            if left.is_zero() {
                self.alarms.ring_until(at);
                return;
            }
            let rang = match self.runs() {
                // In the server's runtime, whose time is real: the test's may be blocked.
                true => tokio::time::timeout(left, &mut heard).await.is_ok(),
                false => (&mut heard).await.is_ok(),
            };
            if rang {
                return;
            }
        }
    }
}

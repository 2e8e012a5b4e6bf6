//! Waiting for an instant of the service's clock.
//!
//! The clock moves in three ways, and each must wake who waits: by itself, as tokio's clock of the test's runtime, which
//! may be paused and jump; by itself, as real time, while the test's thread is blocked and its runtime asleep; and by
//! the test's hand. Paused time that waits for nothing else must be able to jump here: so a timer is set in the test's
//! own runtime. Timers exist only during a wait.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::domain::words::Timestamp;

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

/// Takes an alarm and its timer back when the wait is over.
struct Waiting {
    alarms: Alarms,
    number: u64,
    timer: Option<JoinHandle<()>>,
}

impl Waiting {
    /// Sets a timer in a runtime of the test. `sleeps` is called once the timer is set.
    fn set_timer(&mut self, runtime: &Handle, left: Duration, sleeps: Option<impl FnOnce() + Send + 'static>) {
        let (alarms, number) = (self.alarms.clone(), self.number);
        self.timer = Some(runtime.spawn(async move {
            let mut timer = pin!(tokio::time::sleep(left));
            // The first look sets the timer. Only then may time go on, or it would jump past it; and not at all if it
            // is over already: another thread may ring then, and may not have done it yet.
            let set = poll_fn(|context| Poll::Ready(timer.as_mut().poll(context)));
            if set.await.is_pending() {
                if let Some(sleeps) = sleeps {
                    sleeps();
                }
                timer.await;
            }
            alarms.ring(|alarm| alarm.number == number);
        }));
    }

    /// Waits until the runtime of the timer shuts down before the timer's end.
    async fn timer_lost(&mut self) {
        if let Some(timer) = &mut self.timer {
            let is_lost = timer.await.is_err();
            self.timer = None;
            if is_lost {
                return;
            }
        }
        std::future::pending().await
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.alarms.lock().set.retain(|alarm| alarm.number != self.number);
        if let Some(timer) = &self.timer {
            timer.abort();
        }
    }
}

/// What ended a wait, or a part of it.
enum Woken {
    Rang,
    TimerLost,
    RealTimePassed,
}

impl RunningClock {
    /// Waits until it is `at`. `sleeps` is called as soon as the clock may move on, which is when a timer in the runtime of
    /// the caller keeps it from jumping too far; `wakes` in the moment in which it has arrived, before it can move again.
    pub(crate) async fn wait_until(
        &self,
        at: Timestamp,
        caller: Option<&Handle>,
        sleeps: impl FnOnce() + Send + 'static,
        wakes: impl FnOnce() + Send + 'static,
    ) {
        let (number, mut heard) = self.alarms.set(at, Box::new(wakes));
        let mut waiting = Waiting { alarms: self.alarms.clone(), number, timer: None };
        let left = at.since(self.now());
        let mut runtime = self.runtime_of(caller);
        match &runtime {
            _ if left.is_zero() => {}
            None => sleeps(),
            Some(runtime) => waiting.set_timer(runtime, left, Some(sleeps)),
        }
        loop {
            let left = at.since(self.now());
            if left.is_zero() {
                self.alarms.ring_until(at);
                return;
            }
            let woken = {
                let mut lost = pin!(waiting.timer_lost());
                let mut real_time = pin!(self.real_time(left));
                poll_fn(|context| {
                    if Pin::new(&mut heard).poll(context).is_ready() {
                        return Poll::Ready(Woken::Rang);
                    }
                    if lost.as_mut().poll(context).is_ready() {
                        return Poll::Ready(Woken::TimerLost);
                    }
                    real_time.as_mut().poll(context).map(|()| Woken::RealTimePassed)
                })
                .await
            };
            match woken {
                Woken::Rang => return,
                Woken::RealTimePassed => {}
                Woken::TimerLost => {
                    // The clock may follow another runtime by now. If not, real time passes.
                    let lost = runtime.as_ref().map(Handle::id);
                    if let Some(other) = self.runtime_of(None).filter(|other| Some(other.id()) != lost) {
                        waiting.set_timer(&other, at.since(self.now()), None::<fn()>);
                        runtime = Some(other);
                    }
                }
            }
        }
    }

    /// Waits in the server's runtime, whose time is real: the test's may be blocked. Never ends if the clock does not run.
    async fn real_time(&self, left: Duration) {
        match self.runs() {
            true => tokio::time::sleep(left).await,
            false => std::future::pending().await,
        }
    }
}

//! Waits for a given time on the service's clock.
//!
//! The clock moves in three ways, and each must end the waits that are due. It follows tokio's clock of the test's
//! runtime, which may be paused and jump. It follows real time, while the test's thread is blocked and its runtime does
//! not run. And the test can advance it. When a paused runtime waits for nothing else, its time must jump to the end of
//! the wait, so the wait sets a timer in that runtime. Timers exist only during a wait.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::domain::words::Timestamp;
use crate::sync::{Mutex, task};

use super::clock::RunningClock;

/// The waits in progress, each for a time on the clock.
#[derive(Clone, Default)]
pub(super) struct Alarms(Arc<Mutex<Waits>>);

#[derive(Default)]
struct Waits {
    set: Vec<Alarm>,
    next: u64,
}

struct Alarm {
    number: u64,
    at: Timestamp,
    notify: Box<dyn FnOnce() + Send>,
    done: oneshot::Sender<()>,
}

impl Alarms {
    /// Ends all waits that are due. Runs their callbacks on this thread before it returns.
    pub(super) fn ring_until(&self, now: Timestamp) {
        self.ring(|alarm| alarm.at <= now);
    }

    /// Ends all waits, on this thread, before it returns.
    pub(super) fn ring_all(&self) {
        self.ring(|_| true);
    }

    fn ring(&self, whose: impl Fn(&Alarm) -> bool) {
        let due: Vec<_> = self.0.lock().set.extract_if(.., |alarm| whose(alarm)).collect();
        for Alarm { notify, done, .. } in due {
            notify();
            // The wait may have been abandoned.
            let _ = done.send(());
        }
    }

    fn set(&self, at: Timestamp, notify: Box<dyn FnOnce() + Send>) -> (u64, oneshot::Receiver<()>) {
        let (done, listener) = oneshot::channel();
        let mut waits = self.0.lock();
        waits.next += 1;
        let number = waits.next;
        waits.set.push(Alarm { number, at, notify, done });
        (number, listener)
    }
}

/// Removes an alarm and its timer when the wait is over.
struct Waiting {
    alarms: Alarms,
    number: u64,
    timer: Option<JoinHandle<()>>,
}

impl Waiting {
    /// Sets a timer in a runtime of the test. Calls `sleeps` once the timer is set.
    fn set_timer(&mut self, runtime: &Handle, left: Duration, sleeps: Option<impl FnOnce() + Send + 'static>) {
        let (alarms, number) = (self.alarms.clone(), self.number);
        self.timer = Some(runtime.spawn(task(async move {
            let mut timer = pin!(tokio::time::sleep(left));
            // The first poll sets the timer. Time may advance only after that, or it would jump past the timer. If the
            // timer has already expired, time must not advance at all: another thread may be about to end the wait.
            let set = poll_fn(|context| Poll::Ready(timer.as_mut().poll(context)));
            if set.await.is_pending() {
                if let Some(sleeps) = sleeps {
                    sleeps();
                }
                timer.await;
            }
            alarms.ring(|alarm| alarm.number == number);
        })));
    }

    /// Completes only if the runtime of the timer shuts down before the timer expires.
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
        self.alarms.0.lock().set.retain(|alarm| alarm.number != self.number);
        if let Some(timer) = &self.timer {
            timer.abort();
        }
    }
}

/// The reason why a wait, or a part of it, ended.
enum Woken {
    AlarmEnded,
    TimerLost,
    RealTimePassed,
}

impl RunningClock {
    /// Waits until the clock reaches `at`. Calls `sleeps` as soon as the clock may advance: a timer in the runtime of
    /// the caller then keeps it from jumping too far. Calls `wakes` when the clock has reached `at`, before it can
    /// advance further.
    pub(crate) async fn wait_until(
        &self,
        at: Timestamp,
        caller: Option<&Handle>,
        sleeps: impl FnOnce() + Send + 'static,
        wakes: impl FnOnce() + Send + 'static,
    ) {
        let (number, mut done) = self.alarms.set(at, Box::new(wakes));
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
                    if Pin::new(&mut done).poll(context).is_ready() {
                        return Poll::Ready(Woken::AlarmEnded);
                    }
                    if lost.as_mut().poll(context).is_ready() {
                        return Poll::Ready(Woken::TimerLost);
                    }
                    real_time.as_mut().poll(context).map(|()| Woken::RealTimePassed)
                })
                .await
            };
            match woken {
                Woken::AlarmEnded => return,
                Woken::RealTimePassed => {}
                Woken::TimerLost => {
                    // The clock may follow another runtime now. Otherwise real time passes.
                    let lost = runtime.as_ref().map(Handle::id);
                    if let Some(other) = self.runtime_of(None).filter(|other| Some(other.id()) != lost) {
                        waiting.set_timer(&other, at.since(self.now()), None::<fn()>);
                        runtime = Some(other);
                    }
                }
            }
        }
    }

    /// Waits in the server's runtime, whose time is real, because the runtime of the test may be blocked. Never
    /// completes if the clock does not run.
    async fn real_time(&self, left: Duration) {
        match self.runs() {
            true => tokio::time::sleep(left).await,
            false => std::future::pending().await,
        }
    }
}

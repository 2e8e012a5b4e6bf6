//! Runs the future of a scenario: catches its panics, and ends it when it hangs.
//!
//! Under paused time a future that waits for ever leaves the runtime with nothing to do. A timer would make paused time
//! jump at once, also while the future waits for something outside of tokio, such as `mock.wait_for(..)`. The timer of
//! the limit is therefore set only after the future has not been woken for a while of real time.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use crate::control::Wait;
use crate::fixture::GlacierMock;
use crate::sync::Mutex;

use super::guard::{Failure, guarded};

/// How long a future has to be silent before the timer of the limit is set, in real time.
const SILENCE: Duration = Duration::from_millis(500);
/// How often the limits are checked, in real time.
const TICK: Duration = Duration::from_millis(50);

/// How long a run may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// In tokio's time, which the mock's clock follows by default.
    pub(super) time: Duration,
    /// In real time.
    pub(super) wall_time: Duration,
}

/// Records that a future was woken, and wakes the task that polls it.
struct Alert {
    is_woken: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Wake for Alert {
    fn wake(self: Arc<Self>) {
        self.is_woken.store(true, Ordering::SeqCst);
        let task = self.task.lock().take();
        if let Some(task) = task {
            task.wake();
        }
    }
}

/// A future whose drop may panic, because it is code of the test.
pub(super) struct Guarded<'m, T>(Option<Pin<Box<dyn Future<Output = T> + 'm>>>);

impl<'m, T> Guarded<'m, T> {
    pub(super) fn new(future: Pin<Box<dyn Future<Output = T> + 'm>>) -> Self {
        Guarded(Some(future))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<T, Failure>> {
        let Some(future) = &mut self.0 else { return Poll::Pending };
        match guarded(|| future.as_mut().poll(context)) {
            Ok(Poll::Pending) => Poll::Pending,
            // The future is an `async` block, which dropped all of its values, guarded, before it was ready.
            Ok(Poll::Ready(value)) => {
                self.0 = None;
                Poll::Ready(Ok(value))
            }
            Err(panicked) => {
                self.0 = None;
                Poll::Ready(Err(panicked))
            }
        }
    }

    /// Drops the future. Returns the panic of its drop.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        let future = self.0.take();
        guarded(|| drop(future))
    }
}

impl<T> Drop for Guarded<'_, T> {
    fn drop(&mut self) {
        let _ = self.finish();
    }
}

/// Polls a future until it is ready, panics or exceeds a limit.
pub(super) struct Drive<'d, 'm, T> {
    mock: &'d GlacierMock,
    future: &'d mut Guarded<'m, T>,
    limits: Limits,
    alert: Arc<Alert>,
    began: Instant,
    began_wall: std::time::Instant,
    /// When the future was last polled.
    polled: std::time::Instant,
    limit: Option<Pin<Box<Sleep>>>,
    tick: Pin<Box<dyn Future<Output = ()>>>,
}

impl<'d, 'm, T> Drive<'d, 'm, T> {
    pub(super) fn new(mock: &'d GlacierMock, future: &'d mut Guarded<'m, T>, limits: Limits) -> Self {
        Drive {
            mock,
            future,
            limits,
            alert: Arc::new(Alert { is_woken: AtomicBool::new(true), task: Mutex::default() }),
            began: Instant::now(),
            began_wall: std::time::Instant::now(),
            polled: std::time::Instant::now(),
            limit: None,
            tick: tick(mock),
        }
    }

    pub(super) async fn run(mut self) -> Result<T, Failure> {
        poll_fn(|context| self.poll(context)).await
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<T, Failure>> {
        *self.alert.task.lock() = Some(context.waker().clone());
        if self.alert.is_woken.swap(false, Ordering::SeqCst) {
            self.polled = std::time::Instant::now();
            self.limit = None;
            let waker = Waker::from(self.alert.clone());
            if let Poll::Ready(done) = self.future.poll(&mut Context::from_waker(&waker)) {
                return Poll::Ready(done);
            }
        }
        if self.began_wall.elapsed() >= self.limits.wall_time {
            let text = format!("hangs: not finished after {:?} of real time", self.limits.wall_time);
            return Poll::Ready(Err(Failure::new(text)));
        }
        if self.limit.is_none() && self.polled.elapsed() >= SILENCE {
            let end = self.began.checked_add(self.limits.time);
            self.limit = end.map(|end| Box::pin(tokio::time::sleep_until(end)));
        }
        let is_over = self.limit.as_mut().is_some_and(|limit| limit.as_mut().poll(context).is_ready());
        if is_over || self.began.elapsed() >= self.limits.time {
            let text = format!("hangs: not finished after {} of tokio's time", hours(self.limits.time));
            return Poll::Ready(Err(Failure::new(text)));
        }
        while self.tick.as_mut().poll(context).is_ready() {
            self.tick = tick(self.mock);
            // The silence or the limit may be over, so look again.
            context.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

/// Returns a future that ends after a short real time, also while the time of the caller's runtime is paused.
fn tick(mock: &GlacierMock) -> Pin<Box<dyn Future<Output = ()>>> {
    let never = Wait::new(mock.mock.clone(), std::future::pending());
    Box::pin(async {
        let _: Result<(), _> = never.run(TICK).await;
    })
}

/// Writes a duration in hours, if it is a whole number of them.
fn hours(time: Duration) -> String {
    match time.as_secs() {
        secs if secs >= 3600 && secs.is_multiple_of(3600) => format!("{}h", secs / 3600),
        _ => format!("{time:?}"),
    }
}

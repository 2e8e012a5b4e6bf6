//! Waits with a timeout, for async tests and for blocking ones. The timeout is in wall time, because a timeout in
//! paused tokio time would expire at once.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use tokio::runtime::Id;
use tokio::task::JoinHandle;

use crate::mock::Mock;
use crate::server::background;
use crate::service::Service;
use crate::sync::task;
use crate::time::paused_runtime;

/// How long a wait lasts unless the test sets another timeout.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How long a look that is in progress when the timeout expires may still take. The first look counts as in progress
/// before it begins, so that a wait with a short timeout looks once.
const GRACE: Duration = Duration::from_secs(1);

/// A wait for a value. It starts when it is run with a timeout.
pub(crate) struct Wait<T> {
    mock: Arc<Mock>,
    arrival: Pin<Box<dyn Future<Output = T> + Send>>,
    /// If set, the wait looks once more in this way after the timeout, on the thread of the caller.
    last_look: Option<Box<dyn FnOnce() -> Option<T> + Send>>,
    /// Whether the wait lets paused time pass in the caller's runtime, up to each end of a job.
    lets_time_pass: bool,
}

/// Why a wait ended without a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unmet {
    /// The timeout has expired.
    TimedOut,
    /// The timeout has expired during a look that did not end within [`GRACE`]: most likely a closure of the test
    /// blocks.
    Blocked,
    /// The mock was dropped.
    MockDropped,
}

impl<T: Send + 'static> Wait<T> {
    pub(crate) fn new(mock: Arc<Mock>, arrival: impl Future<Output = T> + Send + 'static) -> Self {
        Wait { mock, arrival: Box::pin(arrival), last_look: None, lets_time_pass: false }
    }

    /// Makes the wait look once more after the timeout, on the thread of the caller. `look` must not block.
    pub(crate) fn looking_last(mut self, look: impl FnOnce() -> Option<T> + Send + 'static) -> Self {
        self.last_look = Some(Box::new(look));
        self
    }

    /// Converts what arrives.
    pub(crate) fn map<U: Send + 'static>(self, convert: fn(T) -> U) -> Wait<U> {
        let Wait { mock, arrival, last_look, lets_time_pass } = self;
        let last_look =
            last_look.map(|look| -> Box<dyn FnOnce() -> Option<U> + Send> { Box::new(move || look().map(convert)) });
        Wait { mock, arrival: Box::pin(async move { convert(arrival.await) }), last_look, lets_time_pass }
    }

    /// Makes the wait set a timer for the next end of a job in the caller's runtime. Without a timer, paused time would
    /// not pass.
    pub(crate) fn letting_time_pass(mut self) -> Self {
        self.lets_time_pass = true;
        self
    }

    /// Waits for the value.
    pub(crate) async fn run(self, timeout: Duration) -> Result<T, Unmet> {
        let Wait { mock, mut arrival, last_look, lets_time_pass } = self;
        let is_looking = Arc::new(AtomicBool::new(true));
        let looks = is_looking.clone();
        // The looks have a task of their own: a closure of the test may block it, and then the timeout still expires.
        let mut looking = AbortOnDrop(background().spawn(poll_fn(move |context| {
            looks.store(true, Ordering::SeqCst);
            let polled = arrival.as_mut().poll(context);
            looks.store(false, Ordering::SeqCst);
            polled
        })));
        let (mut timer, mut is_in_grace) = (sleep(timeout), false);
        let mut dropped = pin!(mock.until_ended());
        let mut time = lets_time_pass.then(|| PassingTime { mock: mock.clone(), timer: None });
        let arrived = poll_fn(|context| {
            if dropped.as_mut().poll(context).is_ready() {
                return Poll::Ready(Err(Unmet::MockDropped));
            }
            if let Poll::Ready(arrived) = Pin::new(&mut looking.0).poll(context) {
                return Poll::Ready(Ok(arrived));
            }
            while Pin::new(&mut timer.0).poll(context).is_ready() {
                if !is_looking.load(Ordering::SeqCst) {
                    return Poll::Ready(Err(Unmet::TimedOut));
                }
                if is_in_grace {
                    return Poll::Ready(Err(Unmet::Blocked));
                }
                (timer, is_in_grace) = (sleep(GRACE), true);
            }
            if let Some(time) = &mut time {
                time.poll(context);
            }
            Poll::Pending
        });
        match arrived.await {
            Ok(Ok(arrived)) => Ok(arrived),
            Ok(Err(error)) => std::panic::resume_unwind(error.into_panic()),
            Err(Unmet::MockDropped) => Err(Unmet::MockDropped),
            Err(expired) => last_look.and_then(|look| look()).ok_or(expired),
        }
    }

    /// Waits for the value and blocks the current thread. Does not let paused time pass.
    pub(crate) fn run_blocking(mut self, timeout: Duration) -> Result<T, Unmet> {
        self.lets_time_pass = false;
        block_on(self.run(timeout))
    }
}

/// Aborts a task when it is dropped, for example because `select!` drops the wait. The conditions of the test are not
/// checked after that.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sleeps in the server's runtime, whose time is never paused.
fn sleep(duration: Duration) -> AbortOnDrop<()> {
    AbortOnDrop(background().spawn(task(async move { tokio::time::sleep(duration).await })))
}

/// Runs a future on this thread, which may belong to a runtime of the test. tokio's `block_on` would panic there.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark {
        thread: Thread,
        is_woken: AtomicBool,
    }

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.is_woken.store(true, Ordering::SeqCst);
            self.thread.unpark();
        }
    }

    let unpark = Arc::new(Unpark { thread: std::thread::current(), is_woken: AtomicBool::new(true) });
    let waker = Waker::from(unpark.clone());
    // Inside a task of the test, tokio would limit how often the future makes progress.
    let mut future = pin!(tokio::task::unconstrained(future));
    loop {
        while !unpark.is_woken.swap(false, Ordering::SeqCst) {
            std::thread::park();
        }
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
    }
}

/// Lets paused time pass in the runtime that polls a wait.
///
/// Only there a timer is needed: the server's runtime observes real time. A runtime with real time may also have no
/// timers, and there may be no runtime at all.
struct PassingTime {
    mock: Arc<Mock>,
    /// The timer, and the runtime that it was created in. Another poll may be in another runtime.
    timer: Option<(Id, Timer)>,
}

/// Looks in the runtime that polls it, whenever time has passed there. Never completes.
type Timer = Pin<Box<dyn Future<Output = Infallible> + Send>>;

impl PassingTime {
    /// Sets the timer in the current runtime.
    fn poll(&mut self, context: &mut Context<'_>) {
        let Some(runtime) = paused_runtime() else {
            self.timer = None;
            return;
        };
        let id = runtime.id();
        let known = self.timer.take().filter(|(known, _)| *known == id);
        let (_, timer) = self.timer.insert(known.unwrap_or_else(|| {
            self.mock.service.clock().adopt(&runtime);
            let mock = self.mock.clone();
            (id, Box::pin(async move { look_as_time_passes(&mock.service, || announce(&mock.service)).await }))
        }));
        // This future never completes. Polling it sets its timers.
        let _ = timer.as_mut().poll(context);
    }
}

/// Announces each job as soon as it ends, although no request reads it, until the future is dropped.
#[cfg(feature = "publish")]
pub(crate) async fn announce_jobs(service: &Service) -> Infallible {
    look_as_time_passes(service, || announce(service)).await
}

fn announce(service: &Service) -> Option<Infallible> {
    service.announce();
    None
}

/// Looks at once, after each change of the service, and when the next job ends, on the clock of the current runtime.
/// Returns the first value that `look` returns.
pub(super) async fn look_as_time_passes<T>(service: &Service, mut look: impl FnMut() -> Option<T>) -> T {
    loop {
        // Register before the look, so that no change is missed.
        let mut changed = pin!(service.changed());
        changed.as_mut().enable();
        if let Some(found) = look() {
            return found;
        }
        match service.next_end() {
            // Whether the job ended or something changed, the next step is to look.
            Some(next) => drop(tokio::time::timeout(next, changed).await),
            None => changed.await,
        }
    }
}

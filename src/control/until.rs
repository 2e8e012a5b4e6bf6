//! The one way of waiting. A wait has a timeout in wall time, because under paused tokio time it would otherwise end at
//! once, and it works in async tests and, blocking, in others.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::mpsc;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::mock::Mock;
use crate::server::background;

/// How long a wait lasts unless the test sets another timeout.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Something that is expected to arrive.
pub(crate) struct Wait<T> {
    arrival: Pin<Box<dyn Future<Output = T> + Send>>,
    /// The mock whose time passes during the wait in the runtime of the caller, if it may end for that reason.
    passing: Option<Arc<Mock>>,
}

impl<T: Send + 'static> Wait<T> {
    pub(crate) fn new(arrival: impl Future<Output = T> + Send + 'static) -> Self {
        Wait { arrival: Box::pin(arrival), passing: None }
    }

    /// Converts what arrives.
    pub(crate) fn map<U: Send + 'static>(self, convert: impl FnOnce(T) -> U + Send + 'static) -> Wait<U> {
        let Wait { arrival, passing } = self;
        Wait { arrival: Box::pin(async move { convert(arrival.await) }), passing }
    }

    /// Makes the wait set a timer for the next end of a job in the caller's runtime. Without a timer, paused time would
    /// not pass.
    pub(crate) fn letting_time_pass(mut self, mock: Arc<Mock>) -> Self {
        self.passing = Some(mock);
        self
    }

    /// Waits. Returns `None` if the timeout expired first.
    pub(crate) async fn run(self, timeout: Duration) -> Option<T> {
        let Wait { arrival, passing } = self;
        // The timer of the timeout must be created in the server's runtime, whose time is never paused.
        let limited = background().spawn(async move { tokio::time::timeout(timeout, arrival).await.ok() });
        let mut task = AbortOnDrop(limited);
        let mut time = pin!(async move {
            match passing {
                Some(mock) => time_passes(&mock).await,
                None => std::future::pending().await,
            }
        });
        let arrived = poll_fn(|context| {
            if let Poll::Ready(arrived) = Pin::new(&mut task.0).poll(context) {
                return Poll::Ready(arrived);
            }
            // Never completes, but its timers have to be set.
            let _ = time.as_mut().poll(context);
            Poll::Pending
        });
        match arrived.await {
            Ok(arrived) => arrived,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Waits, and blocks the current thread. Returns `None` if the timeout expired first.
    pub(crate) fn run_blocking(self, timeout: Duration) -> Option<T> {
        let (found, waiting) = mpsc::channel();
        let arrival = self.arrival;
        // The send fails if the timeout has expired in the meantime, which is not an error.
        let task = AbortOnDrop(background().spawn(async move { drop(found.send(arrival.await)) }));
        let arrived = waiting.recv_timeout(timeout).ok();
        drop(task);
        arrived
    }
}

/// Ends a task when the wait for it is given up, for example in `select!`. The conditions of the test are then not
/// checked any more.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Sleeps in the current runtime until the next job ends, again and again, so that paused time passes. Never completes.
async fn time_passes(mock: &Mock) {
    if Handle::try_current().is_err() {
        return std::future::pending().await;
    }
    loop {
        // Registered before the schedule is read, so that a job that starts in between is not missed.
        let mut changed = pin!(mock.service.changed());
        changed.as_mut().enable();
        match mock.service.next_end() {
            Some(next) => {
                let mut end = pin!(tokio::time::sleep(next));
                poll_fn(|context| {
                    let is_over = end.as_mut().poll(context).is_ready() || changed.as_mut().poll(context).is_ready();
                    if is_over { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
                mock.service.announce();
            }
            None => changed.await,
        }
    }
}

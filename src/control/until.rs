//! Waits with a timeout, for async tests and for blocking ones. The timeout is in wall time, because a timeout in
//! paused tokio time would expire at once.

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

/// A wait for a value. It starts when it is run with a timeout.
pub(crate) struct Wait<T> {
    arrival: Pin<Box<dyn Future<Output = T> + Send>>,
    /// If set, the wait lets paused time pass in the caller's runtime, up to each end of a job of this mock.
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

    /// Waits for the value. Returns `None` if the timeout expires first.
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
            // This future never completes. Polling it sets its timers.
            let _ = time.as_mut().poll(context);
            Poll::Pending
        });
        match arrived.await {
            Ok(arrived) => arrived,
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Waits for the value and blocks the current thread. Returns `None` if the timeout expires first.
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

/// Aborts a task when it is dropped, for example because `select!` drops the wait. The conditions of the test are not
/// checked after that.
struct AbortOnDrop<T>(JoinHandle<T>);

impl<T> Drop for AbortOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Repeatedly sleeps in the current runtime until the next job ends, so that paused time passes. Never completes.
async fn time_passes(mock: &Mock) {
    if Handle::try_current().is_err() {
        return std::future::pending().await;
    }
    loop {
        // Register before the schedule is read, so that a job that starts in between is not missed.
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

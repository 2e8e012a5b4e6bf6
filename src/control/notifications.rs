//! The notifications of jobs that have ended.

use std::pin::pin;
use std::sync::Arc;

use crate::domain::vault::Notice;
use crate::mock::Mock;
use crate::service::Listener;

use super::until::Wait;

/// The notifications of a mock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Notifications<'a>(pub(crate) &'a Arc<Mock>);

impl Notifications<'_> {
    /// Returns the notices of all jobs that have ended, in the order in which they ended.
    pub(crate) fn all(self) -> Vec<Notice> {
        self.0.service.notices()
    }

    /// Returns the wait for a notification. Its result is the first one. The wait lets paused time pass.
    pub(crate) fn wait_for_one(self) -> Wait<Notice> {
        let waited = self.0.clone();
        Wait::new(async move { first(&waited).await }).letting_time_pass(self.0.clone())
    }

    /// Calls `listener` for every notice from now on.
    pub(crate) fn listen(self, listener: Listener) {
        self.0.service.listen(listener);
    }
}

async fn first(mock: &Mock) -> Notice {
    loop {
        // Register before the notices are read, so that no change is missed.
        let mut changed = pin!(mock.service.changed());
        changed.as_mut().enable();
        if let Some(first) = mock.service.notices().into_iter().next() {
            return first;
        }
        match mock.service.next_end() {
            // This runs in the server's runtime, whose time is never paused. If the mock's clock follows real time, the
            // timeout expires when the next job ends.
            Some(next) => drop(tokio::time::timeout(next, changed).await),
            None => changed.await,
        }
    }
}

//! The notifications of jobs that have ended.

use std::sync::Arc;

use crate::domain::vault::Notice;
use crate::mock::Mock;
use crate::service::Listener;

use super::until::{Wait, look_as_time_passes};

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
        let first = |mock: &Mock| mock.service.notices().into_iter().next();
        let (waiting, looking) = (self.0.clone(), self.0.clone());
        // This runs in the server's runtime, whose time is never paused. If the mock's clock follows real time, the wait
        // looks again when the next job ends.
        let arrival = async move { look_as_time_passes(&waiting.service, || first(&waiting)).await };
        Wait::new(self.0.clone(), arrival).looking_last(move || first(&looking)).letting_time_pass()
    }

    /// Calls `listener` for every notice from now on.
    pub(crate) fn listen(self, listener: Listener) {
        self.0.service.listen(listener);
    }
}

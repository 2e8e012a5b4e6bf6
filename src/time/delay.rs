//! Waits on the mock's clock during which paused time may advance, for requests and responses that a fault delays.

use std::sync::Arc;

use crate::domain::words::Timestamp;
use crate::sync::Mutex;

use super::clock::RunningClock;
use super::hold::Hold;

/// Waits until the clock reaches `end`, and releases the caller's hold on paused time meanwhile.
pub(crate) async fn wait(clock: &RunningClock, hold: Option<Arc<Hold>>, end: Timestamp) {
    let caller = hold.as_ref().map(|hold| hold.runtime().clone());
    let released = Arc::new(ReleasedHold { hold, is_over: Mutex::new(false) });
    let (asleep, awake) = (released.clone(), released);
    clock.wait_until(end, caller.as_ref(), move || asleep.begin(), move || awake.end()).await;
}

/// A hold that is released while a delay passes. The delay may end before it has begun; then the hold is never
/// released.
struct ReleasedHold {
    hold: Option<Arc<Hold>>,
    is_over: Mutex<bool>,
}

impl ReleasedHold {
    fn begin(&self) {
        let is_over = self.is_over.lock();
        if let (Some(hold), false) = (&self.hold, *is_over) {
            hold.release();
        }
    }

    fn end(&self) {
        *self.is_over.lock() = true;
        if let Some(hold) = &self.hold {
            hold.resume();
        }
    }
}

//! Delays of requests and responses. Paused time may advance meanwhile.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::words::Timestamp;
use crate::fault::{Delay, Passing};

use super::Core;
use super::hold::Hold;

/// Waits for this time, starting at `from` on the mock's clock. If the delay passes on the mock's clock, paused time
/// may advance meanwhile.
pub(super) async fn wait(core: &Core, hold: Option<Arc<Hold>>, from: Timestamp, Delay { time, on }: Delay) {
    match on {
        // The server's runtime is never paused, so its time is the wall clock's.
        Passing::Wall => tokio::time::sleep(time).await,
        Passing::Mock => {
            let caller = hold.as_ref().map(|hold| hold.runtime().clone());
            let released = Arc::new(ReleasedHold { hold, is_over: Mutex::new(false) });
            let (asleep, awake) = (released.clone(), released);
            let clock = core.service.clock();
            clock.wait_until(from.after(time), caller.as_ref(), move || asleep.begin(), move || awake.end()).await;
        }
    }
}

/// A hold that is released while a delay passes. The delay may end before it has begun; the hold is then not released
/// any more.
struct ReleasedHold {
    hold: Option<Arc<Hold>>,
    is_over: Mutex<bool>,
}

impl ReleasedHold {
    fn begin(&self) {
        let is_over = self.is_over();
        if let (Some(hold), false) = (&self.hold, *is_over) {
            hold.release();
        }
    }

    fn end(&self) {
        *self.is_over() = true;
        if let Some(hold) = &self.hold {
            hold.resume();
        }
    }

    fn is_over(&self) -> MutexGuard<'_, bool> {
        self.is_over.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

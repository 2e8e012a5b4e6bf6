//! Waiting, while paused time may go on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::words::Timestamp;
use crate::fault::{Delay, Passing};

use super::Core;
use super::hold::Hold;

/// Waits for so long, from this instant of the mock's clock on. Paused time may go on meanwhile, if it is that which must
/// pass.
pub(super) async fn wait(core: &Core, hold: Option<Arc<Hold>>, from: Timestamp, Delay { time, on }: Delay) {
    match on {
        // In this runtime: its time is the wall's.
        Passing::Wall => tokio::time::sleep(time).await,
        Passing::Mock => {
            let caller = hold.as_ref().map(|hold| hold.runtime().clone());
            let nap = Arc::new(Nap { hold, is_over: Mutex::new(false) });
            let (asleep, awake) = (nap.clone(), nap);
            let clock = core.service.clock();
            clock.wait_until(from.after(time), caller.as_ref(), move || asleep.begin(), move || awake.end()).await;
        }
    }
}

/// A hold that is let go of for a while. It may end before it has begun: then it does not begin any more.
struct Nap {
    hold: Option<Arc<Hold>>,
    is_over: Mutex<bool>,
}

impl Nap {
    fn begin(&self) {
        let is_over = self.is_over();
        if let (Some(hold), false) = (&self.hold, *is_over) {
            hold.let_go();
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

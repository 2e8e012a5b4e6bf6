//! Waits on the mock's clock during which paused time may advance, for requests and responses that a fault delays.

use std::sync::Arc;

use crate::domain::words::Timestamp;
use crate::sync::Mutex;

use super::clock::RunningClock;
use super::hold::RequestHolds;

/// Waits until the clock reaches `end`, and releases the caller's holds on paused time meanwhile.
pub(crate) async fn wait(clock: &RunningClock, holds: RequestHolds, end: Timestamp) {
    let caller = holds.runtime();
    let released = Arc::new(ReleasedHolds { holds, delay: Mutex::new(Delay::NotBegun) });
    // The wait may be dropped before it is over, because the client disconnects.
    let _ends = EndOnDrop(released.clone());
    let (asleep, awake) = (released.clone(), released);
    clock.wait_until(end, caller.as_ref(), move || asleep.begin(), move || awake.end()).await;
}

/// Holds that are released while a delay passes. The delay may end before it has begun; then the holds are never
/// released.
struct ReleasedHolds {
    holds: RequestHolds,
    delay: Mutex<Delay>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Delay {
    NotBegun,
    Passing,
    Over,
}

impl ReleasedHolds {
    fn begin(&self) {
        let mut delay = self.delay.lock();
        if *delay == Delay::NotBegun {
            *delay = Delay::Passing;
            self.holds.release();
        }
    }

    fn end(&self) {
        let mut delay = self.delay.lock();
        if *delay == Delay::Passing {
            self.holds.resume();
        }
        *delay = Delay::Over;
    }
}

struct EndOnDrop(Arc<ReleasedHolds>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.end();
    }
}

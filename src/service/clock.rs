//! The service's clock. What a wire shows of time (`Date`, signatures) is wall time and has nothing to do with this.

use std::time::SystemTime;

use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::domain::timestamp::Timestamp;

/// Tells the service's time: the tokio clock of the runtime in which the mock was started, counted from the wall's
/// time at the start; outside a runtime the wall's own.
///
/// Nothing ticks: state is computed from this clock when it is read.
#[derive(Debug)]
pub(crate) struct Clock {
    runtime: Option<Counted>,
}

#[derive(Debug)]
struct Counted {
    handle: Handle,
    started: Instant,
    started_wall: SystemTime,
}

impl Clock {
    /// The clock of the runtime that this is called in, if it is called in one.
    pub(crate) fn of_current_runtime() -> Self {
        let counted = |handle| Counted { handle, started: Instant::now(), started_wall: SystemTime::now() };
        Clock { runtime: Handle::try_current().ok().map(counted) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let Some(Counted { handle, started, started_wall }) = &self.runtime else {
            return SystemTime::now().into();
        };
        // tokio's clock belongs to a runtime. The server's threads are in another one, so they enter the test's for
        // the reading; this sees paused and advanced time too.
        let _entered = handle.enter();
        Timestamp::from(*started_wall).after(started.elapsed())
    }
}

//! The service's clock. What a wire shows of time (`Date`, signatures) is wall time and has nothing to do with this.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;
use tokio::time::Instant;

use crate::domain::timestamp::Timestamp;

use super::alarm::Alarms;

/// What a mock's clock follows.
///
/// ```
/// use glacier_mock::{Clock, GlacierMock};
///
/// let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).start();
/// assert_eq!(mock.clock().now().to_string(), "2026-01-31T00:00:00.000Z");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clock(Follows);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Follows {
    #[default]
    Runtime,
    Wall,
    Nothing(Timestamp),
}

impl Clock {
    /// The tokio clock of the runtime that the mock is started in, counted from the wall's time at the start: paused,
    /// advanced and resumed with it. Outside of a runtime, the wall's. The default.
    pub fn of_runtime() -> Self {
        Clock(Follows::Runtime)
    }

    /// The wall's clock, whatever tokio's does.
    pub fn wall() -> Self {
        Clock(Follows::Wall)
    }

    /// Stands still at this instant; only the test moves it, with [`MockClock::advance`](crate::MockClock::advance).
    ///
    /// # Panics
    ///
    /// If `instant` is not a date and time with its offset, like `2026-01-31T00:00:00Z`.
    #[track_caller]
    pub fn frozen(instant: &str) -> Self {
        match Timestamp::try_from(instant) {
            Ok(instant) => Clock::frozen_at(instant),
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn frozen_at(instant: Timestamp) -> Self {
        Clock(Follows::Nothing(instant))
    }

    /// Begins to tell the time, in the runtime that this is called in.
    pub(crate) fn start(self) -> RunningClock {
        let source = match self.0 {
            Follows::Wall => Source::Wall,
            Follows::Nothing(instant) => Source::Frozen(instant),
            Follows::Runtime => match Handle::try_current() {
                Ok(handle) => Source::Runtime { handle, started: Instant::now(), started_wall: SystemTime::now() },
                Err(_) => Source::Wall,
            },
        };
        RunningClock { source, advanced: Mutex::default(), alarms: Alarms::default() }
    }
}

/// Tells the service's time. Nothing ticks: state is computed from this clock when it is read.
pub(crate) struct RunningClock {
    source: Source,
    /// What the test has advanced it by.
    advanced: Mutex<Duration>,
    pub(super) alarms: Alarms,
}

#[derive(Debug)]
enum Source {
    Wall,
    Runtime { handle: Handle, started: Instant, started_wall: SystemTime },
    Frozen(Timestamp),
}

impl RunningClock {
    pub(crate) fn now(&self) -> Timestamp {
        self.source.now().after(*self.advanced())
    }

    /// Moves it on, and wakes who waits for what it says then. Time never goes back.
    pub(crate) fn advance(&self, by: Duration) {
        {
            let mut advanced = self.advanced();
            *advanced = advanced.saturating_add(by);
        }
        self.alarms.ring_until(self.now());
    }

    /// The runtime whose clock it follows.
    pub(super) fn runtime(&self) -> Option<&Handle> {
        match &self.source {
            Source::Runtime { handle, .. } => Some(handle),
            Source::Wall | Source::Frozen(_) => None,
        }
    }

    /// Whether it moves without the test's doing.
    pub(crate) fn runs(&self) -> bool {
        !matches!(self.source, Source::Frozen(_))
    }

    fn advanced(&self) -> MutexGuard<'_, Duration> {
        self.advanced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for RunningClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RunningClock({})", self.now())
    }
}

impl Source {
    fn now(&self) -> Timestamp {
        match self {
            Source::Wall => SystemTime::now().into(),
            Source::Frozen(instant) => *instant,
            Source::Runtime { handle, started, started_wall } => {
                // tokio's clock belongs to a runtime. The server's threads are in another one, so they enter the
                // test's for the reading; this sees paused and advanced time too.
                let _entered = handle.enter();
                let elapsed = started.elapsed();
                let sum = started_wall.checked_add(elapsed);
                sum.map_or_else(|| Timestamp::from(*started_wall).after(elapsed), Timestamp::from)
            }
        }
    }
}

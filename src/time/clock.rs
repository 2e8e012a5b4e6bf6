//! The service's clock. Times in the protocol (the `Date` header, the date of a signature) use the wall clock instead.

#[cfg(feature = "state")]
mod data;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::runtime::Handle;

use crate::domain::words::Timestamp;
use crate::sync::Mutex;

#[cfg(feature = "state")]
pub(crate) use self::data::ClockData;
use super::alarm::Alarms;
use super::runtimes::Runtimes;
use super::tokio_time::paused_runtime;

/// The time source of a mock's clock.
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
    /// Follows the tokio clock of the runtime that the mock is started in, starting at the system time: the clock is
    /// paused, advanced and resumed with that runtime. Outside of a runtime, and after that runtime has shut down, the
    /// clock follows the system clock. This is the default.
    ///
    /// A mock that is used from several runtimes, for example in a `static`, also follows each of them whose time is
    /// paused, once the mock's own client or a method like [`GlacierMock::clock`](crate::GlacierMock::clock) is used in
    /// it. The time that passes in one of them passes for the mock. If tests use the mock at the same time, their times
    /// add up.
    pub fn of_runtime() -> Self {
        Clock(Follows::Runtime)
    }

    /// Follows the system clock, regardless of tokio's clock.
    pub fn wall() -> Self {
        Clock(Follows::Wall)
    }

    /// Freezes the clock at an instant: a [`Timestamp`], a [`SystemTime`], or a string such as `2026-01-31T00:00:00Z`.
    /// Only the test moves it, with [`MockClock::advance`](crate::MockClock::advance).
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use glacier_mock::{Clock, GlacierMock};
    ///
    /// let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).start();
    /// let same_time = GlacierMock::builder().clock(Clock::frozen(mock.clock().now())).start();
    /// assert_eq!(same_time.clock().now(), mock.clock().now());
    ///
    /// let mock = GlacierMock::builder().clock(Clock::frozen(SystemTime::UNIX_EPOCH)).start();
    /// assert_eq!(mock.clock().now().to_string(), "1970-01-01T00:00:00.000Z");
    /// ```
    ///
    /// # Panics
    ///
    /// If a string is not a date and time with an offset.
    #[track_caller]
    pub fn frozen<T>(instant: T) -> Self
    where
        T: TryInto<Timestamp>,
        T::Error: fmt::Display,
    {
        match instant.try_into() {
            Ok(instant) => Clock(Follows::Nothing(instant)),
            Err(error) => panic!("{error}"),
        }
    }

    /// Starts the clock, in the current runtime.
    pub(crate) fn start(self) -> RunningClock {
        let source = match self.0 {
            Follows::Wall => Source::Wall,
            Follows::Nothing(instant) => Source::Frozen(instant),
            Follows::Runtime => Source::Runtimes(Runtimes::start()),
        };
        RunningClock {
            source,
            behind: Duration::ZERO,
            ahead: Duration::ZERO,
            advanced: Mutex::default(),
            alarms: Alarms::default(),
        }
    }
}

/// Tells the time of the service. Nothing runs in the background: state is computed from this clock when it is read.
pub(crate) struct RunningClock {
    source: Source,
    /// How far the clock was set back at its start, to continue at an earlier instant.
    behind: Duration,
    /// How far the clock was set forward at its start, to continue at a later instant.
    ahead: Duration,
    /// How far the clock was moved since its start.
    advanced: Mutex<Advanced>,
    pub(super) alarms: Alarms,
}

/// How far a clock was moved: forward by tests, and in either direction by a state that replaced another one.
#[derive(Clone, Copy, Debug, Default)]
struct Advanced {
    forward: Duration,
    back: Duration,
}

#[derive(Debug)]
enum Source {
    Wall,
    Runtimes(Arc<Runtimes>),
    Frozen(Timestamp),
}

impl RunningClock {
    pub(crate) fn now(&self) -> Timestamp {
        let Advanced { forward, back } = *self.advanced.lock();
        let (ahead, behind) = (self.ahead.saturating_add(forward), self.behind.saturating_add(back));
        let source = self.source.now();
        let source = if behind.is_zero() { source } else { source.before(behind) };
        source.after(ahead)
    }

    /// Advances the clock, and ends the waits that are due then.
    pub(crate) fn advance(&self, by: Duration) {
        {
            let mut advanced = self.advanced.lock();
            advanced.forward = advanced.forward.saturating_add(by);
        }
        self.alarms.ring_until(self.now());
    }

    /// Moves the clock to an instant, from which it follows the same source. The clock may go back: then call
    /// [`end_waits`](Self::end_waits), without a lock.
    #[cfg(feature = "standalone")]
    pub(crate) fn move_to(&self, instant: Timestamp) {
        let start = self.source.now().before(self.behind).after(self.ahead);
        *self.advanced.lock() = Advanced { forward: instant.since(start), back: start.since(instant) };
    }

    /// Undoes all calls of [`advance`](Self::advance). Call this only while nothing with a time is stored, because the
    /// clock goes back. Then call [`end_waits`](Self::end_waits), without a lock.
    pub(crate) fn reset(&self) {
        *self.advanced.lock() = Advanced::default();
    }

    /// Ends all waits for the clock now. Their ends were computed before the clock went back.
    pub(crate) fn end_waits(&self) {
        self.alarms.ring_all();
    }

    /// Follows a runtime whose time is paused, if the clock follows tokio at all.
    pub(crate) fn adopt(&self, runtime: &Handle) {
        if let Source::Runtimes(runtimes) = &self.source {
            runtimes.adopt(runtime);
        }
    }

    /// Follows the current runtime, if its time is paused.
    pub(crate) fn adopt_current(&self) {
        if matches!(self.source, Source::Runtimes(_))
            && let Some(runtime) = paused_runtime()
        {
            self.adopt(&runtime);
        }
    }

    /// Returns the runtime in which a timer moves this clock: the runtime of the caller, or else the one that used the
    /// mock last. Returns `None` if no runtime moves it.
    pub(super) fn runtime_of(&self, caller: Option<&Handle>) -> Option<Handle> {
        match &self.source {
            Source::Runtimes(runtimes) => caller.cloned().or_else(|| runtimes.last()),
            Source::Wall | Source::Frozen(_) => None,
        }
    }

    /// Returns whether the clock moves with real time and not faster.
    pub(crate) fn is_real_time(&self) -> bool {
        match &self.source {
            Source::Wall => true,
            Source::Runtimes(runtimes) => !runtimes.are_paused(),
            Source::Frozen(_) => false,
        }
    }

    /// Returns whether the clock moves without the test.
    pub(crate) fn runs(&self) -> bool {
        !matches!(self.source, Source::Frozen(_))
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
            Source::Runtimes(runtimes) => runtimes.now().into(),
        }
    }
}

//! The kind of a clock as plain data, to be saved, and clocks that continue at a saved instant.

use serde::{Deserialize, Serialize};

use super::{Clock, Follows, RunningClock, Source};
use crate::domain::words::Timestamp;

/// What a clock follows.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) enum ClockData {
    Runtime,
    Wall,
    Frozen,
}

impl RunningClock {
    pub(crate) fn to_data(&self) -> ClockData {
        match &self.source {
            Source::Runtimes(_) => ClockData::Runtime,
            Source::Wall => ClockData::Wall,
            Source::Frozen(_) => ClockData::Frozen,
        }
    }

    /// Returns a clock of a kind that starts at `instant`, in the current runtime.
    pub(crate) fn continue_at(kind: ClockData, instant: Timestamp) -> Self {
        let clock = match kind {
            ClockData::Runtime => Clock(Follows::Runtime),
            ClockData::Wall => Clock(Follows::Wall),
            ClockData::Frozen => Clock(Follows::Nothing(instant)),
        };
        let mut clock = clock.start();
        let now = clock.source.now();
        (clock.behind, clock.ahead) = (now.since(instant), instant.since(now));
        clock
    }
}

impl Clock {
    /// Starts the clock, in the current runtime, but not before `instant`. Returns the instant at which the clock is
    /// frozen as an error if it is earlier.
    pub(crate) fn start_from(self, instant: Timestamp) -> Result<RunningClock, Timestamp> {
        if let Follows::Nothing(frozen) = self.0
            && frozen < instant
        {
            return Err(frozen);
        }
        let mut clock = self.start();
        clock.ahead = instant.since(clock.source.now());
        Ok(clock)
    }
}

impl Clock {
    /// Starts the clock, in the current runtime, but not before `instant`: a clock that is frozen earlier is frozen there.
    pub(crate) fn continue_from(self, instant: Timestamp) -> RunningClock {
        self.start_from(instant).unwrap_or_else(|_| RunningClock::continue_at(ClockData::Frozen, instant))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_continues_at_a_saved_instant() {
        for instant in [at("2001-01-01T00:00:00Z"), at("2900-01-01T00:00:00Z")] {
            let clock = RunningClock::continue_at(ClockData::Runtime, instant);
            assert_eq!((clock.now(), clock.to_data()), (instant, ClockData::Runtime));
            tokio::time::advance(Duration::from_secs(5)).await;
            clock.advance(Duration::from_secs(2));
            assert_eq!(clock.now().since(instant), Duration::from_secs(7));
            clock.reset();
            assert_eq!(clock.now().since(instant), Duration::from_secs(5));
            assert_eq!(RunningClock::continue_at(ClockData::Frozen, instant).now(), instant);
            let wall = RunningClock::continue_at(ClockData::Wall, instant);
            assert!(wall.now() >= instant && wall.now().since(instant) < Duration::from_secs(3600));
        }
    }

    #[test]
    fn a_chosen_clock_does_not_start_before_the_saved_instant() {
        let (early, late) = (at("2001-01-01T00:00:00Z"), at("2900-01-01T00:00:00Z"));
        assert_eq!(Clock::frozen(early).start_from(late).unwrap_err(), early);
        assert_eq!(Clock::frozen(late).start_from(early).unwrap().now(), late);
        assert!(Clock::wall().start_from(late).unwrap().now() >= late);
        assert!(Clock::wall().start_from(early).unwrap().now() > at("2020-01-01T00:00:00Z"));
    }
}

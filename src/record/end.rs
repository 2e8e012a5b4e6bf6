//! How a request ended: with an answer, or without one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::domain::failure::Failure;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The mock answered it with this status.
    Answered(u16),
    /// A fault ended the connection instead of an answer, or leaves the request without one.
    NotAnswered,
    /// The client went away before the mock answered.
    ClientWentAway,
}

/// How a request ended and how long it took. Both are in one number, because the record has one for each request: 0
/// before the end, and then the status in the highest 16 bits and the microseconds in the others.
#[derive(Default)]
pub(super) struct Ended(AtomicU64);

impl Ended {
    const MICROS: u32 = 48;
    /// This and the next constant stand for a status. A real one has three digits.
    const NOT_ANSWERED: u16 = 1;
    const CLIENT_WENT_AWAY: u16 = 2;

    /// Returns `false`, and changes nothing, if the request has ended before.
    pub(super) fn set(&self, end: End, took: Duration) -> bool {
        let status = match end {
            End::Answered(status) => status,
            End::NotAnswered => Self::NOT_ANSWERED,
            End::ClientWentAway => Self::CLIENT_WENT_AWAY,
        };
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX).min((1 << Self::MICROS) - 1);
        let ended = (u64::from(status) << Self::MICROS) | micros;
        self.0.compare_exchange(0, ended, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// Returns `None` before the end.
    pub(super) fn get(&self) -> Option<(End, Duration)> {
        let ended = self.0.load(Ordering::Acquire);
        let end = match (ended >> Self::MICROS) as u16 {
            0 => return None,
            Self::NOT_ANSWERED => End::NotAnswered,
            Self::CLIENT_WENT_AWAY => End::ClientWentAway,
            status => End::Answered(status),
        };
        Some((end, Duration::from_micros(ended & ((1 << Self::MICROS) - 1))))
    }
}

/// The error that a request was answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// What was wrong. Hints match on its variants, so that a corrected message text cannot silence them.
    pub(crate) failure: Failure,
    /// The message, formatted once, because the failure formats it again for each use.
    pub(crate) message: String,
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Refusal { message: failure.text().into_owned(), failure }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_end_counts() {
        let days = Duration::from_secs(30 * 24 * 60 * 60);
        for end in [End::Answered(201), End::NotAnswered, End::ClientWentAway] {
            let ended = Ended::default();
            assert_eq!(ended.get(), None);
            assert!(ended.set(end, days) && !ended.set(End::Answered(500), Duration::ZERO));
            assert_eq!(ended.get(), Some((end, days)));
        }
        let ended = Ended::default();
        assert!(ended.set(End::Answered(200), Duration::MAX));
        assert_eq!(ended.get().unwrap().0, End::Answered(200));
    }
}

//! Timestamps with millisecond precision, in the formats that AWS uses.

use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use time::format_description::well_known::Rfc3339;
use time::{Month, OffsetDateTime};

use super::parse_error::parse_error;

/// An instant in UTC with millisecond precision, shown as `2013-03-20T17:03:43.221Z`.
///
/// It is parsed from a date and time in the format of RFC 3339, and rounded down to milliseconds.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use glacier_mock::Timestamp;
///
/// let taken: Timestamp = "2013-03-20T17:03:43Z".parse()?;
/// assert_eq!(taken.to_string(), "2013-03-20T17:03:43.000Z");
///
/// let later = taken + Duration::from_millis(1500);
/// assert_eq!(later.to_string(), "2013-03-20T17:03:44.500Z");
/// assert_eq!(later - taken, Duration::from_millis(1500));
///
/// let system: SystemTime = later.into();
/// assert_eq!(Timestamp::from(system), later);
/// # Ok::<(), glacier_mock::ParseTimestampError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(
    /// Milliseconds since 1970. Each archive and each recorded request has timestamps, and a type with nanoseconds
    /// would take twice the memory.
    i64,
);

impl Timestamp {
    /// The beginning of 1970.
    pub(crate) const EPOCH: Timestamp = Timestamp(0);

    /// The first millisecond of the year 0 and the last one of the year 9999. RFC 3339 has no other years.
    const FIRST: Timestamp = Timestamp(-62_167_219_200_000);
    const LAST: Timestamp = Timestamp(253_402_300_799_999);

    fn truncated(exact: OffsetDateTime) -> Option<Self> {
        let ms = exact.unix_timestamp_nanos().div_euclid(1_000_000);
        i64::try_from(ms).ok().and_then(Self::of_milliseconds)
    }

    /// Returns the instant that is `ms` milliseconds after 1970, or `None` if its year does not have four digits.
    pub(crate) fn of_milliseconds(ms: i64) -> Option<Self> {
        Some(Timestamp(ms)).filter(|instant| (Self::FIRST..=Self::LAST).contains(instant))
    }

    /// Returns the date and the time in UTC, in whole seconds.
    fn date_time(self) -> OffsetDateTime {
        // `time` can represent all seconds from the year 0 to the year 9999.
        OffsetDateTime::from_unix_timestamp(self.epoch_seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// Returns the instant that is `duration` later, at most the last one that can be represented (in the year 9999).
    pub(crate) fn after(self, duration: Duration) -> Self {
        let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Timestamp(self.0.saturating_add(ms)).min(Self::LAST)
    }

    /// Returns the instant that is `duration` earlier, at least the first one that can be represented.
    pub(crate) fn before(self, duration: Duration) -> Self {
        let ms = i64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX);
        Timestamp(self.0.saturating_sub(ms)).max(Self::FIRST)
    }

    /// Returns the duration from `earlier` to this instant, or zero if `earlier` is later. The operator `-` does the
    /// same.
    ///
    /// ```
    /// use std::time::Duration;
    /// use glacier_mock::Timestamp;
    ///
    /// let january: Timestamp = "2026-01-31T00:00:00Z".parse()?;
    /// let february: Timestamp = "2026-02-01T00:00:00Z".parse()?;
    /// assert_eq!(february.since(january), Duration::from_secs(24 * 60 * 60));
    /// assert_eq!(january.since(february), Duration::ZERO);
    /// # Ok::<(), glacier_mock::ParseTimestampError>(())
    /// ```
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0).max(0).unsigned_abs())
    }

    /// Returns the instant a calendar month later: the same day of the next month, or its last day (31 January -> 28 or
    /// 29 February).
    pub(crate) fn a_month_later(self) -> Self {
        let (year, month, day) = self.date_time().to_calendar_date();
        let year_of_next = year + i32::from(month == Month::December);
        let days = month.length(year) - day + day.min(month.next().length(year_of_next));
        self.after(Duration::from_secs(24 * 60 * 60 * u64::from(days)))
    }

    /// Returns the milliseconds since 1970.
    pub(crate) fn as_milliseconds(self) -> i64 {
        self.0
    }

    /// Returns the instant that was saved as milliseconds since 1970.
    #[cfg(feature = "state")]
    pub(crate) fn restored(milliseconds: i64) -> Result<Self, String> {
        let instant = Self::of_milliseconds(milliseconds);
        instant.ok_or_else(|| format!("{milliseconds} ms after 1970 is not a valid instant"))
    }

    /// Returns the number of the day in UTC, counted from 1 January 1970.
    pub(crate) fn utc_day(self) -> i64 {
        self.0.div_euclid(24 * 60 * 60 * 1000)
    }

    /// Parses `YYYY-MM-DDThh:mm:ssZ`, with an optional fraction of a second, and no other form.
    pub(crate) fn parse_utc(text: &str) -> Option<Self> {
        let (whole, fraction) = text.strip_suffix('Z')?.split_at_checked("YYYY-MM-DDThh:mm:ss".len())?;
        let in_place = |(at, byte): (usize, u8)| match at {
            4 | 7 => byte == b'-',
            10 => byte == b'T',
            13 | 16 => byte == b':',
            _ => byte.is_ascii_digit(),
        };
        let is_fraction = |fraction: &str| {
            let digits = fraction.strip_prefix('.').filter(|digits| !digits.is_empty());
            digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let fits = whole.bytes().enumerate().all(in_place) && (fraction.is_empty() || is_fraction(fraction));
        text.parse().ok().filter(|_| fits)
    }

    /// Parses the basic format of ISO 8601 that signatures use, `20120525T002453Z`, and no other form.
    pub(crate) fn parse_basic(text: &str) -> Option<Self> {
        let is_digits = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
        let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
        (is_digits(date, 8) && is_digits(time, 6)).then_some(())?;
        let (year, month, day) = (&date[..4], &date[4..6], &date[6..]);
        let (hour, minute, second) = (&time[..2], &time[2..4], &time[4..]);
        format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z").parse().ok()
    }

    /// Formats the instant in ISO 8601's basic format, in whole seconds: `20120525T002453Z`.
    pub(crate) fn to_basic(self) -> String {
        self.to_whole_seconds().replace(['-', ':'], "")
    }

    /// Returns this instant without its fraction of a second.
    pub(crate) fn truncated_to_seconds(self) -> Self {
        Timestamp(self.epoch_seconds() * 1000)
    }

    /// Returns the whole seconds since 1 January 1970, rounded down.
    pub(crate) fn epoch_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Formats the instant in whole seconds, as inventories do: `2013-11-06T02:51:29Z` (observed.md 3.1).
    pub(crate) fn to_whole_seconds(self) -> String {
        let mut text = String::with_capacity("YYYY-MM-DDThh:mm:ssZ".len());
        // Writing to a string cannot fail.
        let _ = self.write_whole_seconds(&mut text);
        text
    }

    /// Writes the instant in whole seconds, like [`to_whole_seconds`](Self::to_whole_seconds).
    pub(crate) fn write_whole_seconds(self, out: &mut impl fmt::Write) -> fmt::Result {
        self.write(out, format_args!(""))
    }

    /// Writes the instant with this fraction of its second.
    fn write(self, out: &mut impl fmt::Write, fraction: fmt::Arguments<'_>) -> fmt::Result {
        let at = self.date_time();
        let (year, month, day) = at.to_calendar_date();
        let (hour, minute, second) = at.to_hms();
        write!(out, "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z", u8::from(month))
    }
}

parse_error! {
    /// The error of parsing a text that is not a valid [`Timestamp`].
    ParseTimestampError, "is not a valid timestamp; expected RFC 3339, for example \"2026-01-31T00:00:00Z\""
}

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, ParseTimestampError> {
        // `time` accepts other characters between the date and the time, too.
        let separated = text.as_bytes().get("YYYY-MM-DD".len()).is_some_and(|byte| b"Tt ".contains(byte));
        let exact = OffsetDateTime::parse(text, &Rfc3339).ok().filter(|_| separated);
        exact.and_then(Self::truncated).ok_or_else(|| ParseTimestampError::of(text))
    }
}

macro_rules! from_texts {
    ($($text:ty),*) => {$(
        impl TryFrom<$text> for Timestamp {
            type Error = ParseTimestampError;

            fn try_from(text: $text) -> Result<Self, ParseTimestampError> {
                text.parse()
            }
        }
    )*};
}

from_texts!(&str, String, &String);

/// Rounds down to milliseconds. A time that cannot be represented becomes the first or the last instant that can.
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(later) => Self::EPOCH.after(later),
            Err(earlier) => Self::EPOCH.before(earlier.duration()),
        }
    }
}

/// An instant that the operating system cannot represent becomes 1 January 1970. Only Windows has such instants: those
/// before the year 1601.
impl From<Timestamp> for SystemTime {
    fn from(instant: Timestamp) -> Self {
        let ms = instant.0;
        let distance = Duration::from_millis(ms.unsigned_abs());
        let epoch = SystemTime::UNIX_EPOCH;
        let time = if ms < 0 { epoch.checked_sub(distance) } else { epoch.checked_add(distance) };
        time.unwrap_or(epoch)
    }
}

/// Returns the instant that is this much later, or the last one that can be represented (in the year 9999). A fraction
/// of a millisecond is dropped.
impl Add<Duration> for Timestamp {
    type Output = Timestamp;

    fn add(self, duration: Duration) -> Timestamp {
        self.after(duration)
    }
}

impl AddAssign<Duration> for Timestamp {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

/// Returns the instant that is this much earlier, or the first one that can be represented. A result between two
/// milliseconds is rounded down.
impl Sub<Duration> for Timestamp {
    type Output = Timestamp;

    fn sub(self, duration: Duration) -> Timestamp {
        self.before(duration)
    }
}

impl SubAssign<Duration> for Timestamp {
    fn sub_assign(&mut self, duration: Duration) {
        *self = *self - duration;
    }
}

/// Returns the duration from the right instant to the left one, or zero if the right one is later, as for
/// [`Instant`](std::time::Instant).
impl Sub for Timestamp {
    type Output = Duration;

    fn sub(self, earlier: Timestamp) -> Duration {
        self.since(earlier)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, format_args!(".{:03}", self.0.rem_euclid(1000)))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;

//! Timestamps with millisecond precision, in the formats that AWS uses.

use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use super::parse_error::parse_error;

/// An instant in UTC with millisecond precision, shown as `2013-03-20T17:03:43.221Z`.
///
/// It is parsed from an ISO 8601 date and time with an offset, and rounded down to milliseconds.
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
    /// Milliseconds since 1970. Each archive and each recorded request has some, and a `jiff::Timestamp` would need twice
    /// the room.
    i64,
);

impl Timestamp {
    fn truncated(exact: jiff::Timestamp) -> Self {
        // Both parts have the same sign, so `div_euclid` also rounds an instant before 1970 down.
        Timestamp(exact.as_second() * 1000 + i64::from(exact.subsec_nanosecond().div_euclid(1_000_000)))
    }

    fn exact(self) -> jiff::Timestamp {
        // All constructions pass an instant that jiff can represent. Its `from_millisecond` refuses the last of them.
        let nanoseconds = self.0.rem_euclid(1000) * 1_000_000;
        jiff::Timestamp::new(self.0.div_euclid(1000), nanoseconds as i32).unwrap_or_default()
    }

    /// Returns the instant that is `duration` later, at most the last one that can be represented (in the year 9999).
    pub(crate) fn after(self, duration: Duration) -> Self {
        let ms = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Timestamp(self.0.saturating_add(ms)).min(Self::truncated(jiff::Timestamp::MAX))
    }

    /// Returns the instant that is `duration` earlier, at least the first one that can be represented.
    pub(crate) fn before(self, duration: Duration) -> Self {
        let ms = i64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX);
        Timestamp(self.0.saturating_sub(ms)).max(Self::truncated(jiff::Timestamp::MIN))
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
        let later = self.exact().to_zoned(jiff::tz::TimeZone::UTC).saturating_add(jiff::Span::new().months(1));
        Self::truncated(later.timestamp())
    }

    /// Returns the instant of what [`as_milliseconds`](Self::as_milliseconds) returned.
    pub(crate) fn of_milliseconds(milliseconds: i64) -> Self {
        Timestamp(milliseconds)
    }

    /// Returns the milliseconds since 1970.
    pub(crate) fn as_milliseconds(self) -> i64 {
        self.0
    }

    /// The beginning of 1970.
    #[cfg(feature = "state")]
    pub(crate) const EPOCH: Timestamp = Timestamp(0);

    /// Returns the instant that was saved as milliseconds since 1970.
    #[cfg(feature = "state")]
    pub(crate) fn restored(milliseconds: i64) -> Result<Self, String> {
        let instant = jiff::Timestamp::from_millisecond(milliseconds);
        instant.map(Self::truncated).map_err(|_| format!("{milliseconds} ms after 1970 is not a valid instant"))
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
        let is_digits =
            |range: std::ops::Range<usize>| text.as_bytes().get(range)?.iter().all(u8::is_ascii_digit).then_some(());
        (text.len() == 16).then_some(())?;
        is_digits(0..8).and(is_digits(9..15))?;
        let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
        Some(Self::truncated(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp()))
    }

    /// Formats the instant in ISO 8601's basic format, in whole seconds: `20120525T002453Z`.
    pub(crate) fn to_basic(self) -> String {
        self.exact().strftime("%Y%m%dT%H%M%SZ").to_string()
    }

    /// Returns this instant without its fraction of a second.
    pub(crate) fn truncated_to_seconds(self) -> Self {
        Timestamp(self.epoch_seconds() * 1000)
    }

    /// Returns the whole seconds since 1 January 1970, rounded down.
    pub(crate) fn epoch_seconds(self) -> i64 {
        // jiff's `as_second` rounds an instant before 1970 up.
        self.0.div_euclid(1000)
    }

    /// Formats the instant in whole seconds, as inventories do: `2013-11-06T02:51:29Z` (observed.md 3.1).
    pub(crate) fn to_whole_seconds(self) -> String {
        self.exact().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// Writes the instant in whole seconds, like [`to_whole_seconds`](Self::to_whole_seconds).
    pub(crate) fn write_whole_seconds(self, out: &mut impl fmt::Write) -> fmt::Result {
        write!(out, "{}", self.exact().strftime("%Y-%m-%dT%H:%M:%SZ"))
    }
}

parse_error! {
    /// The error of parsing a text that is not a valid [`Timestamp`].
    ParseTimestampError, "is not a valid timestamp; expected RFC 3339, for example \"2026-01-31T00:00:00Z\""
}

impl FromStr for Timestamp {
    type Err = ParseTimestampError;

    fn from_str(text: &str) -> Result<Self, ParseTimestampError> {
        text.parse().map(Self::truncated).map_err(|_| ParseTimestampError::of(text))
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
        let limit = if time < SystemTime::UNIX_EPOCH { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
        Self::truncated(jiff::Timestamp::try_from(time).unwrap_or(limit))
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
        write!(f, "{:.3}", self.exact())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_have_milliseconds_and_end_in_z() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(at("2013-03-20T17:03:43.2219Z").to_string(), "2013-03-20T17:03:43.221Z");
        assert_eq!(at("2013-03-20T17:03:43+02:00").to_string(), "2013-03-20T15:03:43.000Z");
        assert_eq!(at("2013-03-20T17:03:43.999Z").to_whole_seconds(), "2013-03-20T17:03:43Z");
        for bad in ["", "yesterday", "2013-03-20", "2013-13-20T17:03:43Z"] {
            assert!(bad.parse::<Timestamp>().is_err(), "{bad}");
        }
    }

    #[test]
    fn parse_utc_accepts_only_dates_that_end_in_z() {
        let utc = |text: &str| Timestamp::parse_utc(text).map(|at| at.to_string());
        assert_eq!(utc("2014-03-08T23:51:29Z").as_deref(), Some("2014-03-08T23:51:29.000Z"));
        assert_eq!(utc("2014-03-08T23:51:29.5Z").as_deref(), Some("2014-03-08T23:51:29.500Z"));
        for bad in [
            "",
            "Z",
            "2014-03-08T23:51:29",
            "2014-03-08T23:51:29+00:00",
            "2014-03-08T23:51:29+0000",
            "2014-03-08T23:51:29+02:00",
            "2014-03-08T23:51:29.Z",
            "2014-03-08T23:51:29,5Z",
            "2014-03-08T23:51:29.5é",
            "2014-03-08T23:51:2éZ",
            "2014-03-08T23:51Z",
            "2014-03-08 23:51:29Z",
            "2014-03-08t23:51:29z",
            "2014-03-08T23:51:29[UTC]Z",
            "20140308T235129Z",
            "2014-13-08T23:51:29Z",
            "2014-03-08Z",
        ] {
            assert_eq!(utc(bad), None, "{bad}");
        }
    }

    #[test]
    fn parse_basic_accepts_only_the_format_of_signatures() {
        let at = Timestamp::parse_basic("20120525T002453Z").unwrap();
        assert_eq!((at.to_string().as_str(), at.to_basic().as_str()), ("2012-05-25T00:24:53.000Z", "20120525T002453Z"));
        for bad in [
            "",
            "20120525",
            "20120525T002453",
            "20120525T002453z",
            "20121325T002453Z",
            "2012-05-25T00:24:53Z",
            "+0120525T002453Z",
            "20120525 002453Z",
            "20120525T0024é3Z",
            "Fri, 25 May 2012 00:24:53 GMT",
        ] {
            assert_eq!(Timestamp::parse_basic(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_month_later_is_at_most_the_last_day_of_the_next_month() {
        let month = |text: &str| text.parse::<Timestamp>().unwrap().a_month_later().to_string();
        assert_eq!(month("2026-01-31T10:00:00.5Z"), "2026-02-28T10:00:00.500Z");
        assert_eq!(month("2028-01-31T10:00:00Z"), "2028-02-29T10:00:00.000Z");
        assert_eq!(month("2100-01-29T10:00:00Z"), "2100-02-28T10:00:00.000Z");
        assert_eq!(month("2026-12-15T00:00:00Z"), "2027-01-15T00:00:00.000Z");
    }

    #[test]
    fn a_utc_day_begins_at_midnight_before_1970_too() {
        let day = |text: &str| text.parse::<Timestamp>().unwrap().utc_day();
        assert_eq!(day("1970-01-01T00:00:00Z"), 0);
        assert_eq!(day("1969-12-31T23:59:59.999Z"), -1);
        assert_eq!(day("2026-01-31T23:59:59.999Z") + 1, day("2026-02-01T00:00:00Z"));
    }

    /// Found by the fuzz target `dates`.
    #[test]
    fn a_fraction_of_a_second_is_cut_off_before_1970_too() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(at("1969-12-31T23:59:58.999Z").truncated_to_seconds(), at("1969-12-31T23:59:58Z"));
        assert_eq!(at("1969-12-31T23:59:58.999Z").epoch_seconds(), -2);
        assert_eq!(at("1970-01-01T00:00:01.999Z").epoch_seconds(), 1);
    }

    #[test]
    fn adding_too_long_a_duration_stops_at_the_last_timestamp() {
        let at = "2026-01-31T00:00:00Z".parse::<Timestamp>().unwrap();
        assert_eq!(at.after(Duration::from_millis(1500)).to_string(), "2026-01-31T00:00:01.500Z");
        assert!(at.after(Duration::MAX) > at);
    }
}

//! The expected number of calls: an exact number or a range.

use std::fmt;
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

/// The expected number of calls or requests: an exact number, or any range.
///
/// # Panics
///
/// The conversion into a `Count` panics if a number is negative or does not fit in a `usize`, or if a range is empty,
/// because such a count is always a mistake.
///
/// ```
/// use glacier_mock::Count;
///
/// assert_eq!(Count::from(3).to_string(), "exactly 3");
/// assert_eq!(Count::from(16..=20).to_string(), "16 to 20");
/// assert_eq!(Count::from(2..).to_string(), "at least 2");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    least: usize,
    most: Option<usize>,
}

impl Count {
    pub(crate) const NONE: Count = Count { least: 0, most: Some(0) };

    pub(crate) const ONE: Count = Count { least: 1, most: Some(1) };

    pub(crate) fn at_least(least: usize) -> Self {
        Count { least, most: None }
    }

    pub(crate) fn holds(self, count: usize) -> bool {
        self.least <= count && self.most.is_none_or(|most| count <= most)
    }

    /// Returns whether a noun after this count is in the singular.
    pub(crate) fn is_one(self) -> bool {
        self.most.unwrap_or(self.least) == 1
    }

    pub(crate) fn least(self) -> usize {
        self.least
    }

    pub(crate) fn most(self) -> Option<usize> {
        self.most
    }
}

impl From<usize> for Count {
    fn from(count: usize) -> Self {
        Count { least: count, most: Some(count) }
    }
}

macro_rules! from_numbers {
    ($($number:ty),*) => {$(
        impl From<$number> for Count {
            #[track_caller]
            fn from(count: $number) -> Self {
                Count::from(number(count))
            }
        }
    )*};
}

// An integer literal is an i32 unless its context requires another type. Numbers of parts are computed from sizes, and
// those are u64.
from_numbers!(i32, u32, u64);

impl Count {
    /// Returns the range from `least` to `end`, excluding `end`.
    #[track_caller]
    fn before(least: usize, end: usize) -> Self {
        assert!(least < end, "invalid number of calls: the range {least}..{end} is empty");
        Count { least, most: Some(end - 1) }
    }

    #[track_caller]
    fn up_to(least: usize, most: usize) -> Self {
        assert!(least <= most, "invalid number of calls: the range {least}..={most} is empty");
        Count { least, most: Some(most) }
    }
}

macro_rules! from_ranges {
    ($($number:ty),*) => {$(
        impl From<Range<$number>> for Count {
            #[track_caller]
            fn from(range: Range<$number>) -> Self {
                Count::before(number(range.start), number(range.end))
            }
        }

        impl From<RangeInclusive<$number>> for Count {
            #[track_caller]
            fn from(range: RangeInclusive<$number>) -> Self {
                Count::up_to(number(*range.start()), number(*range.end()))
            }
        }

        impl From<RangeFrom<$number>> for Count {
            #[track_caller]
            fn from(range: RangeFrom<$number>) -> Self {
                Count::at_least(number(range.start))
            }
        }

        impl From<RangeTo<$number>> for Count {
            #[track_caller]
            fn from(range: RangeTo<$number>) -> Self {
                Count::before(0, number(range.end))
            }
        }

        impl From<RangeToInclusive<$number>> for Count {
            #[track_caller]
            fn from(range: RangeToInclusive<$number>) -> Self {
                Count::up_to(0, number(range.end))
            }
        }
    )*};
}

from_ranges!(usize, i32, u32, u64);

impl From<RangeFull> for Count {
    fn from(_: RangeFull) -> Self {
        Count::at_least(0)
    }
}

#[track_caller]
fn number<N: TryInto<usize> + fmt::Display + Copy + Default + PartialOrd>(number: N) -> usize {
    match number.try_into() {
        Ok(count) => count,
        Err(_) if number < N::default() => panic!("invalid number of calls: {number} is negative"),
        Err(_) => panic!("invalid number of calls: {number} is too large"),
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least, self.most) {
            (0, Some(0)) => f.write_str("no"),
            (least, Some(most)) if least == most => write!(f, "exactly {least}"),
            (0, Some(most)) => write!(f, "at most {most}"),
            (least, Some(most)) => write!(f, "{least} to {most}"),
            (least, None) => write!(f, "at least {least}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_the_same_bounds_as_in_rust() {
        let holds = |count: Count| (0..6).filter(|&n| count.holds(n)).collect::<Vec<_>>();
        assert_eq!(holds(Count::from(2)), [2]);
        assert_eq!(holds(Count::from(2..4)), [2, 3]);
        assert_eq!(holds(Count::from(2..=4)), [2, 3, 4]);
        assert_eq!(holds(Count::from(4..)), [4, 5]);
        assert_eq!(holds(Count::from(..2)), [0, 1]);
        assert_eq!(holds(Count::from(..=2_usize)), [0, 1, 2]);
        assert_eq!(holds(Count::from(5_u32)), [5]);
        assert_eq!(holds(Count::from(3..=4_u64)), [3, 4]);
        assert_eq!(holds(Count::from(..)), [0, 1, 2, 3, 4, 5]);
        assert_eq!(Count::NONE.to_string(), "no");
        assert_eq!(Count::from(..=2).to_string(), "at most 2");
    }

    #[test]
    #[expect(clippy::reversed_empty_ranges, reason = "the test passes empty ranges deliberately")]
    fn negative_numbers_and_empty_ranges_panic() {
        fn text(count: impl Into<Count> + std::panic::UnwindSafe) -> String {
            let panic = std::panic::catch_unwind(|| count.into()).unwrap_err();
            panic.downcast_ref::<String>().unwrap().clone()
        }
        for text in [text(-1), text(-1..2), text(-2..), text(..=-1), text(0..=-1), text(-3..=2)] {
            assert!(text.starts_with("invalid number of calls: -") && text.ends_with(" is negative"), "{text}");
        }
        assert_eq!(text(0..0), "invalid number of calls: the range 0..0 is empty");
        for text in [text(..0), text(3..3), text(4..=3), text(5_usize..2)] {
            assert!(text.ends_with(" is empty"), "{text}");
        }
        assert_eq!(Count::from(0..1), Count::NONE);
    }
}

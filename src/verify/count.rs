//! How many: a number or a range of numbers.

use std::fmt;
use std::ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive};

/// How many calls or requests are expected: a number, or any range of numbers.
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

    pub(crate) fn at_least(least: usize) -> Self {
        Count { least, most: None }
    }

    pub(crate) fn holds(self, count: usize) -> bool {
        self.least <= count && self.most.is_none_or(|most| count <= most)
    }

    /// Whether it ends in the number one, which a noun follows in the singular.
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

// A literal like 3 is an i32 where it has no other reason to be anything else.
impl From<i32> for Count {
    fn from(count: i32) -> Self {
        Count::from(usize::try_from(count).unwrap_or_default())
    }
}

macro_rules! from_ranges {
    ($($number:ty),*) => {$(
        impl From<Range<$number>> for Count {
            fn from(range: Range<$number>) -> Self {
                Count { least: at(range.start), most: Some(at(range.end).saturating_sub(1)) }
            }
        }

        impl From<RangeInclusive<$number>> for Count {
            fn from(range: RangeInclusive<$number>) -> Self {
                Count { least: at(*range.start()), most: Some(at(*range.end())) }
            }
        }

        impl From<RangeFrom<$number>> for Count {
            fn from(range: RangeFrom<$number>) -> Self {
                Count { least: at(range.start), most: None }
            }
        }

        impl From<RangeTo<$number>> for Count {
            fn from(range: RangeTo<$number>) -> Self {
                Count { least: 0, most: Some(at(range.end).saturating_sub(1)) }
            }
        }

        impl From<RangeToInclusive<$number>> for Count {
            fn from(range: RangeToInclusive<$number>) -> Self {
                Count { least: 0, most: Some(at(range.end)) }
            }
        }
    )*};
}

from_ranges!(usize, i32);

impl From<RangeFull> for Count {
    fn from(_: RangeFull) -> Self {
        Count::at_least(0)
    }
}

fn at(number: impl TryInto<usize>) -> usize {
    number.try_into().unwrap_or_default()
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
    fn ranges_mean_what_they_mean_in_rust() {
        let holds = |count: Count| (0..6).filter(|&n| count.holds(n)).collect::<Vec<_>>();
        assert_eq!(holds(Count::from(2)), [2]);
        assert_eq!(holds(Count::from(2..4)), [2, 3]);
        assert_eq!(holds(Count::from(2..=4)), [2, 3, 4]);
        assert_eq!(holds(Count::from(4..)), [4, 5]);
        assert_eq!(holds(Count::from(..2)), [0, 1]);
        assert_eq!(holds(Count::from(..=2_usize)), [0, 1, 2]);
        assert_eq!(holds(Count::from(..)), [0, 1, 2, 3, 4, 5]);
        assert_eq!(Count::NONE.to_string(), "no");
        assert_eq!(Count::from(..=2).to_string(), "at most 2");
    }
}

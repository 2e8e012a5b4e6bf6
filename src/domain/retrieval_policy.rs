//! The data retrieval policy of an account in a region (api.md section 10).

use super::failure::Failure;

/// What may be retrieved in an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum RetrievalPolicy {
    BytesPerHour(u64),
    FreeTier,
    /// No limit.
    #[default]
    None,
}

impl RetrievalPolicy {
    /// A rule's Strategy and BytesPerHour: the second goes with the strategy of its name, from 1 to 2^63-1.
    pub(crate) fn new(strategy: &str, bytes_per_hour: Option<i128>) -> Result<Self, Failure> {
        let invalid = |given: i128| Failure::invalid("BytesPerHour", given.to_string());
        match (strategy, bytes_per_hour) {
            ("BytesPerHour", None) => Err(Failure::missing("BytesPerHour")),
            ("BytesPerHour", Some(given)) => {
                let limit =
                    i64::try_from(given).ok().filter(|&limit| limit >= 1).and_then(|limit| limit.try_into().ok());
                limit.map(RetrievalPolicy::BytesPerHour).ok_or_else(|| invalid(given))
            }
            ("FreeTier", None) => Ok(RetrievalPolicy::FreeTier),
            ("None", None) => Ok(RetrievalPolicy::None),
            ("FreeTier" | "None", Some(given)) => Err(invalid(given)),
            (other, _) => Err(Failure::invalid("strategy", other)),
        }
    }

    pub(crate) fn strategy(self) -> &'static str {
        match self {
            RetrievalPolicy::BytesPerHour(_) => "BytesPerHour",
            RetrievalPolicy::FreeTier => "FreeTier",
            RetrievalPolicy::None => "None",
        }
    }

    pub(crate) fn bytes_per_hour(self) -> Option<u64> {
        match self {
            RetrievalPolicy::BytesPerHour(limit) => Some(limit),
            RetrievalPolicy::FreeTier | RetrievalPolicy::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_per_hour_goes_with_its_strategy() {
        let of = RetrievalPolicy::new;
        assert_eq!(of("BytesPerHour", Some(1)), Ok(RetrievalPolicy::BytesPerHour(1)));
        assert_eq!(of("BytesPerHour", Some(i64::MAX.into())), Ok(RetrievalPolicy::BytesPerHour(i64::MAX as u64)));
        for bad in [0, -1, i128::from(i64::MAX) + 1] {
            assert_eq!(of("BytesPerHour", Some(bad)), Err(Failure::invalid("BytesPerHour", bad.to_string())));
        }
        assert_eq!(of("BytesPerHour", None), Err(Failure::missing("BytesPerHour")));
        assert_eq!(of("FreeTier", Some(5)), Err(Failure::invalid("BytesPerHour", "5")));
        assert_eq!(of("Unlimited", None), Err(Failure::invalid("strategy", "Unlimited")));
    }
}

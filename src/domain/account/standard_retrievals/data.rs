//! The Standard retrievals that count against a policy as plain data, to be saved and loaded.

use serde::{Deserialize, Serialize};

use super::StandardRetrievals;

/// The retrievals in progress, and the bytes that were accepted on a day.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct StandardRetrievalsData {
    /// The bytes of each retrieval, after the number of its job.
    in_progress: Vec<(u64, u64)>,
    /// The UTC day, counted from 1970.
    day: i64,
    bytes_of_day: u128,
}

impl StandardRetrievals {
    pub(crate) fn to_data(&self) -> StandardRetrievalsData {
        let mut in_progress: Vec<_> = self.in_progress.iter().map(|(job, bytes)| (*job, *bytes)).collect();
        in_progress.sort_unstable();
        StandardRetrievalsData { in_progress, day: self.day, bytes_of_day: self.bytes_of_day }
    }

    pub(crate) fn from_data(data: &StandardRetrievalsData) -> Self {
        StandardRetrievals {
            in_progress: data.in_progress.iter().copied().collect(),
            bytes_in_progress: data.in_progress.iter().map(|(_, bytes)| u128::from(*bytes)).sum(),
            day: data.day,
            bytes_of_day: data.bytes_of_day,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::words::Timestamp;

    #[test]
    fn restored_retrievals_count_until_they_end() {
        let now = "2026-01-31T12:00:00Z".parse::<Timestamp>().unwrap();
        let mut saved = StandardRetrievals::default();
        saved.begin(1, 30, now);
        saved.begin(2, 500, now);
        let mut restored = StandardRetrievals::from_data(&saved.to_data());
        assert_eq!((restored.bytes_in_progress(), restored.bytes_of_today(now)), (530, 530));
        restored.end(2);
        assert_eq!((restored.bytes_in_progress(), restored.bytes_of_today(now)), (30, 530));
    }
}

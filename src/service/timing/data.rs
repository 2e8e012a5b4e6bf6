//! The timing of jobs as plain data, to be saved and loaded.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{JobTiming, Rule};

/// When jobs complete.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) enum TimingData {
    Instant,
    After(Duration),
    AfterPolls(u32),
    ByTier,
    Manual,
}

impl JobTiming {
    pub(crate) fn to_data(&self) -> TimingData {
        match self.0 {
            Rule::Instant => TimingData::Instant,
            Rule::After(duration) => TimingData::After(duration),
            Rule::AfterPolls(polls) => TimingData::AfterPolls(polls),
            Rule::ByTier => TimingData::ByTier,
            Rule::Manual => TimingData::Manual,
        }
    }

    pub(crate) fn from_data(data: &TimingData) -> Self {
        match *data {
            TimingData::Instant => JobTiming::instant(),
            TimingData::After(duration) => JobTiming::after(duration),
            TimingData::AfterPolls(polls) => JobTiming::after_polls(polls),
            TimingData::ByTier => JobTiming::by_tier(),
            TimingData::Manual => JobTiming::manual(),
        }
    }
}

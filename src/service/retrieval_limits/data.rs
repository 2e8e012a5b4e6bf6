//! Retrieval limits as plain data, to be saved and loaded.

use serde::{Deserialize, Serialize};

use super::RetrievalLimits;
use crate::domain::account::{Capacity, CapacityData, RetrievalPolicy, StandardRetrievals, StandardRetrievalsData};

/// The retrieval limits of an account in a region, and the retrievals that count against them.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct LimitsData {
    policy: PolicyData,
    standard_retrievals: StandardRetrievalsData,
    capacity: CapacityData,
}

/// A data retrieval policy.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub(crate) enum PolicyData {
    BytesPerHour(u64),
    FreeTier,
    None,
}

impl PolicyData {
    pub(crate) fn of(policy: RetrievalPolicy) -> Self {
        match policy {
            RetrievalPolicy::BytesPerHour(bytes) => PolicyData::BytesPerHour(bytes),
            RetrievalPolicy::FreeTier => PolicyData::FreeTier,
            RetrievalPolicy::None => PolicyData::None,
        }
    }

    pub(crate) fn policy(self) -> RetrievalPolicy {
        match self {
            PolicyData::BytesPerHour(bytes) => RetrievalPolicy::BytesPerHour(bytes),
            PolicyData::FreeTier => RetrievalPolicy::FreeTier,
            PolicyData::None => RetrievalPolicy::None,
        }
    }
}

impl RetrievalLimits {
    pub(crate) fn to_data(&self) -> LimitsData {
        LimitsData {
            policy: PolicyData::of(self.policy),
            standard_retrievals: self.standard_retrievals.to_data(),
            capacity: self.capacity.to_data(),
        }
    }

    pub(crate) fn from_data(data: &LimitsData) -> Result<Self, String> {
        Ok(RetrievalLimits {
            policy: data.policy.policy(),
            standard_retrievals: StandardRetrievals::from_data(&data.standard_retrievals),
            capacity: Capacity::from_data(&data.capacity)?,
        })
    }
}

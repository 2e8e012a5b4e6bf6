//! Provisioned capacity as plain data, to be saved and loaded.

use serde::{Deserialize, Serialize};

use super::{Capacity, CapacityUnit};
use crate::domain::words::{CapacityId, Timestamp};

/// The units of an account in a region, and their load. Times are milliseconds since 1970.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct CapacityData {
    units: Vec<UnitData>,
    served: Vec<i64>,
    free_at: Option<i64>,
}

#[derive(Debug, Deserialize, Serialize)]
struct UnitData {
    id: String,
    start: i64,
    expiration: i64,
}

impl Capacity {
    pub(crate) fn to_data(&self) -> CapacityData {
        let unit = |unit: &CapacityUnit| UnitData {
            id: unit.id.to_string(),
            start: unit.start.as_milliseconds(),
            expiration: unit.expiration.as_milliseconds(),
        };
        CapacityData {
            units: self.units.iter().map(unit).collect(),
            served: self.served.iter().map(|served| served.as_milliseconds()).collect(),
            free_at: self.free_at.map(Timestamp::as_milliseconds),
        }
    }

    pub(crate) fn from_data(data: &CapacityData) -> Result<Self, String> {
        let unit = |unit: &UnitData| {
            let id = CapacityId::new(&*unit.id);
            Ok::<_, String>(CapacityUnit {
                id,
                start: Timestamp::restored(unit.start)?,
                expiration: Timestamp::restored(unit.expiration)?,
            })
        };
        Ok(Capacity {
            units: data.units.iter().map(unit).collect::<Result<_, _>>()?,
            served: data.served.iter().map(|served| Timestamp::restored(*served)).collect::<Result<_, _>>()?,
            free_at: data.free_at.map(Timestamp::restored).transpose()?,
        })
    }
}

//! Provisioned capacity: units bought for a calendar month (api.md section 10).

use super::failure::Failure;
use super::id::CapacityId;
use super::timestamp::Timestamp;

/// How many units may be live at once.
const MAX_UNITS: usize = 2;

/// A unit, which lasts a calendar month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CapacityUnit {
    pub(crate) id: CapacityId,
    pub(crate) start: Timestamp,
    pub(crate) expiration: Timestamp,
}

/// The units of an account in a region.
#[derive(Clone, Debug, Default)]
pub(crate) struct Capacity(Vec<CapacityUnit>);

impl Capacity {
    pub(crate) fn purchase(&mut self, id: CapacityId, now: Timestamp) -> Result<(), Failure> {
        self.0.retain(|unit| now < unit.expiration);
        if self.0.len() >= MAX_UNITS {
            return Err(Failure::TooMuchCapacity);
        }
        self.0.push(CapacityUnit { id, start: now, expiration: now.a_month_later() });
        Ok(())
    }

    /// Those that have not run out, in the order of their purchase.
    pub(crate) fn live(&self, now: Timestamp) -> impl Iterator<Item = &CapacityUnit> {
        self.0.iter().filter(move |unit| now < unit.expiration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_units_at_once_each_for_a_month() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        let mut capacity = Capacity::default();
        capacity.purchase(CapacityId::new("a"), at("2026-01-31T00:00:00Z")).unwrap();
        capacity.purchase(CapacityId::new("b"), at("2026-02-10T00:00:00Z")).unwrap();
        let full = capacity.purchase(CapacityId::new("c"), at("2026-02-27T23:59:59Z"));
        assert_eq!(full, Err(Failure::TooMuchCapacity));
        let live =
            |capacity: &Capacity, now| capacity.live(at(now)).map(|unit| unit.id.to_string()).collect::<Vec<_>>();
        assert_eq!(live(&capacity, "2026-02-27T23:59:59Z"), ["a", "b"]);
        assert_eq!(live(&capacity, "2026-02-28T00:00:00Z"), ["b"]);
        capacity.purchase(CapacityId::new("c"), at("2026-02-28T00:00:00Z")).unwrap();
        assert_eq!(live(&capacity, "2026-02-28T00:00:00Z"), ["b", "c"]);
    }
}

//! Provisioned capacity: units bought for a calendar month, and the Expedited retrievals that they guarantee (api.md
//! section 10).
//!
//! "Each unit of capacity ensures that at least three expedited retrievals can be performed every five minutes and
//! provides up to 150 MB/s of retrieval throughput" (developer guide, api-PurchaseProvisionedCapacity). Without any,
//! Expedited retrievals "might not be accepted during periods of high demand", and with some all of them "are
//! automatically served through your provisioned capacity" (guide of S3, "Archive retrieval options"). While the test
//! declares capacity short, the mock accepts an Expedited retrieval if it accepted fewer than three for each live unit
//! in the five minutes before, and refuses it otherwise. Retrievals that were accepted without a live unit do not
//! count.
//!
//! The throughput never causes a refusal. It determines how long a retrieval takes if jobs take as long as at AWS.
//! While capacity is short, the units serve one retrieval after the other, at 150 MB a second for each unit that is
//! live at the time of the request (a megabyte is 1024 * 1024 bytes, as in the guide's ranges). The queue is our
//! assumption.

#[cfg(feature = "state")]
mod data;

use std::collections::VecDeque;
use std::time::Duration;

#[cfg(feature = "state")]
pub(crate) use self::data::CapacityData;
use crate::domain::failure::Failure;
use crate::domain::words::{CapacityId, Timestamp};

/// The maximum number of live units.
const MAX_UNITS: usize = 2;

/// The number of Expedited retrievals that a unit guarantees in any five minutes.
const RETRIEVALS: usize = 3;

const FIVE_MINUTES: Duration = Duration::from_secs(5 * 60);

/// The throughput of a unit, in bytes per second.
const THROUGHPUT: u64 = 150 << 20;

/// A unit of provisioned capacity, returned by
/// [`GlacierMock::provisioned_capacity`](crate::GlacierMock::provisioned_capacity). It expires a calendar month after
/// its purchase, at a whole second (`docs/spec/api.md` section 10 in the repository).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapacityUnit {
    pub(crate) id: CapacityId,
    pub(crate) start: Timestamp,
    pub(crate) expiration: Timestamp,
}

impl CapacityUnit {
    /// Returns the unit's ID.
    pub fn id(&self) -> &CapacityId {
        &self.id
    }

    /// Returns when the unit was purchased, on the mock's clock.
    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// Returns when the unit expires, on the mock's clock.
    pub fn expiration(&self) -> Timestamp {
        self.expiration
    }
}

/// The units of an account in a region, and their load.
#[derive(Clone, Debug, Default)]
pub(crate) struct Capacity {
    units: Vec<CapacityUnit>,
    /// When the newest Expedited retrievals were accepted. At most as many as all units together guarantee, because
    /// that many in five minutes suffice to refuse the next one.
    served: VecDeque<Timestamp>,
    /// When the units will have served all accepted retrievals.
    free_at: Option<Timestamp>,
}

impl Capacity {
    pub(crate) fn purchase(&mut self, id: CapacityId, now: Timestamp) -> Result<(), Failure> {
        self.units.retain(|unit| now < unit.expiration);
        if self.units.len() >= MAX_UNITS {
            return Err(Failure::TooMuchCapacity);
        }
        self.units.push(CapacityUnit { id, start: now, expiration: now.a_month_later().truncated_to_seconds() });
        Ok(())
    }

    /// Returns the units that have not expired, in the order of purchase.
    pub(crate) fn live(&self, now: Timestamp) -> impl Iterator<Item = &CapacityUnit> {
        self.units.iter().filter(move |unit| now < unit.expiration)
    }

    /// Returns whether the units guarantee one more Expedited retrieval now.
    pub(crate) fn guarantees_one_more(&self, now: Timestamp) -> bool {
        let recent = self.served.iter().filter(|served| now.since(**served) < FIVE_MINUTES).count();
        recent < self.live(now).count() * RETRIEVALS
    }

    /// Counts an accepted Expedited retrieval. Without live units there is nothing to count.
    pub(crate) fn serve(&mut self, now: Timestamp) {
        if self.live(now).next().is_none() {
            return;
        }
        self.served.push_back(now);
        if self.served.len() > MAX_UNITS * RETRIEVALS {
            self.served.pop_front();
        }
    }

    /// Adds a retrieval of `bytes` to the queue and returns when the units will have served it. Returns `None` without
    /// a live unit.
    pub(crate) fn carry(&mut self, bytes: u64, now: Timestamp) -> Option<Timestamp> {
        let bytes_per_second = u128::from(THROUGHPUT) * self.live(now).count() as u128;
        if bytes_per_second == 0 {
            return None;
        }
        // Cannot overflow: 2^64 bytes take far fewer than 2^64 milliseconds at this rate.
        let milliseconds = (u128::from(bytes) * 1000).div_ceil(bytes_per_second);
        let takes = Duration::from_millis(u64::try_from(milliseconds).unwrap_or(u64::MAX));
        let free_at = self.free_at.map_or(now, |free_at| free_at.max(now)).after(takes);
        self.free_at = Some(free_at);
        Some(free_at)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn at_most_two_units_are_live_each_for_a_month() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
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

    fn at(text: &str) -> Timestamp {
        format!("2026-01-31T{text}Z").parse::<Timestamp>().unwrap()
    }

    fn with_units(units: usize) -> Capacity {
        let mut capacity = Capacity::default();
        for unit in 0..units {
            capacity.purchase(CapacityId::new(unit.to_string()), at("00:00:00")).unwrap();
        }
        capacity
    }

    /// "At least three expedited retrievals can be performed every five minutes" (api-PurchaseProvisionedCapacity).
    #[test]
    fn a_unit_guarantees_three_in_any_five_minutes() {
        for (units, guaranteed) in [(0, 0), (1, 3), (2, 6)] {
            let mut capacity = with_units(units);
            for second in 0..guaranteed {
                let now = at(&format!("10:00:{second:02}"));
                assert!(capacity.guarantees_one_more(now), "{units} units, {second} before");
                capacity.serve(now);
            }
            assert!(!capacity.guarantees_one_more(at("10:04:59.999")), "{units} units");
            // The first retrieval is five minutes old, the second is not.
            assert_eq!(capacity.guarantees_one_more(at("10:05:00")), units > 0);
            capacity.serve(at("10:05:00"));
            assert!(!capacity.guarantees_one_more(at("10:05:00.999")));
        }
    }

    #[test]
    fn retrievals_before_the_first_unit_do_not_count() {
        let mut capacity = Capacity::default();
        (0..9).for_each(|_| capacity.serve(at("10:00:00")));
        capacity.purchase(CapacityId::new("a"), at("10:01:00")).unwrap();
        assert!(capacity.guarantees_one_more(at("10:01:00")));
    }

    /// "Up to 150 MB/s of retrieval throughput" (the same page).
    #[test]
    fn units_serve_150_megabytes_a_second_one_retrieval_after_the_other() {
        let minute = THROUGHPUT * 60;
        let mut one = with_units(1);
        assert_eq!(one.carry(minute, at("10:00:00")), Some(at("10:01:00")));
        assert_eq!(one.carry(minute, at("10:00:30")), Some(at("10:02:00")));
        assert_eq!(one.carry(minute, at("10:05:00")), Some(at("10:06:00")));
        assert_eq!(one.carry(1, at("10:10:00")), Some(at("10:10:00.001")));
        assert_eq!(with_units(2).carry(minute, at("10:00:00")), Some(at("10:00:30")));
        assert_eq!(with_units(0).carry(minute, at("10:00:00")), None);
        assert!(with_units(1).carry(u64::MAX, at("10:00:00")) > Some(at("23:59:59")));
    }

    proptest! {
        /// The oracle keeps every accepted retrieval and applies the definition of the rule while units are bought and
        /// expire.
        #[test]
        fn capacity_agrees_with_a_list_of_all_retrievals(steps in vec((0_u64..200, 0..8, any::<bool>()), 1..60)) {
            let mut capacity = Capacity::default();
            let (mut bought, mut accepted) = (Vec::new(), Vec::new());
            let mut now = at("00:00:00");
            for (seconds, action, short) in steps {
                // Now and then a month passes, and the units expire.
                let passes = if action == 7 { 31 * 24 * 3600 } else { seconds };
                now = now.after(Duration::from_secs(passes));
                let live = bought.iter().filter(|bought: &&Timestamp| now < bought.a_month_later()).count();
                if action == 0 {
                    if capacity.purchase(CapacityId::new("a"), now).is_ok() {
                        bought.push(now);
                    }
                    continue;
                }
                let recent = |at: &&(Timestamp, usize)| at.1 > 0 && now < at.0.after(FIVE_MINUTES);
                let guaranteed = accepted.iter().filter(recent).count() < 3 * live;
                prop_assert_eq!(capacity.guarantees_one_more(now), guaranteed);
                if guaranteed || !short {
                    capacity.serve(now);
                    accepted.push((now, live));
                }
            }
        }
    }
}

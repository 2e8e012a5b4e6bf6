//! Provisioned capacity: units bought for a calendar month, and the Expedited retrievals that they guarantee (api.md
//! section 10).
//!
//! "Each unit of capacity ensures that at least three expedited retrievals can be performed every five minutes and provides
//! up to 150 MB/s of retrieval throughput" (developer guide, api-PurchaseProvisionedCapacity). Without any, Expedited
//! retrievals "might not be accepted during periods of high demand", and with some all of them "are automatically served
//! through your provisioned capacity" (guide of S3, "Archive retrieval options"). So while the test says that capacity is
//! short, a retrieval is accepted if fewer than three for each live unit were in the five minutes before it, counting every
//! one since there was a unit; the others are refused.
//!
//! The throughput refuses nothing: it decides how long a retrieval takes where jobs take as long as at AWS. While capacity
//! is short the units carry the retrievals one after the other, a second for each 150 MB (of 1024 * 1024 bytes, as the
//! guide counts the megabytes of a range) and unit; the units are those at the time of the request. That they queue is
//! ours.

use std::collections::VecDeque;
use std::time::Duration;

use crate::domain::failure::Failure;
use crate::domain::words::{CapacityId, Timestamp};

/// How many units may be live at once.
const MAX_UNITS: usize = 2;

/// How many Expedited retrievals a unit guarantees in any five minutes.
const RETRIEVALS: usize = 3;

const FIVE_MINUTES: Duration = Duration::from_secs(5 * 60);

/// The bytes that a unit carries in a second.
const THROUGHPUT: u64 = 150 << 20;

/// A unit, which lasts a calendar month. Its expiration has whole seconds (api.md section 10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CapacityUnit {
    pub(crate) id: CapacityId,
    pub(crate) start: Timestamp,
    pub(crate) expiration: Timestamp,
}

/// The units of an account in a region, and what they serve.
#[derive(Clone, Debug, Default)]
pub(crate) struct Capacity {
    units: Vec<CapacityUnit>,
    /// When the newest Expedited retrievals were accepted: no more of them than all units together guarantee, for with so
    /// many in five minutes the next is refused whatever was before them.
    served: VecDeque<Timestamp>,
    /// When all that the units have to carry is through.
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

    /// Those that have not run out, in the order of their purchase.
    pub(crate) fn live(&self, now: Timestamp) -> impl Iterator<Item = &CapacityUnit> {
        self.units.iter().filter(move |unit| now < unit.expiration)
    }

    /// Whether the units guarantee one more Expedited retrieval now.
    pub(crate) fn guarantees_one_more(&self, now: Timestamp) -> bool {
        let recent = self.served.iter().filter(|served| now.since(**served) < FIVE_MINUTES).count();
        recent < self.live(now).count() * RETRIEVALS
    }

    /// An Expedited retrieval was accepted: it is served through the units, if there are any.
    pub(crate) fn serve(&mut self, now: Timestamp) {
        if self.live(now).next().is_none() {
            return;
        }
        self.served.push_back(now);
        if self.served.len() > MAX_UNITS * RETRIEVALS {
            self.served.pop_front();
        }
    }

    /// When the units will have carried so many bytes, behind those that they have to carry already. `None` without a
    /// unit.
    pub(crate) fn carry(&mut self, bytes: u64, now: Timestamp) -> Option<Timestamp> {
        let bytes_per_second = u128::from(THROUGHPUT) * self.live(now).count() as u128;
        if bytes_per_second == 0 {
            return None;
        }
        // At most 2^64 bytes, which are well below 2^64 milliseconds at this rate.
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

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(&format!("2026-01-31T{text}Z")).unwrap()
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
            // The first is five minutes old, the second is not.
            assert_eq!(capacity.guarantees_one_more(at("10:05:00")), units > 0);
            capacity.serve(at("10:05:00"));
            assert!(!capacity.guarantees_one_more(at("10:05:00.999")));
        }
    }

    #[test]
    fn what_was_retrieved_before_there_was_a_unit_does_not_count() {
        let mut capacity = Capacity::default();
        (0..9).for_each(|_| capacity.serve(at("10:00:00")));
        capacity.purchase(CapacityId::new("a"), at("10:01:00")).unwrap();
        assert!(capacity.guarantees_one_more(at("10:01:00")));
    }

    /// "Up to 150 MB/s of retrieval throughput" (the same page).
    #[test]
    fn units_carry_150_megabytes_a_second_one_retrieval_after_the_other() {
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
        /// The rule by definition, over everything that was ever accepted, for units that come and go.
        #[test]
        fn the_window_and_a_list_of_everything_agree(steps in vec((0_u64..200, 0..8, any::<bool>()), 1..60)) {
            let mut capacity = Capacity::default();
            let (mut bought, mut accepted) = (Vec::new(), Vec::new());
            let mut now = at("00:00:00");
            for (seconds, action, short) in steps {
                // Once in a while a month passes, and what was bought runs out.
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

//! The rows of the state in a file: all of them, or those that have changed since the last time.

use std::collections::BTreeMap;

use crate::domain::account::AccountRegion;
use crate::domain::vault::{Batch, Collector, Contents, Vault, numbered, parse};
use crate::domain::words::{Timestamp, VaultName};

use super::Service;
use super::data::{NoticeData, PlaceData, PlaceName, PlacedVaultData, ServiceData, WholeData};
use super::ledger::LedgerData;
use super::state::{AccountState, State, Vaults};

/// The key of the row with what all accounts share.
const WHOLE: &str = "service";

fn key_of(kind: &str, place: &AccountRegion) -> String {
    format!("{kind}/{}/{}", place.account, place.region)
}

fn key_of_vault(place: &AccountRegion, name: &VaultName) -> String {
    format!("{}/{name}", key_of("vault", place))
}

impl State {
    /// Collects all rows for a new file, except the row that all accounts share.
    pub(super) fn collect(&self, collector: &mut Collector) {
        for (place, account) in &self.places {
            account.collect(place, collector);
            for (name, vault) in &account.vaults.by_name {
                vault.collect(&key_of_vault(place, name), collector);
            }
        }
        for (place, charges) in &self.charges {
            collector.put(key_of("charges", place), &(PlaceName::of(place), charges.to_data()));
        }
        self.ledger.collect(collector);
        self.collect_notices(collector);
    }

    /// Collects the rows that have changed since the last call. The first call for a state collects all rows, and
    /// removes those of other states. If only charges have changed, they are collected only if `lazy` is set.
    pub(super) fn collect_changes(&mut self, collector: &mut Collector, lazy: bool) {
        let places = match self.changed_places.take() {
            Some(places) => places,
            None => {
                collector.start_again();
                self.changed_charges.take();
                for (place, charges) in &self.charges {
                    collector.put(key_of("charges", place), &(PlaceName::of(place), charges.to_data()));
                }
                self.places.keys().cloned().collect()
            }
        };
        for place in places {
            match self.places.get_mut(&place) {
                Some(account) => account.collect_changes(&place, collector),
                None => collector.remove(key_of("place", &place)),
            }
        }
        self.ledger.collect_changes(collector);
        self.collect_notices(collector);
        if (lazy || !collector.is_empty())
            && let Some(changed) = self.changed_charges.take()
        {
            for place in changed {
                match self.charges.get(&place) {
                    Some(charges) => {
                        collector.put(key_of("charges", &place), &(PlaceName::of(&place), charges.to_data()));
                    }
                    None => collector.remove(key_of("charges", &place)),
                }
            }
        }
    }

    /// Collects the row that all accounts share, if anything has changed. The passing of time alone is not a change.
    pub(super) fn collect_whole(&self, collector: &mut Collector, now: Timestamp, closed: bool, was_moved: bool) {
        let timeless = self.whole(Timestamp::EPOCH, closed);
        if collector.remember(WHOLE, &timeless) || was_moved || !collector.is_empty() {
            collector.put(WHOLE.into(), &self.whole(now, closed));
        }
    }

    /// Remembers all rows of a loaded state as saved. `collector` knows the numbers that the file has for shared parts.
    pub(super) fn adopt(&mut self, mut collector: Collector, closed_to_new_customers: bool) {
        self.changed_places.take();
        self.changed_charges.take();
        for account in self.places.values_mut() {
            account.vaults.changed.take();
            account.vaults.by_name.values_mut().for_each(Vault::note_all);
        }
        self.ledger.note_all();
        let whole = self.whole(Timestamp::EPOCH, closed_to_new_customers);
        self.collect(&mut collector);
        collector.remember(WHOLE, &whole);
        collector.take();
        self.collector = Some(Box::new(collector));
    }

    fn collect_notices(&self, collector: &mut Collector) {
        let (first, end) = (self.removed_notices, self.removed_notices + self.notices.len() as u64);
        let (saved_first, saved_end) = std::mem::replace(&mut collector.notices, (first, end));
        for number in saved_first..saved_end.min(first) {
            collector.remove(numbered("notice", number));
        }
        for number in saved_end.max(first)..end {
            if let Some(row) = NoticeData::of(&self.notices[(number - first) as usize], collector) {
                collector.put(numbered("notice", number), &row);
            }
        }
    }
}

impl AccountState {
    fn collect(&self, place: &AccountRegion, collector: &mut Collector) {
        let AccountState { vaults, limits, .. } = self;
        collector.put_changed(key_of("place", place), &PlaceData::of(place, vaults, limits.to_data()));
    }

    fn collect_changes(&mut self, place: &AccountRegion, collector: &mut Collector) {
        self.collect(place, collector);
        let Vaults { by_name, changed, .. } = &mut self.vaults;
        let names = match changed.take() {
            Some(names) => names,
            None => {
                collector.remove_below(format!("{}/", key_of("vault", place)));
                by_name.keys().cloned().collect()
            }
        };
        for name in names {
            let key = key_of_vault(place, &name);
            match by_name.get_mut(&name) {
                Some(vault) => {
                    vault.collect_changes(&key, collector);
                }
                None => {
                    collector.remove_below(format!("{key}/"));
                    collector.remove(key);
                }
            }
        }
    }
}

impl ServiceData {
    /// Returns the state with these rows, which are in the order of their keys. `contents` are read from elsewhere.
    pub(crate) fn of_rows(
        rows: impl IntoIterator<Item = (String, Vec<u8>)>,
        contents: Contents,
    ) -> Result<Self, String> {
        let (mut whole, mut ledger) = (None::<WholeData>, None::<LedgerData>);
        let (mut places, mut vaults, mut notices) = (Vec::new(), Vec::<PlacedVaultData>::new(), Vec::new());
        let (mut lists, mut archives, mut delivered) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        let mut charges = Vec::new();
        for (key, json) in rows {
            let unknown = || format!("the kind of the row {key:?} is unknown");
            let words: Vec<&str> = key.split('/').collect();
            match &*words {
                [WHOLE] => whole = Some(parse(&key, &json)?),
                ["place", ..] => places.push(parse(&key, &json)?),
                ["charges", ..] => charges.push(parse(&key, &json)?),
                ["notice", _] => notices.push(parse(&key, &json)?),
                ["ledger"] => ledger = Some(parse(&key, &json)?),
                ["ledger", kind, ..] => {
                    let ledger = ledger.as_mut().ok_or("its ledger is missing")?;
                    ledger.add(kind, &key, &json)?;
                }
                ["vault", account, region, _] => {
                    let place = PlaceName::new(account, region);
                    vaults.push(PlacedVaultData { place, vault: parse(&key, &json)? });
                }
                ["vault", account, region, name, kind, ..] => {
                    let place = PlaceName::new(account, region);
                    // The row of the vault came earlier, but rows of other vaults may lie between.
                    let mut found = vaults.iter_mut().rev();
                    let found = found.find(|vault| vault.place == place && vault.vault.name() == *name);
                    let found = found.ok_or_else(|| format!("the vault of the row {key:?} is missing"))?;
                    found.vault.add(kind, &key, &json)?;
                }
                ["archive", number] => drop(archives.insert(read_number(number, &key)?, parse(&key, &json)?)),
                ["list", number] => drop(lists.insert(read_number(number, &key)?, parse(&key, &json)?)),
                ["delivered", number] => drop(delivered.insert(read_number(number, &key)?, parse(&key, &json)?)),
                _ => return Err(unknown()),
            }
        }
        let mut whole = whole.ok_or("the row of its service is missing")?;
        whole.charges = charges;
        whole.ledger = ledger;
        Ok(ServiceData { whole, places, vaults, notices, lists, archives, delivered, contents })
    }
}

/// Reads the number in the key of a row.
pub(crate) fn read_number(number: &str, key: &str) -> Result<usize, String> {
    usize::from_str_radix(number, 16).map_err(|_| format!("the number of the row {key:?} is invalid"))
}

impl Service {
    /// Returns all rows of the state, after the jobs that have ended were announced.
    pub(crate) fn to_rows(&self) -> Batch {
        let mut state = self.lock();
        let now = self.now();
        state.settle(now);
        let mut collector = Collector::default();
        state.collect(&mut collector);
        state.collect_whole(&mut collector, now, self.is_closed_to_new_customers(), true);
        self.publish(state, false);
        collector.take()
    }
}

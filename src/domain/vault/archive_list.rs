//! The archives of a vault in upload order, with snapshots that cost O(1).
//!
//! A persistent tree, indexed by position: a change copies only the nodes on its path, and only if a snapshot shares
//! them. Each node stores the number of archives below it and their length in an inventory. The size of an inventory,
//! the archive at any byte of it and the first archive of the next page are therefore found in O(log n).

#[cfg(feature = "state")]
mod data;
mod window;

use std::sync::Arc;

#[cfg(feature = "state")]
pub(crate) use self::data::{ListData, WeakList};
pub(crate) use self::window::{Period, Window};
use super::archive::Archive;
use super::inventory_format::Format;
use crate::domain::words::Timestamp;

/// A node has `1 << BITS` places.
const BITS: u32 = 5;
const PLACES: usize = 1 << BITS;

/// Archives by position. A clone is a snapshot.
#[derive(Clone, Debug, Default)]
pub(crate) struct ArchiveList(Option<Top>);

#[derive(Clone, Debug)]
struct Top {
    node: Arc<Node>,
    /// The height of the node: 0 if its places are archives.
    level: u32,
}

#[derive(Clone, Debug)]
struct Node {
    sums: Sums,
    places: [Place; PLACES],
}

#[derive(Clone, Debug, Default)]
enum Place {
    #[default]
    Empty,
    Node(Arc<Node>),
    /// The fields are not in a separate struct, because a place then takes 16 bytes instead of 24.
    Archive {
        archive: Arc<Archive>,
        /// The length of the archive in a JSON inventory, in bytes.
        json: u32,
        /// By how many bytes the archive is shorter in a CSV inventory, which has neither the keys nor all escapes of
        /// JSON.
        shorter_in_csv: u16,
    },
}

/// The sums over all archives below a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sums {
    archives: u64,
    json: u64,
    csv: u64,
    /// Bounds of the creation dates. They are not narrowed when archives are removed.
    earliest: Timestamp,
    latest: Timestamp,
}

/// The unit in which a list is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    Archives,
    /// Bytes in an inventory.
    Bytes(Format),
}

impl Place {
    /// Returns the place of an archive, and its sums.
    fn of(archive: Arc<Archive>) -> (Self, Sums) {
        let len = |format: Format| u32::try_from(format.len_of(&archive)).unwrap_or(u32::MAX);
        let (json, csv) = (len(Format::Json), len(Format::Csv));
        let shorter_in_csv = json.saturating_sub(csv).try_into().unwrap_or(u16::MAX);
        let sums = Sums::of(&archive, json, shorter_in_csv);
        (Place::Archive { archive, json, shorter_in_csv }, sums)
    }

    fn sums(&self) -> Option<Sums> {
        match self {
            Place::Empty => None,
            Place::Node(node) => Some(node.sums),
            Place::Archive { archive, json, shorter_in_csv } => Some(Sums::of(archive, *json, *shorter_in_csv)),
        }
    }
}

impl Sums {
    /// Returns the sums of one archive.
    fn of(archive: &Archive, json: u32, shorter_in_csv: u16) -> Self {
        let (created, csv) = (archive.created, json.saturating_sub(shorter_in_csv.into()));
        Sums { archives: 1, json: json.into(), csv: csv.into(), earliest: created, latest: created }
    }

    fn add(&mut self, other: &Sums) {
        self.archives += other.archives;
        self.json += other.json;
        self.csv += other.csv;
        self.earliest = self.earliest.min(other.earliest);
        self.latest = self.latest.max(other.latest);
    }

    fn subtract(&mut self, other: &Sums) {
        self.archives -= other.archives;
        self.json -= other.json;
        self.csv -= other.csv;
    }

    fn count(&self, unit: Unit) -> u64 {
        match unit {
            Unit::Archives => self.archives,
            Unit::Bytes(Format::Json) => self.json,
            Unit::Bytes(Format::Csv) => self.csv,
        }
    }
}

impl Node {
    fn new(place: Place, at: usize, sums: Sums) -> Self {
        let mut places = [const { Place::Empty }; PLACES];
        places[at] = place;
        Node { sums, places }
    }

    /// Returns a chain of nodes down to one archive, whose sums are `sums`.
    fn chain(level: u32, position: u64, archive: Place, sums: Sums) -> Self {
        let place = match level {
            0 => archive,
            _ => Place::Node(Arc::new(Node::chain(level - 1, position, archive, sums))),
        };
        Node::new(place, place_of(position, level), sums)
    }

    fn insert(&mut self, level: u32, position: u64, archive: Place, sums: Sums) {
        self.sums.add(&sums);
        let place = &mut self.places[place_of(position, level)];
        match place {
            Place::Node(node) => Arc::make_mut(node).insert(level - 1, position, archive, sums),
            _ if level == 0 => *place = archive,
            _ => *place = Place::Node(Arc::new(Node::chain(level - 1, position, archive, sums))),
        }
    }

    /// Removes the archive at a position and returns its sums.
    fn remove(&mut self, level: u32, position: u64) -> Option<Sums> {
        let place = &mut self.places[place_of(position, level)];
        let removed = match place {
            Place::Node(node) => Arc::make_mut(node).remove(level - 1, position)?,
            Place::Empty | Place::Archive { .. } => place.sums()?,
        };
        let is_empty = !matches!(place, Place::Node(node) if node.sums.archives > 0);
        if is_empty {
            *place = Place::Empty;
        }
        self.sums.subtract(&removed);
        Some(removed)
    }

    /// Does the work of [`ArchiveList::seek`]. `first` is the first position below this node.
    fn seek(
        &self,
        level: u32,
        first: u64,
        window: &Window,
        unit: Unit,
        skip: &mut u64,
    ) -> Option<(u64, &Arc<Archive>)> {
        let width = 1_u64 << (level * BITS);
        let before = (window.from.saturating_sub(first) >> (level * BITS)).min(PLACES as u64) as usize;
        for (n, place) in self.places.iter().enumerate().skip(before) {
            let first = first + n as u64 * width;
            if first >= window.until {
                break;
            }
            match place {
                Place::Empty => {}
                Place::Archive { archive, .. } if !window.has(archive) => {}
                Place::Archive { archive, .. } => {
                    let count = place.sums()?.count(unit);
                    if *skip < count {
                        return Some((first, archive));
                    }
                    *skip -= count;
                }
                Place::Node(node) => {
                    let count = node.sums.count(unit);
                    match window.has_all(first, width, &node.sums) {
                        Some(false) => continue,
                        Some(true) if *skip >= count => {
                            *skip -= count;
                            continue;
                        }
                        _ => {}
                    }
                    let found = node.seek(level - 1, first, window, unit, skip);
                    if found.is_some() {
                        return found;
                    }
                }
            }
        }
        None
    }
}

fn place_of(position: u64, level: u32) -> usize {
    (position >> (level * BITS)) as usize % PLACES
}

impl ArchiveList {
    pub(crate) fn insert(&mut self, position: u64, archive: Arc<Archive>) {
        let (archive, sums) = Place::of(archive);
        let Some(top) = &mut self.0 else {
            let level = position.checked_ilog2().unwrap_or(0) / BITS;
            self.0 = Some(Top { node: Arc::new(Node::chain(level, position, archive, sums)), level });
            return;
        };
        while position >> (top.level * BITS) >= PLACES as u64 {
            let sums = top.node.sums;
            top.node = Arc::new(Node::new(Place::Node(top.node.clone()), 0, sums));
            top.level += 1;
        }
        Arc::make_mut(&mut top.node).insert(top.level, position, archive, sums);
    }

    pub(crate) fn remove(&mut self, position: u64) {
        let Some(top) = &mut self.0 else { return };
        if position >> (top.level * BITS) < PLACES as u64 {
            Arc::make_mut(&mut top.node).remove(top.level, position);
        }
        if top.node.sums.archives == 0 {
            self.0 = None;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, |top| top.node.sums.archives as usize)
    }

    /// Skips `skip` units of the window. Returns the archive that contains the next unit, with its position and the
    /// number of units of this archive that are skipped.
    pub(crate) fn seek(&self, window: &Window, unit: Unit, mut skip: u64) -> Option<(u64, &Arc<Archive>, u64)> {
        let top = self.0.as_ref()?;
        let (position, archive) = top.node.seek(top.level, 0, window, unit, &mut skip)?;
        Some((position, archive, skip))
    }

    /// Returns the number of units in the window.
    pub(crate) fn count(&self, window: &Window, unit: Unit) -> u64 {
        let mut skip = u64::MAX;
        if let Some(top) = &self.0 {
            top.node.seek(top.level, 0, window, unit, &mut skip);
        }
        u64::MAX - skip
    }

    pub(crate) fn within(&self, mut window: Window) -> impl Iterator<Item = (u64, &Arc<Archive>)> {
        std::iter::from_fn(move || {
            let (position, archive, _) = self.seek(&window, Unit::Archives, 0)?;
            window.from = position + 1;
            Some((position, archive))
        })
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Archive>> {
        self.within(Window::starting_at(0, Period::default())).map(|(_, archive)| archive)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::vault::archive::StoredBytes;
    use crate::domain::words::{ArchiveId, Description};
    use proptest::prelude::*;

    fn at(second: u64) -> Timestamp {
        "2013-11-06T02:51:00Z".parse::<Timestamp>().unwrap().after(std::time::Duration::from_secs(second))
    }

    fn archive(n: u64, second: u64) -> Arc<Archive> {
        let description = Description::parse(&"\"".repeat(n as usize % 7)).unwrap();
        let body = StoredBytes::of(vec![7; n as usize % 13 + 1]).unwrap();
        Archive::new(ArchiveId::new(format!("id{n}")), description, at(second), &body).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// The oracle is a plain map. Creation dates are not quite in order: a wall clock may be set back.
        #[test]
        fn an_archive_list_agrees_with_a_map_by_position(
            steps in proptest::collection::vec((any::<bool>(), 1u64..900, 0u64..3), 1..80),
            snapshot_at in 0usize..80,
            (from, width) in (0u64..40_000, 1u64..40_000),
            (start, end) in (proptest::option::of(0u64..90), proptest::option::of(0u64..90)),
        ) {
            let (mut list, mut oracle, mut position) = (ArchiveList::default(), BTreeMap::new(), 0);
            let mut snapshot = (list.clone(), oracle.clone());
            for (n, (removes, by, back)) in steps.into_iter().enumerate() {
                if n == snapshot_at {
                    snapshot = (list.clone(), oracle.clone());
                }
                if removes {
                    let gone = oracle.keys().nth(by as usize % oracle.len().max(1)).copied().unwrap_or(by);
                    list.remove(gone);
                    oracle.remove(&gone);
                } else {
                    position += by;
                    let archive = archive(by, (n as u64 + 3).saturating_sub(back));
                    list.insert(position, archive.clone());
                    oracle.insert(position, archive);
                }
            }
            for (list, oracle) in [(list, oracle), snapshot] {
                prop_assert_eq!(list.len(), oracle.len());
                prop_assert_eq!(ids(list.all()), ids(oracle.values()));
                let period = Period { start: start.map(at), end: end.map(at) };
                let window = Window { from, until: from + width, period };
                let expected: Vec<_> = oracle.range(from..from + width).filter(|(_, archive)| window.has(archive)).collect();
                let seen: Vec<_> = list.within(window.clone()).map(|(position, _)| position).collect();
                prop_assert_eq!(seen, expected.iter().map(|(position, _)| **position).collect::<Vec<_>>());
                for unit in [Unit::Archives, Unit::Bytes(Format::Json), Unit::Bytes(Format::Csv)] {
                    let count = |archive: &Arc<Archive>| Place::of(archive.clone()).1.count(unit);
                    // Where each archive ends, and the unit before that.
                    let mut end = 0;
                    for (n, (_, archive)) in expected.iter().enumerate() {
                        let start = end;
                        end += count(archive);
                        let place = |n: usize, rest| expected.get(n).map(|(at, archive)| (**at, archive.id.clone(), rest));
                        for (skip, found) in [(end - 1, place(n, end - 1 - start)), (end, place(n + 1, 0))] {
                            let seen = list.seek(&window, unit, skip);
                            prop_assert_eq!(seen.map(|(at, archive, rest)| (at, archive.id.clone(), rest)), found);
                        }
                    }
                    prop_assert_eq!(list.count(&window, unit), end);
                }
            }
        }
    }

    fn ids<'a>(archives: impl Iterator<Item = &'a Arc<Archive>>) -> Vec<String> {
        archives.map(|archive| archive.id.to_string()).collect()
    }

    /// The cost of an upload after an inventory job must not depend on the size of the vault.
    #[test]
    fn a_change_after_a_snapshot_copies_only_one_path() {
        let mut list = ArchiveList::default();
        let one = archive(1, 1);
        (0..40_000).for_each(|position| list.insert(position, one.clone()));
        let snapshot = list.clone();
        list.insert(40_000, one.clone());
        list.remove(7);
        // Only the two leaves that changed were copied, each with at most 32 archives.
        let copied = Arc::strong_count(&one) - 1 - 40_000;
        assert!(copied <= 2 * PLACES, "{copied}");
        assert_eq!((list.len(), snapshot.len()), (40_000, 40_000));
    }
}

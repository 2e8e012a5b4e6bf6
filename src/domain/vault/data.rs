//! The rows of a saved state, and the values that several parts of a state share: archives, contents, lists of
//! archives, and what was delivered of an output. Each of these is saved once, and the parts refer to it by its number.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Weak};

use serde::Serialize;

use super::archive::{Archive, ArchiveData};
use super::archive_list::{ArchiveList, ListData, WeakList};
use super::delivered::{Delivered, DeliveredData};
use crate::domain::bytes::{Content, WeakContent};
use crate::domain::words::Timestamp;

/// A change of the rows of a saved state. A row is JSON, and its key consists of words that are separated by slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RowChange {
    Put {
        key: String,
        json: Vec<u8>,
    },
    Remove {
        key: String,
    },
    /// Removes all rows whose key begins with the prefix.
    RemoveBelow {
        prefix: String,
    },
}

/// Changes of a saved state, to be carried out in their order and all at once.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) rows: Vec<RowChange>,
    /// New contents, by their number.
    pub(crate) contents: Vec<(usize, Content)>,
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.contents.is_empty()
    }
}

/// Collects the rows of a state, or those that have changed since the last time.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    batch: Batch,
    archives: Numbered<Weak<Archive>, (bool, bool)>,
    contents: Numbered<WeakContent, ()>,
    lists: Numbered<WeakList, ()>,
    delivered: Numbered<Weak<Delivered>, (u64, bool)>,
    /// A hash of each row that is collected often and changes rarely.
    known: BTreeMap<String, u64>,
    /// The number of the first notice that is saved, and the number after that of the last.
    pub(crate) notices: (u64, u64),
}

/// A weak reference to a shared part. It does not keep the part alive, but its address is not used for another part.
trait Held {
    fn is_held(&self) -> bool;
}

impl<T> Held for Weak<T> {
    fn is_held(&self) -> bool {
        self.strong_count() > 0
    }
}

impl Held for WeakContent {
    fn is_held(&self) -> bool {
        WeakContent::is_held(self)
    }
}

impl Held for WeakList {
    fn is_held(&self) -> bool {
        WeakList::is_held(self)
    }
}

/// Shared parts by the address of their storage, each with its number and with what its row depends on.
#[derive(Debug)]
struct Numbered<W, S> {
    by_address: HashMap<usize, (usize, W, S)>,
    next: usize,
}

impl<W, S> Default for Numbered<W, S> {
    fn default() -> Self {
        Numbered { by_address: HashMap::new(), next: 0 }
    }
}

impl<W: Held, S: PartialEq> Numbered<W, S> {
    /// Returns the number of a part, and whether its row has to be written.
    fn number(&mut self, address: usize, state: S, part: impl FnOnce() -> W) -> (usize, bool) {
        if let Some((number, _, known)) = self.by_address.get_mut(&address) {
            let has_changed = *known != state;
            *known = state;
            return (*number, has_changed);
        }
        let number = self.next;
        self.next += 1;
        self.by_address.insert(address, (number, part(), state));
        (number, true)
    }

    /// Adds a part whose row is saved.
    fn insert(&mut self, number: usize, address: usize, state: S, part: W) {
        self.next = self.next.max(number + 1);
        self.by_address.insert(address, (number, part, state));
    }

    /// Forgets the parts that nothing refers to, and returns their numbers.
    fn forget_dropped(&mut self) -> Vec<usize> {
        let mut dropped = Vec::new();
        self.by_address.retain(|_, (number, part, _)| {
            let is_held = part.is_held();
            if !is_held {
                dropped.push(*number);
            }
            is_held
        });
        dropped
    }
}

/// Returns the key of a row with a number. Keys are in the order of their numbers.
pub(crate) fn numbered(kind: &str, number: u64) -> String {
    format!("{kind}/{number:016x}")
}

impl Collector {
    /// Writes a row.
    pub(crate) fn put(&mut self, key: String, row: &impl Serialize) {
        let json = json(row);
        self.batch.rows.push(RowChange::Put { key, json });
    }

    /// Writes a row, unless it equals the one that was written last.
    pub(crate) fn put_changed(&mut self, key: String, row: &impl Serialize) {
        let json = json(row);
        if self.is_new(&key, &json) {
            self.batch.rows.push(RowChange::Put { key, json });
        }
    }

    /// Returns whether [`put_changed`](Self::put_changed) would write a row, and remembers the row as written.
    pub(crate) fn remember(&mut self, key: &str, row: &impl Serialize) -> bool {
        self.is_new(key, &json(row))
    }

    fn is_new(&mut self, key: &str, json: &[u8]) -> bool {
        let mut hasher = DefaultHasher::new();
        json.hash(&mut hasher);
        let hash = hasher.finish();
        match self.known.get_mut(key) {
            Some(known) => std::mem::replace(known, hash) != hash,
            None => {
                self.known.insert(key.to_owned(), hash);
                true
            }
        }
    }

    pub(crate) fn remove(&mut self, key: String) {
        self.known.remove(&key);
        self.batch.rows.push(RowChange::Remove { key });
    }

    /// Removes all rows whose key begins with the prefix.
    pub(crate) fn remove_below(&mut self, prefix: String) {
        let below = self.known.range(prefix.clone()..).take_while(|(key, _)| key.starts_with(&prefix));
        let below: Vec<_> = below.map(|(key, _)| key.clone()).collect();
        for key in below {
            self.known.remove(&key);
        }
        self.batch.rows.push(RowChange::RemoveBelow { prefix });
    }

    /// Forgets all rows and numbers, because another state follows.
    pub(crate) fn start_again(&mut self) {
        *self = Collector::default();
        self.remove_below(String::new());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.batch.is_empty()
    }

    /// Returns the changes since the last call.
    pub(crate) fn take(&mut self) -> Batch {
        std::mem::take(&mut self.batch)
    }

    /// Removes the rows of shared parts that no part of the state refers to any more, and writes the rows of outputs of
    /// which more was delivered. Takes time in proportion to the number of all shared parts.
    pub(crate) fn tidy(&mut self) {
        for number in self.archives.forget_dropped() {
            self.remove(numbered("archive", number as u64));
        }
        for number in self.contents.forget_dropped() {
            self.remove(numbered("content", number as u64));
        }
        for number in self.lists.forget_dropped() {
            self.remove(numbered("list", number as u64));
        }
        for number in self.delivered.forget_dropped() {
            self.remove(numbered("delivered", number as u64));
        }
        let delivered = self.delivered.by_address.values().filter_map(|(_, delivered, _)| delivered.upgrade());
        for delivered in delivered.collect::<Vec<_>>() {
            self.delivered(&delivered);
        }
    }

    pub(crate) fn archive(&mut self, archive: &Arc<Archive>) -> usize {
        let state = state_of_archive(archive);
        let address = Arc::as_ptr(archive).addr();
        let (number, is_new) = self.archives.number(address, state, || Arc::downgrade(archive));
        if is_new {
            self.put(numbered("archive", number as u64), &archive.to_data());
        }
        number
    }

    pub(crate) fn content(&mut self, content: &Content) -> usize {
        let (number, is_new) = self.contents.number(content.address(), (), || content.downgrade());
        if is_new {
            self.batch.contents.push((number, content.clone()));
        }
        number
    }

    /// Returns `None` for an empty list, which has no storage.
    pub(super) fn list(&mut self, list: &ArchiveList) -> Option<usize> {
        let (address, weak) = list.downgrade()?;
        let (number, is_new) = self.lists.number(address, (), || weak);
        if is_new {
            let data = list.to_data(self);
            self.put(numbered("list", number as u64), &data);
        }
        Some(number)
    }

    pub(crate) fn delivered(&mut self, delivered: &Arc<Delivered>) -> usize {
        let state = state_of_output(delivered);
        let address = Arc::as_ptr(delivered).addr();
        let (number, is_new) = self.delivered.number(address, state, || Arc::downgrade(delivered));
        if is_new {
            self.put(numbered("delivered", number as u64), &delivered.to_data());
        }
        number
    }
}

/// Returns the values of an archive's row that can change.
fn state_of_archive(archive: &Archive) -> (bool, bool) {
    (archive.deleted().is_some(), archive.was_retrieved())
}

/// Returns values that differ whenever the row of an output differs: the number of bytes that were sent only grows.
fn state_of_output(delivered: &Delivered) -> (u64, bool) {
    let now = delivered.now();
    (now.sent, now.total.is_some())
}

fn json(row: &impl Serialize) -> Vec<u8> {
    // The structs of rows have no maps with keys other than strings, so this cannot fail.
    serde_json::to_vec(row).unwrap_or_default()
}

/// Parses the JSON of a row.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(key: &str, json: &[u8]) -> Result<T, String> {
    serde_json::from_slice(json).map_err(|error| format!("its row {key:?} is invalid: {error}"))
}

/// The shared parts of a state that is being loaded, by their numbers.
#[derive(Debug)]
pub(crate) struct Restored<'a> {
    archives: BTreeMap<usize, Arc<Archive>>,
    contents: &'a Contents,
    lists: BTreeMap<usize, ArchiveList>,
    delivered: BTreeMap<usize, Arc<Delivered>>,
}

/// Contents by their number. One whose bytes are missing is an error only if something refers to it.
pub(crate) type Contents = BTreeMap<usize, Result<Content, String>>;

impl<'a> Restored<'a> {
    pub(crate) fn new(
        lists: &BTreeMap<usize, ListData>,
        archives: &BTreeMap<usize, ArchiveData>,
        delivered: &BTreeMap<usize, DeliveredData>,
        contents: &'a Contents,
    ) -> Result<Self, String> {
        let archive = |(&number, data)| Ok::<_, String>((number, Archive::from_data(data)?));
        let archives = archives.iter().map(archive).collect::<Result<_, _>>()?;
        let delivered = delivered.iter().map(|(&number, data)| (number, Arc::new(Delivered::from_data(data))));
        let mut restored = Restored { archives, contents, lists: BTreeMap::new(), delivered: delivered.collect() };
        let list = |(&number, data)| Ok::<_, String>((number, ArchiveList::from_data(data, &restored)?));
        restored.lists = lists.iter().map(list).collect::<Result<_, _>>()?;
        Ok(restored)
    }

    /// Returns a collector that knows the shared parts by the same numbers.
    pub(crate) fn into_collector(self) -> Collector {
        let mut collector = Collector::default();
        for (number, archive) in &self.archives {
            let state = state_of_archive(archive);
            collector.archives.insert(*number, Arc::as_ptr(archive).addr(), state, Arc::downgrade(archive));
        }
        for (number, content) in self.contents {
            if let Ok(content) = content {
                collector.contents.insert(*number, content.address(), (), content.downgrade());
            }
        }
        for (number, list) in &self.lists {
            if let Some((address, weak)) = list.downgrade() {
                collector.lists.insert(*number, address, (), weak);
            }
        }
        for (number, delivered) in &self.delivered {
            let address = Arc::as_ptr(delivered).addr();
            collector.delivered.insert(*number, address, state_of_output(delivered), Arc::downgrade(delivered));
        }
        collector
    }

    pub(crate) fn archive(&self, number: usize) -> Result<&Arc<Archive>, String> {
        self.archives.get(&number).ok_or_else(|| missing("archive", number))
    }

    pub(crate) fn content(&self, number: usize) -> Result<Content, String> {
        self.contents.get(&number).cloned().unwrap_or_else(|| Err(missing("content", number)))
    }

    pub(super) fn list(&self, number: Option<usize>) -> Result<ArchiveList, String> {
        let Some(number) = number else { return Ok(ArchiveList::default()) };
        self.lists.get(&number).cloned().ok_or_else(|| missing("list of archives", number))
    }

    pub(crate) fn delivered(&self, number: usize) -> Result<Arc<Delivered>, String> {
        self.delivered.get(&number).cloned().ok_or_else(|| missing("delivered output", number))
    }
}

fn missing(what: &str, number: usize) -> String {
    format!("the {what} with the number {number} is missing")
}

/// Returns the instant that was saved in milliseconds since 1970, if one was.
pub(super) fn optional_instant(milliseconds: Option<i64>) -> Result<Option<Timestamp>, String> {
    milliseconds.map(Timestamp::restored).transpose()
}

//! What several parts of a state share: archives, contents, lists of archives, and what was delivered of an output. Each
//! is saved once, and the parts refer to it by its number.

use std::collections::HashMap;
use std::sync::Arc;

use super::archive::{Archive, ArchiveData};
use super::archive_list::{ArchiveList, ListData};
use super::delivered::{Delivered, DeliveredData};
use crate::domain::bytes::Content;
use crate::domain::words::Timestamp;

/// The shared parts of a state that is being saved, in the order of their numbers.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    archives: Numbered<Arc<Archive>>,
    contents: Numbered<Content>,
    lists: Numbered<ArchiveList>,
    delivered: Numbered<Arc<Delivered>>,
}

/// Values by the address of their storage. They are kept, so that no other value gets the same address.
#[derive(Debug)]
struct Numbered<T> {
    numbers: HashMap<usize, usize>,
    values: Vec<T>,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Numbered { numbers: HashMap::new(), values: Vec::new() }
    }
}

impl<T: Clone> Numbered<T> {
    fn number(&mut self, address: usize, value: &T) -> usize {
        *self.numbers.entry(address).or_insert_with(|| {
            self.values.push(value.clone());
            self.values.len() - 1
        })
    }
}

impl Collected {
    pub(crate) fn archive(&mut self, archive: &Arc<Archive>) -> usize {
        self.archives.number(Arc::as_ptr(archive).addr(), archive)
    }

    pub(crate) fn content(&mut self, content: &Content) -> usize {
        self.contents.number(content.address(), content)
    }

    /// Returns `None` for an empty list, which has no storage.
    pub(super) fn list(&mut self, list: &ArchiveList) -> Option<usize> {
        Some(self.lists.number(list.address()?, list))
    }

    pub(crate) fn delivered(&mut self, delivered: &Arc<Delivered>) -> usize {
        self.delivered.number(Arc::as_ptr(delivered).addr(), delivered)
    }

    /// Returns the data of the lists, of the archives, of what was delivered, and the contents. Archives that only lists
    /// refer to get their numbers here.
    pub(crate) fn finish(mut self) -> (Vec<ListData>, Vec<ArchiveData>, Vec<DeliveredData>, Vec<Content>) {
        let all_lists = std::mem::take(&mut self.lists.values);
        let lists = all_lists.iter().map(|list| list.to_data(&mut self)).collect();
        let archives = self.archives.values.iter().map(|archive| archive.to_data()).collect();
        let delivered = self.delivered.values.iter().map(|delivered| delivered.to_data()).collect();
        (lists, archives, delivered, self.contents.values)
    }
}

/// The shared parts of a state that is being loaded, by their numbers.
#[derive(Debug)]
pub(crate) struct Restored {
    archives: Vec<Arc<Archive>>,
    contents: Vec<Content>,
    lists: Vec<ArchiveList>,
    delivered: Vec<Arc<Delivered>>,
}

impl Restored {
    pub(crate) fn new(
        lists: &[ListData],
        archives: &[ArchiveData],
        delivered: &[DeliveredData],
        contents: &[Content],
    ) -> Result<Self, String> {
        let archives = archives.iter().map(Archive::from_data).collect::<Result<_, _>>()?;
        let delivered = delivered.iter().map(|data| Arc::new(Delivered::from_data(data))).collect();
        let mut restored = Restored { archives, contents: contents.to_vec(), lists: Vec::new(), delivered };
        restored.lists = lists.iter().map(|list| ArchiveList::from_data(list, &restored)).collect::<Result<_, _>>()?;
        Ok(restored)
    }

    pub(crate) fn archive(&self, number: usize) -> Result<&Arc<Archive>, String> {
        self.archives.get(number).ok_or_else(|| missing("archive", number))
    }

    pub(crate) fn content(&self, number: usize) -> Result<Content, String> {
        self.contents.get(number).cloned().ok_or_else(|| missing("content", number))
    }

    pub(super) fn list(&self, number: Option<usize>) -> Result<ArchiveList, String> {
        let Some(number) = number else { return Ok(ArchiveList::default()) };
        self.lists.get(number).cloned().ok_or_else(|| missing("list of archives", number))
    }

    pub(crate) fn delivered(&self, number: usize) -> Result<Arc<Delivered>, String> {
        self.delivered.get(number).cloned().ok_or_else(|| missing("delivered output", number))
    }
}

fn missing(what: &str, number: usize) -> String {
    format!("the {what} with the number {number} is missing")
}

/// Returns the instant that was saved in milliseconds since 1970, if one was.
pub(super) fn optional_instant(milliseconds: Option<i64>) -> Result<Option<Timestamp>, String> {
    milliseconds.map(Timestamp::restored).transpose()
}

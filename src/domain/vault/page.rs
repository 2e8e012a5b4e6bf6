//! Pages of a list, and the markers at which they begin.

#[cfg(feature = "state")]
mod data;

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;

#[cfg(feature = "state")]
pub(crate) use self::data::MarkersData;
use crate::domain::failure::Failure;
use crate::text::decimal;

/// The page of a list that a client asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageRequest {
    /// The maximum number of entries. Defaults to the list's own maximum.
    pub(crate) limit: Option<usize>,
    /// Where to begin. Defaults to the start of the list.
    pub(crate) marker: Option<String>,
}

/// The largest limit that the service accepts, for older clients (api.md section 2).
const OLD_MAXIMUM: usize = 1000;

impl PageRequest {
    /// Parses a limit from 1 to 1,000. [`size`](Self::size) reduces it to the maximum of the list.
    pub(crate) fn parse_limit(limit: &str) -> Option<usize> {
        decimal(limit).filter(|limit| (1..=OLD_MAXIMUM).contains(limit))
    }

    /// Returns the error for a marker that the list never returned.
    pub(crate) fn unknown_marker(&self) -> Failure {
        Failure::invalid("marker", self.marker.clone().unwrap_or_default())
    }

    pub(crate) fn size(&self, maximum: usize) -> usize {
        self.limit.unwrap_or(maximum).min(maximum)
    }
}

/// Entries of a list, and the marker with which the next page begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    pub(crate) entries: Vec<T>,
    /// `None` on the last page.
    pub(crate) marker: Option<String>,
}

/// The markers that a list has returned, each with its position.
///
/// The service refuses a marker that it never returned. A marker whose entry has been removed continues with the next
/// entry.
///
/// A list remembers the newest [`MOST`] markers: a client asks for the next page soon after it received the marker.
#[derive(Debug)]
pub(crate) struct Markers<K> {
    /// Each marker with its position, and the number of its last return.
    known: HashMap<Arc<str>, (K, u64)>,
    /// By the number of the last return.
    by_age: BTreeMap<u64, Arc<str>>,
    returned: u64,
}

/// The number of markers that a list remembers.
const MOST: usize = 10_000;

impl<K> Default for Markers<K> {
    fn default() -> Self {
        Markers { known: HashMap::new(), by_age: BTreeMap::new(), returned: 0 }
    }
}

impl<K: Clone + Ord + Hash> Markers<K> {
    /// Returns the position at which the requested page begins, `None` for the start of the list, or `Err` for a marker
    /// that this list never returned. An empty marker means the start.
    pub(crate) fn start(&self, asked: &PageRequest) -> Result<Option<K>, ()> {
        match asked.marker.as_deref() {
            None | Some("") => Ok(None),
            Some(marker) => self.known.get(marker).map(|(position, _)| Some(position.clone())).ok_or(()),
        }
    }

    #[cfg(all(test, feature = "standalone"))]
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    /// Stores a marker with its position.
    pub(crate) fn give_out(&mut self, marker: String, position: K) {
        self.returned += 1;
        let marker: Arc<str> = marker.into();
        if let Some((_, before)) = self.known.insert(marker.clone(), (position, self.returned)) {
            self.by_age.remove(&before);
        }
        self.by_age.insert(self.returned, marker);
        if self.by_age.len() > MOST
            && let Some((_, oldest)) = self.by_age.pop_first()
        {
            self.known.remove(&oldest);
        }
    }

    /// Takes a page from the front of `entries`, and stores the marker of the next page.
    pub(crate) fn cut<T>(
        &mut self,
        mut entries: impl Iterator<Item = (K, T)>,
        size: usize,
        marker: impl FnOnce(&K, &T) -> String,
    ) -> Page<T> {
        let page: Vec<T> = entries.by_ref().take(size).map(|(_, entry)| entry).collect();
        let marker = entries.next().map(|(key, entry)| {
            let marker = marker(&key, &entry);
            self.give_out(marker.clone(), key);
            marker
        });
        Page { entries: page, marker }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_limits_are_whole_numbers_from_one() {
        assert_eq!(PageRequest::parse_limit("1"), Some(1));
        assert_eq!(PageRequest::parse_limit("1000"), Some(1000));
        for bad in ["0", "1001", "-1", "+5", "", "ten", "1.0", " 1", "99999999999999999999"] {
            assert_eq!(PageRequest::parse_limit(bad), None, "{bad}");
        }
        let asked = |limit| PageRequest { limit, marker: None }.size(50);
        assert_eq!((asked(None), asked(Some(7)), asked(Some(1000))), (50, 7, 50));
    }

    #[test]
    fn a_page_ends_where_the_next_begins() {
        let mut markers = Markers::<u32>::default();
        let list = |from: u32| (from..5).map(|n| (n, n));
        let page = markers.cut(list(0), 2, |key, _| format!("m{key}"));
        assert_eq!(page, Page { entries: vec![0, 1], marker: Some("m2".into()) });
        let asked = |marker: &str| PageRequest { limit: None, marker: Some(marker.into()) };
        assert_eq!(markers.start(&asked("m2")), Ok(Some(2)));
        assert_eq!(markers.start(&asked("")), Ok(None));
        assert_eq!(markers.start(&asked("m3")), Err(()));
        assert_eq!(markers.cut(list(2), 3, |_, _| unreachable!()).marker, None);
    }

    /// A marker that is returned again counts as new.
    #[test]
    fn a_list_remembers_the_newest_markers() {
        let mut markers = Markers::<usize>::default();
        for n in 0..3 * MOST {
            markers.give_out(format!("m{n}"), n);
            markers.give_out("often".into(), n);
        }
        let start = |marker: String| markers.start(&PageRequest { limit: None, marker: Some(marker) });
        assert_eq!((markers.known.len(), markers.by_age.len()), (MOST, MOST));
        let last = 3 * MOST - 1;
        assert_eq!((start("often".into()), start(format!("m{last}"))), (Ok(Some(last)), Ok(Some(last))));
        let oldest = last - (MOST - 2);
        assert_eq!((start(format!("m{oldest}")), start(format!("m{}", oldest - 1))), (Ok(Some(oldest)), Err(())));
    }
}

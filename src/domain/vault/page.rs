//! Pages of a list: how many entries a page holds, where it begins, and which markers were given out.

use std::collections::HashMap;
use std::hash::Hash;

use crate::domain::failure::Failure;
use crate::text::decimal::decimal;

/// How much of a list a client asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PageRequest {
    /// The maximum number of entries. Defaults to the list's own maximum.
    pub(crate) limit: Option<usize>,
    /// Where to begin; at the start if absent.
    pub(crate) marker: Option<String>,
}

/// The largest limit that older clients send (api.md section 2).
const OLD_MAXIMUM: usize = 1000;

impl PageRequest {
    /// Reads a limit: from 1 up to an older maximum of 1,000. The page's own maximum caps it later.
    pub(crate) fn parse_limit(limit: &str) -> Option<usize> {
        decimal(limit).filter(|limit| (1..=OLD_MAXIMUM).contains(limit))
    }

    /// The refusal of a marker that the list never gave out.
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
    /// `None` where the list ends.
    pub(crate) marker: Option<String>,
}

/// The markers that a list has given out, each with the position it stands for.
///
/// A marker that was never given out is refused; one that was goes on working when its entry is gone, from the next.
#[derive(Debug)]
pub(crate) struct Markers<K>(HashMap<String, K>);

impl<K> Default for Markers<K> {
    fn default() -> Self {
        Markers(HashMap::new())
    }
}

impl<K: Clone + Ord + Hash> Markers<K> {
    /// The position at which the asked page begins, `None` for the start of the list; `Err` for a marker that this
    /// list never gave out. An empty marker means the start.
    pub(crate) fn start(&self, asked: &PageRequest) -> Result<Option<K>, ()> {
        match asked.marker.as_deref() {
            None | Some("") => Ok(None),
            Some(marker) => self.0.get(marker).cloned().map(Some).ok_or(()),
        }
    }

    /// Remembers a marker and what it stands for.
    pub(crate) fn give_out(&mut self, marker: String, position: K) {
        self.0.insert(marker, position);
    }

    /// Cuts the first page off `entries`, which begin where the page does, and remembers the marker of the next.
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
    fn limits_are_whole_numbers_from_one() {
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
}

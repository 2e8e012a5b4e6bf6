//! Which entries of a collection have changed since the collection was last collected for a state file.

#[cfg(feature = "state")]
use std::collections::BTreeSet;
use std::marker::PhantomData;

/// The keys of the entries that were added, changed or removed. Nothing is noted before the first [`take`](Self::take),
/// so a mock without a state file pays for one comparison.
#[derive(Debug)]
pub(crate) struct Changes<K> {
    #[cfg(feature = "state")]
    noted: Option<BTreeSet<K>>,
    key: PhantomData<K>,
}

impl<K> Default for Changes<K> {
    fn default() -> Self {
        Changes {
            #[cfg(feature = "state")]
            noted: None,
            key: PhantomData,
        }
    }
}

impl<K: Ord> Changes<K> {
    /// Notes a change of the entry with this key.
    #[cfg(feature = "state")]
    pub(crate) fn note(&mut self, key: impl FnOnce() -> K) {
        if let Some(noted) = &mut self.noted {
            noted.insert(key());
        }
    }

    /// Does nothing: without the feature `state`, changes are not collected.
    #[cfg(not(feature = "state"))]
    pub(crate) fn note(&mut self, _: impl FnOnce() -> K) {}

    /// Returns the keys that were noted since the last call. The first call returns `None`, which means all entries.
    #[cfg(feature = "state")]
    pub(crate) fn take(&mut self) -> Option<BTreeSet<K>> {
        self.noted.replace(BTreeSet::new())
    }
}

#[cfg(all(test, feature = "state"))]
mod tests {
    use super::*;

    #[test]
    fn the_first_changes_are_all_entries() {
        let mut changes = Changes::default();
        changes.note(|| unreachable!("no changes were taken yet"));
        assert_eq!(changes.take(), None::<BTreeSet<u64>>);
        changes.note(|| 2);
        changes.note(|| 1);
        changes.note(|| 2);
        assert_eq!(changes.take(), Some([1, 2].into()));
        assert_eq!(changes.take(), Some([].into()));
    }
}

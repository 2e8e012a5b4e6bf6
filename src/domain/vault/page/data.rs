//! The markers of a list as plain data, to be saved and loaded.

use std::hash::Hash;

use serde::{Deserialize, Serialize};

use super::Markers;

/// Each marker with its position. The one that was returned last is the last.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct MarkersData<P>(Vec<(String, P)>);

impl<K: Clone + Ord + Hash> Markers<K> {
    pub(crate) fn to_data<P>(&self, position: impl Fn(&K) -> P) -> MarkersData<P> {
        let by_age = self.by_age.values();
        let known =
            by_age.filter_map(|marker| self.known.get(marker).map(|(at, _)| (marker.to_string(), position(at))));
        MarkersData(known.collect())
    }

    pub(crate) fn from_data<P>(
        data: &MarkersData<P>,
        position: impl Fn(&P) -> Result<K, String>,
    ) -> Result<Self, String> {
        let mut markers = Markers::default();
        for (marker, at) in &data.0 {
            markers.give_out(marker.clone(), position(at)?);
        }
        Ok(markers)
    }
}

//! The tags of a vault as plain data, to be saved and loaded.

use std::collections::BTreeMap;

use super::Tags;

impl Tags {
    pub(crate) fn to_data(&self) -> BTreeMap<String, String> {
        self.0.clone()
    }

    pub(crate) fn from_data(data: &BTreeMap<String, String>) -> Self {
        Tags(data.clone())
    }
}

//! Values whose JSON form is a string in their `Display` form.

use std::fmt::Display;

use serde::{Serialize, Serializer};

/// A value that is serialised as the text that it displays. The domain has no serde, so its types come into answers
/// in this wrapper.
pub(super) struct Displayed<T>(pub(super) T);

impl<T: Display> Serialize for Displayed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

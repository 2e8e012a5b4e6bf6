//! Values whose JSON form is a string in their `Display` form.

use std::fmt::Display;

use serde::{Serialize, Serializer};

/// A value that is serialised as its `Display` text. The types of the domain do not implement `Serialize`, so answers
/// contain them in this wrapper.
pub(super) struct Displayed<T>(pub(super) T);

impl<T: Display> Serialize for Displayed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

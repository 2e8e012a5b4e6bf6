//! A reference to a content that does not keep its bytes alive.

use std::fmt;
use std::sync::{Arc, Weak};

use super::content::Content;
use super::storage::Storage;

/// A weak reference to a content. A reference to an empty content counts as dropped from the start.
#[derive(Clone)]
pub(crate) struct WeakContent(Weak<Storage>);

impl fmt::Debug for WeakContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WeakContent")
    }
}

impl WeakContent {
    pub(super) fn new(content: &Content) -> Self {
        WeakContent(content.storage.as_ref().map(Arc::downgrade).unwrap_or_default())
    }

    /// Returns whether the content still exists.
    #[cfg(feature = "state")]
    pub(crate) fn is_held(&self) -> bool {
        self.0.strong_count() > 0
    }

    pub(crate) fn upgrade(&self) -> Option<Content> {
        self.0.upgrade().map(|storage| Content { storage: Some(storage) })
    }
}

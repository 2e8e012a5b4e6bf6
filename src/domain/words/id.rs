//! The IDs that the service gives out. They are opaque: only their lengths and alphabets mean anything.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $length:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// How many characters the service's own IDs of this kind have (observed.md 3.3).
            pub(crate) const LENGTH: usize = $length;

            /// Takes a text for an ID; whether anything has it is for the service to say.
            pub(crate) fn new(id: impl Into<Arc<str>>) -> Self {
                $name(id.into())
            }

            /// The ID as it travels in headers and paths.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        /// So that `&id` goes where a `&str` is wanted: most code under test takes IDs as texts.
        impl std::ops::Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                &*self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                &*self.0 == *other
            }
        }

        impl From<&$name> for String {
            fn from(id: &$name) -> String {
                id.0.as_ref().to_owned()
            }
        }

        impl PartialEq<String> for $name {
            fn eq(&self, other: &String) -> bool {
                *self.0 == **other
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    )*};
}

/// A request's ID: 47 URL-safe characters (observed.md 1.9). Its text is in place, as every request on record has one.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RequestId([u8; RequestId::LENGTH]);

impl RequestId {
    pub(crate) const LENGTH: usize = 47;

    /// Takes ASCII for an ID.
    pub(crate) fn new(id: [u8; Self::LENGTH]) -> Self {
        RequestId(id)
    }

    pub(crate) fn as_str(&self) -> &str {
        // Only ASCII gets in, so this cannot fail; an empty text is a better answer than a panic all the same.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

ids! {
    /// An archive's ID: 138 URL-safe characters. Two uploads of equal bytes have two of them.
    ArchiveId, 138;
    /// A job's ID: 92 URL-safe characters.
    JobId, 92;
    /// A multipart upload's ID: 92 URL-safe characters.
    UploadId, 92;
    /// A vault lock's ID: 24 letters and digits.
    LockId, 24;
    /// A unit of provisioned capacity's ID: 24 letters and digits.
    CapacityId, 24;
}

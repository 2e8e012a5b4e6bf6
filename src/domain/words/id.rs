//! The IDs that the service generates. They are opaque; clients may rely only on their length and alphabet.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::parse_error::parse_error;

parse_error! {
    /// The error of parsing a text that is not an ID of an archive, a job, an upload, a lock or a unit of capacity.
    ParseIdError, "is not an ID; expected the text that the service returned, which is not empty"
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $length:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The length of the IDs of this kind that the service generates, in characters (observed.md 3.3).
            pub(crate) const LENGTH: usize = $length;

            /// Makes an ID from a text. The resource need not exist.
            pub(crate) fn new(id: impl Into<Arc<str>>) -> Self {
                $name(id.into())
            }

            /// Returns the ID as it appears in headers and paths.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        /// Parses an ID. Only the empty text is an error: the service looks up every other text, and reports that the
        /// resource does not exist.
        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(id: &str) -> Result<Self, ParseIdError> {
                if id.is_empty() { Err(ParseIdError::of(id)) } else { Ok($name::new(id)) }
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        /// Lets `&id` be passed where a `&str` is expected, because most code under test takes IDs as text.
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

/// The characters of generated IDs. The first 62 are the letters and digits.
pub(crate) const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The ID of a request: 47 URL-safe characters (observed.md 1.9), which are computed from a number. Only the number is
/// stored, because each recorded request has an ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(u64);

impl RequestId {
    pub(crate) const LENGTH: usize = 47;

    pub(crate) fn of(number: u64) -> Self {
        RequestId(number)
    }

    /// Returns the characters, which are ASCII. The first is a letter or a digit, as in every generated ID.
    pub(crate) fn text(self) -> [u8; Self::LENGTH] {
        let (mut state, mut id) = (self.0, [0; Self::LENGTH]);
        // A word has enough bits for ten characters of 6 bits each.
        for characters in id.chunks_mut(10) {
            let mut word = next_word(&mut state);
            for character in characters {
                *character = URL_SAFE[(word % 64) as usize];
                word /= 64;
            }
        }
        id[0] = URL_SAFE[(next_word(&mut state) % 62) as usize];
        id
    }
}

/// SplitMix64: spreads the bits of a number over all 64 of the result.
fn next_word(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let word = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.text()).map_err(|_| fmt::Error)?)
    }
}

ids! {
    /// The ID of an archive: 138 URL-safe characters. Two uploads of equal bytes get different IDs.
    ///
    /// ```
    /// use glacier_mock::{ArchiveId, GlacierMock};
    ///
    /// let mock = GlacierMock::start();
    /// let vault = mock.create_vault("photos");
    /// // The program under test stored the ID as text.
    /// let stored: String = vault.put_archive("cat.jpg", b"a cat").into();
    ///
    /// let id: ArchiveId = stored.parse()?;
    /// assert_eq!(vault.archives()[0].id(), &id);
    /// # Ok::<(), glacier_mock::ParseIdError>(())
    /// ```
    ArchiveId, 138;
    /// The ID of a job: 92 URL-safe characters.
    JobId, 92;
    /// The ID of a multipart upload: 92 URL-safe characters.
    UploadId, 92;
    /// The ID of a vault lock: 24 letters and digits.
    LockId, 24;
    /// The ID of a unit of provisioned capacity: 24 letters and digits.
    CapacityId, 24;
}

//! A SHA-256 digest, as bytes and as the 64 hex digits that headers contain.

use std::fmt;
use std::str::FromStr;

use crate::domain::words::parse_error;

/// A SHA-256 digest: of bytes, or the root of a hash tree. It compares with its 64 hex digits as text, in upper or lower
/// case.
///
/// ```
/// use glacier_mock::Digest;
///
/// let digest = Digest::sha256(b"a cat");
/// assert_eq!(digest, "51e467415607798220a3776f6ae1a2a09ddc7e5dcdc955d685477b4cf05ade22");
/// assert_eq!(digest.to_string().parse(), Ok(digest));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Returns the SHA-256 of `bytes`.
    pub fn sha256(bytes: impl AsRef<[u8]>) -> Self {
        Self::computed(ring::digest::digest(&ring::digest::SHA256, bytes.as_ref()))
    }

    /// Returns the result of a computation. Not a `From`, which would be part of the public API.
    pub(super) fn computed(digest: ring::digest::Digest) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest.as_ref());
        Digest(bytes)
    }

    /// Parses the digest that a client sends: an even number of hex digits, at most 64. Missing leading digits count as
    /// zeros, because the service was seen to read a short header that way (observed.md 2.B).
    pub(crate) fn parse_claim(claim: &str) -> Option<Self> {
        if claim.is_empty() || claim.len() > 64 {
            return None;
        }
        let given = hex::decode(claim).ok()?;
        let mut digest = [0; 32];
        digest[32 - given.len()..].copy_from_slice(&given);
        Some(Digest(digest))
    }

    /// Returns the digest with these bytes.
    #[cfg(feature = "state")]
    pub(crate) fn of_bytes(bytes: [u8; 32]) -> Self {
        Digest(bytes)
    }

    /// Returns the 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

parse_error! {
    /// The error of parsing a text that is not a [`Digest`].
    ParseDigestError, "is not a SHA-256 digest; expected 64 hex digits"
}

/// Parses 64 hex digits, in upper or lower case.
impl FromStr for Digest {
    type Err = ParseDigestError;

    fn from_str(text: &str) -> Result<Self, ParseDigestError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| ParseDigestError::of(text))?;
        Ok(Digest(bytes))
    }
}

macro_rules! compares_with {
    ($($text:ty),*) => {$(
        impl PartialEq<$text> for Digest {
            fn eq(&self, hex: &$text) -> bool {
                hex.parse() == Ok(*self)
            }
        }

        impl PartialEq<Digest> for $text {
            fn eq(&self, digest: &Digest) -> bool {
                digest == self
            }
        }
    )*};
}

compares_with!(str, &str, String);

/// Writes 64 lower-case hex digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 64];
        hex::encode_to_slice(self.0, &mut text).map_err(|_| fmt::Error)?;
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_parsed_from_64_hex_digits_only() {
        let text = Digest::sha256(b"").to_string();
        assert_eq!(text.parse(), Ok(Digest::sha256(b"")));
        assert_eq!(text.to_uppercase().parse(), Ok(Digest::sha256(b"")));
        for bad in ["", "e3", &text[2..], &text[..63], &format!("{text}00"), &text.replace('e', "g")] {
            let error = bad.parse::<Digest>().unwrap_err().to_string();
            assert_eq!(error, format!("{bad:?} is not a SHA-256 digest; expected 64 hex digits"));
        }
    }

    #[test]
    fn a_claimed_digest_is_parsed_as_the_service_parses_it() {
        let zeros = Digest([0; 32]);
        assert_eq!(Digest::parse_claim(&"0".repeat(64)), Some(zeros));
        assert_eq!(Digest::parse_claim(&"0".repeat(32)), Some(zeros));
        assert_eq!(Digest::parse_claim("ff").unwrap().to_string(), format!("{}ff", "0".repeat(62)));
        let empty = Digest::sha256(b"");
        assert_eq!(empty.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(Digest::parse_claim(&empty.to_string().to_uppercase()), Some(empty));
        for bad in ["", "000", "zz", &"0".repeat(66), "not a hash at all"] {
            assert_eq!(Digest::parse_claim(bad), None, "{bad}");
        }
    }
}

//! The canonical form of a request, which is what a client signs.
//!
//! As all services but S3 have it: the path is normalised and encoded once more than on the wire, which is what the SDKs
//! for Rust, Python and JavaScript do too.

use std::borrow::Cow;

use hyper::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// All but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// What is signed of a request, as it came over the wire.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
    /// The SHA-256 of the body that arrived, as hex.
    pub(crate) body_hash: &'a str,
}

/// Where a client may have done otherwise; the defaults are what is right.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Slips<'a> {
    /// The path as it is on the wire, as S3 wants it.
    pub(super) plain_path: bool,
    /// Runs of blanks in headers left as they are.
    pub(super) blanks: bool,
    /// Another hash of the payload.
    pub(super) payload: Option<&'a str>,
}

impl Signed<'_> {
    /// Bytes and not text: headers may hold any.
    pub(super) fn canonical(&self, signed_headers: &str, slips: Slips<'_>) -> Vec<u8> {
        let path = if slips.plain_path { self.path.to_owned() } else { path(self.path) };
        let mut out = format!("{}\n{path}\n{}\n", self.method, query(self.query.unwrap_or_default())).into_bytes();
        for name in signed_headers.split(';') {
            out.extend_from_slice(name.as_bytes());
            out.push(b':');
            for (n, value) in self.headers.get_all(name).iter().enumerate() {
                if n > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(&if slips.blanks {
                    value.as_bytes().into()
                } else {
                    collapsed(value.as_bytes())
                });
            }
            out.push(b'\n');
        }
        // What the client says that the hash is, if it says so; that it is right is another check, with its own text.
        let claimed = self.headers.get("x-amz-content-sha256").map(|hash| hash.as_bytes());
        let payload = slips.payload.map(str::as_bytes).or(claimed).unwrap_or(self.body_hash.as_bytes());
        out.extend_from_slice(format!("\n{signed_headers}\n").as_bytes());
        out.extend_from_slice(payload);
        out
    }
}

/// Without dot segments and empty ones, and encoded once more.
fn path(raw: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in raw.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    let mut path = format!("/{}", kept.join("/"));
    if !kept.is_empty() && ["/", "/.", "/.."].iter().any(|end| raw.ends_with(end)) {
        path.push('/');
    }
    percent_encode(path.as_bytes(), RESERVED_IN_PATH).to_string()
}

/// Encoded anew, however the client spelled it, and sorted.
fn query(raw: &str) -> String {
    let encoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_encode(&Cow::from(percent_decode_str(&text)), RESERVED).to_string()
    };
    let pairs = raw.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (encoded(name), encoded(value))
    });
    let mut pairs: Vec<_> = pairs.collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// A run of blanks is one blank, and none at the ends (observed.md 2.G).
fn collapsed(value: &[u8]) -> Cow<'_, [u8]> {
    let value = value.trim_ascii();
    if !value.windows(2).any(|pair| pair == b"  ") {
        return value.into();
    }
    let mut out: Vec<u8> = Vec::with_capacity(value.len());
    for &byte in value {
        if !(byte == b' ' && out.last() == Some(&b' ')) {
            out.push(byte);
        }
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As botocore and the SDK for Rust have it.
    #[test]
    fn a_path_is_normalised_and_encoded_once_more() {
        for (raw, expected) in [
            ("/", "/"),
            ("", "/"),
            ("/-/vaults/v", "/-/vaults/v"),
            ("/-/vaults/a%20b", "/-/vaults/a%2520b"),
            ("/-/vaults/a:b~c", "/-/vaults/a%3Ab~c"),
            ("/-//vaults/./v", "/-/vaults/v"),
            ("/-/vaults/x/../v", "/-/vaults/v"),
            ("/-/vaults/v/", "/-/vaults/v/"),
            ("/-/vaults/v/.", "/-/vaults/v/"),
            ("/../..", "/"),
        ] {
            assert_eq!(path(raw), expected, "{raw}");
        }
    }

    #[test]
    fn a_query_is_encoded_anew_and_sorted() {
        for (raw, expected) in [
            ("", ""),
            ("limit=10&marker=a", "limit=10&marker=a"),
            ("marker=a&limit=10", "limit=10&marker=a"),
            ("b=2&a=2&a=1", "a=1&a=2&b=2"),
            ("operation", "operation="),
            ("marker=arn:aws:x/y", "marker=arn%3Aaws%3Ax%2Fy"),
            ("marker=arn%3aaws%3Ax", "marker=arn%3Aaws%3Ax"),
            ("a=x+y&b=x%20y", "a=x%20y&b=x%20y"),
            ("a=%ff&b=%", "a=%FF&b=%25"),
        ] {
            assert_eq!(query(raw), expected, "{raw}");
        }
    }

    #[test]
    fn runs_of_blanks_are_one() {
        for (raw, expected) in [("", ""), ("a", "a"), ("  a  b   c ", "a b c"), ("a b", "a b"), ("a\tb", "a\tb")] {
            assert_eq!(&*collapsed(raw.as_bytes()), expected.as_bytes());
        }
    }
}

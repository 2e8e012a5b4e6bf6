//! The canonical form of a request, which is what a client signs.
//!
//! It follows the rules for all services but S3: the path is normalised and then encoded a second time. The SDKs for
//! Rust, Python and JavaScript do the same.

use std::borrow::Cow;

use hyper::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

/// All characters except the unreserved ones of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// The signed parts of a request, as they arrived.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
    pub(crate) headers: &'a HeaderMap,
    /// The SHA-256 of the body that arrived, in hex.
    pub(crate) body_hash: &'a str,
}

/// Known mistakes of clients. The default has none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Slips<'a> {
    /// The path is signed exactly as it is sent, as S3 requires.
    pub(super) plain_path: bool,
    /// Runs of spaces in headers are not collapsed.
    pub(super) uncollapsed: bool,
    /// A different hash of the payload.
    pub(super) payload: Option<&'a str>,
}

impl Signed<'_> {
    /// Returns bytes instead of text, because headers may contain any bytes.
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
                out.extend_from_slice(&if slips.uncollapsed {
                    value.as_bytes().into()
                } else {
                    collapsed(value.as_bytes())
                });
            }
            out.push(b'\n');
        }
        // The hash that the client claims, if it claims one. A separate check with its own message compares it with the
        // body.
        let claimed = self.headers.get("x-amz-content-sha256").map(|hash| hash.as_bytes());
        let payload = slips.payload.map(str::as_bytes).or(claimed).unwrap_or(self.body_hash.as_bytes());
        out.extend_from_slice(format!("\n{signed_headers}\n").as_bytes());
        out.extend_from_slice(payload);
        out
    }
}

/// Removes dot segments and empty segments, and encodes the path a second time.
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

/// Decodes and re-encodes the parameters, then sorts them.
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

/// Collapses each run of spaces to one, and removes them at both ends (observed.md 2.G).
fn collapsed(value: &[u8]) -> Vec<u8> {
    let mut out = value.trim_ascii().to_vec();
    out.dedup_by(|byte, before| *byte == b' ' && *before == b' ');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected values are those of botocore and the SDK for Rust.
    #[test]
    fn a_path_is_normalised_and_encoded_a_second_time() {
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
    fn a_query_is_re_encoded_and_sorted() {
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
    fn runs_of_spaces_are_collapsed() {
        for (raw, expected) in [("", ""), ("a", "a"), ("  a  b   c ", "a b c"), ("a b", "a b"), ("a\tb", "a\tb")] {
            assert_eq!(&*collapsed(raw.as_bytes()), expected.as_bytes());
        }
    }
}

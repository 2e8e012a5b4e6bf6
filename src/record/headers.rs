//! The headers of a recorded request, stored as text: a `HeaderMap` would triple the size of a small record.

use std::borrow::Cow;
use std::sync::Arc;

use hyper::HeaderMap;
use hyper::header::{HOST, HeaderName, USER_AGENT};

/// Headers with the same value in every request of a client, or in all its requests within one second.
const COMMON: [HeaderName; 6] = [
    HOST,
    USER_AGENT,
    HeaderName::from_static("x-amz-user-agent"),
    HeaderName::from_static("x-amz-glacier-version"),
    HeaderName::from_static("x-amz-date"),
    HeaderName::from_static("amz-sdk-request"),
];

/// Headers as lines of `name:value`. Neither part can contain a line break, and a name cannot contain a colon.
#[derive(Clone, Debug, Default)]
pub(crate) struct Headers {
    /// The headers in [`COMMON`]. Consecutive requests with the same values share them: without that, the record of
    /// an UploadArchive is 10 % larger and that of a DescribeVault 32 %.
    common: Arc<[u8]>,
    own: Box<[u8]>,
}

impl Headers {
    /// Encodes all headers. `last` has the common headers of the previous request, which are shared if they are equal.
    pub(super) fn new(headers: &HeaderMap, last: &mut Arc<[u8]>) -> Self {
        // Most requests need no more room, and growing the vectors would cost 4 % of a small request's instructions.
        let (mut common, mut own) = (Vec::with_capacity(512), Vec::with_capacity(512));
        for (name, value) in headers {
            let lines = if COMMON.contains(name) { &mut common } else { &mut own };
            for part in [name.as_str().as_bytes(), b":", value.as_bytes(), b"\n"] {
                lines.extend_from_slice(part);
            }
        }
        if **last != *common {
            *last = common.into();
        }
        Headers { common: last.clone(), own: own.into() }
    }

    /// Iterates over all headers in an unspecified order. Repeated headers keep the order of their values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let lines = [&*self.common, &*self.own].into_iter().flat_map(|lines| lines.split(|&byte| byte == b'\n'));
        lines.filter_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            // Header names are ASCII, so this conversion cannot fail.
            Some((std::str::from_utf8(&line[..colon]).ok()?, &line[colon + 1..]))
        })
    }

    /// Returns the first value of this header (the name in any case), if the value consists of visible ASCII, spaces
    /// and tabs.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        let is_plain = value.iter().all(|&byte| byte == b'\t' || (b' '..0x7f).contains(&byte));
        std::str::from_utf8(value).ok().filter(|_| is_plain)
    }

    /// Iterates over all headers as text. Bytes that are not UTF-8 become replacement characters.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.iter().map(|(name, value)| (name, String::from_utf8_lossy(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    fn headers(entries: &[(&'static str, &'static [u8])]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in entries {
            map.append(HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap());
        }
        map
    }

    #[test]
    fn headers_are_recorded_without_loss() {
        let map = headers(&[
            ("range", b"bytes=0-1"),
            ("host", b"localhost:80"),
            ("x-colons", b"a: b:c\t"),
            ("x-empty", b""),
            ("x-twice", b"1"),
            ("x-twice", b"2"),
            ("x-latin", b"caf\xe9"),
        ]);
        let kept = Headers::new(&map, &mut Arc::default());
        let mut all: Vec<_> = kept.iter().map(|(name, value)| (name.to_owned(), value.to_vec())).collect();
        let mut expected: Vec<_> =
            map.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect();
        all.sort();
        expected.sort();
        assert_eq!(all, expected);
        assert_eq!(
            (kept.get("X-Colons"), kept.get("x-empty"), kept.get("x-twice")),
            (Some("a: b:c\t"), Some(""), Some("1"))
        );
        assert_eq!((kept.get("x-latin"), kept.get("x-none"), kept.get("")), (None, None, None));
        assert_eq!(kept.texts().find(|(name, _)| *name == "x-latin").unwrap().1, "caf\u{fffd}");
        assert!(Headers::default().iter().next().is_none());
    }

    #[test]
    fn consecutive_requests_share_their_common_headers() {
        let mut last = Arc::default();
        let one = Headers::new(&headers(&[("host", b"a"), ("range", b"bytes=0-1")]), &mut last);
        let two = Headers::new(&headers(&[("host", b"a"), ("content-type", b"x"), ("range", b"bytes=2-3")]), &mut last);
        let three = Headers::new(&headers(&[("host", b"b")]), &mut last);
        assert!(Arc::ptr_eq(&one.common, &two.common));
        assert_eq!((two.get("range"), two.get("host"), three.get("host")), (Some("bytes=2-3"), Some("a"), Some("b")));
    }
}

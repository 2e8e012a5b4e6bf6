//! The headers of a recorded request, kept as text: a map of them is twice the size of a small request's all.

use std::borrow::Cow;
use std::sync::Arc;

use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, USER_AGENT};

/// What a client says in every request. Requests in a row that say the same share it.
const COMMON: [HeaderName; 6] = [
    HOST,
    USER_AGENT,
    CONTENT_TYPE,
    HeaderName::from_static("x-amz-user-agent"),
    HeaderName::from_static("x-amz-glacier-version"),
    HeaderName::from_static("amz-sdk-request"),
];

/// Lines of `name:value`: neither can hold a line's end, nor a name a colon.
#[derive(Clone, Debug, Default)]
pub(crate) struct Headers {
    common: Arc<[u8]>,
    own: Box<[u8]>,
}

impl Headers {
    /// Keeps all headers, sharing with `last` what both have in common.
    pub(super) fn new(headers: &HeaderMap, last: &mut Arc<[u8]>) -> Self {
        let sizes = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 2);
        let mut lines = Vec::with_capacity(sizes.sum());
        let mut add = |common: bool| {
            for (name, value) in headers.iter().filter(|(name, _)| COMMON.contains(name) == common) {
                lines.extend_from_slice(name.as_str().as_bytes());
                lines.push(b':');
                lines.extend_from_slice(value.as_bytes());
                lines.push(b'\n');
            }
            lines.len()
        };
        let split = add(true);
        add(false);
        let (common, own) = lines.split_at(split);
        if **last != *common {
            *last = common.into();
        }
        Headers { common: last.clone(), own: own.into() }
    }

    /// All of them, in no order that means anything; a name that came twice is there twice, first value first.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let lines = [&*self.common, &*self.own].into_iter().flat_map(|lines| lines.split(|&byte| byte == b'\n'));
        lines.filter_map(|line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            // Names are ASCII.
            Some((std::str::from_utf8(&line[..colon]).ok()?, &line[colon + 1..]))
        })
    }

    /// The first value of this name, in any case, if it is of visible ASCII, spaces and tabs.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        let is_plain = value.iter().all(|&byte| byte == b'\t' || (b' '..0x7f).contains(&byte));
        std::str::from_utf8(value).ok().filter(|_| is_plain)
    }

    /// All of them as text; what is not UTF-8 is shown with replacement characters.
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
    fn nothing_of_a_header_is_lost() {
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
    fn requests_in_a_row_share_what_they_have_in_common() {
        let mut last = Arc::default();
        let one = Headers::new(&headers(&[("host", b"a"), ("range", b"bytes=0-1")]), &mut last);
        let two = Headers::new(&headers(&[("host", b"a"), ("range", b"bytes=2-3")]), &mut last);
        let three = Headers::new(&headers(&[("host", b"b")]), &mut last);
        assert!(Arc::ptr_eq(&one.common, &two.common));
        assert_eq!((two.get("range"), two.get("host"), three.get("host")), (Some("bytes=2-3"), Some("a"), Some("b")));
    }
}

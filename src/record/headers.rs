//! The headers of a recorded request, stored as text: a `HeaderMap` would triple the size of a small record.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Arc, OnceLock};

use hyper::HeaderMap;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, USER_AGENT};

/// Headers with the same value in every request of a client, or in all its requests within one second.
const COMMON: [HeaderName; 7] = [
    HOST,
    USER_AGENT,
    CONTENT_TYPE,
    HeaderName::from_static("x-amz-user-agent"),
    HeaderName::from_static("x-amz-glacier-version"),
    HeaderName::from_static("x-amz-date"),
    HeaderName::from_static("amz-sdk-request"),
];

/// The number of different shared blocks to remember, because clients and operations alternate.
const REMEMBERED: usize = 4;

/// Headers as lines of `name:value`. Neither part can contain a line break, and a name cannot contain a colon.
#[derive(Clone, Debug, Default)]
pub(crate) struct Headers {
    /// The headers that several requests share. If this begins with `authorization`, that value lacks the signature,
    /// which is in `own`.
    common: Arc<[u8]>,
    own: Box<[u8]>,
    /// The complete `authorization` value, built on first use.
    authorization: OnceLock<Box<[u8]>>,
}

/// The shared headers of recent requests, and buffers for encoding the headers of the next one.
#[derive(Debug, Default)]
pub(super) struct Shared {
    recent: VecDeque<Arc<[u8]>>,
    common: Vec<u8>,
    own: Vec<u8>,
}

impl Headers {
    /// Encodes all headers, and shares the common ones with other requests.
    pub(super) fn new(headers: &HeaderMap, shared: &mut Shared) -> Self {
        let Shared { recent, common, own } = shared;
        common.clear();
        own.clear();
        let signature = split_authorization(headers);
        if let Some((before, signature)) = signature {
            add(common, &AUTHORIZATION, before);
            add(own, &AUTHORIZATION, signature);
        }
        for (name, value) in headers {
            if COMMON.contains(name) {
                add(common, name, value.as_bytes());
            } else if signature.is_none() || *name != AUTHORIZATION {
                add(own, name, value.as_bytes());
            }
        }
        let known = recent.iter().find(|known| ***known == **common).cloned();
        let common = known.unwrap_or_else(|| {
            recent.truncate(REMEMBERED - 1);
            recent.push_front(common.as_slice().into());
            recent[0].clone()
        });
        Headers { common, own: own.as_slice().into(), authorization: OnceLock::new() }
    }

    /// Iterates over all headers in an unspecified order. Repeated headers keep the order of their values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let (authorization, common) = match self.common.strip_prefix(b"authorization:") {
            Some(rest) => {
                let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
                (Some(&rest[..end]), &rest[end..])
            }
            None => (None, &*self.common),
        };
        let lines = [common, &*self.own].into_iter().flat_map(|lines| lines.split(|&byte| byte == b'\n'));
        lines.filter_map(move |line| {
            let colon = line.iter().position(|&byte| byte == b':')?;
            // Header names are ASCII, so this conversion cannot fail.
            let (name, value) = (std::str::from_utf8(&line[..colon]).ok()?, &line[colon + 1..]);
            let value = match authorization {
                Some(before) if name == AUTHORIZATION.as_str() => {
                    &**self.authorization.get_or_init(|| [before, value].concat().into())
                }
                _ => value,
            };
            Some((name, value))
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

fn add(lines: &mut Vec<u8>, name: &HeaderName, value: &[u8]) {
    lines.extend_from_slice(name.as_str().as_bytes());
    lines.push(b':');
    lines.extend_from_slice(value);
    lines.push(b'\n');
}

/// Splits the `authorization` value into the part that the requests of a client share and the signature. Returns `None`
/// unless there is exactly one value in that form.
fn split_authorization(headers: &HeaderMap) -> Option<(&[u8], &[u8])> {
    const LENGTH: usize = 64;
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (only, None) = (all.next()?.as_bytes(), all.next()) else { return None };
    let (before, signature) = only.split_at_checked(only.len().checked_sub(LENGTH)?)?;
    before.ends_with(b"Signature=").then_some((before, signature))
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
        let kept = Headers::new(&map, &mut Shared::default());
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
        let mut last = Shared::default();
        let one = Headers::new(&headers(&[("host", b"a"), ("range", b"bytes=0-1")]), &mut last);
        let two = Headers::new(&headers(&[("host", b"a"), ("range", b"bytes=2-3")]), &mut last);
        let three = Headers::new(&headers(&[("host", b"b")]), &mut last);
        assert!(Arc::ptr_eq(&one.common, &two.common));
        assert_eq!((two.get("range"), two.get("host"), three.get("host")), (Some("bytes=2-3"), Some("a"), Some("b")));
    }

    #[test]
    fn a_signature_is_stored_separately_and_read_unchanged() {
        let text = |signature: char| {
            format!("AWS4-HMAC-SHA256 Credential=a/b, Signature={}", signature.to_string().repeat(64)).into_bytes()
        };
        let kept = |values: &[Vec<u8>], shared: &mut Shared| {
            let mut map = headers(&[("host", b"a"), ("x-own", b"b")]);
            for value in values {
                map.append(AUTHORIZATION, HeaderValue::from_bytes(value).unwrap());
            }
            Headers::new(&map, shared)
        };
        let mut shared = Shared::default();
        let (one, two) = (kept(&[text('1')], &mut shared), kept(&[text('2')], &mut shared));
        assert!(Arc::ptr_eq(&one.common, &two.common));
        for (headers, signature) in [(&one, '1'), (&two, '2')] {
            assert_eq!(headers.get("Authorization").unwrap().as_bytes(), text(signature));
            assert_eq!(headers.iter().count(), 3);
        }
        // A value in another form, or one that occurs twice, is stored whole.
        for odd in [vec![b"Basic dXNlcjpwYXNz".to_vec()], vec![text('1'), text('2')], vec![b"".to_vec()]] {
            let headers = kept(&odd, &mut shared);
            let values: Vec<_> = headers.iter().filter(|(name, _)| *name == "authorization").collect();
            assert_eq!(values.iter().map(|(_, value)| value.to_vec()).collect::<Vec<_>>(), odd);
        }
    }

    #[test]
    fn alternating_clients_each_share_their_common_headers() {
        let mut shared = Shared::default();
        let mut of = |host: &'static [u8]| Headers::new(&headers(&[("host", host)]), &mut shared);
        let (one, _, again) = (of(b"a"), of(b"b"), of(b"a"));
        assert!(Arc::ptr_eq(&one.common, &again.common));
        for host in [b"c", b"d", b"e", b"f", b"g"] {
            of(host);
        }
        assert!(!Arc::ptr_eq(&one.common, &of(b"a").common));
        assert!(shared.recent.len() <= REMEMBERED);
    }
}

//! The headers of a recorded request: what they have in common with those of the previous request, and the rest.

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

/// The name and the value of a header that is stored in binary.
pub(super) type Unpacked = (Box<str>, Box<str>);

/// What headers have in common with those of the previous request. The box halves the size of the reference.
pub(super) type Form = Arc<Box<[u8]>>;

/// The headers of a request. Consecutive requests of one kind have the same form, which they share; only values that
/// differ from request to request are stored for each. Hashes, signatures and UUIDs are stored in binary. The headers
/// of an UploadArchive by the SDK, 1,050 bytes of text, take 96 bytes that way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Headers {
    /// A line for each header: the [kind](kind) of its value, its name, a colon, and the beginning of its value.
    form: Form,
    /// The rest of the value of each header, in the order of the lines.
    own: Box<[u8]>,
}

/// How the value of a header is stored.
mod kind {
    /// In the form.
    pub(super) const SHARED: u8 = b' ';
    /// In `own`, with a line break after it, which no value can contain.
    pub(super) const TEXT: u8 = b't';
    /// The form has the beginning. The value ends with the digits of a digest, which `own` has in binary.
    pub(super) const DIGEST: u8 = b'd';
    /// Like `DIGEST`, with the digest of the previous header of that kind. The two hashes of a small body are equal.
    pub(super) const SAME_DIGEST: u8 = b's';
    /// A UUID, which `own` has in binary.
    pub(super) const UUID: u8 = b'u';
}

/// The positions of the hyphens in a UUID.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
const UUID_LENGTH: usize = 36;

/// The value of a header.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value<'a> {
    Plain(&'a [u8]),
    /// These bytes, and then the digits of a digest.
    Digest(&'a [u8], [u8; 32]),
    Uuid([u8; 16]),
}

impl<'a> Value<'a> {
    fn bytes(self) -> Cow<'a, [u8]> {
        match self {
            Value::Plain(bytes) => bytes.into(),
            Value::Digest(beginning, digest) => [beginning, hex::encode(digest).as_bytes()].concat().into(),
            Value::Uuid(uuid) => {
                let mut text = hex::encode(uuid);
                HYPHENS.into_iter().for_each(|at| text.insert(at, '-'));
                text.into_bytes().into()
            }
        }
    }

    /// Returns the value as text. Bytes that are not UTF-8 become replacement characters.
    fn text(self) -> Cow<'a, str> {
        match self.bytes() {
            Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
            Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
        }
    }
}

impl Headers {
    /// Encodes all headers. `last` has the form of the previous request, which is shared if it is equal.
    pub(super) fn new(headers: &HeaderMap, last: &mut Form) -> Self {
        // Most requests fit, and growing the vectors would cost 4 % of a small request's instructions.
        let (mut form, mut own) = (Vec::with_capacity(1024), Vec::with_capacity(256));
        let mut digest = [0; 32];
        for (name, value) in headers {
            let value = value.as_bytes();
            let is_common = COMMON.contains(name);
            let (kind, beginning) = if is_common { (kind::SHARED, value) } else { pack(value, &mut digest, &mut own) };
            form.push(kind);
            for part in [name.as_str().as_bytes(), b":", beginning, b"\n"] {
                form.extend_from_slice(part);
            }
        }
        if ***last != *form {
            *last = Arc::new(form.into());
        }
        // Shrinking the vector would leave gaps in the allocator's memory: 15 bytes for each UploadArchive.
        Headers { form: last.clone(), own: own.as_slice().into() }
    }

    /// Iterates over all headers. Repeated headers keep the order of their values.
    fn iter(&self) -> impl Iterator<Item = (&str, Value<'_>)> {
        let (mut own, mut last) = (&*self.own, [0; 32]);
        self.form.split(|&byte| byte == b'\n').filter_map(move |line| {
            let (kind, line) = line.split_first()?;
            let colon = line.iter().position(|&byte| byte == b':')?;
            let (name, beginning) = (&line[..colon], &line[colon + 1..]);
            let value = match *kind {
                kind::TEXT => {
                    let end = own.iter().position(|&byte| byte == b'\n')?;
                    let text = own.split_off(..end)?;
                    own = &own[1..];
                    Value::Plain(text)
                }
                kind::DIGEST => {
                    last = own.split_off(..32)?.try_into().ok()?;
                    Value::Digest(beginning, last)
                }
                kind::SAME_DIGEST => Value::Digest(beginning, last),
                kind::UUID => Value::Uuid(own.split_off(..16)?.try_into().ok()?),
                _ => Value::Plain(beginning),
            };
            // Header names are ASCII, so this conversion cannot fail.
            Some((std::str::from_utf8(name).ok()?, value))
        })
    }

    /// Returns the first value of this header (the name in any case), if the value consists of visible ASCII, spaces
    /// and tabs. Borrows it, unless it is stored in binary.
    pub(super) fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let (_, value) = self.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        let is_plain = value.bytes().iter().all(|&byte| byte == b'\t' || (b' '..0x7f).contains(&byte));
        is_plain.then(|| value.text())
    }

    /// Returns the names and the values of the headers whose values are stored in binary.
    pub(super) fn in_binary(&self) -> Box<[Unpacked]> {
        let packed = self.iter().filter(|(_, value)| !matches!(value, Value::Plain(_)));
        packed.map(|(name, value)| (name.into(), value.text().into())).collect()
    }

    /// Iterates over all headers as text. Bytes that are not UTF-8 become replacement characters.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.iter().map(|(name, value)| (name, value.text()))
    }
}

/// Stores the part of a value that differs from request to request in `own`. Returns the kind of the value, and the
/// beginning that is not in `own`. `last` is the digest that was stored last.
fn pack<'a>(value: &'a [u8], last: &mut [u8; 32], own: &mut Vec<u8>) -> (u8, &'a [u8]) {
    if let Some((beginning, digits)) = value.len().checked_sub(64).and_then(|at| value.split_at_checked(at))
        && let Some(digest) = digest(digits)
    {
        if std::mem::replace(last, digest) == digest {
            return (kind::SAME_DIGEST, beginning);
        }
        own.extend_from_slice(&digest);
        return (kind::DIGEST, beginning);
    }
    if let Some(uuid) = uuid(value) {
        own.extend_from_slice(&uuid);
        return (kind::UUID, b"");
    }
    own.extend_from_slice(value);
    own.push(b'\n');
    (kind::TEXT, b"")
}

fn digest(digits: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    parse_hex(digits, &mut bytes).then_some(bytes)
}

fn uuid(text: &[u8]) -> Option<[u8; 16]> {
    if text.len() != UUID_LENGTH || HYPHENS.iter().any(|&at| text[at] != b'-') {
        return None;
    }
    let mut bytes = [0; 16];
    let groups = [(0..8, 0..4), (9..13, 4..6), (14..18, 6..8), (19..23, 8..10), (24..36, 10..16)];
    groups.into_iter().all(|(from, to)| parse_hex(&text[from], &mut bytes[to])).then_some(bytes)
}

/// Parses lower-case hex digits, two for each byte. Returns `false` if there is another character. The crate `hex` also
/// accepts upper case, which the binary form could not preserve.
fn parse_hex(digits: &[u8], bytes: &mut [u8]) -> bool {
    let mut seen = 0;
    for (pair, byte) in digits.chunks_exact(2).zip(bytes) {
        let (high, low) = (VALUES[usize::from(pair[0])], VALUES[usize::from(pair[1])]);
        seen |= high | low;
        *byte = (high << 4) | low;
    }
    seen < 16
}

/// The value of each lower-case hex digit, and 255 for other characters.
const VALUES: [u8; 256] = {
    let (mut values, mut value) = ([255; 256], 0);
    while value < 16 {
        values[b"0123456789abcdef"[value] as usize] = value as u8;
        value += 1;
    }
    values
};

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;
    use proptest::prelude::*;

    fn headers(entries: &[(&'static str, &[u8])]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in entries {
            map.append(HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap());
        }
        map
    }

    /// Returns headers as the record of a first request has them.
    fn recorded(map: &HeaderMap) -> Vec<(String, Vec<u8>)> {
        let kept = Headers::new(map, &mut Arc::default());
        kept.iter().map(|(name, value)| (name.to_owned(), value.bytes().into_owned())).collect()
    }

    fn given(map: &HeaderMap) -> Vec<(String, Vec<u8>)> {
        map.iter().map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
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
        assert_eq!(recorded(&map), given(&map));
        let kept = Headers::new(&map, &mut Arc::default());
        let get = |name: &str| kept.get(name).map(Cow::into_owned);
        assert_eq!(get("X-Colons").as_deref(), Some("a: b:c\t"));
        assert_eq!((get("x-empty").as_deref(), get("x-twice").as_deref()), (Some(""), Some("1")));
        assert_eq!((get("x-latin"), get("x-none"), get("")), (None, None, None));
        assert_eq!(kept.texts().find(|(name, _)| *name == "x-latin").unwrap().1, "caf\u{fffd}");
        assert!(Headers::default().iter().next().is_none());
    }

    /// Values that are stored in binary, and values that look like them.
    fn any_value() -> impl Strategy<Value = String> {
        prop_oneof![
            "[0-9a-f]{64}",
            "Signature=[0-9a-f]{64}",
            "0{64}|f{64}",
            "[0-9a-fA-F]{64}",
            "[0-9a-f]{62,66}",
            "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            "[0-9a-fA-F]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            "[0-9a-f-]{36}",
            "[ -~]{0,70}",
        ]
    }

    proptest! {
        #[test]
        fn values_in_binary_are_recorded_without_loss(values in proptest::collection::vec(any_value(), 0..6)) {
            let mut map = HeaderMap::new();
            for value in values {
                map.append("x-value", value.parse().unwrap());
            }
            prop_assert_eq!(recorded(&map), given(&map));
        }
    }

    #[test]
    fn consecutive_requests_share_what_does_not_change() {
        let mut last = Arc::default();
        let mut signed = |host: &[u8], signature: &str, more: &[(&'static str, &[u8])]| {
            let authorization = format!("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature={signature}");
            let entries = [("host", host), ("range", b"bytes=0-1"), ("authorization", authorization.as_bytes())];
            Headers::new(&headers(&[&entries[..], more].concat()), &mut last)
        };
        let (one, two) = (signed(b"a", &"1a".repeat(32), &[]), signed(b"a", &"2b".repeat(32), &[]));
        assert!(Arc::ptr_eq(&one.form, &two.form));
        assert_eq!(one.own.len(), "bytes=0-1\n".len() + 32);
        let three = signed(b"b", &"3c".repeat(32), &[("x-more", b"y")]);
        assert!(!Arc::ptr_eq(&one.form, &three.form));
        for (kept, digit, host) in [(&one, "1a", "a"), (&two, "2b", "a"), (&three, "3c", "b")] {
            assert!(kept.get("authorization").unwrap().ends_with(&format!("host, Signature={}", digit.repeat(32))));
            assert_eq!((kept.get("range").as_deref(), kept.get("host").as_deref()), (Some("bytes=0-1"), Some(host)));
        }
    }
}

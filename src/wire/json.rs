//! Writes JSON key by key, for the responses that clients poll: building a tree of values would cost more than
//! everything else in them.

use std::fmt;
use std::io::Write as _;

use crate::domain::bytes::{ByteRange, Digest};
use crate::domain::words::Timestamp;

/// A serialised value.
pub(crate) struct Json(Vec<u8>);

impl Json {
    /// For [`object!`], which writes one complete value.
    pub(super) fn from_written(value: Vec<u8>) -> Self {
        Json(value)
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}

/// Types that can be the value of a key.
pub(super) trait Put {
    fn put(&self, out: &mut Vec<u8>);
}

macro_rules! put_as_serde_does {
    ($($type:ty)*) => {$(
        impl Put for $type {
            fn put(&self, out: &mut Vec<u8>) {
                // These types always serialise, and writing to a vector cannot fail.
                let _ = serde_json::to_writer(out, self);
            }
        }
    )*};
}

put_as_serde_does!(bool i64 u64);

impl Put for &str {
    fn put(&self, out: &mut Vec<u8>) {
        // Checking all bytes is faster than stopping at the first match.
        let is_special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
        if !self.bytes().fold(false, |special, byte| special | is_special(byte)) {
            out.push(b'"');
            out.extend_from_slice(self.as_bytes());
            out.push(b'"');
        } else {
            let _ = serde_json::to_writer(out, self);
        }
    }
}

impl Put for String {
    fn put(&self, out: &mut Vec<u8>) {
        self.as_str().put(out);
    }
}

macro_rules! put_as_text {
    ($($type:ty)*) => {$(
        impl Put for $type {
            fn put(&self, out: &mut Vec<u8>) {
                // These values need no escaping, and writing to a vector cannot fail.
                let _ = write!(out, "\"{self}\"");
            }
        }
    )*};
}

put_as_text!(ByteRange Digest Timestamp);

impl Put for Json {
    fn put(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.0);
    }
}

impl<T: Put> Put for Option<T> {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.put(out),
            None => out.extend_from_slice(b"null"),
        }
    }
}

impl<T: Put> Put for Vec<T> {
    fn put(&self, out: &mut Vec<u8>) {
        out.push(b'[');
        for (n, value) in self.iter().enumerate() {
            if n > 0 {
                out.push(b',');
            }
            value.put(out);
        }
        out.push(b']');
    }
}

/// Writes an object with these keys in the given order.
macro_rules! object {
    ($first_key:literal: $first:expr, $($key:literal: $value:expr,)*) => {{
        let mut out = Vec::with_capacity(512);
        out.extend_from_slice(concat!("{\"", $first_key, "\":").as_bytes());
        $crate::wire::json::Put::put(&$first, &mut out);
        $(
            out.extend_from_slice(concat!(",\"", $key, "\":").as_bytes());
            $crate::wire::json::Put::put(&$value, &mut out);
        )*
        out.push(b'}');
        $crate::wire::json::Json::from_written(out)
    }};
}

pub(super) use object;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_equals_that_of_serde() {
        let inner = object! { "Quoted": "a \"b\" \u{1}\u{e9}", };
        let written = object! {
            "Absent": None::<String>,
            "Flag": true,
            "List": vec![1_u64, u64::MAX],
            "None": Vec::<Json>::new(),
            "Object": Some(inner),
            "Text": Timestamp::parse("2026-01-31T00:00:00Z"),
        };
        let expected = serde_json::json!({
            "Absent": null, "Flag": true, "List": [1_u64, u64::MAX], "None": [],
            "Object": { "Quoted": "a \"b\" \u{1}\u{e9}" }, "Text": "2026-01-31T00:00:00.000Z",
        });
        assert_eq!(written.to_string(), expected.to_string());
    }
}

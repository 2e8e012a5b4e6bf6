//! Conversions into the bytes of an archive.

use std::borrow::Cow;

use bytes::Bytes;

use super::content::Content;
use super::gather::Gatherer;

/// Does not copy the bytes.
impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        let mut gatherer = Gatherer::new();
        gatherer.push(bytes);
        gatherer.finish()
    }
}

macro_rules! from_owned {
    ($($type:ty)*) => {$(
        /// Does not copy the bytes.
        impl From<$type> for Content {
            fn from(bytes: $type) -> Self {
                Bytes::from(bytes).into()
            }
        }
    )*};
}

macro_rules! from_borrowed {
    ($($type:ty)*) => {$(
        /// Copies the bytes.
        impl From<$type> for Content {
            fn from(bytes: $type) -> Self {
                Vec::from(bytes).into()
            }
        }
    )*};
}

from_owned!(Vec<u8> Box<[u8]> String);
from_borrowed!(&[u8] &str Cow<'_, [u8]>);

/// Copies the bytes.
impl<const N: usize> From<[u8; N]> for Content {
    fn from(bytes: [u8; N]) -> Self {
        bytes.to_vec().into()
    }
}

/// Copies the bytes.
impl<const N: usize> From<&[u8; N]> for Content {
    fn from(bytes: &[u8; N]) -> Self {
        bytes.to_vec().into()
    }
}

/// Copies the bytes.
impl From<&Vec<u8>> for Content {
    fn from(bytes: &Vec<u8>) -> Self {
        bytes.clone().into()
    }
}

/// Copies the bytes.
impl From<&String> for Content {
    fn from(text: &String) -> Self {
        text.clone().into()
    }
}

/// Shares the bytes.
impl From<&Content> for Content {
    fn from(content: &Content) -> Self {
        content.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_converts_into_its_bytes() {
        let stored = Content::from(Bytes::from_static(b"meow"));
        let contents = [
            Content::from(b"meow".to_vec()),
            Content::from(Box::<[u8]>::from(*b"meow")),
            Content::from("meow".to_owned()),
            Content::from(&b"meow"[..]),
            Content::from("meow"),
            Content::from(Cow::Borrowed(&b"meow"[..])),
            Content::from(*b"meow"),
            Content::from(b"meow"),
            Content::from(&b"meow".to_vec()),
            Content::from(&"meow".to_owned()),
        ];
        assert!(contents.iter().chain([&stored]).all(|content| content.to_bytes().unwrap() == "meow"));
        assert!(Content::from(&stored).is_same_as(&stored));
    }
}

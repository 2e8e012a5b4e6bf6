//! Signed requests: one that was changed after it was signed is refused, unless the change does not affect its meaning.

use std::collections::BTreeMap;

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;

use crate::domain::account::{Account, Caller, Principal};
use crate::domain::bytes::Digest;
use crate::domain::words::Timestamp;
use crate::wire::{Signed, verify_signature};

/// A request that the example user of the SDKs' documentation signed.
pub(super) const EXAMPLE: &str = "\
POST /-/vaults/v/jobs?limit=10&marker=abc
host: glacier.us-east-1.amazonaws.com
range: bytes=0-9
x-amz-archive-description: a cat
x-amz-date: 20120525T002453Z
x-amz-glacier-version: 2012-06-01
authorization: AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20120525/us-east-1/glacier/aws4_request, \
SignedHeaders=host;range;x-amz-archive-description;x-amz-date;x-amz-glacier-version, \
Signature=ea078971d2b4ae325555bfec5070bb412a4a2af712e6363f05a58af37543d5b5

{\"Type\":\"inventory-retrieval\"}";

/// Verifies a request: the method and the target on the first line, headers, an empty line, and the body.
pub fn signatures(input: &[u8]) {
    let Some(sent) = Sent::read(input) else { return };
    if sent.is_accepted() {
        let example = Sent::read(EXAMPLE.as_bytes()).expect("a request");
        assert_eq!(sent.meaning(), example.meaning(), "accepted: {}", String::from_utf8_lossy(input));
    }
}

struct Sent {
    method: String,
    path: String,
    query: Option<String>,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// What a signature covers, so that two requests differ if they mean something else.
#[derive(Debug, PartialEq)]
struct Meaning {
    method: String,
    /// The segments of the path.
    path: Vec<String>,
    /// The parameters of the query, in order.
    query: Vec<(Vec<u8>, Vec<u8>)>,
    /// The signed headers, and the values of each.
    headers: BTreeMap<String, Vec<Vec<u8>>>,
    body: Vec<u8>,
}

impl Sent {
    /// Returns `None` for what HTTP cannot carry.
    fn read(input: &[u8]) -> Option<Self> {
        let end = input.windows(2).position(|window| window == b"\n\n")?;
        let mut lines = input[..end].split(|byte| *byte == b'\n');
        let (method, target) = std::str::from_utf8(lines.next()?).ok()?.split_once(' ')?;
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let mut headers = HeaderMap::new();
        for line in lines {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let name = HeaderName::from_bytes(&line[..colon]).ok()?;
            // As hyper does, which removes the spaces around a value.
            headers.append(name, HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?);
        }
        let (method, path, query) = (method.to_owned(), path.to_owned(), query.map(str::to_owned));
        Some(Sent { method, path, query, headers, body: input[end + 2..].to_vec() })
    }

    fn is_accepted(&self) -> bool {
        let user =
            Principal::root(Account::DEFAULT, "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let caller = Caller { principal: user.into(), is_known: true };
        let body_hash = Digest::sha256(&self.body).to_string();
        let signed = Signed {
            method: &self.method,
            path: &self.path,
            query: self.query.as_deref(),
            headers: &self.headers,
            body_hash: &body_hash,
        };
        let wall = Timestamp::parse_basic("20120525T002453Z").expect("a date");
        verify_signature(&signed, &caller, wall).is_ok()
    }

    /// Returns what the signature covers.
    fn meaning(&self) -> Meaning {
        let mut path: Vec<String> = Vec::new();
        for segment in self.path.split('/').filter(|segment| !matches!(*segment, "" | ".")) {
            if segment == ".." { drop(path.pop()) } else { path.push(segment.to_owned()) }
        }
        let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).collect::<Vec<u8>>();
        let pairs = self.query.as_deref().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let mut query: Vec<_> = pairs.map(|(name, value)| (decoded(name), decoded(value))).collect();
        query.sort();
        let names = ["host", "range", "x-amz-archive-description", "x-amz-date", "x-amz-glacier-version"];
        let words = |value: &HeaderValue| {
            let words = value.as_bytes().split(|byte| *byte == b' ').filter(|word| !word.is_empty());
            words.collect::<Vec<_>>().join(&b' ')
        };
        let values = |name: &str| self.headers.get_all(name).iter().map(words).collect();
        let headers = names.iter().map(|name| ((*name).to_owned(), values(name))).collect();
        Meaning { method: self.method.clone(), path, query, headers, body: self.body.clone() }
    }
}

//! The Authorization header of a signed request, taken apart.

use std::borrow::Cow;

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

use crate::domain::failure::{Failure, SignatureFlaw};

/// What every signature begins with, in whatever version of AWS's fourth scheme.
const SCHEME: &str = "AWS4-";

/// The header as it is, and what its parts say.
#[derive(Debug)]
pub(crate) struct Authorization<'a> {
    text: Cow<'a, str>,
    is_only: bool,
}

/// What its parts say, each of which is there once.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) algorithm: &'a str,
    pub(super) credential: &'a str,
    pub(super) signed_headers: &'a str,
    pub(super) signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// `None` if there is no such header, or one of another scheme.
    pub(crate) fn of(headers: &'a HeaderMap) -> Option<Self> {
        let mut all = headers.get_all(AUTHORIZATION).iter();
        let bytes = all.next()?.as_bytes();
        // Nearly always it is UTF-8, and to see that as a whole is quicker than to look for where it is not.
        let text = std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
        text.starts_with(SCHEME).then(|| Authorization { text, is_only: all.next().is_none() })
    }

    /// The five parts of the credential, as far as they are there. The one place that says who calls: what is verified
    /// is what was believed.
    pub(crate) fn credential(&self) -> impl Iterator<Item = &str> {
        self.value("Credential").unwrap_or_default().split('/')
    }

    fn split(&self) -> (&str, &str) {
        self.text.split_once(' ').unwrap_or((&self.text, ""))
    }

    fn pairs(&self) -> impl Iterator<Item = &str> {
        let rest = self.split().1;
        rest.split(',').map(|pair| pair.trim_matches(' ')).filter(move |_| !rest.is_empty())
    }

    /// The value of the first part of this name, if it has one.
    fn value(&self, name: &str) -> Option<&str> {
        let mut pairs = self.pairs().filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value).filter(|value| !value.is_empty())
    }

    /// Its parts, in whatever order. `has_date` is whether the request says when it was signed: the front end complains
    /// of all that is missing at once.
    pub(super) fn parts(&self, has_date: bool) -> Result<Parts<'_>, Failure> {
        let refused = |flaw| Err(Failure::Signature(flaw));
        let given = || self.text.clone().into_owned();
        if !self.is_only {
            return refused(SignatureFlaw::Ambiguous { name: "Authorization" });
        }
        if let Some(part) = self.pairs().find(|pair| !pair.contains('=')) {
            return refused(SignatureFlaw::NoPair { part: part.to_owned(), given: given() });
        }
        let names = ["Credential", "Signature", "SignedHeaders"];
        for name in names {
            if self.pairs().filter_map(|pair| pair.split_once('=')).filter(|(key, _)| *key == name).count() > 1 {
                return refused(SignatureFlaw::Ambiguous { name });
            }
        }
        let algorithm = self.split().0;
        match names.map(|name| self.value(name)) {
            [Some(credential), Some(signature), Some(signed_headers)] if has_date => {
                Ok(Parts { algorithm, credential, signed_headers, signature })
            }
            values => {
                let missing = names.into_iter().zip(values).filter(|(_, value)| value.is_none());
                let missing = missing.map(|(name, _)| name).collect();
                refused(SignatureFlaw::Incomplete { missing, undated: !has_date, given: Some(given()) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())])
    }

    #[test]
    fn parts_come_in_any_order_with_or_without_blanks() {
        let expected =
            Parts { algorithm: "AWS4-HMAC-SHA256", credential: "a/b", signed_headers: "host", signature: "0" };
        for text in [
            "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
            "AWS4-HMAC-SHA256 Credential=a/b,SignedHeaders=host,Signature=0",
            "AWS4-HMAC-SHA256   Signature=0 ,  SignedHeaders=host,Credential=a/b",
        ] {
            let headers = headers(text);
            assert_eq!(Authorization::of(&headers).unwrap().parts(true).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let refusal = |text: &str, has_date| {
            let headers = headers(text);
            Authorization::of(&headers).unwrap().parts(has_date).unwrap_err().text().into_owned()
        };
        assert_eq!(
            refusal("AWS4-HMAC-SHA256", false),
            "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. \
             Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either \
             a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256"
        );
        assert_eq!(
            refusal("AWS4-HMAC-SHA256 Credential=a, SignedHeaders=, Signature=0", true),
            "Authorization header requires 'SignedHeaders' parameter. Authorization=AWS4-HMAC-SHA256 Credential=a, \
             SignedHeaders=, Signature=0"
        );
        assert_eq!(
            refusal("AWS4-HMAC-SHA256 Signature=b,    Credential,    SignedHeaders", true),
            "'Credential' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 \
             Signature=b,    Credential,    SignedHeaders'."
        );
        assert_eq!(
            refusal("AWS4-HMAC-SHA256 Credential=a, Credential=b, SignedHeaders=host, Signature=0", true),
            "The request has more than one 'Credential'."
        );
    }

    #[test]
    fn another_scheme_is_no_signature() {
        for other in ["", "Basic dXNlcjpwYXNz", "Bearer abc", "AWS AKIA:frJIUN8DYpKDtOLCwo//yllqDzg="] {
            assert!(Authorization::of(&headers(other)).is_none(), "{other}");
        }
    }
}

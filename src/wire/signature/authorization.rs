//! Parses the Authorization header of a signed request.

use std::borrow::Cow;

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

use crate::domain::failure::{Failure, SignatureFlaw};

/// The prefix of every signature of AWS's fourth scheme, in any version.
const SCHEME: &str = "AWS4-";

/// The raw header and its parameters.
#[derive(Debug)]
pub(crate) struct Authorization<'a> {
    text: Cow<'a, str>,
    is_only: bool,
}

/// The parameters. Each occurs exactly once.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) algorithm: &'a str,
    pub(super) credential: &'a str,
    pub(super) signed_headers: &'a str,
    pub(super) signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// Returns `None` without such a header, or with one of another scheme.
    pub(crate) fn of(headers: &'a HeaderMap) -> Option<Self> {
        let mut all = headers.get_all(AUTHORIZATION).iter();
        let bytes = all.next()?.as_bytes();
        // The header is nearly always UTF-8, and one check of the whole is faster than a lossy conversion.
        let text = std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed);
        let is_only = all.next().is_none();
        Self::read(text).map(|authorization| Authorization { is_only, ..authorization })
    }

    /// Returns `None` for a value of another scheme.
    pub(crate) fn read(text: Cow<'a, str>) -> Option<Self> {
        text.starts_with(SCHEME).then_some(Authorization { text, is_only: true })
    }

    /// Returns the parts of the credential that are present, up to five. Both identification and verification use this,
    /// so the verified caller is the identified one.
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

    /// Returns the value of the first parameter of this name.
    fn value(&self, name: &str) -> Option<&str> {
        let mut values = self.pairs().filter_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        values.next().filter(|value| !value.is_empty())
    }

    /// Returns the parameters, which may be in any order. `has_date` says whether the request contains a signing date:
    /// the front end reports everything that is missing at once.
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
    fn parameters_may_be_in_any_order_with_or_without_spaces() {
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
    fn missing_parameters_are_named() {
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
    fn other_schemes_are_not_signatures() {
        for other in ["", "Basic dXNlcjpwYXNz", "Bearer abc", "AWS AKIA:frJIUN8DYpKDtOLCwo//yllqDzg="] {
            assert!(Authorization::of(&headers(other)).is_none(), "{other}");
        }
    }
}

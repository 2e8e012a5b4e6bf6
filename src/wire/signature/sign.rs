//! Signs a request with Signature Version 4, in the form that `verify` accepts.

use ring::hmac;

use crate::domain::words::Timestamp;

use super::canonical::{Signed, Slips};
use super::{ALGORITHM, Signing, TERMINATOR};

/// The credentials of a signature, and what it is valid for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signer<'a> {
    pub(crate) access_key: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) region: &'a str,
    /// The service's name in the scope, for example `sns`.
    pub(crate) service: &'a str,
}

/// Returns the value of the header `Authorization`. The signature covers all headers of the request, which must contain
/// `Host`, and `X-Amz-Date` with the same time in seconds as `at`.
pub(crate) fn authorization(request: &Signed<'_>, signer: &Signer<'_>, at: Timestamp) -> String {
    let Signer { access_key, secret, region, service } = signer;
    let mut names: Vec<_> = request.headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    let signed_headers = names.join(";");
    let basic = at.to_basic();
    let date = basic.split('T').next().unwrap_or_default();
    let scope = format!("{date}/{region}/{service}/{TERMINATOR}");
    let signing = Signing { signed: at, scope: &scope, secret };
    let string_to_sign = signing.string_to_sign(&request.canonical(&signed_headers, Slips::default()));
    let signature = hex::encode(hmac::sign(&signing.key(), string_to_sign.as_bytes()));
    format!("{ALGORITHM} Credential={access_key}/{scope}, SignedHeaders={signed_headers}, Signature={signature}")
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;
    use hyper::header::{AUTHORIZATION, HeaderName};

    use super::super::verify;
    use super::*;
    use crate::domain::account::{Account, Caller, Principal};
    use crate::domain::bytes::Digest;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    /// Signs with the credentials and at the time of AWS's examples.
    fn sign(method: &str, query: Option<&str>, headers: &HeaderMap, body: &[u8], service: &str) -> (String, Timestamp) {
        let body_hash = Digest::sha256(body).to_string();
        let request = Signed { method, path: "/", query, headers, body_hash: &body_hash };
        let at = Timestamp::parse_basic("20150830T123600Z").unwrap();
        let signer = Signer { access_key: "AKIDEXAMPLE", secret: SECRET, region: "us-east-1", service };
        (authorization(&request, &signer, at), at)
    }

    /// `get-vanilla` and `post-x-www-form-urlencoded` of AWS's Signature Version 4 test suite.
    #[test]
    fn the_signatures_of_the_test_suite_are_the_published_ones() {
        let get = headers(&[("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")]);
        assert_eq!(
            sign("GET", None, &get, b"", "service").0,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, \
             Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
        );
        let post = headers(&[
            ("x-amz-date", "20150830T123600Z"),
            ("host", "example.amazonaws.com"),
            ("content-type", "application/x-www-form-urlencoded"),
        ]);
        assert_eq!(
            sign("POST", None, &post, b"Param1=value1", "service").0,
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
        );
    }

    /// The request `ListUsers` of AWS's page "Elements of an AWS API request signature".
    #[test]
    fn the_signature_of_the_guide_is_the_published_one() {
        let headers = headers(&[
            ("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
            ("host", "iam.amazonaws.com"),
            ("x-amz-date", "20150830T123600Z"),
        ]);
        let (signed, _) = sign("GET", Some("Action=ListUsers&Version=2010-05-08"), &headers, b"", "iam");
        let signature = "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
        assert!(signed.ends_with(signature), "{signed}");
    }

    #[test]
    fn the_service_accepts_a_request_that_was_signed_here() {
        let mut headers = headers(&[
            ("x-amz-date", "20150830T123600Z"),
            ("x-amz-glacier-version", "2012-06-01"),
            ("host", "127.0.0.1:4566"),
        ]);
        let (signed, at) = sign("POST", Some("b=2&a=x%20y"), &headers, b"a body", "glacier");
        headers.insert(AUTHORIZATION, signed.parse().unwrap());
        let caller =
            Caller { principal: Principal::root(Account::DEFAULT, "AKIDEXAMPLE", SECRET).into(), is_known: true };
        let verified = |body: &[u8]| {
            let body_hash = Digest::sha256(body).to_string();
            let query = Some("b=2&a=x%20y");
            verify(&Signed { method: "POST", path: "/", query, headers: &headers, body_hash: &body_hash }, &caller, at)
        };
        verified(b"a body").unwrap();
        verified(b"another body").unwrap_err();
    }
}

//! Tests signatures by value and by each possible flaw. `changed` tests them by random input.

use hyper::header::{HeaderName, HeaderValue};

use super::*;
use crate::domain::account::{Account, Principal};
use crate::domain::failure::ErrorCode;

mod changed;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const OF_EMPTY_BODY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A request that a test can modify.
#[derive(Clone, Debug)]
struct Sent {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Sent {
    fn header_map(&self) -> Option<HeaderMap> {
        let mut map = HeaderMap::new();
        for (name, value) in &self.headers {
            map.append(HeaderName::try_from(name).ok()?, HeaderValue::from_bytes(value).ok()?);
        }
        Some(map)
    }

    /// Returns `None` if HTTP itself cannot carry the request.
    fn verify_at(&self, caller: &Caller, wall: &str) -> Option<Result<(), Failure>> {
        let body_hash = Digest::sha256(&self.body).to_string();
        let headers = self.header_map()?;
        let query = Some(&*self.query).filter(|query| !query.is_empty());
        let request =
            Signed { method: &self.method, path: &self.path, query, headers: &headers, body_hash: &body_hash };
        Some(verify(&request, caller, Timestamp::parse_basic(wall).unwrap()))
    }

    /// Verifies the request at the time of the example.
    fn verify(&self) -> Result<(), Failure> {
        self.verify_at(&example_user(), "20120525T002453Z").unwrap()
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(key, _)| key != name);
        if !value.is_empty() {
            self.headers.push((name.into(), value.into()));
        }
        self
    }

    /// Signs the request with the names of these headers.
    fn signed(self, signed_headers: &str) -> Self {
        let body_hash = Digest::sha256(&self.body).to_string();
        let headers = self.header_map().unwrap();
        let query = Some(&*self.query);
        let request =
            Signed { method: &self.method, path: &self.path, query, headers: &headers, body_hash: &body_hash };
        let canonical = request.canonical(signed_headers, Slips::default());
        let signature = sign(&String::from_utf8(canonical).unwrap());
        let text = authorization(signed_headers, &signature);
        self.with("authorization", &text)
    }
}

/// Implements the definition step by step, so that verification is not tested against itself.
fn sign(canonical: &str) -> String {
    let hmac =
        |key: &[u8], text: &str| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec();
    let scope = "20120525/us-east-1/glacier/aws4_request";
    let to_sign = format!("AWS4-HMAC-SHA256\n20120525T002453Z\n{scope}\n{}", Digest::sha256(canonical.as_bytes()));
    let date = hmac(format!("AWS4{SECRET}").as_bytes(), "20120525");
    let key = hmac(&hmac(&hmac(&date, "us-east-1"), "glacier"), "aws4_request");
    hex::encode(hmac(&key, &to_sign))
}

fn authorization(signed_headers: &str, signature: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20120525/us-east-1/glacier/aws4_request, \
         SignedHeaders={signed_headers}, Signature={signature}"
    )
}

fn example_user() -> Caller {
    let user = Principal::root(Account::DEFAULT, "AKIAIOSFODNN7EXAMPLE", SECRET);
    Caller { principal: user.into(), is_known: true }
}

/// The CreateVault example of the developer guide ("Signing Requests", "Example Signature Calculation").
fn example() -> Sent {
    let headers = [
        ("host", "glacier.us-east-1.amazonaws.com"),
        ("x-amz-date", "20120525T002453Z"),
        ("x-amz-glacier-version", "2012-06-01"),
    ];
    let signature = "3ce5b2f2fffac9262b4da9256f8d086b4aaf42eba5f111c21681a65a127b7c2a";
    Sent {
        method: "PUT".into(),
        path: "/-/vaults/examplevault".into(),
        query: String::new(),
        headers: headers.map(|(name, value)| (name.into(), value.into())).to_vec(),
        body: Vec::new(),
    }
    .with("authorization", &authorization("host;x-amz-date;x-amz-glacier-version", signature))
}

fn is_refused(sent: &Sent, code: ErrorCode, text: &str) {
    let failure = sent.verify().unwrap_err();
    assert_eq!((failure.code(), &*failure.text()), (code, text), "{sent:?}");
}

#[test]
fn the_example_of_the_guide_is_accepted() {
    assert_eq!(example().verify(), Ok(()));
}

/// A modified example. The response contains the two strings that the guide shows, in the observed form of the service
/// (observed.md 2.G; aws/aws-cli#2474; 718 bytes for such a request, vsespb/mt-aws-glacier#68).
#[test]
fn the_response_to_a_wrong_signature_contains_the_expected_strings() {
    let sent = example();
    let text = String::from_utf8(sent.headers.last().unwrap().1.clone()).unwrap().replace("7c2a", "7c2b");
    is_refused(
        &sent.with("authorization", &text),
        ErrorCode::InvalidSignatureException,
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key \
         and signing method. Consult the service documentation for details.\n\n\
         The Canonical String for this request should have been\n'PUT\n/-/vaults/examplevault\n\n\
         host:glacier.us-east-1.amazonaws.com\nx-amz-date:20120525T002453Z\nx-amz-glacier-version:2012-06-01\n\n\
         host;x-amz-date;x-amz-glacier-version\n\
         e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'\n\n\
         The String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20120525T002453Z\n\
         20120525/us-east-1/glacier/aws4_request\n\
         5f1da1a2d0feb614dd03d71e87928b8e449ac87614479332aced3a701f916743'\n",
    );
    let mut seen = example();
    seen.path = "/-/vaults/mt".into();
    let body = crate::wire::error::render(&seen.verify().unwrap_err()).into_body();
    assert!(matches!(body, crate::wire::response::Payload::Json(bytes) if bytes.len() == 718));
}

/// At most five minutes, in whole seconds; the messages are observed ones (observed.md 2.G; basak/glacier-cli#36).
#[test]
fn clocks_may_differ_by_five_minutes() {
    let at = |wall: &str| example().verify_at(&example_user(), wall).unwrap();
    for good in ["20120525T001953Z", "20120525T002953Z"] {
        assert_eq!(at(good), Ok(()), "{good}");
    }
    let text = |wall: &str| at(wall).unwrap_err().text().into_owned();
    assert_eq!(
        text("20120525T002954Z"),
        "Signature expired: 20120525T002453Z is now earlier than 20120525T002454Z (20120525T002954Z - 5 min.)"
    );
    assert_eq!(
        text("20120525T001952Z"),
        "Signature not yet current: 20120525T002453Z is still later than 20120525T002452Z (20120525T001952Z + 5 min.)"
    );
    assert_eq!(at("20130525T002453Z").unwrap_err().code(), ErrorCode::InvalidSignatureException);
}

#[test]
fn the_header_must_be_complete() {
    use ErrorCode::{IncompleteSignatureException as Incomplete, MissingAuthenticationTokenException as Missing};
    is_refused(&example().with("authorization", ""), Missing, "Missing Authentication Token");
    is_refused(&example().with("authorization", "Basic dXNlcjpwYXNz"), Missing, "Missing Authentication Token");
    is_refused(
        &example().with("authorization", "AWS4-HMAC-SHA256 Credential=a"),
        Incomplete,
        "Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. \
         Authorization=AWS4-HMAC-SHA256 Credential=a",
    );
    let text = String::from_utf8(example().headers.last().unwrap().1.clone()).unwrap();
    is_refused(
        &example().with("x-amz-date", ""),
        Incomplete,
        &format!(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization={text}"
        ),
    );
    is_refused(
        &example().with("x-amz-date", "").with("date", "Fri, 25 May 2012 00:24:53 GMT"),
        Incomplete,
        "Date must be in ISO-8601 'basic format'. Got 'Fri, 25 May 2012 00:24:53 GMT'. See \
         http://en.wikipedia.org/wiki/ISO_8601",
    );
    let other = text.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1");
    is_refused(
        &example().with("authorization", &other),
        Incomplete,
        "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1' (only AWS4-HMAC-SHA256 for now). ",
    );
    let four = text.replace("/us-east-1", "");
    is_refused(
        &example().with("authorization", &four),
        Incomplete,
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
         'AKIAIOSFODNN7EXAMPLE/20120525/glacier/aws4_request'",
    );
    let mut twice = example();
    twice.headers.push(twice.headers.last().unwrap().clone());
    is_refused(&twice, Incomplete, "The request has more than one 'Authorization'.");
}

#[test]
fn the_scope_must_name_this_service_and_the_signing_day() {
    let text = String::from_utf8(example().headers.last().unwrap().1.clone()).unwrap();
    let scoped =
        |scope: &str| example().with("authorization", &text.replace("20120525/us-east-1/glacier/aws4_request", scope));
    let invalid = ErrorCode::InvalidSignatureException;
    is_refused(
        &scoped("20120524/US/s3/aws5_request"),
        invalid,
        "Credential should be scoped to a valid region, not 'US'. Credential should be scoped to correct service: \
         'glacier'. Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. Date in \
         Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20120524' != '20120525', from \
         '20120525T002453Z'.",
    );
    is_refused(
        &scoped("20120525/us-east-1/s3/aws4_request"),
        invalid,
        "Credential should be scoped to correct service: 'glacier'. ",
    );
    assert!(
        scoped("20120525/eu-west-1/glacier/aws4_request").verify().unwrap_err().text().starts_with("The request sig")
    );
}

#[test]
fn headers_with_a_meaning_must_be_signed() {
    let invalid = ErrorCode::InvalidSignatureException;
    let signed = example().signed("x-amz-date;x-amz-glacier-version");
    is_refused(&signed, invalid, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
    let smuggled = example().with("x-amz-archive-description", "changed on the way");
    is_refused(&smuggled, invalid, "'x-amz-archive-description' must be a 'SignedHeader' in the AWS Authorization.");
    // Headers that HTTP and its proxies add need not be signed.
    assert_eq!(example().with("user-agent", "any").with("x-amzn-trace-id", "Root=1").verify(), Ok(()));
}

#[test]
fn an_unknown_access_key_is_refused() {
    let nobody = Caller { is_known: false, ..example_user() };
    let refusal = example().verify_at(&nobody, "20120525T002453Z").unwrap();
    assert_eq!(refusal, Err(Failure::UnknownAccessKey));
}

/// Temporary credentials require their token, and all others must have none.
#[test]
fn a_session_token_must_be_that_of_the_principal() {
    const SIGNED: &str = "host;x-amz-date;x-amz-glacier-version;x-amz-security-token";
    let with = |token: Option<&str>, sent: Sent| {
        let principal = Principal::clone(&example_user().principal);
        let principal = match token {
            Some(token) => principal.with_session_token(token),
            None => principal,
        };
        let caller = Caller { principal: principal.into(), is_known: true };
        sent.verify_at(&caller, "20120525T002453Z").unwrap()
    };
    let sent = |token: &str| example().with("x-amz-security-token", token).signed(SIGNED);
    assert_eq!(with(Some("token"), sent("token")), Ok(()));
    assert_eq!(with(Some("token"), sent("another")), Err(Failure::UnknownAccessKey));
    assert_eq!(with(Some("token"), example()), Err(Failure::UnknownAccessKey));
    assert_eq!(with(None, sent("token")), Err(Failure::UnknownAccessKey));
}

/// `Date` is accepted in the basic format of ISO 8601 or in that of RFC 3339 (api.md section 1). The string to sign has
/// the basic format in both cases. `X-Amz-Date` takes precedence, and has only the basic format.
#[test]
fn the_date_header_of_http_is_accepted() {
    let dated = |header: &str, date: &str| {
        let names =
            if header == "date" { "date;host;x-amz-glacier-version" } else { "host;x-amz-date;x-amz-glacier-version" };
        example().with("x-amz-date", "").with(header, date).signed(names).verify()
    };
    for date in ["20120525T002453Z", "2012-05-25T00:24:53Z"] {
        assert_eq!(dated("date", date), Ok(()), "{date}");
    }
    let bad_date = |given: &str| Err(Failure::Signature(SignatureFlaw::BadDate { given: given.into() }));
    for date in ["2012-05-25T02:24:53+02:00", "2012-05-25 00:24:53Z", "2012-05-25T00:24Z"] {
        assert_eq!(dated("date", date), bad_date(date));
    }
    assert_eq!(dated("x-amz-date", "2012-05-25T00:24:53Z"), bad_date("2012-05-25T00:24:53Z"));
    assert_eq!(example().with("date", "Fri, 25 May 2012 00:24:53 GMT").verify(), Ok(()));
}

/// The canonical form contains the payload hash that the client claims. A later check compares it with the body
/// (`suite::http::checks_come_in_the_observed_order`).
#[test]
fn the_payload_is_signed() {
    let mut stored = example();
    stored.body = b"bytes".to_vec();
    let signed = stored.clone().signed("host;x-amz-date;x-amz-glacier-version");
    assert_eq!(signed.verify(), Ok(()));
    let mut changed = signed;
    changed.body = b"other".to_vec();
    assert!(changed.verify().is_err());
}

/// All values of a repeated header are signed, in order.
#[test]
fn repeated_headers_are_accepted() {
    let names = "host;x-amz-date;x-amz-glacier-version;x-amz-meta";
    let mut twice = example().with("x-amz-meta", "a");
    twice.headers.push(("x-amz-meta".into(), "b  c".into()));
    let headers = twice.header_map().unwrap();
    let request = Signed { method: "PUT", path: "/", query: None, headers: &headers, body_hash: OF_EMPTY_BODY };
    let canonical = String::from_utf8(request.canonical(names, Slips::default())).unwrap();
    assert!(canonical.contains("\nx-amz-meta:a,b c\n"), "{canonical}");
    assert_eq!(twice.signed(names).verify(), Ok(()));
    let mut added = example().with("x-amz-meta", "a").signed(names);
    added.headers.push(("x-amz-meta".into(), "b".into()));
    assert!(added.verify().is_err());
}

/// Explanations that the mock adds to the message of the service.
#[test]
fn common_signing_mistakes_are_explained() {
    let names = "host;x-amz-archive-description;x-amz-date;x-amz-glacier-version";
    let mut sent = example().with("x-amz-archive-description", "double  spaces  here");
    sent.path = "/-/vaults/a%20b".into();
    sent.body = b"bytes".to_vec();
    let slipped = |slips: Slips<'_>| {
        let body_hash = Digest::sha256(&sent.body).to_string();
        let headers = sent.header_map().unwrap();
        let request = Signed { method: "PUT", path: &sent.path, query: None, headers: &headers, body_hash: &body_hash };
        let canonical = String::from_utf8(request.canonical(names, slips)).unwrap();
        let failure =
            sent.clone().with("authorization", &authorization(names, &sign(&canonical))).verify().unwrap_err();
        failure.hint().unwrap_or("none").to_owned()
    };
    assert!(slipped(Slips { plain_path: true, ..Slips::default() }).contains("as for S3"));
    assert!(slipped(Slips { uncollapsed: true, ..Slips::default() }).contains("runs of spaces"));
    assert!(slipped(Slips { payload: Some("UNSIGNED-PAYLOAD"), ..Slips::default() }).contains("UNSIGNED-PAYLOAD"));
    assert!(slipped(Slips { payload: Some(OF_EMPTY_BODY), ..Slips::default() }).contains("empty body"));
    assert_eq!(slipped(Slips { payload: Some("nonsense"), ..Slips::default() }), "none");
}

//! Verifies Signature Version 4: signs the request again and compares the two signatures. `sign` signs requests.
//!
//! This does not use `aws-sigv4`. That crate depends on the runtime of the AWS SDK, which neither the program nor a
//! build without the feature `client` contains, and it signs requests before they are sent. A server must accept a
//! request as it arrived, with the headers that its client chose to sign. HMAC and the constant-time comparison come
//! from ring. The tests compare this module with the SDK.
//!
//! The order of checks is that of the front end that Glacier shares with other services of its time: the parameters of
//! the header, the date, the signed headers, the algorithm, the credential and its scope, the access key, the
//! signature, the session token.

pub(crate) mod authorization;
mod canonical;
#[cfg(feature = "publish")]
mod sign;

use hyper::HeaderMap;
use ring::hmac;

use crate::domain::account::{Caller, is_region};
use crate::domain::bytes::Digest;
use crate::domain::failure::{Failure, SignatureFlaw};
use crate::domain::words::Timestamp;

use crate::wire::signature::authorization::{Authorization, Parts};
pub(crate) use crate::wire::signature::canonical::Signed;
use crate::wire::signature::canonical::Slips;
#[cfg(feature = "publish")]
pub(crate) use crate::wire::signature::sign::{Signer, authorization as sign_request};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "glacier";
const TERMINATOR: &str = "aws4_request";
const TOKEN: &str = "x-amz-security-token";

/// Checks that the caller signed the request for Glacier. `wall` is the time of arrival on the wall clock.
pub(crate) fn verify(request: &Signed<'_>, caller: &Caller, wall: Timestamp) -> Result<(), Failure> {
    verify_for(SERVICE, request, caller, wall)
}

/// Checks that the caller signed the request for a service, by the name that credential scopes have for it.
pub(crate) fn verify_for(
    service: &'static str,
    request: &Signed<'_>,
    caller: &Caller,
    wall: Timestamp,
) -> Result<(), Failure> {
    let authorization = Authorization::of(request.headers).ok_or(Failure::Unsigned)?;
    let date = date(request.headers);
    let parts = authorization.parts(date.is_some())?;
    let signed = check_date(date.unwrap_or((SignatureDate::Own, "")), wall)?;
    check_signed_headers(request.headers, parts.signed_headers)?;
    if parts.algorithm != ALGORITHM {
        return refused(SignatureFlaw::Algorithm { given: parts.algorithm.to_owned() });
    }
    let scope = check_credential(parts.credential, signed, service)?;
    // The access key is unknown, or differs from that of the identified caller.
    if !caller.is_known || parts.credential.split('/').next() != Some(caller.principal.access_key()) {
        return Err(Failure::UnknownAccessKey);
    }
    check_signature(request, &parts, &Signing { signed, scope, secret: caller.principal.secret() })?;
    check_token(request.headers, caller)
}

fn refused<T>(flaw: SignatureFlaw) -> Result<T, Failure> {
    Err(Failure::Signature(flaw))
}

/// Returns the signing date of the request and its header. `X-Amz-Date` takes precedence over `Date`, which HTTP
/// libraries set on their own.
fn date(headers: &HeaderMap) -> Option<(SignatureDate, &str)> {
    let own = headers.get("x-amz-date").map(|date| (SignatureDate::Own, date));
    let (header, date) = own.or(headers.get("date").map(|date| (SignatureDate::Http, date)))?;
    Some((header, date.to_str().unwrap_or_default()))
}

/// The header that contains the signing date.
#[derive(Clone, Copy)]
enum SignatureDate {
    /// `X-Amz-Date`, in the basic format of ISO 8601.
    Own,
    /// `Date`, which may also have the form of RFC 3339 (api.md section 1). The string to sign has the basic format in
    /// both cases.
    Http,
}

/// Checks the signing date against the wall clock, in whole seconds as in signatures.
fn check_date((header, given): (SignatureDate, &str), wall: Timestamp) -> Result<Timestamp, Failure> {
    let signed = match header {
        SignatureDate::Own => Timestamp::parse_basic(given),
        SignatureDate::Http => Timestamp::parse_basic(given).or_else(|| Timestamp::parse_utc(given)),
    };
    let Some(signed) = signed.map(Timestamp::truncated_to_seconds) else {
        return refused(SignatureFlaw::BadDate { given: given.to_owned() });
    };
    let now = wall.truncated_to_seconds();
    if signed < now.before(SignatureFlaw::TOLERANCE) {
        return refused(SignatureFlaw::Expired { signed, now });
    }
    if signed > now.after(SignatureFlaw::TOLERANCE) {
        return refused(SignatureFlaw::NotYetCurrent { signed, now });
    }
    Ok(signed)
}

/// Requires signatures to cover the host and all headers with a meaning to Amazon. Anyone could change an unsigned
/// header.
fn check_signed_headers(headers: &HeaderMap, signed: &str) -> Result<(), Failure> {
    let is_signed = |name: &str| signed.split(';').any(|signed| signed == name);
    if !is_signed("host") {
        return refused(SignatureFlaw::HostNotSigned);
    }
    match headers.keys().find(|name| name.as_str().starts_with("x-amz-") && !is_signed(name.as_str())) {
        Some(name) => refused(SignatureFlaw::HeaderNotSigned { name: name.as_str().to_owned() }),
        None => Ok(()),
    }
}

/// Checks `KEY/DATE/REGION/SERVICE/aws4_request`, and returns everything after the key. The mock accepts every
/// well-formed region.
fn check_credential<'a>(credential: &'a str, signed: Timestamp, needed: &'static str) -> Result<&'a str, Failure> {
    let parts: Vec<&str> = credential.split('/').collect();
    let &[_, date, region, service, terminator] = parts.as_slice() else {
        return refused(SignatureFlaw::BadCredential { given: credential.to_owned() });
    };
    let flaw = SignatureFlaw::Scope {
        region: (!is_region(region)).then(|| region.to_owned()),
        service: (service != needed).then_some(needed),
        terminator: (terminator != TERMINATOR).then(|| terminator.to_owned()),
        date: (!signed.to_basic().starts_with(&format!("{date}T"))).then(|| (date.to_owned(), signed)),
    };
    match flaw {
        SignatureFlaw::Scope { region: None, service: None, terminator: None, date: None } => {
            Ok(credential.split_once('/').map_or("", |(_, scope)| scope))
        }
        flaw => refused(flaw),
    }
}

/// The date, scope and secret of a signature.
struct Signing<'a> {
    signed: Timestamp,
    /// `DATE/REGION/SERVICE/aws4_request`.
    scope: &'a str,
    secret: &'a str,
}

impl Signing<'_> {
    fn string_to_sign(&self, canonical: &[u8]) -> String {
        format!("{ALGORITHM}\n{}\n{}\n{}", self.signed.to_basic(), self.scope, Digest::sha256(canonical))
    }

    /// Derives the key of a signature from the secret and the scope.
    fn key(&self) -> hmac::Key {
        let start = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4{}", self.secret).as_bytes());
        self.scope
            .split('/')
            .fold(start, |key, part| hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref()))
    }

    fn is_signature(&self, signature: &[u8; 32], string_to_sign: &str) -> bool {
        hmac::verify(&self.key(), string_to_sign.as_bytes(), signature).is_ok()
    }
}

fn check_signature(request: &Signed<'_>, parts: &Parts<'_>, signing: &Signing<'_>) -> Result<(), Failure> {
    let signature = parse_signature(parts.signature);
    let fits = |slips: Slips<'_>| {
        let canonical = request.canonical(parts.signed_headers, slips);
        let string_to_sign = signing.string_to_sign(&canonical);
        signature.is_some_and(|signature| signing.is_signature(&signature, &string_to_sign))
    };
    if fits(Slips::default()) {
        return Ok(());
    }
    let canonical = request.canonical(parts.signed_headers, Slips::default());
    let string_to_sign = signing.string_to_sign(&canonical);
    let hint = slip(fits);
    refused(SignatureFlaw::Mismatch {
        canonical: String::from_utf8_lossy(&canonical).into_owned(),
        string_to_sign,
        hint,
    })
}

/// Parses 64 lower-case hex digits; no other spelling is valid.
fn parse_signature(text: &str) -> Option<[u8; 32]> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let mut signature = [0; 32];
    hex::decode_to_slice(text, &mut signature).ok()?;
    Some(signature)
}

/// Returns the common mistake of clients that explains a wrong signature.
fn slip(fits: impl Fn(Slips<'_>) -> bool) -> Option<&'static str> {
    const OF_EMPTY_BODY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let slips = [
        (
            Slips { plain_path: true, ..Slips::default() },
            "the client signed the path exactly as it was sent, as for S3; Glacier requires it to be encoded a second time",
        ),
        (
            Slips { uncollapsed: true, ..Slips::default() },
            "the client signed a header without collapsing runs of spaces; the canonical form has a single space",
        ),
        (
            Slips { payload: Some("UNSIGNED-PAYLOAD"), ..Slips::default() },
            "the client signed UNSIGNED-PAYLOAD, which Glacier does not accept; sign the SHA-256 of the body",
        ),
        (
            Slips { payload: Some(OF_EMPTY_BODY), ..Slips::default() },
            "the client signed the hash of an empty body but sent a different body",
        ),
    ];
    slips.into_iter().find(|(slips, _)| fits(*slips)).map(|(_, hint)| hint)
}

/// Temporary credentials require their token, and all others must have none. An empty header counts as none.
fn check_token(headers: &HeaderMap, caller: &Caller) -> Result<(), Failure> {
    let given = headers.get(TOKEN).map(|token| token.as_bytes()).filter(|token| !token.is_empty());
    if given == caller.principal.session_token().map(str::as_bytes) { Ok(()) } else { Err(Failure::UnknownAccessKey) }
}

#[cfg(test)]
mod tests;

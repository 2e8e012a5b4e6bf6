//! The ways in which a signature can be invalid, with the error texts of AWS's front end.
//!
//! The texts for a wrong signature and for a wrong clock were seen from Glacier (observed.md 2.G). The others come from
//! services behind the same front end, except two that are marked "Ours".

use super::error_code::ErrorCode;
use crate::domain::words::Timestamp;

/// The reason for which a signature is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignatureFlaw {
    /// Parts of the Authorization header are missing, or the request has no date.
    Incomplete {
        missing: Vec<&'static str>,
        undated: bool,
        given: Option<String>,
    },
    /// A part of the Authorization header has no `=`.
    NoPair {
        part: String,
        given: String,
    },
    /// The Authorization header, or a part of it, occurs more than once.
    Ambiguous {
        name: &'static str,
    },
    /// The algorithm is not `AWS4-HMAC-SHA256`.
    Algorithm {
        given: String,
    },
    /// The date does not have the form `YYYYMMDDTHHMMSSZ`.
    BadDate {
        given: String,
    },
    /// The credential does not have five parts.
    BadCredential {
        given: String,
    },
    /// The request was signed more than five minutes ago. `now` is the wall clock's time.
    Expired {
        signed: Timestamp,
        now: Timestamp,
    },
    /// The date of the signature is more than five minutes in the future.
    NotYetCurrent {
        signed: Timestamp,
        now: Timestamp,
    },
    /// The credential scope is wrong. A field is set if its part is: an invalid region, another service than this one,
    /// a wrong terminator, or a date that differs from the request's.
    Scope {
        region: Option<String>,
        service: Option<&'static str>,
        terminator: Option<String>,
        date: Option<(String, Timestamp)>,
    },
    HostNotSigned,
    /// A header that Amazon gives a meaning to is not signed.
    HeaderNotSigned {
        name: String,
    },
    /// The signature differs from the one that these two texts result in.
    Mismatch {
        canonical: String,
        string_to_sign: String,
        hint: Option<&'static str>,
    },
}

/// The text for a wrong signature, or the beginning of it.
pub(crate) const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check \
     your AWS Secret Access Key and signing method. Consult the service documentation for details.";

impl SignatureFlaw {
    /// The maximum difference between the clocks of client and service: five minutes (observed.md 2.G).
    pub(crate) const TOLERANCE: std::time::Duration = std::time::Duration::from_secs(5 * 60);

    /// Returns the flaw of an Authorization header that lacks all of its parts.
    pub(crate) fn all_missing() -> Self {
        let missing = vec!["Credential", "Signature", "SignedHeaders"];
        SignatureFlaw::Incomplete { missing, undated: false, given: None }
    }

    pub(crate) fn code(&self) -> ErrorCode {
        use SignatureFlaw as F;
        match self {
            F::Incomplete { .. }
            | F::NoPair { .. }
            | F::Ambiguous { .. }
            | F::Algorithm { .. }
            | F::BadDate { .. }
            | F::BadCredential { .. } => ErrorCode::IncompleteSignatureException,
            F::Expired { .. }
            | F::NotYetCurrent { .. }
            | F::Scope { .. }
            | F::HostNotSigned
            | F::HeaderNotSigned { .. }
            | F::Mismatch { .. } => ErrorCode::InvalidSignatureException,
        }
    }

    pub(crate) fn text(&self) -> String {
        use SignatureFlaw as F;
        match self {
            F::Incomplete { missing, undated, given } => {
                let parts = missing.iter().map(|name| format!("Authorization header requires '{name}' parameter."));
                let date = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
                let date = undated.then(|| date.to_owned());
                let given = given.as_ref().map(|given| format!("Authorization={given}"));
                parts.chain(date).chain(given).collect::<Vec<_>>().join(" ")
            }
            F::NoPair { part, given } => {
                format!("'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: '{given}'.")
            }
            // Ours.
            F::Ambiguous { name } => format!("The request has more than one '{name}'."),
            F::Algorithm { given } => {
                format!("Unsupported AWS 'algorithm': '{given}' (only AWS4-HMAC-SHA256 for now). ")
            }
            F::BadDate { given } => format!(
                "Date must be in ISO-8601 'basic format'. Got '{given}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ),
            F::BadCredential { given } => format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
                 '{given}'"
            ),
            F::Expired { signed, now } => format!(
                "Signature expired: {} is now earlier than {} ({} - 5 min.)",
                signed.to_basic(),
                now.before(Self::TOLERANCE).to_basic(),
                now.to_basic()
            ),
            F::NotYetCurrent { signed, now } => format!(
                "Signature not yet current: {} is still later than {} ({} + 5 min.)",
                signed.to_basic(),
                now.after(Self::TOLERANCE).to_basic(),
                now.to_basic()
            ),
            F::Scope { region, service, terminator, date } => {
                let region = region
                    .as_ref()
                    .map(|region| format!("Credential should be scoped to a valid region, not '{region}'. "));
                let service =
                    service.map(|service| format!("Credential should be scoped to correct service: '{service}'. "));
                let terminator = terminator.as_ref().map(|given| {
                    format!("Credential should be scoped with a valid terminator: 'aws4_request', not '{given}'. ")
                });
                let date = date.as_ref().map(|(given, signed)| {
                    let signed = signed.to_basic();
                    format!(
                        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                         '{given}' != '{}', from '{signed}'.",
                        signed.split('T').next().unwrap_or_default()
                    )
                });
                [region, service, terminator, date].into_iter().flatten().collect()
            }
            F::HostNotSigned => "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".into(),
            // Ours, modelled on the text for the host.
            F::HeaderNotSigned { name } => format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."),
            // Verified against the Content-Length of a recorded CreateVault response: 718 bytes.
            F::Mismatch { canonical, string_to_sign, .. } => format!(
                "{MISMATCH}\n\nThe Canonical String for this request should have been\n'{canonical}'\n\nThe \
                 String-to-Sign should have been\n'{string_to_sign}'\n"
            ),
        }
    }
}

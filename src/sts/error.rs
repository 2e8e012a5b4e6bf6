//! The errors of STS.

use std::fmt;

use hyper::StatusCode;

use crate::domain::failure::{ErrorCode, Failure, MISMATCH, SignatureFlaw};

/// Why a request is refused.
#[derive(Debug)]
pub(super) enum StsError {
    /// The form has no action.
    NoAction,
    /// The action does not exist in this version, or the mock does not serve it.
    Action { action: String, version: Option<String> },
    /// The body does not have the hash that was signed.
    Mismatch,
    /// The credentials are refused for a reason for which Glacier also refuses them.
    Credentials(Failure),
}

impl From<Failure> for StsError {
    fn from(failure: Failure) -> Self {
        StsError::Credentials(failure)
    }
}

impl StsError {
    /// Returns the status and the code (AWS STS API reference, "Common errors").
    fn words(&self) -> (StatusCode, &'static str) {
        match self {
            StsError::NoAction => (StatusCode::BAD_REQUEST, "MissingAction"),
            StsError::Action { .. } => (StatusCode::BAD_REQUEST, "InvalidAction"),
            StsError::Mismatch => (StatusCode::FORBIDDEN, "SignatureDoesNotMatch"),
            StsError::Credentials(failure) => match failure {
                Failure::Unsigned => (StatusCode::FORBIDDEN, "MissingAuthenticationToken"),
                Failure::ExpiredToken => (StatusCode::FORBIDDEN, "ExpiredToken"),
                Failure::Signature(flaw) if flaw.code() == ErrorCode::IncompleteSignatureException => {
                    (StatusCode::BAD_REQUEST, "IncompleteSignature")
                }
                Failure::Signature(_) => (StatusCode::FORBIDDEN, "SignatureDoesNotMatch"),
                _ => (StatusCode::FORBIDDEN, "InvalidClientTokenId"),
            },
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.words().0
    }

    pub(super) fn code(&self) -> &'static str {
        self.words().1
    }

    pub(super) fn message(&self) -> String {
        match self {
            StsError::NoAction => {
                "The request must contain the parameter Action. glacier-mock serves the action GetCallerIdentity."
                    .into()
            }
            StsError::Action { action, version } => format!(
                "Could not find operation {action} for version {}. glacier-mock serves the action GetCallerIdentity of \
                 version 2011-06-15.",
                version.as_deref().unwrap_or("NO_VERSION_SPECIFIED")
            ),
            StsError::Mismatch | StsError::Credentials(Failure::Signature(SignatureFlaw::Mismatch { .. })) => {
                MISMATCH.into()
            }
            StsError::Credentials(failure) => match failure {
                Failure::Unsigned => "Request is missing Authentication Token".into(),
                Failure::ExpiredToken => "The security token included in the request is expired".into(),
                Failure::Signature(flaw) => flaw.text(),
                _ => "The security token included in the request is invalid.".into(),
            },
        }
    }
}

/// The code, and the first line of the message.
impl fmt::Display for StsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.message().lines().next().unwrap_or_default())
    }
}

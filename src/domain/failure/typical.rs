//! A representative failure for each error code, for faults and messages that have no failed request to refer to.

use super::error_code::ErrorCode;
use super::failures::Failure;
use super::signature_flaw::SignatureFlaw;

impl Failure {
    /// Returns a failure with this code, with empty values where its text quotes the request.
    pub(crate) fn typical(code: ErrorCode) -> Self {
        use ErrorCode as E;
        let example = String::new;
        match code {
            E::AccessDeniedException => Failure::ForeignAccount { account: example() },
            E::BadRequest => Failure::Unroutable { method: example(), path: example() },
            E::ExpiredTokenException => Failure::ExpiredToken,
            E::IncompleteSignatureException => Failure::Signature(SignatureFlaw::all_missing()),
            E::InsufficientCapacityException => Failure::InsufficientCapacity,
            E::InvalidParameterValueException => Failure::invalid("parameter", example()),
            E::InvalidSignatureException => Failure::SignatureMismatch,
            E::LimitExceededException => Failure::TooManyVaults,
            E::MissingAuthenticationTokenException => Failure::Unsigned,
            E::MissingParameterValueException => Failure::missing("parameter"),
            E::NoLongerSupportedException => Failure::NoLongerSupported,
            E::PolicyEnforcedException => Failure::RetrievalDeniedByPolicy,
            E::RequestTimeoutException => Failure::UploadStalled,
            E::ResourceNotFoundException => Failure::VaultNotFound { vault: example() },
            E::SerializationException => Failure::MalformedBody,
            E::ServiceUnavailableException => Failure::ServiceUnavailable,
            E::ThrottlingException => Failure::Throttled,
            E::UnrecognizedClientException => Failure::UnknownAccessKey,
        }
    }
}

impl ErrorCode {
    /// Returns the text that the service sends with this code. If the text normally ends in a value of the request,
    /// such as an ARN or an ID, that value is omitted.
    pub fn message(self) -> String {
        let text = Failure::typical(self).text();
        text.trim_end_matches([' ', ':']).to_owned()
    }
}

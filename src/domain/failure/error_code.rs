//! The codes of the service's errors, with the HTTP status of each.

use std::fmt;
use std::str::FromStr;

use crate::domain::words::parse_error;

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident, $status:literal;)*) => {
        /// The code of an error response, under AWS's name (`docs/spec/observed.md` section 1.a in the repository).
        ///
        /// ```
        /// use glacier_mock::ErrorCode;
        ///
        /// let throttled = ErrorCode::ThrottlingException;
        /// assert_eq!((throttled.as_str(), throttled.status()), ("ThrottlingException", 400));
        /// assert_eq!(throttled.message(), "Rate exceeded");
        /// assert_eq!("ThrottlingException".parse(), Ok(throttled));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)*
        }

        impl ErrorCode {
            /// All codes, in alphabetical order.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$name),*];

            /// Returns the code as the response body spells it. All codes except `BadRequest` end in `Exception`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(ErrorCode::$name => stringify!($name),)*
                }
            }

            /// Returns the HTTP status of a response with this code.
            pub fn status(self) -> u16 {
                match self {
                    $(ErrorCode::$name => $status,)*
                }
            }
        }
    };
}

error_codes! {
    /// The caller is not authorized: the request is for another account, or a policy or a vault lock denies it.
    AccessDeniedException, 403;
    /// No operation has this method and path.
    BadRequest, 400;
    /// The session token has expired.
    ExpiredTokenException, 403;
    /// The `Authorization` header is malformed or incomplete.
    IncompleteSignatureException, 400;
    /// The service has no capacity for an Expedited retrieval.
    #[doc(alias = "503")]
    InsufficientCapacityException, 503;
    /// A parameter is invalid.
    InvalidParameterValueException, 400;
    /// The signature, or the payload hash that it covers, does not match the request.
    InvalidSignatureException, 403;
    /// The request would exceed a limit of the service.
    LimitExceededException, 400;
    /// The request is not signed.
    MissingAuthenticationTokenException, 400;
    /// A parameter is missing.
    MissingParameterValueException, 400;
    /// The account is new, and the service no longer accepts new customers.
    NoLongerSupportedException, 400;
    /// The data retrieval policy forbids the retrieval.
    PolicyEnforcedException, 400;
    /// The request body did not arrive in time.
    #[doc(alias = "timeout")]
    RequestTimeoutException, 408;
    /// The vault, archive, job or other resource does not exist.
    ResourceNotFoundException, 404;
    /// The request body is not well-formed JSON.
    SerializationException, 400;
    /// The service failed internally. Glacier uses status 500 here, not 503.
    #[doc(alias = "503")]
    ServiceUnavailableException, 500;
    /// The caller sends too many requests. Glacier uses status 400 here, not 429 or 503.
    #[doc(alias = "throttle")]
    #[doc(alias = "429")]
    #[doc(alias = "503")]
    ThrottlingException, 400;
    /// The access key or the account number is unknown.
    UnrecognizedClientException, 400;
}

impl ErrorCode {
    /// Returns the `type` of the error: `Client` for a status below 500, otherwise `Server`.
    pub fn error_type(self) -> &'static str {
        if self.status() >= 500 { "Server" } else { "Client" }
    }
}

parse_error! {
    /// The error of parsing a text that is not an [`ErrorCode`].
    ParseErrorCodeError, "is not an error code of Glacier; expected one such as \"ThrottlingException\""
}

/// Parses a code as the response body spells it. The comparison is case-sensitive.
impl FromStr for ErrorCode {
    type Err = ParseErrorCodeError;

    fn from_str(text: &str) -> Result<Self, ParseErrorCodeError> {
        let found = ErrorCode::ALL.iter().find(|code| code.as_str() == text);
        found.copied().ok_or_else(|| ParseErrorCodeError::of(text))
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl PartialEq<str> for ErrorCode {
    fn eq(&self, code: &str) -> bool {
        self.as_str() == code
    }
}

impl PartialEq<&str> for ErrorCode {
    fn eq(&self, code: &&str) -> bool {
        self.as_str() == *code
    }
}

impl PartialEq<ErrorCode> for str {
    fn eq(&self, code: &ErrorCode) -> bool {
        self == code.as_str()
    }
}

impl PartialEq<ErrorCode> for &str {
    fn eq(&self, code: &ErrorCode) -> bool {
        *self == code.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_equals_its_text_on_either_side() {
        let code = ErrorCode::ALL[0];
        for text in [ErrorCode::ALL[0], ErrorCode::ALL[1]].map(ErrorCode::as_str) {
            let is_same = text == code.as_str();
            assert_eq!([code == text, code == *text, text == code, *text == code], [is_same; 4], "{text}");
        }
    }
}

//! The codes of the service's errors, with the status and the type that go with each.

use std::fmt;

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident, $status:literal;)*) => {
        /// The code of an error, with AWS's name for it (`docs/spec/observed.md` section 1.a in the repository).
        ///
        /// ```
        /// use glacier_mock::ErrorCode;
        ///
        /// let throttled = ErrorCode::ThrottlingException;
        /// assert_eq!((throttled.as_str(), throttled.status()), ("ThrottlingException", 400));
        /// assert_eq!(throttled.message(), "Rate exceeded");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $name,)*
        }

        impl ErrorCode {
            /// All of them.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$name),*];

            /// The code as the body spells it. All end in `Exception` but one.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(ErrorCode::$name => stringify!($name),)*
                }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self {
                    $(ErrorCode::$name => $status,)*
                }
            }
        }
    };
}

error_codes! {
    /// The caller may not do this: another's account, a policy, a lock.
    AccessDeniedException, 403;
    /// No operation has this method and path.
    BadRequest, 400;
    /// The session token has expired.
    ExpiredTokenException, 403;
    /// The `Authorization` header is not one.
    IncompleteSignatureException, 400;
    /// Expedited retrievals are short of capacity.
    InsufficientCapacityException, 503;
    /// A parameter is not legal.
    InvalidParameterValueException, 400;
    /// The signature, or the hash of the payload that it covers, does not fit the request.
    InvalidSignatureException, 403;
    /// There would be too many of something.
    LimitExceededException, 400;
    /// The request is not signed.
    MissingAuthenticationTokenException, 400;
    /// A parameter is missing.
    MissingParameterValueException, 400;
    /// The account is new to the service, which takes no new ones.
    NoLongerSupportedException, 400;
    /// The data retrieval policy forbids the retrieval.
    PolicyEnforcedException, 400;
    /// The body did not arrive in time.
    RequestTimeoutException, 408;
    /// What the request is about does not exist.
    ResourceNotFoundException, 404;
    /// The body is not a well-formed document.
    SerializationException, 400;
    /// The service is at fault.
    ServiceUnavailableException, 500;
    /// There are too many requests. Glacier says so with 400, not with 429 or 503.
    ThrottlingException, 400;
    /// Nobody has this access key or account.
    UnrecognizedClientException, 400;
}

impl ErrorCode {
    /// `Client` or `Server`: whose fault it is.
    pub fn fault(self) -> &'static str {
        if self.status() >= 500 { "Server" } else { "Client" }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
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

//! Every way in which the service refuses a request: code, status, type and text, in one table.
//!
//! Texts marked "ours" have never been seen from the real service (observed.md section 4); when somebody sees one,
//! this is the only place to correct. All others are literal.

use std::borrow::Cow;

/// The codes of the service, with the HTTP status and the type that go with each (observed.md 1.a).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ErrorCode {
    AccessDenied,
    BadRequest,
    InvalidParameterValue,
    InvalidSignature,
    LimitExceeded,
    MissingParameterValue,
    RequestTimeout,
    ResourceNotFound,
    Serialization,
    ServiceUnavailable,
    UnrecognizedClient,
}

impl ErrorCode {
    /// The code as the body spells it: all end in `Exception` but one (observed.md 1.4).
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ErrorCode::AccessDenied => "AccessDeniedException",
            ErrorCode::BadRequest => "BadRequest",
            ErrorCode::InvalidParameterValue => "InvalidParameterValueException",
            ErrorCode::InvalidSignature => "InvalidSignatureException",
            ErrorCode::LimitExceeded => "LimitExceededException",
            ErrorCode::MissingParameterValue => "MissingParameterValueException",
            ErrorCode::RequestTimeout => "RequestTimeoutException",
            ErrorCode::ResourceNotFound => "ResourceNotFoundException",
            ErrorCode::Serialization => "SerializationException",
            ErrorCode::ServiceUnavailable => "ServiceUnavailableException",
            ErrorCode::UnrecognizedClient => "UnrecognizedClientException",
        }
    }

    pub(crate) fn status(self) -> u16 {
        match self {
            ErrorCode::AccessDenied | ErrorCode::InvalidSignature => 403,
            ErrorCode::ResourceNotFound => 404,
            ErrorCode::RequestTimeout => 408,
            ErrorCode::ServiceUnavailable => 500,
            ErrorCode::BadRequest
            | ErrorCode::InvalidParameterValue
            | ErrorCode::LimitExceeded
            | ErrorCode::MissingParameterValue
            | ErrorCode::Serialization
            | ErrorCode::UnrecognizedClient => 400,
        }
    }

    /// `Client` or `Server`: whose fault it is.
    pub(crate) fn fault(self) -> &'static str {
        if self.status() >= 500 { "Server" } else { "Client" }
    }
}

/// Which part of the service refuses. It shows in the order of the keys of the body (observed.md 1.1, 1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    /// Credentials, account, payload hash, load: `message` comes first.
    FrontEnd,
    /// All else: `code` comes first.
    Service,
}

/// What was wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    // The front end.
    /// `x-amz-content-sha256` is not the SHA-256 of what arrived.
    PayloadHashMismatch {
        computed: String,
        claimed: String,
    },
    /// The signature does not fit the request.
    SignatureMismatch,
    /// A well-formed account number that is not the caller's.
    ForeignAccount {
        account: String,
    },
    /// An account that is no account number.
    MalformedAccount,
    /// No operation has this method and path.
    Unroutable {
        method: String,
        path: String,
    },

    // Any operation.
    MissingParameter {
        name: &'static str,
    },
    InvalidApiVersion {
        given: String,
    },
    MalformedBody,
    InvalidParameter {
        name: &'static str,
        given: String,
    },
    /// Something in the fixture itself went wrong.
    Internal,

    // Vaults.
    /// `vault` is the ARN, or the raw name where that is no legal one (observed.md 2.A).
    VaultNotFound {
        vault: String,
    },
    InvalidVaultName {
        name: String,
    },
    /// An archive of another vault was to be deleted. The text is a real one (observed.md 2.A).
    ArchiveOfAnotherVault {
        vault_arn: String,
    },
    VaultNotEmpty {
        vault_arn: String,
    },
    TooManyVaults,

    // Uploads.
    ChecksumMismatch {
        expected: String,
        computed: String,
    },
    InvalidContentLength {
        length: u64,
    },
    InvalidArchiveDescription,
    /// The body stopped coming before it was whole.
    UploadStalled,

    // Jobs.
    JobNotFound {
        id: String,
    },
    JobNotReady {
        id: String,
    },
    ArchiveNotFound {
        id: String,
    },
    InvalidStatusCode {
        given: String,
    },
    RangeBeyondOutput {
        header: String,
    },
    SelectWithdrawn,
    MisalignedRetrieval {
        given: String,
    },
    RangeOfInventory,
}

/// One row of the table.
struct Row {
    code: ErrorCode,
    layer: Layer,
    text: Cow<'static, str>,
}

fn front_end(code: ErrorCode, text: impl Into<Cow<'static, str>>) -> Row {
    Row { code, layer: Layer::FrontEnd, text: text.into() }
}

fn service(code: ErrorCode, text: impl Into<Cow<'static, str>>) -> Row {
    Row { code, layer: Layer::Service, text: text.into() }
}

impl Failure {
    /// The table.
    fn row(&self) -> Row {
        use ErrorCode as E;
        match self {
            Failure::PayloadHashMismatch { computed, claimed } => front_end(
                E::InvalidSignature,
                format!(
                    "The value passed in as x-amz-content-sha256 does not match the computed payload hash. \
                     Computed digest: {computed} expected hash: {claimed}"
                ),
            ),
            Failure::SignatureMismatch => front_end(
                E::InvalidSignature,
                "The request signature we calculated does not match the signature you provided. Check your AWS \
                 Secret Access Key and signing method. Consult the service documentation for details.",
            ),
            Failure::ForeignAccount { account } => {
                front_end(E::AccessDenied, format!("Access denied for account ID: {account}"))
            }
            Failure::MalformedAccount => front_end(E::UnrecognizedClient, "No account found for the given parameters"),
            // Ours.
            Failure::Unroutable { method, path } => {
                service(E::BadRequest, format!("No operation of Amazon Glacier answers {method} {path}"))
            }

            Failure::MissingParameter { name } => {
                service(E::MissingParameterValue, format!("Required parameter missing: {name}"))
            }
            // Ours.
            Failure::InvalidApiVersion { given } => {
                service(E::InvalidParameterValue, format!("Invalid API version: {given}"))
            }
            // Ours.
            Failure::MalformedBody => service(E::Serialization, "The request body is not well-formed"),
            // Seen for x-amz-sha256-tree-hash; by the same pattern for all others.
            Failure::InvalidParameter { name, given } => {
                service(E::InvalidParameterValue, format!("Invalid {name}: {given}"))
            }
            // Ours.
            Failure::Internal => service(E::ServiceUnavailable, "Service is unable to complete the request"),

            Failure::VaultNotFound { vault } => {
                service(E::ResourceNotFound, format!("Vault not found for ARN: {vault}"))
            }
            // Ours, by the prefix of the next.
            Failure::InvalidVaultName { name } => {
                service(E::InvalidParameterValue, format!("Invalid vault name: {name}"))
            }
            Failure::ArchiveOfAnotherVault { vault_arn } => {
                service(E::InvalidParameterValue, format!("Invalid vault name: {vault_arn}"))
            }
            Failure::VaultNotEmpty { vault_arn } => {
                service(E::InvalidParameterValue, format!("Vault not empty or recently written to: {vault_arn}"))
            }
            // Ours.
            Failure::TooManyVaults => {
                service(E::LimitExceeded, "The limit of 1000 vaults for this account and region has been reached")
            }

            Failure::ChecksumMismatch { expected, computed } => service(
                E::InvalidParameterValue,
                format!("Checksum mismatch: expected {expected}, computed {computed}"),
            ),
            Failure::InvalidContentLength { length } => {
                service(E::InvalidParameterValue, format!("Invalid Content-Length: {length}"))
            }
            // Ours.
            Failure::InvalidArchiveDescription => service(E::InvalidParameterValue, "Invalid archive description"),
            Failure::UploadStalled => service(E::RequestTimeout, "Request timed out."),

            Failure::JobNotFound { id } => service(E::ResourceNotFound, format!("The job ID was not found: {id}")),
            Failure::JobNotReady { id } => {
                service(E::InvalidParameterValue, format!("The job is not currently available for download: {id}"))
            }
            Failure::ArchiveNotFound { id } => {
                service(E::ResourceNotFound, format!("The archive ID was not found: {id}"))
            }
            Failure::InvalidStatusCode { given } => {
                service(E::InvalidParameterValue, format!("The job status code is not valid: {given}"))
            }
            Failure::RangeBeyondOutput { header } => service(
                E::InvalidParameterValue,
                format!("The start of the range is larger than size of retrieved data: {header}"),
            ),
            // Ours, as the next two.
            Failure::SelectWithdrawn => service(
                E::InvalidParameterValue,
                "Invalid type: select. Select jobs are no longer supported; retrieve the archive instead",
            ),
            Failure::MisalignedRetrieval { given } => service(
                E::InvalidParameterValue,
                format!(
                    "Invalid retrieval byte range: {given}. It must lie within the archive, begin at a multiple of \
                     1048576 and end before one or at the end of the archive"
                ),
            ),
            Failure::RangeOfInventory => service(
                E::InvalidParameterValue,
                "Invalid retrieval byte range: an inventory cannot be retrieved in part",
            ),
        }
    }

    pub(crate) fn code(&self) -> ErrorCode {
        self.row().code
    }

    pub(crate) fn layer(&self) -> Layer {
        self.row().layer
    }

    pub(crate) fn text(&self) -> Cow<'static, str> {
        self.row().text
    }

    pub(crate) fn missing(name: &'static str) -> Self {
        Failure::MissingParameter { name }
    }

    pub(crate) fn invalid(name: &'static str, given: impl Into<String>) -> Self {
        Failure::InvalidParameter { name, given: given.into() }
    }
}

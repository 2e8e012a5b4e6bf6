//! Every way in which the service refuses a request: code, status, type and text, in one table.
//!
//! Texts marked "ours" have never been seen from the real service (observed.md section 4); when somebody sees one,
//! this is the only place to correct. All others are literal.

use std::borrow::Cow;

use super::error_code::ErrorCode;
use super::signature_flaw::{MISMATCH, SignatureFlaw};

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
    /// The signature cannot fit the request: a header is not ASCII.
    SignatureMismatch,
    /// An upload without `x-amz-content-sha256`: the service signs over the value of that header (observed.md 2.B).
    MissingPayloadHash,
    /// Something is wrong with the signature.
    Signature(SignatureFlaw),
    /// Nobody has this access key.
    UnknownAccessKey,
    /// The request is not signed at all.
    Unsigned,
    /// The session token was good once.
    ExpiredToken,
    /// Too many requests.
    Throttled,
    /// A well-formed account number that is not the caller's.
    ForeignAccount {
        account: String,
    },
    /// A policy of the vault denies it, or none allows it to another account.
    AccessDenied {
        principal: String,
        action: String,
        resource: String,
        /// Which statement decided, and why: for the record alone.
        because: String,
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
    /// The service is at fault, or something in the fixture itself went wrong.
    ServiceUnavailable,
    /// The account is new to the service.
    NoLongerSupported,

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

    // Multipart uploads.
    UploadNotFound {
        id: String,
    },
    /// `given` is the header, or `null` without one.
    InvalidPartSize {
        given: String,
    },
    ContentRangeMismatch {
        range: String,
        length: u64,
    },
    TooManyParts {
        number: u64,
    },
    /// `hole` is the first byte that no part has.
    IncompleteUpload {
        hole: u64,
    },

    // What belongs to a vault.
    TooManyTags,
    NotificationsNotSet {
        vault_arn: String,
    },
    /// `vault` is the bare name (observed.md 2.E).
    AccessPolicyNotSet {
        vault: String,
    },
    InvalidAccessPolicy,
    LockNotSet {
        vault_arn: String,
    },
    InvalidLockPolicy,
    LockInProgress {
        vault_arn: String,
    },
    VaultLocked {
        vault_arn: String,
    },

    // What belongs to an account.
    TooMuchCapacity,
    RetrievalDeniedByPolicy,
    InsufficientCapacity,

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
    /// The service has not taken a first inventory of the vault.
    InventoryNotTaken {
        vault_arn: String,
    },
    InvalidStatusCode {
        given: String,
    },
    /// `name` is StartDate or EndDate.
    InvalidDateRange {
        name: &'static str,
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
                E::InvalidSignatureException,
                format!(
                    "The value passed in as x-amz-content-sha256 does not match the computed payload hash. \
                     Computed digest: {computed} expected hash: {claimed}"
                ),
            ),
            Failure::SignatureMismatch | Failure::MissingPayloadHash => {
                front_end(E::InvalidSignatureException, MISMATCH)
            }
            Failure::Signature(flaw) => front_end(flaw.code(), flaw.text()),
            Failure::ForeignAccount { account } => {
                front_end(E::AccessDeniedException, format!("Access denied for account ID: {account}"))
            }
            // AWS's words elsewhere (observed.md 2.G).
            Failure::AccessDenied { principal, action, resource, .. } => front_end(
                E::AccessDeniedException,
                format!("User: {principal} is not authorized to perform: {action} on resource: {resource}"),
            ),
            Failure::MalformedAccount => {
                front_end(E::UnrecognizedClientException, "No account found for the given parameters")
            }
            Failure::UnknownAccessKey => {
                front_end(E::UnrecognizedClientException, "The security token included in the request is invalid.")
            }
            // AWS's words elsewhere, as those of the next.
            Failure::Unsigned => front_end(E::MissingAuthenticationTokenException, "Missing Authentication Token"),
            Failure::ExpiredToken => {
                front_end(E::ExpiredTokenException, "The security token included in the request is expired")
            }
            Failure::Throttled => front_end(E::ThrottlingException, "Rate exceeded"),
            // Ours.
            Failure::Unroutable { method, path } => {
                service(E::BadRequest, format!("No operation of Amazon Glacier answers {method} {path}"))
            }

            Failure::MissingParameter { name } => {
                service(E::MissingParameterValueException, format!("Required parameter missing: {name}"))
            }
            // Ours.
            Failure::InvalidApiVersion { given } => {
                service(E::InvalidParameterValueException, format!("Invalid API version: {given}"))
            }
            // Ours.
            Failure::MalformedBody => service(E::SerializationException, "The request body is not well-formed"),
            // Seen for x-amz-sha256-tree-hash; by the same pattern for all others.
            Failure::InvalidParameter { name, given } => {
                service(E::InvalidParameterValueException, format!("Invalid {name}: {given}"))
            }
            // Ours.
            Failure::ServiceUnavailable => {
                service(E::ServiceUnavailableException, "Service is unable to complete the request")
            }
            Failure::NoLongerSupported => service(
                E::NoLongerSupportedException,
                "This API is no longer supported for new accounts. Please use Amazon S3 Glacier storage classes \
                 instead.",
            ),

            Failure::VaultNotFound { vault } => {
                service(E::ResourceNotFoundException, format!("Vault not found for ARN: {vault}"))
            }
            // Ours, by the prefix of the next.
            Failure::InvalidVaultName { name } => {
                service(E::InvalidParameterValueException, format!("Invalid vault name: {name}"))
            }
            Failure::ArchiveOfAnotherVault { vault_arn } => {
                service(E::InvalidParameterValueException, format!("Invalid vault name: {vault_arn}"))
            }
            Failure::VaultNotEmpty { vault_arn } => service(
                E::InvalidParameterValueException,
                format!("Vault not empty or recently written to: {vault_arn}"),
            ),
            // Ours.
            Failure::TooManyVaults => service(
                E::LimitExceededException,
                "The limit of 1000 vaults for this account and region has been reached",
            ),

            Failure::ChecksumMismatch { expected, computed } => service(
                E::InvalidParameterValueException,
                format!("Checksum mismatch: expected {expected}, computed {computed}"),
            ),
            Failure::InvalidContentLength { length } => {
                service(E::InvalidParameterValueException, format!("Invalid Content-Length: {length}"))
            }
            // Ours.
            Failure::InvalidArchiveDescription => {
                service(E::InvalidParameterValueException, "Invalid archive description")
            }
            Failure::UploadStalled => service(E::RequestTimeoutException, "Request timed out."),

            // What a fake says that took other texts from the real service.
            Failure::UploadNotFound { id } => {
                service(E::ResourceNotFoundException, format!("The upload ID was not found: {id}"))
            }
            Failure::InvalidPartSize { given } => service(
                E::InvalidParameterValueException,
                format!(
                    "Invalid part size: {given}. Part size must not be null, must be a power of two and be between \
                     1048576 and 4294967296 bytes."
                ),
            ),
            Failure::ContentRangeMismatch { range, length } => service(
                E::InvalidParameterValueException,
                format!("Content-Range: {range} is incompatible with Content-Length: {length}"),
            ),
            Failure::TooManyParts { number } => service(
                E::InvalidParameterValueException,
                format!(
                    "This is part number {number} for the current multipart upload. It exceeds the limit of 10000 parts."
                ),
            ),
            // Ours.
            Failure::IncompleteUpload { hole } => service(
                E::InvalidParameterValueException,
                format!("The parts do not make a whole: no part begins at byte {hole}"),
            ),

            Failure::TooManyTags => service(
                E::LimitExceededException,
                "The quota for the number of tags that can be assigned to this resource has been reached.",
            ),
            Failure::NotificationsNotSet { vault_arn } => service(
                E::ResourceNotFoundException,
                format!("No notification configuration is set for vault: {vault_arn}"),
            ),
            Failure::AccessPolicyNotSet { vault } => {
                service(E::ResourceNotFoundException, format!("No vault access policy is set for: {vault}"))
            }
            // Ours, by the text for locks.
            Failure::InvalidAccessPolicy => service(
                E::InvalidParameterValueException,
                "The specified vault access policy is invalid. Provide a valid policy.",
            ),
            // Ours: the prefix of the text for access policies, and the ARN as for notifications.
            Failure::LockNotSet { vault_arn } => {
                service(E::ResourceNotFoundException, format!("No vault lock policy is set for: {vault_arn}"))
            }
            Failure::InvalidLockPolicy => service(
                E::InvalidParameterValueException,
                "The specified vault lock policy is invalid. Provide a valid policy.",
            ),
            // Ours, as the next two.
            Failure::LockInProgress { vault_arn } => {
                service(E::AccessDeniedException, format!("A vault lock is already in progress for: {vault_arn}"))
            }
            Failure::VaultLocked { vault_arn } => {
                service(E::AccessDeniedException, format!("The vault is locked: {vault_arn}"))
            }
            Failure::TooMuchCapacity => {
                service(E::LimitExceededException, "The limit of 2 provisioned capacity units has been reached")
            }
            Failure::RetrievalDeniedByPolicy => {
                service(E::PolicyEnforcedException, "InitiateJob request denied by current data retrieval policy.")
            }
            // Ours.
            Failure::InsufficientCapacity => service(
                E::InsufficientCapacityException,
                "There is insufficient capacity to process this expedited request",
            ),

            Failure::JobNotFound { id } => {
                service(E::ResourceNotFoundException, format!("The job ID was not found: {id}"))
            }
            Failure::JobNotReady { id } => service(
                E::InvalidParameterValueException,
                format!("The job is not currently available for download: {id}"),
            ),
            Failure::ArchiveNotFound { id } => {
                service(E::ResourceNotFoundException, format!("The archive ID was not found: {id}"))
            }
            Failure::InventoryNotTaken { vault_arn } => service(
                E::ResourceNotFoundException,
                format!(
                    "Inventory retrieval jobs for vault {vault_arn} cannot be initiated yet, as Amazon Glacier has not \
                     yet generated an initial inventory for this vault."
                ),
            ),
            Failure::InvalidStatusCode { given } => {
                service(E::InvalidParameterValueException, format!("The job status code is not valid: {given}"))
            }
            // Seen for a StartDate with an offset (observed.md 2.D); the same text for EndDate is inferred.
            Failure::InvalidDateRange { name, given } => service(
                E::InvalidParameterValueException,
                format!("Invalid inventory retrieval date range: InventoryRetrievalJobInput::{name}={given}"),
            ),
            Failure::RangeBeyondOutput { header } => service(
                E::InvalidParameterValueException,
                format!("The start of the range is larger than size of retrieved data: {header}"),
            ),
            // Ours, as the next two.
            Failure::SelectWithdrawn => service(
                E::InvalidParameterValueException,
                "Invalid type: select. Select jobs are no longer supported; retrieve the archive instead",
            ),
            Failure::MisalignedRetrieval { given } => service(
                E::InvalidParameterValueException,
                format!(
                    "Invalid retrieval byte range: {given}. It must lie within the archive, begin at a multiple of \
                     1048576 and end before one or at the end of the archive"
                ),
            ),
            Failure::RangeOfInventory => service(
                E::InvalidParameterValueException,
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

    /// What may have led to it, for the record alone.
    pub(crate) fn hint(&self) -> Option<&str> {
        match self {
            Failure::Signature(SignatureFlaw::Mismatch { hint, .. }) => *hint,
            Failure::AccessDenied { because, .. } => Some(because),
            Failure::MissingPayloadHash => Some(
                "the upload has no x-amz-content-sha256 header, which must carry the SHA-256 of its body in hex: the \
                 service signs over the value of that header, so without it no signature fits",
            ),
            _ => None,
        }
    }

    /// What stands for a code where nothing is known of the request. Where the text names something of the request, an
    /// example does.
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

    pub(crate) fn missing(name: &'static str) -> Self {
        Failure::MissingParameter { name }
    }

    pub(crate) fn invalid(name: &'static str, given: impl Into<String>) -> Self {
        Failure::InvalidParameter { name, given: given.into() }
    }
}

impl ErrorCode {
    /// The text with which the service sends it, without what would name something of the request: the texts that end
    /// in an ARN, an ID or a value end before it here.
    pub fn message(self) -> String {
        let text = Failure::typical(self).text();
        text.trim_end_matches([' ', ':']).to_owned()
    }
}

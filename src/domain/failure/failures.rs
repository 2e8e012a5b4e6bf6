//! Every reason for which the service refuses a request.

use super::signature_flaw::SignatureFlaw;

/// The part of the service that refuses a request. It decides the order of the keys in the response body (observed.md
/// 1.1, 1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layer {
    /// Checks credentials, account, payload hash and load. Its bodies begin with `message`.
    FrontEnd,
    /// Checks everything else. Its bodies begin with `code`.
    Service,
}

/// The reason for which a request fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    // Failures of the front end.
    /// `x-amz-content-sha256` is not the SHA-256 of the received body.
    PayloadHashMismatch {
        computed: String,
        claimed: String,
    },
    /// No signature can match the request, because a header is not ASCII.
    SignatureMismatch,
    /// An upload lacks `x-amz-content-sha256`. The signature covers the value of that header (observed.md 2.B).
    MissingPayloadHash,
    /// The signature is missing a part, malformed, expired or wrong.
    Signature(SignatureFlaw),
    /// The access key is unknown.
    UnknownAccessKey,
    /// The request has no signature.
    Unsigned,
    /// The session token has expired.
    ExpiredToken,
    /// The caller sends too many requests.
    Throttled,
    /// The account number in the path is well-formed, but it is not the caller's.
    ForeignAccount {
        account: String,
    },
    /// A policy of the vault denies the request, or no policy allows it to a caller from another account.
    AccessDenied {
        principal: String,
        action: String,
        resource: String,
        /// Which statement decided, and why. Only the record shows it; the response does not.
        because: String,
    },
    /// The account in the path is not an account number.
    MalformedAccount,
    /// No operation has this method and path.
    Unroutable {
        method: String,
        path: String,
    },

    // Failures of any operation.
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
    /// The service failed internally, or the fixture itself did.
    ServiceUnavailable,
    /// The account is new, and the service no longer accepts new customers.
    NoLongerSupported,

    // Vaults.
    /// `vault` is the ARN, or the raw name if that is invalid (observed.md 2.A).
    VaultNotFound {
        vault: String,
    },
    InvalidVaultName {
        name: String,
    },
    /// The request deletes an archive that is in another vault. The text is literal (observed.md 2.A).
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
    /// The body stopped arriving before it was complete.
    UploadStalled,

    // Multipart uploads.
    UploadNotFound {
        id: String,
    },
    /// `given` is the value of the header, or `null` if the header is missing.
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
    /// `hole` is the position of the first byte that no part covers.
    IncompleteUpload {
        hole: u64,
    },

    // Settings of a vault.
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

    // Limits of an account.
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
    /// The service has not taken the first inventory of the vault yet.
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

impl Failure {
    pub(crate) fn missing(name: &'static str) -> Self {
        Failure::MissingParameter { name }
    }

    pub(crate) fn invalid(name: &'static str, given: impl Into<String>) -> Self {
        Failure::InvalidParameter { name, given: given.into() }
    }

    /// Returns the likely cause. Only the record shows it; the response does not.
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
}

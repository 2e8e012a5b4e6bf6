//! The code, the layer and the text of every failure, in one table.
//!
//! A text marked "Ours" has never been seen from the real service (observed.md section 4). If you see the real one,
//! correct it here; this is the only place. All other texts are literal.

use std::borrow::Cow;

use super::error_code::ErrorCode;
use super::failures::{Failure, Layer};
use super::signature_flaw::MISMATCH;

/// A row of the table.
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
            // The text of other AWS services (observed.md 2.G).
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
            // The text of other AWS services.
            Failure::Unsigned => front_end(E::MissingAuthenticationTokenException, "Missing Authentication Token"),
            // The text of other AWS services.
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
            // Seen for x-amz-sha256-tree-hash; the other parameters follow the same pattern.
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
            // Ours, with the prefix of the text for `ArchiveOfAnotherVault`.
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

            // The text of another mock, whose other texts match the real service.
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
            // Ours, modelled on the text for locks.
            Failure::InvalidAccessPolicy => service(
                E::InvalidParameterValueException,
                "The specified vault access policy is invalid. Provide a valid policy.",
            ),
            // Ours: the prefix of the text for access policies, with the ARN that the text for notifications has.
            Failure::LockNotSet { vault_arn } => {
                service(E::ResourceNotFoundException, format!("No vault lock policy is set for: {vault_arn}"))
            }
            Failure::InvalidLockPolicy => service(
                E::InvalidParameterValueException,
                "The specified vault lock policy is invalid. Provide a valid policy.",
            ),
            // Ours.
            Failure::LockInProgress { vault_arn } => {
                service(E::AccessDeniedException, format!("A vault lock is already in progress for: {vault_arn}"))
            }
            // Ours.
            Failure::VaultLocked { vault_arn } => {
                service(E::AccessDeniedException, format!("The vault is locked: {vault_arn}"))
            }
            // Ours.
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
            // Seen for a StartDate with an offset (observed.md 2.D); we infer the same text for EndDate.
            Failure::InvalidDateRange { name, given } => service(
                E::InvalidParameterValueException,
                format!("Invalid inventory retrieval date range: InventoryRetrievalJobInput::{name}={given}"),
            ),
            Failure::RangeBeyondOutput { header } => service(
                E::InvalidParameterValueException,
                format!("The start of the range is larger than size of retrieved data: {header}"),
            ),
            // Ours.
            Failure::SelectWithdrawn => service(
                E::InvalidParameterValueException,
                "Invalid type: select. Select jobs are no longer supported; retrieve the archive instead",
            ),
            // Ours.
            Failure::MisalignedRetrieval { given } => service(
                E::InvalidParameterValueException,
                format!(
                    "Invalid retrieval byte range: {given}. It must lie within the archive, begin at a multiple of \
                     1048576 and end before one or at the end of the archive"
                ),
            ),
            // Ours.
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
}

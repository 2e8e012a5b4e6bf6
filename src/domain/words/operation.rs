//! The operations of the Glacier API. `wire/operation.rs` has their HTTP methods and paths.

use std::fmt;
use std::str::FromStr;

use super::parse_error::parse_error;

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// An operation of the Glacier API, under AWS's name.
        ///
        /// ```
        /// use glacier_mock::Operation;
        ///
        /// assert_eq!(Operation::DescribeVault.to_string(), "DescribeVault");
        /// assert_eq!("DescribeVault".parse(), Ok(Operation::DescribeVault));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Operation {
            $($(#[$doc])* $name,)*
        }

        impl Operation {
            /// All operations, in the order in which they are declared.
            pub const ALL: &'static [Operation] = &[$(Operation::$name),*];

            /// Returns AWS's name of the operation.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Operation::$name => stringify!($name),)*
                }
            }
        }
    };
}

operations! {
    /// Creates a vault.
    CreateVault,
    /// Returns the creation date, the size and the inventory date of a vault.
    DescribeVault,
    /// Lists the vaults of an account in a region.
    ListVaults,
    /// Deletes an empty vault.
    DeleteVault,
    /// Uploads an archive in one request.
    UploadArchive,
    /// Deletes an archive.
    DeleteArchive,
    /// Starts a multipart upload.
    InitiateMultipartUpload,
    /// Uploads a part of a multipart upload.
    UploadMultipartPart,
    /// Assembles the parts of a multipart upload into an archive.
    CompleteMultipartUpload,
    /// Discards a multipart upload.
    AbortMultipartUpload,
    /// Lists the multipart uploads in progress.
    ListMultipartUploads,
    /// Lists the parts of a multipart upload.
    ListParts,
    /// Starts the retrieval of an archive or of an inventory.
    InitiateJob,
    /// Returns the state of a job.
    DescribeJob,
    /// Lists the jobs of a vault.
    ListJobs,
    /// Downloads the output of a job, or a range of it.
    GetJobOutput,
    /// Adds tags to a vault.
    AddTagsToVault,
    /// Removes tags from a vault.
    RemoveTagsFromVault,
    /// Lists the tags of a vault.
    ListTagsForVault,
    /// Sets the notification configuration of a vault.
    SetVaultNotifications,
    /// Returns the notification configuration of a vault.
    GetVaultNotifications,
    /// Deletes the notification configuration of a vault.
    DeleteVaultNotifications,
    /// Sets the access policy of a vault.
    SetVaultAccessPolicy,
    /// Returns the access policy of a vault.
    GetVaultAccessPolicy,
    /// Deletes the access policy of a vault.
    DeleteVaultAccessPolicy,
    /// Attaches a lock policy to a vault, in progress until it is completed.
    InitiateVaultLock,
    /// Returns the lock of a vault.
    GetVaultLock,
    /// Discards a lock that is in progress.
    AbortVaultLock,
    /// Completes a lock that is in progress.
    CompleteVaultLock,
    /// Returns the data retrieval policy of an account in a region.
    GetDataRetrievalPolicy,
    /// Sets the data retrieval policy of an account in a region.
    SetDataRetrievalPolicy,
    /// Purchases a unit of provisioned capacity.
    PurchaseProvisionedCapacity,
    /// Lists the units of provisioned capacity.
    ListProvisionedCapacity,
}

impl Operation {
    /// Returns whether the request body is data to store, not parameters to parse.
    pub(crate) fn carries_data(self) -> bool {
        matches!(self, Operation::UploadArchive | Operation::UploadMultipartPart)
    }
}

parse_error! {
    /// The error of parsing a text that is not the name of an [`Operation`].
    ParseOperationError, "is not an operation of Glacier; expected AWS's name of one, for example \"CreateVault\""
}

/// Parses AWS's name of an operation. The comparison is case-sensitive.
impl FromStr for Operation {
    type Err = ParseOperationError;

    fn from_str(name: &str) -> Result<Self, ParseOperationError> {
        let found = Operation::ALL.iter().find(|operation| operation.as_str() == name);
        found.copied().ok_or_else(|| ParseOperationError::of(name))
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

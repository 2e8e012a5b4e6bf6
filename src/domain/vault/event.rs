//! The events that happen without a request when time passes.

use super::job::StatusCode;
use crate::domain::words::{CapacityId, JobId, LockId, UploadId};

/// An event that happened because the mock's clock advanced.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A job ended.
    JobCompleted {
        /// The name of the vault that the job belongs to.
        vault: String,
        /// Its ID.
        job: JobId,
        /// The status of the ended job.
        status: StatusCode,
    },
    /// The output of a job expired, 24 hours after the job's end.
    OutputExpired {
        /// The name of the vault that the job belongs to.
        vault: String,
        /// Its ID.
        job: JobId,
    },
    /// A vault lock expired, because it was not completed within 24 hours.
    LockLapsed {
        /// The name of the vault that it was attached to.
        vault: String,
        /// Its ID.
        lock: LockId,
    },
    /// A multipart upload expired, 24 hours after its start or its last part.
    UploadExpired {
        /// The name of the vault that it was for.
        vault: String,
        /// Its ID.
        upload: UploadId,
    },
    /// The daily inventory of a vault that had changed was taken.
    InventoryTaken {
        /// The name of the vault.
        vault: String,
    },
    /// A unit of provisioned capacity expired.
    CapacityExpired {
        /// Its ID.
        capacity: CapacityId,
    },
}

//! What happens by itself when time passes.

use super::job::StatusCode;
use crate::domain::words::{CapacityId, JobId, LockId, UploadId};

/// Something that happened because the mock's clock moved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A job ended.
    JobCompleted {
        /// The vault it read from.
        vault: String,
        /// Its ID.
        job: JobId,
        /// How it ended.
        status: StatusCode,
    },
    /// A job's output was kept for 24 hours, and is gone.
    OutputExpired {
        /// The vault it read from.
        vault: String,
        /// Its ID.
        job: JobId,
    },
    /// A vault lock was not completed within 24 hours.
    LockLapsed {
        /// The vault it was tried on.
        vault: String,
        /// Its ID.
        lock: LockId,
    },
    /// A multipart upload that nobody touched for 24 hours is gone.
    UploadExpired {
        /// The vault it was for.
        vault: String,
        /// Its ID.
        upload: UploadId,
    },
    /// The daily inventory of a vault was taken, and something had changed.
    InventoryTaken {
        /// The vault.
        vault: String,
    },
    /// A unit of provisioned capacity ran out.
    CapacityExpired {
        /// Its ID.
        capacity: CapacityId,
    },
}

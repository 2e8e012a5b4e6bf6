//! The events that happen without a request when time passes.

use super::job::JobStatus;
use crate::domain::account::Account;
use crate::domain::words::{CapacityId, JobId, LockId, UploadId};

/// An event that happened because time passed on the mock's clock.
///
/// ```
/// use std::time::Duration;
/// use glacier_mock::{Event, GlacierMock, JobStatus, JobTiming};
///
/// let mock = GlacierMock::builder().jobs(JobTiming::after(Duration::from_secs(3600))).start();
/// mock.create_vault("photos").start_inventory_retrieval();
///
/// let events = mock.clock().advance_to_next_event();
/// let [Event::JobCompleted { vault, status, .. }] = &events[..] else { panic!("{events:?}") };
/// assert_eq!((&**vault, *status), ("photos", JobStatus::Succeeded));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// A job ended.
    #[non_exhaustive]
    JobCompleted {
        /// The account.
        account: Account,
        /// The region.
        region: String,
        /// The name of the vault that the job belongs to.
        vault: String,
        /// Its ID.
        job: JobId,
        /// The status of the ended job.
        status: JobStatus,
    },
    /// The output of a job expired, 24 hours after the job's end.
    #[non_exhaustive]
    OutputExpired {
        /// The account.
        account: Account,
        /// The region.
        region: String,
        /// The name of the vault that the job belongs to.
        vault: String,
        /// Its ID.
        job: JobId,
    },
    /// A vault lock expired, because it was not completed within 24 hours.
    #[non_exhaustive]
    LockExpired {
        /// The account.
        account: Account,
        /// The region.
        region: String,
        /// The name of the vault that it was attached to.
        vault: String,
        /// Its ID.
        lock: LockId,
    },
    /// A multipart upload expired, 24 hours after its start or its last part.
    #[non_exhaustive]
    UploadExpired {
        /// The account.
        account: Account,
        /// The region.
        region: String,
        /// The name of the vault that it was for.
        vault: String,
        /// Its ID.
        upload: UploadId,
    },
    /// The daily inventory of a vault that had changed was taken.
    #[non_exhaustive]
    InventoryTaken {
        /// The account.
        account: Account,
        /// The region.
        region: String,
        /// The name of the vault.
        vault: String,
    },
    /// A unit of provisioned capacity expired.
    #[non_exhaustive]
    CapacityExpired {
        /// The account.
        account: Account,
        /// The region.
        region: String,
        /// Its ID.
        capacity: CapacityId,
    },
}

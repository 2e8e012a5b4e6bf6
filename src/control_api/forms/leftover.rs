//! The form of a leftover.

use serde::Serialize;

use crate::control::Leftover;
use crate::domain::account::Account;
use crate::domain::words::Timestamp;
use crate::domain::words::{ArchiveId, JobId, LockId, UploadId};

use super::text::Text;

/// Something that the code under test left open.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct LeftoverForm {
    #[serde(flatten)]
    members: Members,
    account: Text<Account>,
    region: String,
    vault: String,
    /// When the upload, the job or the lock was initiated, when the job completed, or when the archive was stored.
    since: Text<Timestamp>,
    /// The leftover in one line.
    text: String,
}

/// What was left open, with the members of its kind.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Members {
    /// A multipart upload that was neither completed nor aborted. `expired` says whether the service has dropped it.
    Upload { upload: String, expired: bool },
    /// A job that is still in progress.
    JobInProgress { job: String },
    /// A completed job of whose output no byte was downloaded.
    OutputNotDownloaded { job: String },
    /// A completed job of whose output `arrived` of `total` bytes were downloaded.
    DownloadIncomplete { job: String, arrived: u64, total: u64 },
    /// A vault lock that was neither completed nor aborted. `expired` says whether it has expired.
    Lock { lock: String, expired: bool },
    /// An archive with the same bytes as the earlier archive `original` in the same vault.
    Duplicate { archive: String, original: String },
}

impl LeftoverForm {
    pub(crate) fn of(leftover: &Leftover) -> Self {
        let text = leftover.to_string();
        let (account, region) = leftover.place();
        let (account, region, vault) = (Text(*account), region.to_owned(), leftover.vault().to_owned());
        let upload = |id: &UploadId| id.to_string();
        let job = |id: &JobId| id.to_string();
        let lock = |id: &LockId| id.to_string();
        let archive = |id: &ArchiveId| id.to_string();
        let (since, members) = match leftover {
            Leftover::Upload { upload: id, since, expired, .. } => {
                (since, Members::Upload { upload: upload(id), expired: *expired })
            }
            Leftover::JobInProgress { job: id, since, .. } => (since, Members::JobInProgress { job: job(id) }),
            Leftover::OutputNotDownloaded { job: id, since, .. } => {
                (since, Members::OutputNotDownloaded { job: job(id) })
            }
            Leftover::DownloadIncomplete { job: id, since, arrived, total, .. } => {
                (since, Members::DownloadIncomplete { job: job(id), arrived: *arrived, total: *total })
            }
            Leftover::Lock { lock: id, since, expired, .. } => {
                (since, Members::Lock { lock: lock(id), expired: *expired })
            }
            Leftover::Duplicate { archive: id, original, since, .. } => {
                (since, Members::Duplicate { archive: archive(id), original: archive(original) })
            }
        };
        LeftoverForm { members, account, region, vault, since: Text(*since), text }
    }
}

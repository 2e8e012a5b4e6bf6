//! What the code under test left open: things that cost money at AWS, or are bugs that show months later.

use std::collections::HashMap;
use std::fmt;

use crate::domain::account::{Account, AccountRegion};
use crate::domain::words::{ArchiveId, JobId, LockId, Timestamp, UploadId};
use crate::mock::Mock;
use crate::service::{StoredArchive, Unfinished, UnfinishedKind};

use super::error::ControlError;

/// The number of leftovers that a report lists.
const SHOWN: usize = 20;

/// Something that the code under test left open, from [`GlacierMock::leftovers`](crate::GlacierMock::leftovers).
///
/// Displayed, it is one line with the ID, the vault and the time.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Leftover {
    /// A multipart upload that was neither completed nor aborted.
    #[non_exhaustive]
    Upload {
        /// The account.
        account: Account,
        /// The region.
        region: String,
        /// The name of the vault that it is for.
        vault: String,
        /// Its ID.
        upload: UploadId,
        /// When it was initiated.
        since: Timestamp,
        /// Whether the service has dropped it since, after 24 hours without a part.
        expired: bool,
    },
    /// A job that is still in progress.
    #[non_exhaustive]
    JobInProgress {
        /// The account.
        account: Account,
        /// The region.
        region: String,
        /// The name of the vault.
        vault: String,
        /// Its ID.
        job: JobId,
        /// When it was started.
        since: Timestamp,
    },
    /// A completed job of whose output no byte was downloaded. The output may have expired since.
    #[non_exhaustive]
    OutputNotDownloaded {
        /// The account.
        account: Account,
        /// The region.
        region: String,
        /// The name of the vault.
        vault: String,
        /// The ID of the job.
        job: JobId,
        /// When the job completed.
        since: Timestamp,
    },
    /// A completed job of whose output only some bytes were downloaded, all downloads taken together.
    #[non_exhaustive]
    DownloadIncomplete {
        /// The account.
        account: Account,
        /// The region.
        region: String,
        /// The name of the vault.
        vault: String,
        /// The ID of the job.
        job: JobId,
        /// When the job completed.
        since: Timestamp,
        /// The number of different bytes that were sent to the client.
        arrived: u64,
        /// The length of the output in bytes.
        total: u64,
    },
    /// A vault lock that was neither completed nor aborted.
    #[non_exhaustive]
    Lock {
        /// The account.
        account: Account,
        /// The region.
        region: String,
        /// The name of the vault.
        vault: String,
        /// Its ID.
        lock: LockId,
        /// When it was initiated.
        since: Timestamp,
        /// Whether it has expired since, 24 hours after it was initiated. The vault is not locked then.
        expired: bool,
    },
    /// An archive with the same bytes as an earlier one in the same vault.
    #[non_exhaustive]
    Duplicate {
        /// The account.
        account: Account,
        /// The region.
        region: String,
        /// The name of the vault.
        vault: String,
        /// The ID of the later archive.
        archive: ArchiveId,
        /// The ID of the first archive with these bytes.
        original: ArchiveId,
        /// When the later archive was stored.
        since: Timestamp,
    },
}

impl Leftover {
    /// Returns the name of the vault.
    pub fn vault(&self) -> &str {
        match self {
            Leftover::Upload { vault, .. }
            | Leftover::JobInProgress { vault, .. }
            | Leftover::OutputNotDownloaded { vault, .. }
            | Leftover::DownloadIncomplete { vault, .. }
            | Leftover::Lock { vault, .. }
            | Leftover::Duplicate { vault, .. } => vault,
        }
    }

    fn of(unfinished: Unfinished) -> Self {
        let Unfinished { place, vault, since, what, .. } = unfinished;
        let AccountRegion { account, region } = place;
        let (region, vault) = (region.to_string(), vault.to_string());
        match what {
            UnfinishedKind::Upload { id: upload, expired } => {
                Leftover::Upload { account, region, vault, upload, since, expired }
            }
            UnfinishedKind::Lock { id: lock, expired } => {
                Leftover::Lock { account, region, vault, lock, since, expired }
            }
            UnfinishedKind::JobInProgress { id: job } => Leftover::JobInProgress { account, region, vault, job, since },
            UnfinishedKind::Output { id: job, arrived, total: Some(total) } if arrived > 0 => {
                Leftover::DownloadIncomplete { account, region, vault, job, since, arrived, total }
            }
            UnfinishedKind::Output { id: job, .. } => {
                Leftover::OutputNotDownloaded { account, region, vault, job, since }
            }
        }
    }

    /// Returns the account and the region of the vault.
    pub(crate) fn place(&self) -> (&Account, &str) {
        match self {
            Leftover::Upload { account, region, .. }
            | Leftover::JobInProgress { account, region, .. }
            | Leftover::OutputNotDownloaded { account, region, .. }
            | Leftover::DownloadIncomplete { account, region, .. }
            | Leftover::Lock { account, region, .. }
            | Leftover::Duplicate { account, region, .. } => (account, region),
        }
    }
}

impl fmt::Display for Leftover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (account, region) = self.place();
        let vault = format_args!("vault {:?} ({account}, {region})", self.vault());
        let expired = |expired: bool| if expired { ", and has expired since" } else { "" };
        match self {
            Leftover::Upload { upload, since, expired: gone, .. } => write!(
                f,
                "multipart upload {upload} for {vault}, initiated at {since}, was neither completed nor aborted{}",
                expired(*gone)
            ),
            Leftover::JobInProgress { job, since, .. } => {
                write!(f, "job {job} of {vault}, started at {since}, is still in progress")
            }
            Leftover::OutputNotDownloaded { job, since, .. } => {
                write!(f, "the output of job {job} of {vault}, complete since {since}, was never downloaded")
            }
            Leftover::DownloadIncomplete { job, since, arrived, total, .. } => write!(
                f,
                "the output of job {job} of {vault}, complete since {since}, was downloaded in part: {arrived} of {total} \
                 bytes"
            ),
            Leftover::Lock { lock, since, expired: gone, .. } => write!(
                f,
                "lock {lock} of {vault}, initiated at {since}, was neither completed nor aborted{}",
                expired(*gone)
            ),
            Leftover::Duplicate { archive, original, since, .. } => {
                write!(f, "archive {archive} in {vault}, stored at {since}, has the same bytes as archive {original}")
            }
        }
    }
}

/// Returns what the code under test left open, in the order in which it was started; then archives that were uploaded
/// twice.
pub(crate) fn leftovers(mock: &Mock) -> Vec<Leftover> {
    let mut all: Vec<_> = mock.service.unfinished().into_iter().map(Leftover::of).collect();
    for (place, vault, archives) in mock.service.stored_archives() {
        let (account, region, vault) = (place.account, place.region.to_string(), vault.to_string());
        all.extend(duplicates(archives).into_iter().map(|(later, original)| Leftover::Duplicate {
            account,
            region: region.clone(),
            vault: vault.clone(),
            archive: later.archive.id.clone(),
            original: original.archive.id.clone(),
            since: later.archive.created,
        }));
    }
    all
}

/// Returns each archive that a request stored although the vault already had its bytes, with the first such archive.
fn duplicates(archives: Vec<StoredArchive>) -> Vec<(StoredArchive, StoredArchive)> {
    let mut sizes: HashMap<u64, usize> = HashMap::new();
    archives.iter().for_each(|stored| *sizes.entry(stored.archive.size()).or_default() += 1);
    let mut first: HashMap<_, StoredArchive> = HashMap::new();
    let mut found = Vec::new();
    // The tree hash of a large archive is expensive, so only archives of equal size are compared.
    for stored in archives.into_iter().filter(|stored| sizes[&stored.archive.size()] > 1) {
        let bytes = (stored.archive.size(), stored.archive.tree_hash());
        match first.get(&bytes) {
            Some(original) if stored.is_of_request => found.push((stored, original.clone())),
            Some(_) => {}
            None => drop(first.insert(bytes, stored)),
        }
    }
    found
}

/// Returns an error that lists the leftovers, if there are any.
pub(crate) fn assert_none(leftovers: &[Leftover]) -> Result<(), ControlError> {
    let count = match leftovers.len() {
        0 => return Ok(()),
        1 => "1 thing was left open".to_owned(),
        n => format!("{n} things were left open"),
    };
    let mut lines: Vec<_> = leftovers.iter().take(SHOWN).map(|leftover| format!("\n  {leftover}")).collect();
    if let Some(more) = leftovers.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        lines.push(format!("\n  ... and {more} more"));
    }
    Err(ControlError::conflict(format!("{count}:{}", lines.concat())))
}

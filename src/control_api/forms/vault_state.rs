//! The form of what a vault contains.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::control::{ControlError, VaultControl};
use crate::domain::account::{Account, AccountRegion};
use crate::domain::bytes::Digest;
use crate::domain::vault::{Archive, Notifications, Upload, Vault, VaultLock};
use crate::domain::words::{ArchiveId, LockId, Timestamp, UploadId};

use super::job::JobForm;
use super::text::Text;

/// A vault, without its contents.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct VaultSummaryForm {
    name: String,
    account: Text<Account>,
    region: String,
    arn: String,
    creation_date: Text<Timestamp>,
    /// When the last inventory was taken.
    inventory_date: Option<Text<Timestamp>>,
    /// The number of archives now, independent of the inventory.
    archive_count: u64,
    /// The sum of the sizes of the archives now, in bytes, without the overhead that DescribeVault adds.
    size: u64,
    upload_count: usize,
    job_count: usize,
}

/// A vault and its contents.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct VaultForm {
    #[serde(flatten)]
    summary: VaultSummaryForm,
    /// In the order of upload: at most as many as the limit, from the archive after `after` on.
    archives: Vec<ArchiveForm>,
    /// The multipart uploads in progress, in the order in which they were initiated.
    uploads: Vec<UploadForm>,
    /// In the order in which they were initiated.
    jobs: Vec<JobForm>,
    tags: BTreeMap<String, String>,
    lock: Option<LockForm>,
    /// The policy document.
    access_policy: Option<Value>,
    notifications: Option<NotificationsForm>,
}

/// An archive.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ArchiveForm {
    archive_id: Text<ArchiveId>,
    description: Option<String>,
    /// In bytes.
    size: u64,
    tree_hash: Text<Digest>,
    creation_date: Text<Timestamp>,
    /// Whether the bytes are zeros and not those of the tree hash, because the archive is of an inventory that was imported.
    made_up: bool,
}

/// A multipart upload in progress.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct UploadForm {
    upload_id: Text<UploadId>,
    description: Option<String>,
    /// In bytes.
    part_size: u64,
    creation_date: Text<Timestamp>,
    /// In the order of their positions.
    parts: Vec<PartForm>,
}

/// A part of a multipart upload.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PartForm {
    /// The positions of the first and the last byte in the archive.
    range: [u64; 2],
    tree_hash: Text<Digest>,
}

/// A vault lock.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct LockForm {
    lock_id: Text<LockId>,
    /// The policy document.
    policy: Value,
    /// `InProgress` or `Locked`.
    state: &'static str,
    creation_date: Text<Timestamp>,
    /// When a lock in progress expires.
    expiration_date: Option<Text<Timestamp>>,
}

/// A notification configuration.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct NotificationsForm {
    /// The ARN of the SNS topic.
    topic: String,
    events: Vec<&'static str>,
}

/// The archives of a vault to show.
#[derive(Clone, Debug)]
pub(crate) struct ArchivePage {
    pub(crate) limit: usize,
    /// The archive before the first one to show.
    pub(crate) after: Option<ArchiveId>,
}

impl VaultSummaryForm {
    pub(crate) fn read(vault: &VaultControl) -> Result<Self, ControlError> {
        vault.look(|found, now| Self::of(found, vault.place(), now))
    }

    fn of(vault: &mut Vault, place: &AccountRegion, now: Timestamp) -> Self {
        let (archive_count, size) = vault.archive_count_and_size();
        VaultSummaryForm {
            name: vault.name.to_string(),
            account: Text(place.account),
            region: place.region.to_string(),
            arn: vault.arn.clone(),
            creation_date: Text(vault.created),
            inventory_date: vault.totals(now).inventory_taken.map(Text),
            archive_count,
            size: u64::try_from(size).unwrap_or(u64::MAX),
            upload_count: vault.uploads.starting_at(0, now).count(),
            job_count: vault.jobs.all(now).count(),
        }
    }
}

impl VaultForm {
    pub(crate) fn read(vault: &VaultControl, page: &ArchivePage) -> Result<Self, ControlError> {
        let jobs = vault.jobs()?;
        let (form, archives) = vault.look(|found, now| {
            let archives = found.archives_after(page.after.as_ref());
            let archives: Option<Vec<_>> = archives.map(|archives| archives.take(page.limit).cloned().collect());
            let form = VaultForm {
                summary: VaultSummaryForm::of(found, vault.place(), now),
                archives: Vec::new(),
                uploads: found.uploads.starting_at(0, now).map(|(_, upload)| UploadForm::of(upload)).collect(),
                jobs: Vec::new(),
                tags: found.tags.get().clone(),
                lock: found.current_lock(now).as_ref().map(LockForm::of),
                access_policy: found.access_policy.as_ref().map(|policy| document(policy.text())),
                notifications: found.notifications.as_ref().map(NotificationsForm::of),
            };
            (form, archives)
        })?;
        let Some(archives) = archives else {
            let after = page.after.as_ref().map(ArchiveId::as_str).unwrap_or_default();
            let message = format!("after: vault {:?} does not contain the archive {after:?}", vault.name());
            return Err(ControlError::not_found(message));
        };
        // These hash, so they are computed without the lock.
        let archives = archives.iter().map(ArchiveForm::of).collect();
        Ok(VaultForm { archives, jobs: jobs.iter().map(JobForm::of).collect(), ..form })
    }
}

impl ArchiveForm {
    fn of(archive: &Arc<Archive>) -> Self {
        ArchiveForm {
            archive_id: Text(archive.id.clone()),
            description: archive.description.get().map(str::to_owned),
            size: archive.size(),
            tree_hash: Text(archive.tree_hash()),
            creation_date: Text(archive.created),
            made_up: archive.is_made_up(),
        }
    }
}

impl UploadForm {
    fn of(upload: &Upload) -> Self {
        let parts = upload.parts_from(0).map(|(_, part)| PartForm {
            range: [part.range.first(), part.range.last()],
            tree_hash: Text(part.tree_hash),
        });
        UploadForm {
            upload_id: Text(upload.id.clone()),
            description: upload.description.get().map(str::to_owned),
            part_size: upload.part_size.bytes(),
            creation_date: Text(upload.created),
            parts: parts.collect(),
        }
    }
}

impl LockForm {
    fn of(lock: &VaultLock) -> Self {
        LockForm {
            lock_id: Text(lock.id.clone()),
            policy: document(lock.policy.text()),
            state: lock.state.as_str(),
            creation_date: Text(lock.created),
            expiration_date: lock.state.expires().map(Text),
        }
    }
}

impl NotificationsForm {
    fn of(set: &Notifications) -> Self {
        NotificationsForm {
            topic: set.topic.as_str().to_owned(),
            events: set.events.iter().map(|event| event.as_str()).collect(),
        }
    }
}

/// Returns a policy as JSON, or as text if it is nested too deeply to be read.
fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

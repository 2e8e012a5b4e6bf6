//! Changes a vault without a request. Each change executes the commands that requests execute, so that every rule of
//! the service is implemented once.

use std::collections::BTreeMap;

use crate::domain::bytes::{ByteRange, Content, Digest, HeaderRange};
use crate::domain::failure::{ErrorCode, Failure};
use crate::domain::vault::{
    Format, JobEvent, ListedInventory, NewTags, Notifications, PartSize, Period, StoredBytes, Tier, Topic,
};
use crate::domain::words::{ArchiveId, Description, LockId, Timestamp, UploadId, VaultName};
use crate::policy::PolicyDocument;
use crate::service::{
    AccountCommand, Command, CompleteMultipartUpload, FoundJob, InitiateJob, InitiateMultipartUpload, NotImported,
    Outcome, Retrieval, UploadArchive, UploadMultipartPart, VaultCommand,
};

use super::error::ControlError;
use super::vault::VaultControl;

pub(super) const NAMES: &str = "A name has 1 to 255 characters: letters a to z and A to Z, digits, `_`, `-` and `.`";
const ARCHIVES: &str =
    "An archive has at least one byte, and a description of at most 1,024 printable ASCII characters";
const DELETIONS: &str = "Pass the ID of an archive that is or was in this vault";
const UPLOADS: &str = "A description has at most 1,024 printable ASCII characters";
const PARTS: &str = "A part has at least one byte and at most as many as the upload's part size, and begins at a \
                     multiple of the part size. The upload must be in progress";
const COMPLETIONS: &str = "The upload must be in progress, and its parts must leave no gap";
const ABORTS: &str = "The upload must be in progress";
const JOBS: &str = "The archive must be or have been in this vault. An inventory job needs an inventory, which the vault \
                    has from its first daily inventory on, unless inventories are live";
pub(super) const TAGS: &str = "A vault has at most 50 tags. A key has 1 to 128 characters and does not begin with `aws:`, a value \
                    has at most 255 characters. Both consist of letters, digits, spaces and `_./=+-@`";
pub(super) const POLICIES: &str = "A policy is JSON of at most 20 KiB with a Statement that has an Effect, a Principal, an Action \
                        and a Resource";
pub(super) const LOCKS: &str = "A lock policy is JSON of at most 20 KiB with a Statement that has an Effect, a Principal, an Action \
                     and a Resource. A vault has at most one lock: initiate another only after the first was aborted or \
                     has expired";
const LOCK_ENDS: &str = "A lock can be completed or aborted within 24 hours after it was initiated, and not after its \
                         completion";
pub(super) const NOTIFICATIONS: &str = "Pass the ARN of an SNS topic, for example `arn:aws:sns:us-east-1:000000000000:done`, and at \
                             least one of ArchiveRetrievalCompleted and InventoryRetrievalCompleted";

impl VaultControl {
    /// Creates the vault. Does nothing if it exists.
    pub(crate) fn create(&self) -> Result<(), ControlError> {
        let name = || Failure::InvalidVaultName { name: self.name().to_owned() };
        let create = |name: &VaultName| Command::OnAccount(AccountCommand::CreateVault(name.clone()));
        let made = self.vault_name().ok_or_else(name).and_then(|name| self.apply(create(name)));
        made.map(drop).map_err(|failure| self.refused("be created", NAMES, &failure))
    }

    /// Removes the vault with everything in it. Neither DeleteVault's conditions nor policies nor a lock prevent this.
    pub(crate) fn remove(&self) -> Result<(), ControlError> {
        let removed = self.vault_name().is_some_and(|name| self.mock.service.remove_vault(&self.place, name));
        if removed { Ok(()) } else { Err(self.missing()) }
    }

    /// Stores an archive, also one that is larger than the limit of UploadArchive.
    pub(crate) fn put_archive(&self, description: &str, content: Content) -> Result<ArchiveId, ControlError> {
        self.store(description, hashed(content)?)
    }

    /// Stores an archive whose bytes are hashed already.
    pub(crate) fn store(&self, description: &str, body: StoredBytes) -> Result<ArchiveId, ControlError> {
        let stored = self.change("accept the archive", ARCHIVES, || {
            Ok(VaultCommand::UploadArchive(UploadArchive { description: parse_description(description)?, body }))
        });
        match stored? {
            Outcome::ArchiveStored { id, .. } => Ok(id),
            other => unreachable!("UploadArchive ended with {other:?}"),
        }
    }

    pub(crate) fn delete_archive(&self, id: ArchiveId) -> Result<(), ControlError> {
        self.change("delete the archive", DELETIONS, || Ok(VaultCommand::DeleteArchive(id))).map(drop)
    }

    pub(crate) fn start_upload(&self, description: &str, part_size: u64) -> Result<UploadId, ControlError> {
        let started = self.change("start the upload", UPLOADS, || {
            let given = part_size.to_string();
            let part_size = PartSize::parse(&given).ok_or(Failure::InvalidPartSize { given })?;
            let description = parse_description(description)?;
            Ok(VaultCommand::InitiateMultipartUpload(InitiateMultipartUpload { description, part_size }))
        });
        match started? {
            Outcome::UploadStarted { id, .. } => Ok(id),
            other => unreachable!("InitiateMultipartUpload ended with {other:?}"),
        }
    }

    /// Stores a part of an upload that begins at this byte of the archive.
    pub(crate) fn put_part(&self, upload: UploadId, first_byte: u64, content: Content) -> Result<(), ControlError> {
        self.store_part(upload, first_byte, hashed(content)?)
    }

    /// Stores a part whose bytes are hashed already.
    pub(crate) fn store_part(&self, upload: UploadId, first_byte: u64, body: StoredBytes) -> Result<(), ControlError> {
        let put = self.change("accept the part", PARTS, || {
            let length = body.content.len();
            let whole = ByteRange::whole(length).ok_or(Failure::InvalidContentLength { length })?;
            let last_byte = first_byte.saturating_add(whole.last());
            let written = format!("bytes {first_byte}-{last_byte}/*");
            let bytes =
                ByteRange::new(first_byte, last_byte).ok_or_else(|| Failure::invalid("Content-Range", &written))?;
            let range = HeaderRange { bytes, written: written.into() };
            Ok(VaultCommand::UploadMultipartPart(UploadMultipartPart { upload, range, body }))
        });
        put.map(drop)
    }

    /// Completes an upload with whatever parts it has.
    pub(crate) fn complete_upload(&self, id: UploadId) -> Result<ArchiveId, ControlError> {
        self.complete_upload_with_hash(id).map(|(archive, _)| archive)
    }

    /// Completes an upload like [`complete_upload`](Self::complete_upload). Returns the tree hash of the archive too.
    pub(crate) fn complete_upload_with_hash(&self, id: UploadId) -> Result<(ArchiveId, Digest), ControlError> {
        let completed = self.change("complete the upload", COMPLETIONS, || {
            // Their size and tree hash are computed under the lock, because a part may be stored at the same time.
            Ok(VaultCommand::CompleteMultipartUpload(CompleteMultipartUpload { upload: id, claims: None }))
        });
        match completed? {
            Outcome::ArchiveStored { id, tree_hash, .. } => Ok((id, tree_hash)),
            other => unreachable!("CompleteMultipartUpload ended with {other:?}"),
        }
    }

    pub(crate) fn abort_upload(&self, id: UploadId) -> Result<(), ControlError> {
        self.change("abort the upload", ABORTS, || Ok(VaultCommand::AbortMultipartUpload(id))).map(drop)
    }

    /// Starts a Standard retrieval of a whole archive.
    pub(crate) fn start_retrieval(&self, archive: ArchiveId) -> Result<FoundJob, ControlError> {
        self.start_job(Retrieval::Archive { archive, range: None, tier: Tier::Standard })
    }

    /// Starts an inventory retrieval in JSON, of all archives.
    pub(crate) fn start_inventory_retrieval(&self) -> Result<FoundJob, ControlError> {
        let (format, period) = (Format::Json, Period::default());
        self.start_job(Retrieval::Inventory { archive: None, format, period, limit: None, marker: None })
    }

    fn start_job(&self, retrieval: Retrieval) -> Result<FoundJob, ControlError> {
        let started = self.change("start the job", JOBS, || {
            let (description, sns_topic) = (Description::default(), None);
            Ok(VaultCommand::InitiateJob(InitiateJob { description, sns_topic, retrieval }))
        });
        match started? {
            // The vault is not looked at again: a callback may have made the service forget the job by now.
            Outcome::JobStarted { vault, job } => Ok(FoundJob { place: self.place.clone(), vault, seen: job }),
            other => unreachable!("InitiateJob ended with {other:?}"),
        }
    }

    /// Takes an inventory now, and returns the date that DescribeVault shows for the last one.
    pub(crate) fn take_inventory(&self) -> Result<Option<Timestamp>, ControlError> {
        self.look(|vault, now| {
            vault.take_inventory(now);
            vault.totals(now).inventory_taken
        })
    }

    pub(crate) fn tag(&self, key: &str, value: &str) -> Result<(), ControlError> {
        let tagged = self.change("accept the tag", TAGS, || {
            let mut tags = BTreeMap::new();
            tags.insert(key.to_owned(), value.to_owned());
            Ok(VaultCommand::AddTagsToVault(NewTags::new(tags)?))
        });
        tagged.map(drop)
    }

    /// Removes a tag. Does nothing if the vault does not have it.
    pub(crate) fn remove_tag(&self, key: &str) -> Result<(), ControlError> {
        self.change("remove the tag", TAGS, || Ok(VaultCommand::RemoveTagsFromVault(vec![key.to_owned()]))).map(drop)
    }

    pub(crate) fn initiate_lock(&self, policy: &str) -> Result<LockId, ControlError> {
        let (policy, advice) = read_policy(policy, LOCKS);
        let started = self.change("be locked", &advice, || {
            let policy = policy.ok_or(Failure::InvalidLockPolicy)?;
            Ok(VaultCommand::InitiateVaultLock(policy))
        });
        match started? {
            Outcome::LockStarted { id } => Ok(id),
            other => unreachable!("InitiateVaultLock ended with {other:?}"),
        }
    }

    pub(crate) fn complete_lock(&self, id: LockId) -> Result<(), ControlError> {
        self.change("complete the lock", LOCK_ENDS, || Ok(VaultCommand::CompleteVaultLock(id))).map(drop)
    }

    /// Aborts a lock that is in progress. Does nothing if there is none.
    pub(crate) fn abort_lock(&self) -> Result<(), ControlError> {
        self.change("abort the lock", LOCK_ENDS, || Ok(VaultCommand::AbortVaultLock)).map(drop)
    }

    pub(crate) fn set_access_policy(&self, policy: &str) -> Result<(), ControlError> {
        let (policy, advice) = read_policy(policy, POLICIES);
        let set = self.change("accept the access policy", &advice, || {
            let policy = policy.ok_or(Failure::InvalidAccessPolicy)?;
            Ok(VaultCommand::SetVaultAccessPolicy(policy))
        });
        set.map(drop)
    }

    /// Removes the access policy. Does nothing if there is none.
    pub(crate) fn remove_access_policy(&self) -> Result<(), ControlError> {
        self.change("remove the access policy", POLICIES, || Ok(VaultCommand::DeleteVaultAccessPolicy)).map(drop)
    }

    pub(crate) fn set_notifications<E: AsRef<str>>(
        &self,
        topic: &str,
        events: impl IntoIterator<Item = E>,
    ) -> Result<(), ControlError> {
        let set = self.change("accept the notifications", NOTIFICATIONS, || {
            let events = JobEvent::parse_all(events)?;
            Ok(VaultCommand::SetVaultNotifications(Notifications::new(Topic::parse(topic)?, events)?))
        });
        set.map(drop)
    }

    /// Removes the notification configuration. Does nothing if there is none.
    pub(crate) fn remove_notifications(&self) -> Result<(), ControlError> {
        let remove = || Ok(VaultCommand::DeleteVaultNotifications);
        self.change("remove the notifications", NOTIFICATIONS, remove).map(drop)
    }

    /// Adds the archives of an inventory of the real service: all, or none if one cannot exist in the mock. With `creates`,
    /// the vault is created if it does not exist.
    pub(crate) fn import_inventory(&self, inventory: ListedInventory, creates: bool) -> Result<(), ControlError> {
        let Some(name) = self.vault_name() else {
            return if creates { self.create() } else { Err(self.missing()) };
        };
        let imported = self.mock.service.import_inventory(&self.place, name, inventory, creates);
        imported.map_err(|error| match error {
            NotImported::NoVault => self.missing(),
            NotImported::Invalid(reason) => ControlError::invalid(reason),
            NotImported::Refused(failure) => self.refused("be created", NAMES, &failure),
        })
    }

    /// Executes a command for the vault as a request would. `what` and `advice` are for the message of a refusal.
    fn change(
        &self,
        what: &str,
        advice: &str,
        command: impl FnOnce() -> Result<VaultCommand, Failure>,
    ) -> Result<Outcome, ControlError> {
        self.execute(what, advice, command())
    }

    fn execute(
        &self,
        what: &str,
        advice: &str,
        command: Result<VaultCommand, Failure>,
    ) -> Result<Outcome, ControlError> {
        let name = self.vault_name().ok_or_else(|| self.missing())?;
        let done = command.and_then(|command| self.apply(Command::OnVault(name.clone(), command)));
        done.map_err(|failure| self.refused(what, advice, &failure))
    }

    fn apply(&self, command: Command) -> Result<Outcome, Failure> {
        self.mock.service.apply(&self.place, None, command)
    }

    pub(super) fn refused(&self, what: &str, advice: &str, failure: &Failure) -> ControlError {
        if matches!(failure, Failure::VaultNotFound { .. }) {
            return self.missing();
        }
        let (code, text) = (failure.code(), failure.text());
        let text = text.trim_end_matches('.');
        let message = format!(
            "vault {:?} cannot {what}: the service would refuse with {}: {text}. {advice}",
            self.name(),
            code.as_str()
        );
        match (failure, code) {
            (_, ErrorCode::ResourceNotFoundException) => ControlError::not_found(message),
            (Failure::LockInProgress { .. } | Failure::VaultLocked { .. }, _)
            | (_, ErrorCode::LimitExceededException) => ControlError::conflict(message),
            _ => ControlError::invalid(message),
        }
    }
}

/// Parses a policy. Returns it if it is valid, and advice that names the flaw, because the service's error does not.
pub(super) fn read_policy(text: &str, advice: &str) -> (Option<PolicyDocument>, String) {
    match PolicyDocument::parse(text) {
        Ok(policy) => (Some(policy), advice.to_owned()),
        Err(flaw) => (None, format!("{advice}. The flaw in this policy: {flaw}")),
    }
}

fn parse_description(text: &str) -> Result<Description, Failure> {
    Description::parse(text).ok_or(Failure::InvalidArchiveDescription)
}

pub(super) fn hashed(content: Content) -> Result<StoredBytes, ControlError> {
    let shown = format!("{content:?}");
    StoredBytes::of(content)
        .map_err(|error| ControlError::invalid(format!("the bytes of {shown} cannot be read: {error}")))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::GlacierMock;
    use crate::domain::words::MIB;
    use crate::sync::Mutex;

    /// Each part is stored before or after the completion, which is refused in neither case. If the parts were summed up
    /// before the completion, 1 of 2,000 completions would be refused (measured).
    #[test]
    fn an_upload_can_be_completed_while_parts_are_stored() {
        const ROUNDS: usize = 20_000;
        let mock = GlacierMock::start();
        let vault = VaultControl::new(mock.mock.clone(), mock.mock.own_place(), "v");
        vault.create().unwrap();
        let start = || vault.start_upload("", MIB).unwrap();
        let (current, is_over) = (Mutex::new(start()), AtomicBool::new(false));
        let put = |upload: UploadId, bytes: &'static [u8]| vault.put_part(upload, 0, bytes.into());
        let results = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::SeqCst) {
                    let upload = current.lock().clone();
                    // The upload may be complete by now.
                    drop(put(upload, b"1"));
                }
            });
            let complete = |_| {
                let upload = current.lock().clone();
                put(upload.clone(), b"22").unwrap();
                let completed = vault.complete_upload(upload);
                *current.lock() = start();
                completed.map(drop)
            };
            let results: Vec<_> = (0..ROUNDS).map(complete).collect();
            is_over.store(true, Ordering::SeqCst);
            results
        });
        assert_eq!(results.into_iter().find(Result::is_err), None);
    }
}

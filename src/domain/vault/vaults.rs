//! A vault: its archives, its deleted archives, and the jobs that read them.

#[cfg(feature = "state")]
mod data;

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

#[cfg(feature = "state")]
pub(crate) use self::data::VaultData;
use super::archive::{Archive, OVERHEAD};
use super::archive_list::ArchiveList;
#[cfg(feature = "standalone")]
use super::archive_list::{Period, Window};
use super::changes::Changes;
use super::event::Event;
use super::inventory_schedule::{InventoryMode, InventorySchedule, Snapshot};
#[cfg(feature = "standalone")]
use super::jobs::Schedule;
use super::jobs::{Jobs, VaultPlace};
use super::lock::VaultLock;
use super::notification::Notifications;
use super::page::Markers;
use super::tags::Tags;
use super::uploads::Uploads;
use crate::domain::account::AccountRegion;
use crate::domain::bytes::Content;
use crate::domain::words::{ArchiveId, Timestamp, VaultName};
use crate::policy::PolicyDocument;

/// A vault and its contents.
#[derive(Debug)]
pub(crate) struct Vault {
    pub(crate) name: VaultName,
    pub(crate) arn: String,
    pub(crate) created: Timestamp,
    archives: ArchiveList,
    stored: HashSet<Stored>,
    /// Deleted archives: deleting one again succeeds, and a job for one is accepted and fails (api.md section 4).
    deleted: HashMap<ArchiveId, Arc<Archive>>,
    /// Archives that were stored, deleted or forgotten.
    changed_archives: Changes<ArchiveId>,
    /// The bytes times milliseconds for which archives were stored that `deleted` has forgotten.
    stored_before: u128,
    /// The total size. A `u64` could overflow, because a single archive may have almost 2^64 bytes.
    bytes: u128,
    /// The bytes that each archive counts in addition to its size.
    overhead: u64,
    schedule: InventorySchedule,
    /// Positions of archives only grow, so the order of a list and the meaning of a marker do not change.
    next_position: u64,
    pub(crate) jobs: Jobs,
    pub(crate) inventory_markers: Markers<u64>,
    pub(crate) uploads: Uploads,
    pub(crate) tags: Tags,
    pub(crate) notifications: Option<Notifications>,
    pub(crate) access_policy: Option<PolicyDocument>,
    lock: Option<VaultLock>,
}

/// A stored archive. It is in a set that is searched by the ID; a map would take 21 bytes more for each archive.
#[derive(Debug)]
struct Stored {
    position: u64,
    archive: Arc<Archive>,
    content: Content,
}

impl Borrow<str> for Stored {
    fn borrow(&self) -> &str {
        &self.archive.id
    }
}

impl Hash for Stored {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.archive.id.as_str().hash(hasher);
    }
}

impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        self.archive.id == other.archive.id
    }
}

impl Eq for Stored {}

/// The settings of a mock that its vaults depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VaultRules {
    pub(crate) inventory: InventoryMode,
    pub(crate) count_overhead: bool,
    pub(crate) keep_idle_uploads: bool,
}

impl Default for VaultRules {
    fn default() -> Self {
        VaultRules { inventory: InventoryMode::default(), count_overhead: true, keep_idle_uploads: false }
    }
}

/// The totals that DescribeVault shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) archives: u64,
    /// The size with the overhead of each archive. It is signed because the SDKs parse it as a signed number.
    pub(crate) bytes: i64,
    pub(crate) inventory_taken: Option<Timestamp>,
}

/// An archive that a vault has or had.
pub(crate) enum Found<'a> {
    Stored(&'a Arc<Archive>, &'a Content),
    Deleted(&'a Arc<Archive>),
}

impl Vault {
    pub(crate) fn new(place: &AccountRegion, name: &VaultName, created: Timestamp, rules: VaultRules) -> Self {
        Vault {
            name: name.clone(),
            arn: place.vault_arn(name),
            created,
            archives: ArchiveList::default(),
            stored: HashSet::new(),
            deleted: HashMap::new(),
            changed_archives: Changes::default(),
            stored_before: 0,
            bytes: 0,
            overhead: if rules.count_overhead { OVERHEAD } else { 0 },
            schedule: InventorySchedule::new(rules.inventory),
            next_position: 0,
            jobs: Jobs::new(VaultPlace { place: place.clone(), vault: name.clone() }),
            inventory_markers: Markers::default(),
            uploads: Uploads::new(rules.keep_idle_uploads),
            tags: Tags::default(),
            notifications: None,
            access_policy: None,
            lock: None,
        }
    }

    pub(crate) fn store(&mut self, archive: Arc<Archive>, content: Content, now: Timestamp) {
        self.catch_up(now);
        self.next_position += 1;
        let position = self.next_position;
        self.bytes += self.counted(&archive);
        self.schedule.changed(now);
        self.archives.insert(position, archive.clone());
        self.changed_archives.note(|| archive.id.clone());
        self.stored.insert(Stored { position, archive, content });
    }

    /// Returns the bytes that an archive adds to the size of the vault.
    fn counted(&self, archive: &Archive) -> u128 {
        u128::from(archive.size()) + u128::from(self.overhead)
    }

    /// Deletes an archive. Returns whether it existed.
    pub(crate) fn delete(&mut self, id: &ArchiveId, now: Timestamp) -> bool {
        self.catch_up(now);
        let Some(Stored { position, archive, .. }) = self.stored.take(id.as_str()) else {
            return false;
        };
        self.archives.remove(position);
        self.bytes -= self.counted(&archive);
        self.schedule.changed(now);
        archive.delete(now);
        self.changed_archives.note(|| archive.id.clone());
        self.deleted.insert(archive.id.clone(), archive);
        true
    }

    /// Forgets a deleted archive. Its ID is then unknown.
    pub(crate) fn forget_deleted(&mut self, id: &ArchiveId, now: Timestamp) {
        if let Some(archive) = self.deleted.remove(id) {
            self.changed_archives.note(|| id.clone());
            self.stored_before += archive.stored_until(now);
        }
    }

    /// Returns the lengths of all lists of the vault.
    #[cfg(all(test, feature = "standalone"))]
    pub(crate) fn counts(&self) -> Vec<(&'static str, usize)> {
        let own = [
            ("archives", self.stored.len()),
            ("deleted archives", self.deleted.len()),
            ("markers of inventories", self.inventory_markers.len()),
        ];
        own.into_iter().chain(self.uploads.counts()).chain(self.jobs.counts()).collect()
    }

    /// Returns how many bytes of memory an archive of the vault takes after its deletion: its hashes, and its bytes if a
    /// job has retrieved them, because its output may still be downloaded.
    pub(crate) fn memory_after_deletion(&self, archive: &Archive) -> u64 {
        let content = self.stored.get(archive.id.as_str()).filter(|_| archive.was_retrieved());
        archive.leaves.memory() + content.map_or(0, |stored| stored.content.memory())
    }

    fn present(&self) -> Snapshot {
        Snapshot { archives: self.archives.clone(), bytes: self.bytes, taken: None }
    }

    /// Takes the inventory that is due. Must be called before every use of the inventory and before every change.
    fn catch_up(&mut self, now: Timestamp) {
        if self.schedule.is_behind() {
            self.schedule.catch_up(&self.present(), now);
        }
    }

    /// Returns the inventory that the service uses; `None` before the first one.
    pub(crate) fn inventory(&mut self, now: Timestamp) -> Option<Snapshot> {
        self.catch_up(now);
        self.schedule.seen(self.present())
    }

    pub(crate) fn take_inventory(&mut self, now: Timestamp) {
        self.schedule.take(&self.present(), now);
    }

    /// Returns the totals that DescribeVault shows, which are zero before the first inventory.
    pub(crate) fn totals(&mut self, now: Timestamp) -> Totals {
        let seen = self.inventory(now).filter(|seen| seen.taken.is_some());
        let totals = |seen: Snapshot| Totals {
            archives: seen.archives.len() as u64,
            bytes: i64::try_from(seen.bytes).unwrap_or(i64::MAX),
            inventory_taken: seen.taken,
        };
        seen.map(totals).unwrap_or_default()
    }

    /// Returns whether the last inventory is empty and the vault has not changed since, as DeleteVault requires.
    pub(crate) fn is_known_to_be_empty(&mut self, now: Timestamp) -> bool {
        let seen = self.inventory(now);
        !self.schedule.is_behind() && seen.is_none_or(|seen| seen.archives.len() == 0)
    }

    /// Returns whether the vault contains this archive now.
    pub(crate) fn has(&self, archive: &ArchiveId) -> bool {
        self.stored.contains(archive.as_str())
    }

    /// Returns whether the vault contains any archive now.
    pub(crate) fn has_archives(&self) -> bool {
        !self.stored.is_empty()
    }

    pub(crate) fn find(&self, id: &ArchiveId) -> Option<Found<'_>> {
        let stored = self.stored.get(id.as_str()).map(|stored| Found::Stored(&stored.archive, &stored.content));
        stored.or_else(|| self.deleted.get(id).map(Found::Deleted))
    }

    /// Returns for how many bytes times milliseconds the vault stored archives by `now`, those that were deleted too.
    pub(crate) fn stored_until(&self, now: Timestamp) -> u128 {
        let stored = self.stored.iter().map(|stored| &stored.archive);
        let known = stored.chain(self.deleted.values()).map(|archive| archive.stored_until(now)).sum::<u128>();
        known + self.stored_before
    }

    /// Returns the current archives in the order of upload, independent of the inventory.
    pub(crate) fn archives(&self) -> impl Iterator<Item = (&Arc<Archive>, &Content)> {
        let listed = self.archives.all();
        listed
            .filter_map(|archive| self.stored.get(archive.id.as_str()).map(|stored| (&stored.archive, &stored.content)))
    }

    /// Returns the current archives in the order of upload: those that were uploaded after this one, or all if it is
    /// `None`. Returns `None` if the vault does not contain the archive.
    #[cfg(feature = "standalone")]
    pub(crate) fn archives_after(&self, id: Option<&ArchiveId>) -> Option<impl Iterator<Item = &Arc<Archive>>> {
        let from = match id {
            Some(id) => self.stored.get(id.as_str())?.position + 1,
            None => 0,
        };
        Some(self.archives.within(Window::starting_at(from, Period::default())).map(|(_, archive)| archive))
    }

    /// Returns the number of current archives and the sum of their sizes, independent of the inventory.
    #[cfg(feature = "standalone")]
    pub(crate) fn archive_count_and_size(&self) -> (u64, u128) {
        let count = self.stored.len() as u64;
        (count, self.bytes - u128::from(count) * u128::from(self.overhead))
    }

    /// Removes all jobs, without announcing them. Returns the numbers of those that were in progress, and the jobs.
    #[cfg(feature = "standalone")]
    pub(crate) fn remove_jobs(&mut self, schedule: &mut Schedule) -> (Vec<u64>, Jobs) {
        let place = VaultPlace { place: self.jobs.place().clone(), vault: self.name.clone() };
        let mut removed = std::mem::replace(&mut self.jobs, Jobs::new(place));
        (removed.discard(schedule), removed)
    }

    /// Returns the lock, unless it expired before it was completed.
    pub(crate) fn current_lock(&mut self, now: Timestamp) -> &mut Option<VaultLock> {
        self.lock.take_if(|lock| lock.has_lapsed(now));
        &mut self.lock
    }

    /// Returns the events after `now` that need no request, with their times.
    pub(crate) fn events(&self, now: Timestamp) -> Vec<(Timestamp, Event)> {
        let AccountRegion { account, region } = self.jobs.place();
        let (account, region, vault) = (*account, || region.to_string(), || self.name.to_string());
        let mut events = Vec::new();
        events.extend(self.jobs.events(now));
        let lock = self.lock.as_ref().filter(|lock| !lock.has_lapsed(now));
        if let Some((lock, at)) = lock.and_then(|lock| Some((lock, lock.state.expires()?))) {
            events.push((at, Event::LockExpired { account, region: region(), vault: vault(), lock: lock.id.clone() }));
        }
        for (at, upload) in self.uploads.expiring(now) {
            events
                .push((at, Event::UploadExpired { account, region: region(), vault: vault(), upload: upload.clone() }));
        }
        if let Some(at) = self.schedule.next().filter(|at| *at > now) {
            events.push((at, Event::InventoryTaken { account, region: region(), vault: vault() }));
        }
        events
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::Account;
    use crate::domain::vault::archive::StoredBytes;
    use crate::domain::words::Description;

    /// Inventories and the list of deleted archives keep the archive's data, but not its bytes.
    #[test]
    fn deleting_an_archive_frees_its_bytes() {
        let now = "2026-01-31T00:00:00Z".parse::<Timestamp>().unwrap();
        let place = AccountRegion::new(Account::DEFAULT, "us-east-1");
        let mut vault = Vault::new(&place, &VaultName::parse("v").unwrap(), now, VaultRules::default());
        let body = StoredBytes::of(vec![7; 100]).unwrap();
        let archive = Archive::new(ArchiveId::new("a"), Description::default(), now, &body).unwrap();
        let bytes = body.content.downgrade();
        vault.store(archive, body.content, now);
        let inventory = vault.inventory(now);
        assert!(bytes.upgrade().is_some());
        assert!(vault.delete(&ArchiveId::new("a"), now));
        assert!(bytes.upgrade().is_none());
        assert_eq!(inventory.unwrap().archives.len(), 1);
        assert!(matches!(vault.find(&ArchiveId::new("a")), Some(Found::Deleted(_))));
        assert_eq!((vault.bytes, vault.archives().count()), (0, 0));
    }
}

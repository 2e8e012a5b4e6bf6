//! Bounds on what the service remembers of deleted and ended things, and the order in which it forgets them.
//!
//! A fixture remembers everything until it is dropped or reset. The program may run for months, so it remembers only the
//! newest deleted archives, ended uploads, ended jobs and deleted vaults, and the accounts and regions that were used
//! last. What exists (vaults, archives, uploads and jobs in progress) is never forgotten.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use crate::domain::account::AccountRegion;
use crate::domain::vault::{Archive, VaultPlace};
use crate::domain::words::{ArchiveId, JobId, Operation, Timestamp, UploadId};

use super::ledger::Entry;
use super::state::State;

/// Bounds on what the service remembers of deleted and ended things. A list that exceeds its bound is cut to half of
/// the bound, so the average cost of a request does not depend on the length.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// The number of things of each kind.
    pub(crate) most: usize,
    /// The bytes of memory of deleted archives: the hashes of all, and the bytes of those that were retrieved, because
    /// clients can still download the outputs.
    pub(crate) bytes: u64,
}

impl Bounds {
    const NONE: Bounds = Bounds { most: usize::MAX, bytes: u64::MAX };

    pub(super) fn exist(self) -> bool {
        self.most < usize::MAX
    }

    /// Returns how many of the oldest things a list of this length has to forget.
    pub(super) fn excess(self, len: usize) -> usize {
        if len > self.most { len - self.most / 2 } else { 0 }
    }
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds::NONE
    }
}

/// Something that was deleted or has ended.
#[derive(Clone, Debug)]
pub(super) enum Over {
    /// A deleted archive, and the bytes of memory that it takes.
    Archive {
        id: ArchiveId,
        bytes: u64,
    },
    Upload(UploadId),
    Job(JobId),
    Vault,
}

/// What was deleted or has ended, in that order. The contents of a deleted vault stay in these lists until newer
/// entries replace them.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    archives: Queue,
    uploads: Queue,
    jobs: Queue,
    vaults: Queue,
    /// The number of commands so far, by which accounts and regions are ordered.
    uses: u64,
    /// The number of accounts and regions above which some are forgotten, if most of them have vaults.
    most_places: usize,
}

/// Things of one kind, the oldest first.
#[derive(Debug, Default)]
struct Queue {
    over: VecDeque<(Arc<VaultPlace>, Over)>,
    bytes: u64,
}

impl Queue {
    fn push(&mut self, place: Arc<VaultPlace>, over: Over) {
        if let Over::Archive { bytes, .. } = over {
            self.bytes += bytes;
        }
        self.over.push_back((place, over));
    }

    /// Removes the oldest things, if there are too many. The newest stays, however large it is.
    fn take_excess(&mut self, bounds: Bounds) -> Vec<(Arc<VaultPlace>, Over)> {
        let mut excess: Vec<_> = self.over.drain(..bounds.excess(self.over.len())).collect();
        let mut bytes = excess.iter().map(|(_, over)| over.bytes()).sum::<u64>();
        if self.bytes - bytes > bounds.bytes {
            while self.bytes - bytes > bounds.bytes / 4 * 3 && self.over.len() > 1 {
                let Some(oldest) = self.over.pop_front() else { break };
                bytes += oldest.1.bytes();
                excess.push(oldest);
            }
        }
        self.bytes -= bytes;
        excess
    }
}

#[cfg(all(test, feature = "standalone"))]
impl Remembered {
    /// Returns the lengths of the lists.
    pub(super) fn counts(&self) -> [(&'static str, usize); 4] {
        [
            ("archives that are over", self.archives.over.len()),
            ("uploads that are over", self.uploads.over.len()),
            ("jobs that are over", self.jobs.over.len()),
            ("vaults that are over", self.vaults.over.len()),
        ]
    }
}

impl Over {
    fn bytes(&self) -> u64 {
        if let Over::Archive { bytes, .. } = self { *bytes } else { 0 }
    }
}

impl State {
    /// Remembers something that was deleted or has ended, and forgets the oldest of its kind if there are too many.
    pub(super) fn remember(&mut self, place: impl FnOnce() -> Arc<VaultPlace>, over: Over, now: Timestamp) {
        if self.settings.bounds.exist() {
            self.remember_at(place(), over, now);
        }
    }

    fn remember_at(&mut self, place: Arc<VaultPlace>, over: Over, now: Timestamp) {
        let bounds = self.settings.bounds;
        let queue = match over {
            Over::Archive { .. } => &mut self.remembered.archives,
            Over::Upload(_) => &mut self.remembered.uploads,
            Over::Job(_) => &mut self.remembered.jobs,
            Over::Vault => &mut self.remembered.vaults,
        };
        queue.push(place, over);
        let excess = queue.take_excess(bounds);
        let mut archives: HashMap<_, HashSet<_>> = HashMap::new();
        for (place, over) in excess {
            let Some(account) = self.places.get_mut(&place.place) else { continue };
            self.changed_places.note(|| place.place.clone());
            // A new vault of the same name does not know the IDs of the old one.
            let vault = account.vaults.get(&place.vault);
            match (over, vault) {
                (Over::Archive { id, .. }, Some(vault)) => {
                    vault.forget_deleted(&id, now);
                    archives.entry((place.place.clone(), place.vault.clone())).or_default().insert(id);
                }
                (Over::Upload(id), Some(vault)) => vault.uploads.forget_ended(&id),
                (Over::Job(id), Some(vault)) => vault.jobs.forget_ended(&id, now),
                (Over::Vault, _) => {
                    account.vaults.deleted.remove(&place.vault);
                }
                (_, None) => {}
            }
        }
        for ((place, name), archives) in archives {
            if let Some(vault) = self.vault(&place, name.as_str()) {
                vault.jobs.forget_retrievals(&archives, now);
            }
        }
    }

    /// Returns what a command ends, if it succeeds. `deleted` is the archive that it deletes.
    pub(super) fn ends(
        &mut self,
        place: &AccountRegion,
        entry: &Entry,
        deleted: Option<&Archive>,
        now: Timestamp,
    ) -> Option<Over> {
        let vault = entry.vault.as_ref().filter(|_| self.settings.bounds.exist())?;
        let vault = self.vault(place, vault.as_str())?;
        match (entry.operation, deleted, &entry.upload) {
            (Operation::DeleteArchive, Some(deleted), _) => {
                let bytes = vault.memory_after_deletion(deleted);
                Some(Over::Archive { id: deleted.id.clone(), bytes })
            }
            (Operation::CompleteMultipartUpload | Operation::AbortMultipartUpload, _, Some(upload)) => {
                vault.uploads.get(upload, now).is_ok().then(|| Over::Upload(upload.clone()))
            }
            (Operation::DeleteVault, ..) => Some(Over::Vault),
            _ => None,
        }
    }

    /// Counts a command for an account in a region, and forgets the accounts and regions without a vault that were not
    /// used for the longest time, with their settings and their usage, if there are too many.
    pub(super) fn use_place(&mut self, place: &AccountRegion) {
        let bounds = self.settings.bounds;
        if !bounds.exist() {
            return;
        }
        self.remembered.uses += 1;
        if let Some(state) = self.places.get_mut(place) {
            state.used = self.remembered.uses;
        }
        if self.places.len() <= self.remembered.most_places {
            return;
        }
        let unused = self.places.iter().filter(|(_, state)| state.vaults.by_name.is_empty());
        let mut unused: Vec<_> = unused.map(|(place, state)| (state.used, place.clone())).collect();
        unused.sort_unstable_by_key(|(used, _)| *used);
        unused.truncate(bounds.excess(self.places.len()));
        for (_, place) in unused {
            self.places.remove(&place);
            self.charges.remove(&place);
            self.changed_places.note(|| place.clone());
            self.changed_charges.note(|| place.clone());
            self.ledger.forget_place(&place);
        }
        // If most of them have vaults, the next check comes after as many new ones.
        self.remembered.most_places = bounds.most.max(2 * self.places.len());
    }

    /// Forgets the oldest notices that were published, if there are too many.
    pub(super) fn cut_notices(&mut self) {
        let excess = self.settings.bounds.excess(self.notices.len()).min(self.published);
        self.notices.drain(..excess);
        self.removed_notices += excess as u64;
        self.published -= excess;
    }
}

//! What AWS would charge for (api.md section 11).
//!
//! The state forgets how often something was asked for, and the record may keep only the newest requests. So the service
//! counts each successful request in a few numbers behind its lock. What is stored, and for how long, is computed from
//! the vaults; those that were removed leave a sum. A reset starts again with the new state.

#[cfg(feature = "state")]
mod data;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::domain::account::AccountRegion;
use crate::domain::vault::{Archive, Found, JobKind, OVERHEAD, Tier};
use crate::domain::words::{ArchiveId, Operation, Timestamp, VaultName};

#[cfg(feature = "state")]
pub(super) use self::data::ChargesData;
use super::Service;
use super::command::{Command, VaultCommand};
use super::outcome::Outcome;
use super::state::{AccountState, State};

/// An archive that is deleted earlier is charged for as if it had been stored this long.
const LEAST_STORAGE: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// What requests to an account in a region have caused. The arrays have a number for each tier.
#[derive(Clone, Debug, Default)]
pub(crate) struct Charges {
    pub(crate) upload_requests: u64,
    pub(crate) retrieval_requests: [u64; 3],
    pub(crate) free_requests: u64,
    pub(crate) retrieved_bytes: [u128; 3],
    pub(crate) downloaded_bytes: u128,
    /// Bytes times milliseconds, with the overhead of each archive.
    pub(crate) stored: u128,
    pub(crate) early_deletions: Vec<EarlyDeleted>,
    /// The bytes of early deletions that were removed from the list, and their bytes times milliseconds.
    pub(crate) earlier_deletions: (u128, u128),
    pub(crate) capacity_units: u64,
}

/// An archive that a request deleted too early.
#[derive(Clone, Debug)]
pub(crate) struct EarlyDeleted {
    pub(crate) vault: VaultName,
    pub(crate) archive: ArchiveId,
    pub(crate) bytes: u64,
    /// The time that was missing.
    pub(crate) missing: Duration,
}

impl EarlyDeleted {
    /// Returns the bytes times milliseconds that are charged for, with the overhead of the archive.
    pub(crate) fn missing_storage(&self) -> u128 {
        (u128::from(self.bytes) + u128::from(OVERHEAD)) * self.missing.as_millis()
    }
}

impl State {
    /// Returns the archive that a command will delete, if the vault has it.
    pub(super) fn archive_to_delete(&mut self, place: &AccountRegion, command: &Command) -> Option<Arc<Archive>> {
        let Command::OnVault(name, VaultCommand::DeleteArchive(id)) = command else { return None };
        match self.vault(place, name.as_str())?.find(id)? {
            Found::Stored(archive, _) => Some(archive.clone()),
            Found::Deleted(_) => None,
        }
    }

    /// Counts a request that succeeded. `deleted` is the archive that it deleted.
    pub(super) fn charge(
        &mut self,
        place: &AccountRegion,
        now: Timestamp,
        operation: Operation,
        deleted: Option<(VaultName, Arc<Archive>)>,
        outcome: &Outcome,
    ) {
        let retrieval = match outcome {
            Outcome::JobStarted { job, .. } => match &job.job.kind {
                // A retrieval of an archive that is already deleted reads no bytes.
                JobKind::Archive(retrieval) => {
                    let bytes = retrieval.content.as_ref().map_or(0, |_| retrieval.range.len());
                    Some((retrieval.tier, bytes))
                }
                JobKind::Inventory(_) => None,
            },
            _ => None,
        };
        // The key is cloned only for the first request of an account in a region.
        if !self.charges.contains_key(place) {
            self.charges.insert(place.clone(), Box::default());
        }
        self.changed_charges.note(|| place.clone());
        let Some(charges) = self.charges.get_mut(place) else { return };
        match (operation, retrieval) {
            (
                Operation::UploadArchive
                | Operation::InitiateMultipartUpload
                | Operation::UploadMultipartPart
                | Operation::CompleteMultipartUpload,
                _,
            ) => charges.upload_requests += 1,
            (_, Some((tier, bytes))) => {
                charges.retrieval_requests[tier_index(tier)] += 1;
                charges.retrieved_bytes[tier_index(tier)] += u128::from(bytes);
            }
            _ => charges.free_requests += 1,
        }
        if operation == Operation::PurchaseProvisionedCapacity {
            charges.capacity_units += 1;
        }
        if let Some((vault, archive)) = deleted {
            let missing = LEAST_STORAGE.saturating_sub(now.since(archive.created));
            if !missing.is_zero() {
                let (archive, bytes) = (archive.id.clone(), archive.size());
                charges.early_deletions.push(EarlyDeleted { vault, archive, bytes, missing });
                let excess = self.settings.bounds.excess(charges.early_deletions.len());
                for early in charges.early_deletions.drain(..excess) {
                    charges.earlier_deletions.0 += u128::from(early.bytes);
                    charges.earlier_deletions.1 += early.missing_storage();
                }
            }
        }
    }

    fn charges(&self, now: Timestamp) -> BTreeMap<AccountRegion, Box<Charges>> {
        let mut all = self.charges.clone();
        for (place, AccountState { vaults, .. }) in &self.places {
            let stored = vaults.by_name.values().map(|vault| vault.stored_until(now)).sum::<u128>();
            let stored = stored + vaults.stored_in_removed;
            let downloaded = self.ledger.downloaded(place);
            if stored > 0 || downloaded > 0 {
                let charges = all.entry(place.clone()).or_default();
                charges.stored = stored;
                charges.downloaded_bytes = downloaded;
            }
        }
        all
    }
}

/// Returns the index of a tier in the arrays of [`Charges`].
pub(crate) fn tier_index(tier: Tier) -> usize {
    match tier {
        Tier::Expedited => 0,
        Tier::Standard => 1,
        Tier::Bulk => 2,
    }
}

impl Service {
    /// Returns what AWS would charge for so far, by account and region.
    pub(crate) fn charges(&self) -> BTreeMap<AccountRegion, Box<Charges>> {
        let state = self.lock();
        let now = self.now();
        state.charges(now)
    }
}

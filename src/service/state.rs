//! The stored state: the vaults of every account and region, and what they share.

use std::collections::{BTreeMap, HashSet};

use crate::domain::account::{Account, AccountRegion, FREE_TIER_PER_DAY, RetrievalPolicy};
#[cfg(feature = "state")]
use crate::domain::vault::Collector;
use crate::domain::vault::{Changes, Event, Markers, Notice, Schedule, Vault, VaultRules};
use crate::domain::words::{ArchiveId, Timestamp, VaultName};

use super::bounds::{Bounds, Remembered};
use super::charges::Charges;
use super::context::Context;
use super::control::{FoundJob, Listener};
use super::far_job::FarJob;
use super::ids::IdSource;
use super::job_rules::JobRules;
use super::ledger::Ledger;
use super::retrieval_limits::RetrievalLimits;
use super::timing::JobTiming;

/// All accounts and regions, and what they share.
#[derive(Debug)]
pub(super) struct State {
    /// A `BTreeMap`, because a mock rarely has more than two or three of them.
    pub(super) places: BTreeMap<AccountRegion, AccountState>,
    pub(super) ids: IdSource,
    pub(super) settings: Settings,
    pub(super) rules: JobRules,
    /// The job that the last command polled for a client, if it is far from its end.
    pub(super) far_job: Option<FarJob>,
    pub(super) schedule: Schedule,
    pub(super) ledger: Ledger,
    /// Boxed: a node of the map has room for eleven values, which would cost each mock 1.7 KiB.
    pub(super) charges: BTreeMap<AccountRegion, Box<Charges>>,
    pub(super) notices: Vec<Notice>,
    /// The number of notices that were removed, by which a state file numbers the others.
    pub(super) removed_notices: u64,
    /// The number of notices that were published to the listeners.
    pub(super) published: usize,
    pub(super) listeners: Vec<Listener>,
    pub(super) remembered: Remembered,
    /// Accounts in a region that were used.
    pub(super) changed_places: Changes<AccountRegion>,
    /// Accounts in a region whose charges changed.
    pub(super) changed_charges: Changes<AccountRegion>,
    /// Whether the test has moved the clock since the state was last collected.
    pub(super) clock_was_moved: bool,
    /// What a file knows of the state, if the state was loaded from it, until it is saved there again.
    #[cfg(feature = "state")]
    pub(super) collector: Option<Box<Collector>>,
}

/// The settings of a mock that commands depend on.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) jobs: JobTiming,
    pub(crate) vaults: VaultRules,
    /// Whether to refuse an ArchiveId on an inventory job, as the real service does.
    pub(crate) refuse_archive_of_inventory: bool,
    /// The number of bytes per day that a FreeTier policy allows.
    pub(crate) free_tier_per_day: u64,
    /// Whether to refuse Expedited retrievals that provisioned capacity does not cover.
    pub(crate) expedited_is_short: bool,
    /// The data retrieval policy of an account in a region until the account sets another one.
    pub(crate) retrieval_policy: RetrievalPolicy,
    /// How much to remember of deleted and ended things.
    pub(crate) bounds: Bounds,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            jobs: JobTiming::default(),
            vaults: VaultRules::default(),
            refuse_archive_of_inventory: false,
            free_tier_per_day: FREE_TIER_PER_DAY,
            expedited_is_short: false,
            retrieval_policy: RetrievalPolicy::default(),
            bounds: Bounds::default(),
        }
    }
}

/// One account in one region.
#[derive(Debug)]
pub(super) struct AccountState {
    pub(super) vaults: Vaults,
    pub(super) limits: RetrievalLimits,
    /// The number of the last command for it, if the number of accounts and regions is bounded.
    pub(super) used: u64,
}

impl AccountState {
    pub(super) fn new(policy: RetrievalPolicy) -> Self {
        AccountState { vaults: Vaults::default(), limits: RetrievalLimits::new(policy), used: 0 }
    }
}

/// The vaults of an account in a region.
#[derive(Debug, Default)]
pub(super) struct Vaults {
    pub(super) by_name: BTreeMap<VaultName, Vault>,
    /// The names of vaults that were deleted, for the failure reports of the fixture.
    pub(super) deleted: HashSet<VaultName>,
    pub(super) markers: Markers<VaultName>,
    /// The bytes times milliseconds that the vaults that were removed stored, with overhead.
    pub(super) stored_in_removed: u128,
    /// Vaults that were created, used or removed.
    pub(super) changed: Changes<VaultName>,
}

impl Vaults {
    pub(super) fn get(&mut self, name: &VaultName) -> Option<&mut Vault> {
        self.changed.note(|| name.clone());
        self.by_name.get_mut(name)
    }

    /// Returns whether one of the vaults now contains an archive.
    pub(super) fn any_has(&self, archive: &ArchiveId) -> bool {
        self.by_name.values().any(|vault| vault.has(archive))
    }
}

impl State {
    pub(super) fn new(ids: IdSource, settings: Settings) -> Self {
        State {
            places: BTreeMap::new(),
            ids,
            settings,
            rules: JobRules::default(),
            far_job: None,
            schedule: Schedule::default(),
            ledger: Ledger::default(),
            charges: BTreeMap::new(),
            notices: Vec::new(),
            removed_notices: 0,
            published: 0,
            listeners: Vec::new(),
            remembered: Remembered::default(),
            changed_places: Changes::default(),
            changed_charges: Changes::default(),
            clock_was_moved: false,
            #[cfg(feature = "state")]
            collector: None,
        }
    }

    /// Returns the notices that are not published yet, and the listeners. From now on the notices count as published.
    pub(super) fn take_unpublished(&mut self) -> (Vec<Notice>, Vec<Listener>) {
        let published = std::mem::replace(&mut self.published, self.notices.len());
        match &self.notices[published..] {
            [] => (Vec::new(), Vec::new()),
            unpublished => (unpublished.to_vec(), self.listeners.clone()),
        }
    }

    /// Returns the vaults of an account in a region, and the context for a command there.
    pub(super) fn open<'a>(&'a mut self, place: &'a AccountRegion, now: Timestamp) -> (&'a mut Vaults, Context<'a>) {
        self.changed_places.note(|| place.clone());
        // The key is cloned only for the first request of an account in a region.
        if !self.places.contains_key(place) {
            self.places.insert(place.clone(), AccountState::new(self.settings.retrieval_policy));
        }
        let AccountState { vaults, limits, .. } =
            self.places.get_mut(place).expect("it was inserted above if it was missing");
        let State { ids, settings, rules, schedule, far_job, .. } = self;
        (vaults, Context { now, place, limits, ids, settings, rules, schedule, far_job })
    }

    /// Returns a vault, if it exists.
    pub(super) fn vault(&mut self, place: &AccountRegion, name: &str) -> Option<&mut Vault> {
        let vaults = &mut self.places.get_mut(place)?.vaults;
        self.changed_places.note(|| place.clone());
        let vault = vaults.by_name.get_mut(name)?;
        vaults.changed.note(|| vault.name.clone());
        Some(vault)
    }

    /// Returns whether an account has an archive in any region.
    pub(super) fn has_storage(&self, account: Account) -> bool {
        let of_account = self.places.iter().filter(|(place, _)| place.account == account);
        of_account.flat_map(|(_, state)| state.vaults.by_name.values()).any(Vault::has_archives)
    }

    /// Returns what will happen after `now` without a request, and when.
    pub(super) fn events(&self, now: Timestamp) -> Vec<(Timestamp, Event)> {
        let mut events = Vec::new();
        for (place, state) in &self.places {
            for vault in state.vaults.by_name.values() {
                events.extend(vault.events(now));
            }
            let units = state.limits.capacity.live(now);
            events.extend(units.map(|unit| {
                let (account, region) = (place.account, place.region.to_string());
                (unit.expiration, Event::CapacityExpired { account, region, capacity: unit.id.clone() })
            }));
        }
        events
    }

    /// Returns the names of vaults of every account and region.
    pub(super) fn names<'a, I: Iterator<Item = &'a VaultName>>(
        &'a self,
        names: impl Fn(&'a AccountState) -> I,
    ) -> Vec<(AccountRegion, VaultName)> {
        let mut all = Vec::new();
        for (place, state) in &self.places {
            all.extend(names(state).map(|name| (place.clone(), name.clone())));
        }
        all
    }

    pub(super) fn jobs(&self, now: Timestamp) -> Vec<FoundJob> {
        let mut jobs = Vec::new();
        for (place, state) in &self.places {
            for (name, vault) in &state.vaults.by_name {
                jobs.extend(vault.jobs.all(now).map(|job| FoundJob {
                    place: place.clone(),
                    vault: name.clone(),
                    seen: job.at(now),
                }));
            }
        }
        jobs.sort_by_key(|place| place.seen.job.number);
        jobs
    }
}

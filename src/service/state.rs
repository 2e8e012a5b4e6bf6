//! What the service remembers: the vaults of every account and region, apart from each other.

use std::collections::BTreeMap;

use crate::domain::account::{Account, Scope};
use crate::domain::capacity::Capacity;
use crate::domain::event::Event;
use crate::domain::failure::Failure;
use crate::domain::name::VaultName;
use crate::domain::notice::Notice;
use crate::domain::page::Markers;
use crate::domain::retrieval_policy::RetrievalPolicy;
use crate::domain::standard_retrievals::StandardRetrievals;
use crate::domain::timestamp::Timestamp;
use crate::domain::vault::{Vault, VaultRules};

use super::control::{JobPlace, Listener};
use super::far_job::FarJob;
use super::ids::IdSource;
use super::job_rules::JobRules;
use super::settle::Due;
use super::timing::JobTiming;

/// All accounts and regions, and what they have in common.
#[derive(Debug)]
pub(super) struct State {
    /// Few, so that a comparison or two finds one quicker than a hash.
    scopes: BTreeMap<Scope, ScopeState>,
    pub(super) ids: IdSource,
    pub(super) settings: Settings,
    pub(super) rules: JobRules,
    jobs_started: u64,
    pub(super) due: Due,
    pub(super) notices: Vec<Notice>,
    /// How many of them the listeners were told.
    pub(super) heard: usize,
    pub(super) listeners: Vec<Listener>,
    /// A job that was polled and ends much later, until the command is done.
    pub(super) far_job: Option<FarJob>,
}

/// In what a mock differs from another.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) jobs: JobTiming,
    pub(crate) vaults: VaultRules,
    /// Refuse an ArchiveId on an inventory job, as the real service does.
    pub(crate) refuse_archive_of_inventory: bool,
    /// Turn everybody away who has nothing stored.
    pub(crate) new_customers_only: bool,
    /// The bytes that a FreeTier policy lets be retrieved in a day.
    pub(crate) free_tier_per_day: u64,
    /// Refuse Expedited retrievals that no provisioned capacity guarantees.
    pub(crate) expedited_is_short: bool,
}

/// One account in one region.
#[derive(Debug, Default)]
pub(super) struct ScopeState {
    pub(super) vaults: BTreeMap<VaultName, Vault>,
    pub(super) vault_markers: Markers<VaultName>,
    pub(super) retrieval_policy: RetrievalPolicy,
    pub(super) standard_retrievals: StandardRetrievals,
    pub(super) capacity: Capacity,
}

impl State {
    pub(super) fn new(ids: IdSource, settings: Settings) -> Self {
        State {
            scopes: BTreeMap::new(),
            ids,
            settings,
            rules: JobRules::default(),
            jobs_started: 0,
            due: Due::default(),
            notices: Vec::new(),
            heard: 0,
            listeners: Vec::new(),
            far_job: None,
        }
    }

    /// The notices that the listeners were not told yet, and the listeners. From now on they count as told.
    pub(super) fn news(&mut self) -> (Vec<Notice>, Vec<Listener>) {
        let heard = std::mem::replace(&mut self.heard, self.notices.len());
        match &self.notices[heard..] {
            [] => (Vec::new(), Vec::new()),
            news => (news.to_vec(), self.listeners.clone()),
        }
    }

    pub(super) fn scope(&mut self, scope: &Scope) -> &mut ScopeState {
        // Cloning the key only for the first request of a scope.
        if !self.scopes.contains_key(scope) {
            self.scopes.insert(scope.clone(), ScopeState::default());
        }
        self.scopes.get_mut(scope).expect("it was inserted above if it was missing")
    }

    /// The vault, or the refusal that every operation under a missing vault gets.
    pub(super) fn vault(&mut self, scope: &Scope, name: &VaultName) -> Result<&mut Vault, Failure> {
        let vault = self.scopes.get_mut(scope).and_then(|state| state.vaults.get_mut(name));
        vault.ok_or_else(|| Failure::VaultNotFound { vault: scope.vault_arn(name) })
    }

    /// Counts the jobs of all accounts, so that they have one order.
    pub(super) fn next_job_number(&mut self) -> u64 {
        self.jobs_started += 1;
        self.jobs_started
    }

    /// Whether an account has an archive in any region.
    pub(super) fn has_storage(&self, account: Account) -> bool {
        let of_account = self.scopes.iter().filter(|(scope, _)| scope.account == account);
        of_account.flat_map(|(_, state)| state.vaults.values()).any(Vault::has_archives)
    }

    /// What will happen by itself, and when, all of it after `now`.
    pub(super) fn events(&self, now: Timestamp) -> Vec<(Timestamp, Event)> {
        let mut events = Vec::new();
        for state in self.scopes.values() {
            events.extend(state.vaults.values().flat_map(|vault| vault.events(now)));
            let units = state.capacity.live(now);
            events.extend(units.map(|unit| (unit.expiration, Event::CapacityExpired { capacity: unit.id.clone() })));
        }
        events
    }

    pub(super) fn jobs(&self, now: Timestamp) -> Vec<JobPlace> {
        let mut jobs = Vec::new();
        for (scope, state) in &self.scopes {
            for (name, vault) in &state.vaults {
                jobs.extend(vault.jobs.all(now).map(|job| JobPlace {
                    scope: scope.clone(),
                    vault: name.to_string(),
                    seen: job.at(now),
                }));
            }
        }
        jobs.sort_by_key(|place| place.seen.job.number);
        jobs
    }
}

impl ScopeState {
    pub(super) fn vault_named_mut(&mut self, name: &str) -> Option<&mut Vault> {
        self.vaults.get_mut(name)
    }
}

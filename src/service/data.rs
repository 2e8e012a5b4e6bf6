//! The state of the service as plain data, to be saved and loaded.
//!
//! Each aggregate turns into a plain struct and back in the file `data.rs` of its folder. What is computed from others
//! (schedules, indexes, lists by status, sums) is not part of the data. Neither is what belongs to a test: rules for the
//! next jobs, and callbacks.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::account::{AccountRegion, is_region};
use crate::domain::vault::{
    ArchiveData, Collector, Contents, DeliveredData, EndingData, InventoryData, InventoryMode, Job, JobAt, JobData,
    ListData, Markers, MarkersData, Notice, Restored, Schedule, Status, Topic, Vault, VaultData, VaultRules,
};
use crate::domain::words::{Timestamp, VaultName};
use crate::time::RunningClock;

use super::bounds::Bounds;
use super::charges::{Charges, ChargesData};
use super::ids::IdSource;
use super::ledger::{Ledger, LedgerData};
use super::retrieval_limits::{LimitsData, PolicyData, RetrievalLimits};
use super::state::{AccountState, Settings, State, Vaults};
use super::timing::{JobTiming, TimingData};
use super::{Initial, Service};

/// The state of the service at one moment. Vaults, jobs and uploads refer to the shared parts by their numbers.
#[derive(Debug)]
pub(crate) struct ServiceData {
    pub(crate) whole: WholeData,
    pub(crate) places: Vec<PlaceData>,
    pub(crate) vaults: Vec<PlacedVaultData>,
    pub(crate) notices: Vec<NoticeData>,
    pub(crate) lists: BTreeMap<usize, ListData>,
    pub(crate) archives: BTreeMap<usize, ArchiveData>,
    pub(crate) delivered: BTreeMap<usize, DeliveredData>,
    pub(crate) contents: Contents,
}

/// What all accounts share. The time is in milliseconds since 1970.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct WholeData {
    pub(crate) now: i64,
    ids: u64,
    settings: SettingsData,
    pub(super) closed_to_new_customers: bool,
    jobs_numbered: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) charges: Vec<(PlaceName, ChargesData)>,
    /// Only in rows of the first format; the later ones have it in separate rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ledger: Option<LedgerData>,
}

#[derive(Debug, Deserialize, Serialize)]
struct SettingsData {
    jobs: TimingData,
    inventory: InventoryData,
    count_overhead: bool,
    keep_idle_uploads: bool,
    refuse_archive_of_inventory: bool,
    free_tier_per_day: u64,
    expedited_is_short: bool,
    retrieval_policy: PolicyData,
}

/// An account in a region, without its vaults.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct PlaceData {
    name: PlaceName,
    deleted: Vec<String>,
    markers: MarkersData<String>,
    stored_in_removed: u128,
    limits: LimitsData,
}

/// A vault, and where it is.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct PlacedVaultData {
    pub(super) place: PlaceName,
    pub(super) vault: VaultData,
}

/// A notice that was published. The time is in milliseconds since 1970.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct NoticeData {
    topic: String,
    place: PlaceName,
    vault: String,
    vault_arn: String,
    at: i64,
    job: JobData,
    status: EndingData,
}

/// An account and a region.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct PlaceName {
    account: String,
    region: String,
}

impl PlaceName {
    pub(crate) fn of(place: &AccountRegion) -> Self {
        PlaceName { account: place.account.to_string(), region: place.region.to_string() }
    }

    /// Returns the name with these parts, which are not checked yet.
    pub(super) fn new(account: &str, region: &str) -> Self {
        PlaceName { account: account.to_owned(), region: region.to_owned() }
    }

    pub(crate) fn place(&self) -> Result<AccountRegion, String> {
        let account = self.account.parse().map_err(|error| format!("{error}"))?;
        if !is_region(&self.region) {
            return Err(format!("{:?} is not the name of a region", self.region));
        }
        Ok(AccountRegion::new(account, &*self.region))
    }
}

/// Returns the name of a vault that was saved.
pub(crate) fn vault_name(text: &str) -> Result<VaultName, String> {
    VaultName::parse(text).ok_or_else(|| format!("{text:?} is not the name of a vault"))
}

impl Settings {
    fn to_data(&self) -> SettingsData {
        SettingsData {
            jobs: self.jobs.to_data(),
            inventory: self.vaults.inventory.to_data(),
            count_overhead: self.vaults.count_overhead,
            keep_idle_uploads: self.vaults.keep_idle_uploads,
            refuse_archive_of_inventory: self.refuse_archive_of_inventory,
            free_tier_per_day: self.free_tier_per_day,
            expedited_is_short: self.expedited_is_short,
            retrieval_policy: PolicyData::of(self.retrieval_policy),
        }
    }

    fn from_data(data: &SettingsData, bounds: Bounds) -> Self {
        Settings {
            jobs: JobTiming::from_data(&data.jobs),
            vaults: VaultRules {
                inventory: InventoryMode::from_data(data.inventory),
                count_overhead: data.count_overhead,
                keep_idle_uploads: data.keep_idle_uploads,
            },
            refuse_archive_of_inventory: data.refuse_archive_of_inventory,
            free_tier_per_day: data.free_tier_per_day,
            expedited_is_short: data.expedited_is_short,
            retrieval_policy: data.retrieval_policy.policy(),
            bounds,
        }
    }
}

impl NoticeData {
    /// Returns `None` for a job in progress, which no notice has.
    pub(super) fn of(notice: &Notice, collector: &mut Collector) -> Option<Self> {
        Some(NoticeData {
            topic: notice.topic.as_str().to_owned(),
            place: PlaceName::of(&notice.place),
            vault: notice.vault.to_string(),
            vault_arn: notice.vault_arn.clone(),
            at: notice.at.as_milliseconds(),
            job: notice.job.job.to_data(collector),
            status: notice.job.status.to_data()?,
        })
    }

    fn notice(&self, restored: &Restored) -> Result<Notice, String> {
        let topic = Topic::parse(&self.topic).map_err(|_| format!("{:?} is not the ARN of a topic", self.topic))?;
        Ok(Notice {
            topic,
            place: self.place.place()?,
            vault: vault_name(&self.vault)?,
            vault_arn: self.vault_arn.clone(),
            at: Timestamp::restored(self.at)?,
            job: JobAt::ended(Job::from_data(&self.job, restored)?, Status::from_data(&self.status)?),
        })
    }
}

impl PlaceData {
    /// Returns the data of an account in a region.
    pub(super) fn of(place: &AccountRegion, vaults: &Vaults, limits: LimitsData) -> Self {
        let mut deleted: Vec<_> = vaults.deleted.iter().map(VaultName::to_string).collect();
        // Equal states are saved as equal files.
        deleted.sort_unstable();
        PlaceData {
            name: PlaceName::of(place),
            deleted,
            markers: vaults.markers.to_data(VaultName::to_string),
            stored_in_removed: vaults.stored_in_removed,
            limits,
        }
    }
}

impl State {
    /// Returns what all accounts share, without what has separate rows.
    pub(super) fn whole(&self, now: Timestamp, closed_to_new_customers: bool) -> WholeData {
        WholeData {
            now: now.as_milliseconds(),
            ids: self.ids.to_data(),
            settings: self.settings.to_data(),
            closed_to_new_customers,
            jobs_numbered: self.schedule.jobs_numbered(),
            charges: Vec::new(),
            ledger: None,
        }
    }

    pub(super) fn from_data(data: &ServiceData, bounds: Bounds) -> Result<Self, String> {
        let ServiceData { whole, places, vaults, notices, lists, archives, delivered, contents } = data;
        let restored = Restored::new(lists, archives, delivered, contents)?;
        let now = Timestamp::restored(whole.now)?;
        let mut state = State::new(IdSource::from_data(whole.ids), Settings::from_data(&whole.settings, bounds));
        state.schedule = Schedule::after_jobs(whole.jobs_numbered);
        for data in places {
            let mut account = AccountState::new(state.settings.retrieval_policy);
            account.vaults.deleted = data.deleted.iter().map(|name| vault_name(name)).collect::<Result<_, _>>()?;
            account.vaults.markers = Markers::from_data(&data.markers, |name| vault_name(name))?;
            account.vaults.stored_in_removed = data.stored_in_removed;
            account.limits = RetrievalLimits::from_data(&data.limits)?;
            state.places.insert(data.name.place()?, account);
        }
        for data in vaults {
            let place = data.place.place()?;
            let vault = Vault::from_data(&data.vault, &place, now, &restored, &mut state.schedule)?;
            let account = state.places.get_mut(&place);
            let account = account.ok_or_else(|| format!("the account of the vault {} is missing", vault.name))?;
            account.vaults.by_name.insert(vault.name.clone(), vault);
        }
        for (place, charges) in &whole.charges {
            state.charges.insert(place.place()?, Box::new(Charges::from_data(charges)?));
        }
        state.ledger = Ledger::from_data(whole.ledger.as_ref().ok_or("its ledger is missing")?, &restored)?;
        state.notices = notices.iter().map(|notice| notice.notice(&restored)).collect::<Result<_, _>>()?;
        state.published = state.notices.len();
        state.adopt(restored.into_collector(), whole.closed_to_new_customers);
        Ok(state)
    }
}

impl Service {
    /// Returns a service that continues with a state, with these settings. A reset returns to an empty state.
    pub(crate) fn continued(
        clock: RunningClock,
        data: &ServiceData,
        seed: u64,
        settings: &Settings,
        closed_to_new_customers: bool,
    ) -> Result<Self, String> {
        let mut state = State::from_data(data, settings.bounds)?;
        state.settings = settings.clone();
        let initial = Initial { seed, settings: settings.clone(), closed_to_new_customers, loaded: None };
        Ok(Service::with_state(clock, state, initial))
    }

    /// Returns a service with a state that was saved. A reset returns to that state. `bounds` is how much it remembers
    /// of what will be over.
    pub(crate) fn from_data(clock: RunningClock, data: Arc<ServiceData>, bounds: Bounds) -> Result<Self, String> {
        let state = State::from_data(&data, bounds)?;
        let closed_to_new_customers = data.whole.closed_to_new_customers;
        let initial =
            Initial { seed: 0, settings: state.settings.clone(), closed_to_new_customers, loaded: Some(data) };
        Ok(Service::with_state(clock, state, initial))
    }
}

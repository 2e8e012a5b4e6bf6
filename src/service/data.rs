//! The state of the service as plain data, to be saved and loaded.
//!
//! Each aggregate turns into a plain struct and back in the file `data.rs` of its folder. What is computed from others
//! (schedules, indexes, lists by status, sums) is not part of the data. Neither is what belongs to a test: rules for the
//! next jobs, and callbacks.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::account::{AccountRegion, is_region};
use crate::domain::bytes::Content;
use crate::domain::vault::{
    ArchiveData, Collected, DeliveredData, EndingData, InventoryData, InventoryMode, Job, JobAt, JobData, ListData,
    Markers, MarkersData, Notice, Restored, Schedule, Status, Topic, Vault, VaultData, VaultRules,
};
use crate::domain::words::{Timestamp, VaultName};
use crate::time::RunningClock;

use super::bounds::Bounds;
use super::charges::{Charges, ChargesData};
use super::ids::IdSource;
use super::ledger::{Ledger, LedgerData};
use super::retrieval_limits::{LimitsData, PolicyData, RetrievalLimits};
use super::state::{AccountState, Settings, State};
use super::timing::{JobTiming, TimingData};
use super::{Initial, Service};

/// The state of the service at one moment. Vaults, jobs and uploads refer to the shared parts by their numbers.
#[derive(Debug)]
pub(crate) struct ServiceData {
    pub(crate) whole: WholeData,
    pub(crate) places: Vec<PlaceData>,
    pub(crate) vaults: Vec<PlacedVaultData>,
    pub(crate) notices: Vec<NoticeData>,
    pub(crate) lists: Vec<ListData>,
    pub(crate) archives: Vec<ArchiveData>,
    pub(crate) delivered: Vec<DeliveredData>,
    pub(crate) contents: Vec<Content>,
}

/// What all accounts share. The time is in milliseconds since 1970.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct WholeData {
    pub(crate) now: i64,
    ids: u64,
    settings: SettingsData,
    pub(super) closed_to_new_customers: bool,
    jobs_numbered: u64,
    charges: Vec<(PlaceName, ChargesData)>,
    ledger: LedgerData,
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
    place: PlaceName,
    vault: VaultData,
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
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct PlaceName {
    account: String,
    region: String,
}

impl PlaceName {
    pub(crate) fn of(place: &AccountRegion) -> Self {
        PlaceName { account: place.account.to_string(), region: place.region.to_string() }
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
    fn of(notice: &Notice, collected: &mut Collected) -> Option<Self> {
        Some(NoticeData {
            topic: notice.topic.as_str().to_owned(),
            place: PlaceName::of(&notice.place),
            vault: notice.vault.to_string(),
            vault_arn: notice.vault_arn.clone(),
            at: notice.at.as_milliseconds(),
            job: notice.job.job.to_data(collected),
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

impl State {
    fn to_data(&self, now: Timestamp, closed_to_new_customers: bool) -> ServiceData {
        let mut collected = Collected::default();
        let (mut places, mut vaults) = (Vec::new(), Vec::new());
        for (place, AccountState { vaults: of_place, limits, .. }) in &self.places {
            let name = PlaceName::of(place);
            for vault in of_place.by_name.values() {
                vaults.push(PlacedVaultData { place: name.clone(), vault: vault.to_data(&mut collected) });
            }
            places.push(PlaceData {
                name,
                deleted: of_place.deleted.iter().map(VaultName::to_string).collect(),
                markers: of_place.markers.to_data(VaultName::to_string),
                stored_in_removed: of_place.stored_in_removed,
                limits: limits.to_data(),
            });
        }
        let notices = self.notices.iter().filter_map(|notice| NoticeData::of(notice, &mut collected)).collect();
        let charges = self.charges.iter().map(|(place, charges)| (PlaceName::of(place), charges.to_data())).collect();
        let whole = WholeData {
            now: now.as_milliseconds(),
            ids: self.ids.to_data(),
            settings: self.settings.to_data(),
            closed_to_new_customers,
            jobs_numbered: self.schedule.jobs_numbered(),
            charges,
            ledger: self.ledger.to_data(&mut collected),
        };
        let (lists, archives, delivered, contents) = collected.finish();
        ServiceData { whole, places, vaults, notices, lists, archives, delivered, contents }
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
        state.ledger = Ledger::from_data(&whole.ledger, &restored)?;
        state.notices = notices.iter().map(|notice| notice.notice(&restored)).collect::<Result<_, _>>()?;
        state.published = state.notices.len();
        Ok(state)
    }
}

impl Service {
    /// Returns the state, after the jobs that have ended were announced.
    pub(crate) fn to_data(&self) -> ServiceData {
        let mut state = self.state.lock();
        let now = self.now();
        state.settle(now);
        let data = state.to_data(now, self.is_closed_to_new_customers());
        self.publish(state, false);
        data
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

//! GetDataRetrievalPolicy, SetDataRetrievalPolicy, PurchaseProvisionedCapacity, ListProvisionedCapacity (api.md section
//! 10). They belong to an account in a region, not to a vault. Their limits apply to InitiateJob.

#[cfg(feature = "state")]
mod data;

use crate::domain::account::{Capacity, RetrievalPolicy, StandardRetrievals};
use crate::domain::failure::Failure;
use crate::domain::vault::{JobKind, Tier};
use crate::domain::words::Timestamp;

#[cfg(feature = "state")]
pub(super) use self::data::{LimitsData, PolicyData};
use super::context::Context;
use super::outcome::Outcome;
use super::state::Settings;

/// The retrieval limits of an account in a region, and the retrievals that count against them.
#[derive(Debug)]
pub(super) struct RetrievalLimits {
    policy: RetrievalPolicy,
    pub(super) standard_retrievals: StandardRetrievals,
    pub(super) capacity: Capacity,
}

pub(super) fn set_policy(context: &mut Context<'_>, policy: RetrievalPolicy) -> Result<Outcome, Failure> {
    context.limits.policy = policy;
    Ok(Outcome::Done)
}

pub(super) fn get_policy(context: &Context<'_>) -> Result<Outcome, Failure> {
    Ok(Outcome::RetrievalPolicy(context.limits.policy))
}

pub(super) fn purchase_capacity(context: &mut Context<'_>) -> Result<Outcome, Failure> {
    let id = context.ids.capacity();
    context.limits.capacity.purchase(id.clone(), context.now)?;
    Ok(Outcome::CapacityPurchased { id })
}

pub(super) fn list_capacity(context: &Context<'_>) -> Result<Outcome, Failure> {
    Ok(Outcome::Capacity(context.limits.capacity.live(context.now).cloned().collect()))
}

impl RetrievalLimits {
    pub(super) fn new(policy: RetrievalPolicy) -> Self {
        RetrievalLimits { policy, standard_retrievals: StandardRetrievals::default(), capacity: Capacity::default() }
    }

    /// Checks whether the limits of the account allow a job, without changing anything. The data retrieval policy
    /// limits Standard retrievals, a lack of capacity limits Expedited ones (api.md section 10), and inventories have
    /// no limit.
    pub(super) fn admit(&self, kind: &JobKind, settings: &Settings, now: Timestamp) -> Result<(), Failure> {
        let JobKind::Archive(retrieval) = kind else { return Ok(()) };
        match retrieval.tier {
            Tier::Standard => {
                self.policy.admit(retrieval.range.len(), &self.standard_retrievals, settings.free_tier_per_day, now)
            }
            Tier::Expedited if settings.expedited_is_short && !self.capacity.guarantees_one_more(now) => {
                Err(Failure::InsufficientCapacity)
            }
            Tier::Expedited | Tier::Bulk => Ok(()),
        }
    }

    /// Counts a job that was admitted against the limits of later jobs. Returns when provisioned capacity has
    /// transferred its bytes, if it has to.
    pub(super) fn begin(
        &mut self,
        kind: &JobKind,
        number: u64,
        settings: &Settings,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let JobKind::Archive(retrieval) = kind else { return None };
        let bytes = retrieval.range.len();
        match retrieval.tier {
            Tier::Standard => self.standard_retrievals.begin(number, bytes, now),
            Tier::Expedited => {
                self.capacity.serve(now);
                if settings.expedited_is_short {
                    return self.capacity.carry(bytes, now);
                }
            }
            Tier::Bulk => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::account::{Account, AccountRegion};
    use crate::domain::bytes::ByteRange;
    use crate::domain::vault::{Archive, ArchiveRetrieval, Decision, Ending, Status, StoredBytes};
    use crate::domain::words::{ArchiveId, CapacityId, Description, MIB, Origin, VaultName};
    use crate::service::Service;
    use crate::service::command::{AccountCommand, Command, InitiateJob, Retrieval, UploadArchive, VaultCommand};
    use crate::service::job_rules::{JobFilter, JobRule, PlannedEnding};
    use crate::service::state::Settings;
    use crate::service::timing::JobTiming;
    use crate::time::Clock;

    const HOUR: Duration = Duration::from_secs(3600);

    fn settings(jobs: JobTiming) -> Settings {
        Settings { jobs, free_tier_per_day: 0, expedited_is_short: true, ..Settings::default() }
    }

    fn home() -> AccountRegion {
        AccountRegion::new(Account::DEFAULT, "us-east-1")
    }

    /// "Up to 150 MB/s of retrieval throughput" (developer guide, api-PurchaseProvisionedCapacity).
    #[test]
    fn an_expedited_retrieval_takes_as_long_as_its_unit_needs() {
        let now = "2026-01-31T00:00:00Z".parse::<Timestamp>().unwrap();
        let body = StoredBytes::of(vec![0]).unwrap();
        let archive = Archive::new(ArchiveId::new("a"), Description::default(), now, &body).unwrap();
        let expedited = |bytes: u64| {
            let range = ByteRange::whole(bytes).unwrap();
            JobKind::Archive(ArchiveRetrieval { archive: archive.clone(), content: None, range, tier: Tier::Expedited })
        };
        let mut settings = settings(JobTiming::by_tier());
        let mut limits = RetrievalLimits::new(RetrievalPolicy::default());
        let minutes = |limits: &mut RetrievalLimits, settings: &Settings, bytes: u64| {
            let kind = expedited(bytes);
            let carried = limits.begin(&kind, 1, settings, now);
            let ending = settings.jobs.ending(&kind, now, carried);
            let Ending::At(at, _) = ending else { panic!("{ending:?}") };
            at.since(now).as_secs_f64() / 60.0
        };
        let minute = 150 * MIB * 60;
        // Without a unit the retrieval is as fast as before: it was admitted while there was capacity.
        assert!((2.0..5.0).contains(&minutes(&mut limits, &settings, 600 * minute)));
        limits.capacity.purchase(CapacityId::new("c"), now).unwrap();
        assert!((2.0..2.1).contains(&minutes(&mut limits, &settings, MIB)), "the minimum duration");
        assert!((59.9..60.1).contains(&minutes(&mut limits, &settings, 60 * minute)));
        assert!(
            (89.9..90.1).contains(&minutes(&mut limits, &settings, 30 * minute)),
            "queued behind the other retrieval"
        );
        settings.expedited_is_short = false;
        assert!((2.0..5.0).contains(&minutes(&mut limits, &settings, 600 * minute)));
    }

    #[derive(Clone, Debug)]
    enum Step {
        /// The vault, the tier and the planned ending.
        Retrieve(usize, Tier, Option<PlannedEnding>),
        Hours(u32),
        End(prop::sample::Index, Option<String>),
        Hold(prop::sample::Index),
        Expire(prop::sample::Index),
        Poll(prop::sample::Index),
        /// Also removes the jobs of the vault.
        DeleteVault(usize),
        DeleteArchive(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let tier = prop_oneof![4 => Just(Tier::Standard), 1 => Just(Tier::Bulk)];
        let hours = |hours: u32| hours * HOUR;
        let ending = prop_oneof![
            3 => (0_u32..9).prop_map(move |n| Some(PlannedEnding::SucceedsAfter(hours(n)))),
            1 => (0_u32..9).prop_map(move |n| Some(PlannedEnding::FailsAfter(hours(n), "no".to_owned()))),
            1 => Just(Some(PlannedEnding::NeverEnds)),
            2 => Just(None),
        ];
        let job = any::<prop::sample::Index>;
        prop_oneof![
            8 => (0_usize..2, tier, ending).prop_map(|(vault, tier, ending)| Step::Retrieve(vault, tier, ending)),
            4 => (0_u32..6).prop_map(Step::Hours),
            1 => Just(Step::Hours(30)),
            2 => (job(), any::<bool>()).prop_map(|(job, fails)| Step::End(job, fails.then(|| "no".to_owned()))),
            2 => job().prop_map(Step::Hold),
            1 => job().prop_map(Step::Expire),
            4 => job().prop_map(Step::Poll),
            1 => (0_usize..2).prop_map(Step::DeleteVault),
            1 => (0_usize..2).prop_map(Step::DeleteArchive),
        ]
    }

    /// Creates a vault with one archive of this size.
    fn make(service: &Service, vault: usize, size: usize) -> ArchiveId {
        let name = VaultName::parse(["a", "b"][vault]).unwrap();
        let create = Command::OnAccount(AccountCommand::CreateVault(name.clone()));
        service.apply(&home(), None, create).unwrap();
        let body = StoredBytes::of(vec![0; size]).unwrap();
        let upload = VaultCommand::UploadArchive(UploadArchive { description: Description::default(), body });
        match service.apply(&home(), None, Command::OnVault(name, upload)).unwrap() {
            Outcome::ArchiveStored { id, .. } => id,
            other => panic!("{other:?}"),
        }
    }

    fn take(service: &Service, archives: &mut [ArchiveId; 2], step: Step) {
        let name = |vault: usize| VaultName::parse(["a", "b"][vault]).unwrap();
        let delete = |archives: &[ArchiveId; 2], vault: usize| {
            let delete = VaultCommand::DeleteArchive(archives[vault].clone());
            service.apply(&home(), None, Command::OnVault(name(vault), delete)).unwrap();
        };
        let jobs = service.jobs();
        let chosen = |index: prop::sample::Index| (!jobs.is_empty()).then(|| index.get(&jobs));
        match step {
            Step::Retrieve(vault, tier, ending) => {
                if let Some(ending) = ending {
                    let declared = Origin::caller();
                    service.add_rule(JobRule {
                        fits: JobFilter::default(),
                        ending,
                        times: 1,
                        used: 0,
                        optional: true,
                        since: 1,
                        declared,
                    });
                }
                let retrieval = Retrieval::Archive { archive: archives[vault].clone(), range: None, tier };
                let description = Description::default();
                let job = VaultCommand::InitiateJob(InitiateJob { description, sns_topic: None, retrieval });
                service.apply(&home(), None, Command::OnVault(name(vault), job)).unwrap();
            }
            Step::Hours(hours) => service.advance(hours * HOUR),
            // If the job has already ended, this is refused, which is fine here.
            Step::End(job, failure) => drop(
                chosen(job).map(|place| service.decide_job(place, failure.map_or(Decision::Complete, Decision::Fail))),
            ),
            Step::Hold(job) => drop(chosen(job).map(|place| service.decide_job(place, Decision::Hold))),
            Step::Expire(job) => drop(chosen(job).map(|place| service.decide_job(place, Decision::Expire))),
            Step::Poll(job) => {
                if let Some(place) = chosen(job) {
                    let poll = VaultCommand::DescribeJob(place.seen.job.id.clone());
                    service.apply(&home(), None, Command::OnVault(place.vault.clone(), poll)).unwrap();
                }
            }
            Step::DeleteArchive(vault) => delete(archives, vault),
            Step::DeleteVault(vault) => {
                delete(archives, vault);
                let delete = Command::OnAccount(AccountCommand::DeleteVault(name(vault)));
                service.apply(&home(), None, delete).unwrap();
                archives[vault] = make(service, vault, 10 + archives[vault].len());
            }
        }
    }

    proptest! {
        /// However a job ends or is removed with its vault, the counted retrievals equal those found by looking at
        /// every job.
        #[test]
        fn the_counted_retrievals_equal_the_jobs_in_progress(steps in vec(step(), 1..40)) {
            let clock = Clock::frozen("2026-01-31T00:00:00Z").start();
            let service = Service::new(clock, 7, settings(JobTiming::after_polls(1)), false);
            let mut archives = [make(&service, 0, 1), make(&service, 1, 1000)];
            for step in steps {
                take(&service, &mut archives, step);
                let running = service.jobs().into_iter().filter(|place| place.seen.status == Status::InProgress);
                let bytes = running.map(|place| match &place.seen.job.kind {
                    JobKind::Archive(retrieval) if retrieval.tier == Tier::Standard => u128::from(retrieval.range.len()),
                    _ => 0,
                });
                let kept = service.state.lock().open(&home(), service.now()).1.limits.standard_retrievals.bytes_in_progress();
                prop_assert_eq!(kept, bytes.sum::<u128>());
            }
        }
    }
}

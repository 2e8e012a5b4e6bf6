//! GetDataRetrievalPolicy, SetDataRetrievalPolicy, PurchaseProvisionedCapacity, ListProvisionedCapacity (api.md
//! section 10): what belongs to an account in a region, not to a vault. And what it means for InitiateJob.

use crate::domain::account::Scope;
use crate::domain::failure::Failure;
use crate::domain::job::{JobKind, Tier};
use crate::domain::retrieval_policy::RetrievalPolicy;
use crate::domain::timestamp::Timestamp;

use super::command::Outcome;
use super::state::State;

pub(super) fn set_policy(state: &mut State, scope: &Scope, policy: RetrievalPolicy) -> Result<Outcome, Failure> {
    state.scope(scope).retrieval_policy = policy;
    Ok(Outcome::Done)
}

pub(super) fn get_policy(state: &mut State, scope: &Scope) -> Result<Outcome, Failure> {
    Ok(Outcome::RetrievalPolicy(state.scope(scope).retrieval_policy))
}

pub(super) fn purchase_capacity(state: &mut State, scope: &Scope, now: Timestamp) -> Result<Outcome, Failure> {
    let id = state.ids.capacity();
    state.scope(scope).capacity.purchase(id.clone(), now)?;
    Ok(Outcome::CapacityPurchased { id })
}

pub(super) fn list_capacity(state: &mut State, scope: &Scope, now: Timestamp) -> Result<Outcome, Failure> {
    Ok(Outcome::Capacity(state.scope(scope).capacity.live(now).cloned().collect()))
}

/// Whether the limits of the account let a job begin; nothing changes. The data retrieval policy is for Standard
/// retrievals, capacity runs short for Expedited ones (api.md section 10); nothing limits inventories.
pub(super) fn admit(state: &mut State, scope: &Scope, kind: &JobKind, now: Timestamp) -> Result<(), Failure> {
    let JobKind::Archive(retrieval) = kind else { return Ok(()) };
    let (is_short, free_tier) = (state.settings.expedited_is_short, state.settings.free_tier_per_day);
    let limits = state.scope(scope);
    match retrieval.tier {
        Tier::Standard => {
            limits.retrieval_policy.admit(retrieval.range.len(), &limits.standard_retrievals, free_tier, now)
        }
        Tier::Expedited if is_short && !limits.capacity.guarantees_one_more(now) => Err(Failure::InsufficientCapacity),
        Tier::Expedited | Tier::Bulk => Ok(()),
    }
}

/// A job that was admitted begins: those after it find it there. When its bytes are carried to, if provisioned capacity
/// has to do it.
pub(super) fn begin(
    state: &mut State,
    scope: &Scope,
    kind: &JobKind,
    number: u64,
    now: Timestamp,
) -> Option<Timestamp> {
    let JobKind::Archive(retrieval) = kind else { return None };
    let is_short = state.settings.expedited_is_short;
    let bytes = retrieval.range.len();
    let limits = state.scope(scope);
    match retrieval.tier {
        Tier::Standard => limits.standard_retrievals.begin(number, bytes, now),
        Tier::Expedited => {
            limits.capacity.serve(now);
            if is_short {
                return limits.capacity.carry(bytes, now);
            }
        }
        Tier::Bulk => {}
    }
    None
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::account::Account;
    use crate::domain::archive::{Archive, StoredBytes};
    use crate::domain::description::Description;
    use crate::domain::id::ArchiveId;
    use crate::domain::inventory_schedule::InventoryMode;
    use crate::domain::job::{ArchiveRetrieval, Ending, Status};
    use crate::domain::name::VaultName;
    use crate::domain::range::ByteRange;
    use crate::domain::units::MIB;
    use crate::domain::vault::VaultRules;
    use crate::service::Service;
    use crate::service::clock::Clock;
    use crate::service::command::{Command, DeleteArchive, DescribeJob, InitiateJob, Retrieval, UploadArchive};
    use crate::service::ids::IdSource;
    use crate::service::job_rules::{Fate, JobFilter, JobRule};
    use crate::service::state::Settings;
    use crate::service::timing::JobTiming;

    const HOUR: Duration = Duration::from_secs(3600);

    fn settings(jobs: JobTiming) -> Settings {
        Settings {
            jobs,
            vaults: VaultRules { inventory: InventoryMode::Live, count_overhead: true, keep_idle_uploads: false },
            refuse_archive_of_inventory: false,
            new_customers_only: false,
            free_tier_per_day: 0,
            expedited_is_short: true,
        }
    }

    fn scope() -> Scope {
        Scope::new(Account::DEFAULT, "us-east-1")
    }

    /// "Up to 150 MB/s of retrieval throughput" (developer guide, api-PurchaseProvisionedCapacity).
    #[test]
    fn a_unit_takes_its_time_for_an_expedited_retrieval() {
        let mut state = State::new(IdSource::new(7), settings(JobTiming::by_tier()));
        let now = Timestamp::parse("2026-01-31T00:00:00Z").unwrap();
        let body = StoredBytes::of(vec![0]).unwrap();
        let archive = Archive::new(ArchiveId::new("a"), Description::default(), now, &body).unwrap();
        let expedited = |bytes: u64| {
            let range = ByteRange::whole(bytes).unwrap();
            JobKind::Archive(ArchiveRetrieval { archive: archive.clone(), content: None, range, tier: Tier::Expedited })
        };
        let minutes = |state: &mut State, bytes: u64| {
            let kind = expedited(bytes);
            let carried = begin(state, &scope(), &kind, 1, now);
            let ending = state.settings.jobs.ending(&kind, now, carried);
            let Ending::At(at, _) = ending else { panic!("{ending:?}") };
            at.since(now).as_secs_f64() / 60.0
        };
        let minute = 150 * MIB * 60;
        // Without a unit it is as fast as ever: it was asked for while there was capacity, or would have been refused.
        assert!((2.0..5.0).contains(&minutes(&mut state, 600 * minute)));
        purchase_capacity(&mut state, &scope(), now).unwrap();
        assert!((2.0..2.1).contains(&minutes(&mut state, MIB)), "the minutes that it takes anyway");
        assert!((59.9..60.1).contains(&minutes(&mut state, 60 * minute)));
        assert!((89.9..90.1).contains(&minutes(&mut state, 30 * minute)), "behind the other");
        state.settings.expedited_is_short = false;
        assert!((2.0..5.0).contains(&minutes(&mut state, 600 * minute)));
    }

    #[derive(Clone, Debug)]
    enum Step {
        /// Of a vault, by a tier, with a fate.
        Retrieve(usize, Tier, Option<Fate>),
        Hours(u32),
        End(prop::sample::Index, Option<String>),
        Hold(prop::sample::Index),
        Expire(prop::sample::Index),
        Poll(prop::sample::Index),
        /// Takes its jobs along.
        DeleteVault(usize),
        DeleteArchive(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        let tier = prop_oneof![4 => Just(Tier::Standard), 1 => Just(Tier::Bulk)];
        let hours = |hours: u32| hours * HOUR;
        let fate = prop_oneof![
            3 => (0_u32..9).prop_map(move |n| Some(Fate::SucceedsAfter(hours(n)))),
            1 => (0_u32..9).prop_map(move |n| Some(Fate::FailsAfter(hours(n), "no".to_owned()))),
            1 => Just(Some(Fate::NeverEnds)),
            2 => Just(None),
        ];
        let job = any::<prop::sample::Index>;
        prop_oneof![
            8 => (0_usize..2, tier, fate).prop_map(|(vault, tier, fate)| Step::Retrieve(vault, tier, fate)),
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

    /// A vault with an archive, whose size is its own.
    fn make(service: &Service, vault: usize, size: usize) -> String {
        let name = VaultName::parse(["a", "b"][vault]).unwrap();
        service.apply(&scope(), None, Command::CreateVault(name.clone())).unwrap();
        let body = StoredBytes::of(vec![0; size]).unwrap();
        let upload = UploadArchive { vault: name, description: Description::default(), body };
        match service.apply(&scope(), None, Command::UploadArchive(upload)).unwrap() {
            Outcome::ArchiveStored { id, .. } => id.to_string(),
            other => panic!("{other:?}"),
        }
    }

    fn take(service: &Service, archives: &mut [String; 2], step: Step) {
        let name = |vault: usize| VaultName::parse(["a", "b"][vault]).unwrap();
        let delete = |archives: &[String; 2], vault: usize| {
            let delete = DeleteArchive { vault: name(vault), archive: archives[vault].clone() };
            service.apply(&scope(), None, Command::DeleteArchive(delete)).unwrap();
        };
        let jobs = service.jobs();
        let chosen = |index: prop::sample::Index| (!jobs.is_empty()).then(|| index.get(&jobs));
        match step {
            Step::Retrieve(vault, tier, fate) => {
                if let Some(fate) = fate {
                    let declared = std::panic::Location::caller();
                    service.add_rule(JobRule { fits: JobFilter::default(), fate, optional: true, declared });
                }
                let retrieval = Retrieval::Archive { archive: archives[vault].clone(), range: None, tier };
                let description = Description::default();
                let job = InitiateJob { vault: name(vault), description, sns_topic: None, retrieval };
                service.apply(&scope(), None, Command::InitiateJob(job)).unwrap();
            }
            Step::Hours(hours) => service.advance(hours * HOUR),
            // Where the job has ended already these are refused, which is as good.
            Step::End(job, failure) => drop(chosen(job).map(|place| service.end_job(place, failure))),
            Step::Hold(job) => drop(chosen(job).map(|place| service.hold_job(place))),
            Step::Expire(job) => drop(chosen(job).map(|place| service.expire_job(place))),
            Step::Poll(job) => {
                if let Some(place) = chosen(job) {
                    let vault = VaultName::parse(&place.vault).unwrap();
                    let poll = DescribeJob { vault, job: place.seen.job.id.to_string() };
                    service.apply(&scope(), None, Command::DescribeJob(poll)).unwrap();
                }
            }
            Step::DeleteArchive(vault) => delete(archives, vault),
            Step::DeleteVault(vault) => {
                delete(archives, vault);
                service.apply(&scope(), None, Command::DeleteVault(name(vault))).unwrap();
                archives[vault] = make(service, vault, 10 + archives[vault].len());
            }
        }
    }

    proptest! {
        /// However a job ends, or goes with its vault: what counts is what a look at every job finds.
        #[test]
        fn what_is_in_progress_is_what_the_jobs_say(steps in vec(step(), 1..40)) {
            let clock = Clock::frozen("2026-01-31T00:00:00Z").start();
            let service = Service::new(clock, IdSource::new(7), settings(JobTiming::after_polls(1)));
            let mut archives = [make(&service, 0, 1), make(&service, 1, 1000)];
            for step in steps {
                take(&service, &mut archives, step);
                let running = service.jobs().into_iter().filter(|place| place.seen.status == Status::InProgress);
                let bytes = running.map(|place| match &place.seen.job.kind {
                    JobKind::Archive(retrieval) if retrieval.tier == Tier::Standard => u128::from(retrieval.range.len()),
                    _ => 0,
                });
                let kept = service.lock().scope(&scope()).standard_retrievals.bytes_in_progress();
                prop_assert_eq!(kept, bytes.sum::<u128>());
            }
        }
    }
}

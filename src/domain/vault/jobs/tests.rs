//! Tests of how jobs end, against an oracle without schedules and lists.

use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::domain::account::{Account, AccountRegion};
use crate::domain::vault::archive_list::{ArchiveList, Period, Window};
use crate::domain::vault::inventory::InventoryRetrieval;
use crate::domain::vault::inventory_format::Format;
use crate::domain::vault::job::JobKind;
use crate::domain::words::{Description, VaultName};

const VAULTS: [&str; 2] = ["a", "b"];

fn at(hour: u64) -> Timestamp {
    "2026-01-31T00:00:00Z".parse::<Timestamp>().unwrap().after(Duration::from_secs(hour * 3600))
}

fn jobs_of(vault: &str) -> Jobs {
    let place = AccountRegion::new(Account::DEFAULT, "us-east-1");
    Jobs::new(VaultPlace { place, vault: VaultName::parse(vault).unwrap() })
}

fn id(number: u64) -> JobId {
    JobId::new(number.to_string())
}

fn job(number: u64, created: Timestamp) -> Job {
    let kind = JobKind::Inventory(InventoryRetrieval {
        vault_arn: "arn".into(),
        taken: at(0),
        archives: ArchiveList::default(),
        format: Format::Json,
        page: Window::starting_at(0, Period::default()),
        limit: None,
        next: None,
    });
    Job::new(id(number), number, kind, Description::default(), None, created)
}

#[derive(Clone, Debug)]
enum Step {
    /// Starts a job in a vault.
    Start(usize, Ends),
    Poll(prop::sample::Index),
    Decide(prop::sample::Index, Decision),
    Advance(u64),
    /// Deletes a vault with its jobs and creates it again.
    Recreate(usize),
}

#[derive(Clone, Debug)]
enum Ends {
    /// After a number of hours, successfully or not.
    After(u64, bool),
    AfterPolls(u32),
    Never,
}

/// A job as the oracle keeps it: one field for each step that affected it.
struct Seen {
    vault: usize,
    /// Counted from the start of its vault.
    position: u64,
    ends: Ends,
    started: u64,
    polls: u32,
    /// Hour and success, once a poll or a decision has ended it.
    ended: Option<(u64, bool)>,
    is_held: bool,
    is_expired: bool,
    is_deleted: bool,
}

impl Seen {
    fn end(&self, hour: u64) -> Option<(u64, bool)> {
        let by_itself = match self.ends {
            Ends::After(hours, succeeds) if !self.is_held => Some((self.started + hours, succeeds)),
            _ => None,
        };
        self.ended.or(by_itself).filter(|(end, _)| *end <= hour)
    }

    fn code(&self, hour: u64) -> JobStatus {
        match self.end(hour) {
            None => JobStatus::InProgress,
            Some((_, true)) => JobStatus::Succeeded,
            Some((_, false)) => JobStatus::Failed,
        }
    }

    fn is_known(&self, hour: u64) -> bool {
        !self.is_deleted && !self.is_expired && self.end(hour).is_none_or(|(end, _)| hour < end + 24)
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let ends = prop_oneof![
        3 => (0_u64..30, any::<bool>()).prop_map(|(hours, succeeds)| Ends::After(hours, succeeds)),
        2 => (0_u32..3).prop_map(Ends::AfterPolls),
        1 => Just(Ends::Never),
    ];
    let decision = prop_oneof![
        Just(Decision::Complete),
        Just(Decision::Fail("no".to_owned())),
        Just(Decision::Hold),
        Just(Decision::Expire)
    ];
    let index = any::<prop::sample::Index>;
    let step = prop_oneof![
        6 => (0_usize..2, ends).prop_map(|(vault, ends)| Step::Start(vault, ends)),
        4 => index().prop_map(Step::Poll),
        6 => (index(), decision).prop_map(|(job, decision)| Step::Decide(job, decision)),
        4 => (0_u64..8).prop_map(Step::Advance),
        1 => (20_u64..30).prop_map(Step::Advance),
        1 => (0_usize..2).prop_map(Step::Recreate),
    ];
    vec(step, 1..50)
}

/// Two vaults with their jobs, and what is expected of them.
struct World {
    vaults: [Jobs; 2],
    schedule: Schedule,
    hour: u64,
    /// The expected jobs. The job at index 0 has the number 1.
    expected: Vec<Seen>,
    announced: Vec<(u64, Timestamp, JobStatus)>,
}

impl World {
    fn new() -> Self {
        let (vaults, schedule) = (VAULTS.map(jobs_of), Schedule::default());
        World { vaults, schedule, hour: 0, expected: Vec::new(), announced: Vec::new() }
    }

    fn apply(&mut self, step: Step) -> Result<(), TestCaseError> {
        let count = self.expected.len();
        let chosen = |index: prop::sample::Index| (count > 0).then(|| index.index(count));
        match step {
            Step::Start(vault, ends) => self.start(vault, ends),
            Step::Poll(index) => return chosen(index).map_or(Ok(()), |job| self.poll(job)),
            Step::Decide(index, decision) => return chosen(index).map_or(Ok(()), |job| self.decide(job, decision)),
            Step::Advance(hours) => self.hour += hours,
            Step::Recreate(vault) => return self.recreate(vault),
        }
        Ok(())
    }

    fn start(&mut self, vault: usize, ends: Ends) {
        let ending = match ends {
            Ends::After(hours, true) => Ending::At(at(self.hour + hours), Verdict::Succeeds),
            Ends::After(hours, false) => Ending::At(at(self.hour + hours), Verdict::Fails("no".into())),
            Ends::AfterPolls(polls) => Ending::AfterPolls(polls),
            Ends::Never => Ending::Manual,
        };
        let number = self.schedule.next_number();
        self.vaults[vault].start(job(number, at(self.hour)), ending, &mut self.schedule);
        let before = self.expected.iter().filter(|seen| seen.vault == vault && !seen.is_deleted).count();
        self.expected.push(Seen {
            vault,
            position: before as u64 + 1,
            ends,
            started: self.hour,
            polls: 0,
            ended: None,
            is_held: false,
            is_expired: false,
            is_deleted: false,
        });
    }

    fn poll(&mut self, chosen: usize) -> Result<(), TestCaseError> {
        let (seen, hour) = (&mut self.expected[chosen], self.hour);
        let is_known = seen.is_known(hour);
        if let Ends::AfterPolls(polls) = seen.ends
            && is_known
            && seen.end(hour).is_none()
            && !seen.is_held
        {
            seen.polls += 1;
            seen.ended = (seen.polls > polls).then_some((hour, true));
        }
        let polled = self.vaults[seen.vault].poll(&id(chosen as u64 + 1), at(hour), &mut self.schedule);
        prop_assert_eq!(polled.map(|job| job.status.code()), is_known.then(|| seen.code(hour)));
        Ok(())
    }

    fn decide(&mut self, chosen: usize, decision: Decision) -> Result<(), TestCaseError> {
        let (seen, hour) = (&mut self.expected[chosen], self.hour);
        let code = seen.code(hour);
        let id = id(chosen as u64 + 1);
        let decided = self.vaults[seen.vault].decide(&id, decision.clone(), at(hour), &mut self.schedule);
        let is_possible = (code == JobStatus::InProgress) != matches!(decision, Decision::Expire);
        if !seen.is_known(hour) {
            prop_assert_eq!(decided, Err(JobError::Gone));
        } else if !is_possible {
            prop_assert_eq!(decided, Err(JobError::Is(code)));
        } else {
            prop_assert_eq!(decided, Ok(()));
            match decision {
                Decision::Complete => seen.ended = Some((hour, true)),
                Decision::Fail(_) => seen.ended = Some((hour, false)),
                Decision::Hold => seen.is_held = true,
                Decision::Expire => seen.is_expired = true,
            }
        }
        Ok(())
    }

    /// Deletes a vault and creates one of the same name.
    fn recreate(&mut self, vault: usize) -> Result<(), TestCaseError> {
        let hour = self.hour;
        let of_vault = (1..).zip(&mut self.expected).filter(|(_, seen)| seen.vault == vault && !seen.is_deleted);
        let running = of_vault.filter_map(|(number, seen)| {
            seen.is_deleted = true;
            seen.end(hour).is_none().then_some(number)
        });
        let running: Vec<_> = running.collect();
        let mut deleted = std::mem::replace(&mut self.vaults[vault], jobs_of(VAULTS[vault]));
        prop_assert_eq!(deleted.discard(&mut self.schedule), running);
        // Jobs that were in progress never end.
        for seen in self.expected.iter_mut().filter(|seen| seen.vault == vault && seen.end(hour).is_none()) {
            (seen.ends, seen.ended) = (Ends::Never, None);
        }
        Ok(())
    }

    /// Settles what is due, and checks that each end so far was announced once, at its time and with its status.
    fn check_announcements(&mut self) -> Result<(), TestCaseError> {
        while let Some(due) = self.schedule.take_due(at(self.hour)) {
            let vault = VAULTS.iter().position(|name| *name == due.place.vault.as_str()).unwrap();
            let job = self.vaults[vault].settle(&due).expect("what is due has ended");
            self.announced.push((job.job.number, due.at, job.status.code()));
        }
        self.announced.sort_by_key(|(number, ..)| *number);
        let ends = (1_u64..)
            .zip(&self.expected)
            .filter_map(|(number, seen)| seen.end(self.hour).map(|(end, _)| (number, at(end), seen.code(self.hour))));
        prop_assert_eq!(&self.announced, &ends.collect::<Vec<_>>());
        // A test that waits for a notification advances the clock to the next known end.
        let planned = self.expected.iter().filter_map(|seen| seen.end(u64::MAX)).map(|(end, _)| end);
        prop_assert_eq!(self.schedule.next_end(), planned.filter(|end| *end > self.hour).min().map(at));
        Ok(())
    }

    /// Checks that the jobs from a position on are listed under their status. `wanted` has a flag for each status.
    fn check_lists(&self, wanted: &[bool], from: u64) -> Result<(), TestCaseError> {
        let is_wanted = |code| {
            wanted[match code {
                JobStatus::InProgress => 0,
                JobStatus::Succeeded => 1,
                JobStatus::Failed => 2,
            }]
        };
        for (vault, jobs) in self.vaults.iter().enumerate() {
            let listed = jobs.with_status(is_wanted, from, at(self.hour));
            let listed = listed.map(|(_, job)| (job.job.number, job.status.code()));
            let expected = (1_u64..).zip(&self.expected).map(|(number, seen)| (number, seen, seen.code(self.hour)));
            let expected = expected.filter(|(_, seen, code)| {
                seen.vault == vault && seen.position >= from && seen.is_known(self.hour) && is_wanted(*code)
            });
            let expected = expected.map(|(number, _, code)| (number, code));
            prop_assert_eq!(listed.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        }
        Ok(())
    }
}

proptest! {
    /// After any sequence of steps, each end was announced exactly once, at its time and with its status, and each job
    /// is listed under its status until it expires.
    #[test]
    fn each_end_is_announced_once_and_listed_under_its_status(
        steps in steps(), wanted in vec(any::<bool>(), 3), from in 0_u64..9
    ) {
        let mut world = World::new();
        for step in steps {
            world.apply(step)?;
            world.check_announcements()?;
            world.check_lists(&wanted, from)?;
        }
    }
}

#[test]
fn a_job_ends_after_a_number_of_polls() {
    let (mut jobs, mut schedule) = (jobs_of("a"), Schedule::default());
    jobs.start(job(1, at(0)), Ending::AfterPolls(2), &mut schedule);
    let polls = [1, 2, 3, 4].map(|hour| jobs.poll(&id(1), at(hour), &mut schedule).unwrap().status);
    let end = Status::Succeeded { at: at(3) };
    assert_eq!(polls, [Status::InProgress, Status::InProgress, end.clone(), end]);
}

#[test]
fn expired_jobs_are_freed_even_behind_a_job_that_never_ends() {
    let (mut jobs, mut schedule) = (jobs_of("a"), Schedule::default());
    jobs.start(job(0, at(0)), Ending::Manual, &mut schedule);
    for n in 1..100 {
        jobs.start(job(n, at(0)), Ending::At(at(0), Verdict::Succeeds), &mut schedule);
        jobs.settle(&schedule.take_due(at(0)).unwrap());
    }
    assert_eq!(jobs.known.len(), 100);
    jobs.start(job(100, at(24)), Ending::Manual, &mut schedule);
    assert_eq!((jobs.known.len(), jobs.positions.len(), jobs.succeeded.len(), jobs.ended.len()), (2, 2, 0, 0));
}

#[cfg(feature = "state")]
#[test]
fn the_numbers_of_jobs_continue_after_those_of_a_saved_state() {
    let mut schedule = Schedule::after_jobs(7);
    assert_eq!((schedule.jobs_numbered(), schedule.next_number(), schedule.jobs_numbered()), (7, 8, 8));
}

//! Random sequences of operations, in the middle of which the mock is saved and loaded: from there on the copy answers each
//! request with the same bytes and the same IDs as the original.

use std::time::Duration;

use glacier_mock::{GlacierMock, GlacierMockBuilder, InventoryMode, JobTiming};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use tempfile::TempDir;

use super::generate;
use super::ops::Op::*;
use super::ops::{
    Claim::Correct, Data::Bytes, Data::WholePart, Id, Id::*, Job, Marker, Marker::*, Mistake::Valid, Op, OutputRange,
    OutputRange::Range, Page, Policy::*, RetrievalRange::*, Rule, Tags, V,
};
use super::run::{Run, difference};
use super::service::{Date, MINUTE};
use super::wire::Wire;
use crate::support::{DAY, HOUR};

/// The settings of the original.
#[derive(Clone, Copy, Debug)]
pub(super) enum Settings {
    Default,
    Realistic,
    Polls,
    Manual,
    Delayed,
}

fn start(settings: Settings) -> GlacierMock {
    builder(settings).start()
}

pub(super) fn builder(settings: Settings) -> GlacierMockBuilder {
    let builder = GlacierMock::builder().seed(0);
    match settings {
        Settings::Default => builder,
        Settings::Realistic => {
            builder.jobs(JobTiming::by_tier()).inventory(InventoryMode::daily()).expedited_shortage(true)
        }
        Settings::Polls => builder.jobs(JobTiming::after_polls(1)),
        Settings::Manual => builder.jobs(JobTiming::manual()),
        Settings::Delayed => {
            let builder = builder.jobs(HOUR * 3).count_overhead(false).keep_idle_uploads(true);
            builder.free_tier_per_day(3 << 20).inventory(InventoryMode::daily())
        }
    }
}

pub(super) fn settings() -> impl Strategy<Value = Settings> {
    prop_oneof![
        Just(Settings::Default),
        Just(Settings::Realistic),
        Just(Settings::Polls),
        Just(Settings::Manual),
        Just(Settings::Delayed),
    ]
}

/// Returns the notifications as clients see them.
pub(super) fn notices(mock: &GlacierMock) -> Vec<String> {
    let notices = mock.notifications();
    notices.iter().map(|notice| format!("{} {} {}", notice.time(), notice.topic(), notice.message())).collect()
}

/// Ends and expires some of the jobs that wait for the test.
pub(super) fn decide(mock: &GlacierMock) {
    for (n, job) in mock.jobs().all().into_iter().enumerate().filter(|(n, _)| n % 4 != 0) {
        if n % 4 == 2 {
            job.fail("no")
        } else {
            job.complete()
        };
        if n % 4 == 3 {
            job.expire();
        }
    }
}

/// Returns requests for all that a client can see of the known vaults, uploads and jobs.
pub(super) fn everything() -> Vec<Op> {
    let page = || Page(None, Marker::Start);
    let mut all = vec![Op::ListVaults(page()), Op::GetDataRetrievalPolicy, Op::ListProvisionedCapacity];
    for v in [V::A, V::B, V::C] {
        all.extend([
            Op::DescribeVault(v),
            Op::ListJobs(v, "", "", page()),
            Op::ListJobs(v, "Succeeded", "", page()),
            Op::ListJobs(v, "", "false", page()),
            Op::ListMultipartUploads(v, page()),
            Op::ListTagsForVault(v),
            Op::GetVaultNotifications(v),
            Op::GetVaultAccessPolicy(v),
            Op::GetVaultLock(v),
            Op::InitiateJob(v, Job::Inventory("CSV", "", Marker::Start, None, None), ""),
            Op::GetJobOutput(v, Id::Last, OutputRange::All),
        ]);
        for n in 0..4 {
            let id = Id::Nth(n);
            all.extend([
                Op::ListParts(v, id, page()),
                Op::DescribeJob(v, id),
                Op::GetJobOutput(v, id, OutputRange::All),
            ]);
        }
    }
    all
}

/// The original and its copy, which receive the same requests.
struct Twins {
    original: GlacierMock,
    run: Run,
    copy: Option<(GlacierMock, Wire)>,
}

impl Twins {
    async fn step(&mut self, op: &Op) -> Result<(), String> {
        // The mocks follow tokio's paused time.
        if let Op::Wait(minutes) = op {
            tokio::time::advance(Duration::from_secs(u64::from(*minutes) * 60)).await;
            self.run.model.pass(Date::from(*minutes) * MINUTE);
            return Ok(());
        }
        let (request, expected, expected_id) = self.run.send(op)?;
        let Some((_, wire)) = &mut self.copy else { return Ok(()) };
        let (seen, id) = wire.send(&request)?;
        if (&seen, &id) == (&expected, &expected_id) {
            return Ok(());
        }
        let ids = if id == expected_id { "" } else { "the IDs of the requests differ\n" };
        let text = format!("{op:?}: {} {}\n{ids}{}", request.method, request.path, difference(&expected, &seen));
        Err(self.run.known.named(text))
    }

    fn save_and_load(&mut self) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("state");
        self.original.save(&path);
        let copy = GlacierMock::builder().load(&path).start();
        let wire = Wire::to(&copy);
        self.copy = Some((copy, wire));
    }

    /// Asks for all that a client can see of the known vaults, uploads and jobs.
    async fn look_at_everything(&mut self) -> Result<(), String> {
        for op in &everything() {
            self.step(op).await?;
        }
        let Some((copy, _)) = &self.copy else { return Ok(()) };
        let seen = |mock: &GlacierMock| {
            let (usage, left, notices) = (mock.usage(), mock.leftovers(), notices(mock));
            (mock.clock().now(), format!("{usage:?}\n{left:?}\n{notices:?}"))
        };
        let (expected, seen) = (seen(&self.original), seen(copy));
        if expected == seen { Ok(()) } else { Err(format!("expected {expected:#?}, but the copy has {seen:#?}")) }
    }

    /// Advances both clocks to the next event.
    fn next_event(&mut self) -> Result<(), String> {
        let Some((copy, _)) = &self.copy else { return Ok(()) };
        let before = self.original.clock().now();
        let (expected, seen) = (self.original.clock().advance_to_next_event(), copy.clock().advance_to_next_event());
        let passed = self.original.clock().now().since(before).as_millis();
        self.run.model.pass(Date::try_from(passed).unwrap());
        if expected == seen {
            Ok(())
        } else {
            Err(format!("expected the events {expected:?}, but the copy has {seen:?}"))
        }
    }
}

/// Saves the mock after the operation with this number.
fn agree(ops: &[Op], saved_after: usize, settings: Settings) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let original = start(settings);
        let run = Run::of(&original);
        let mut twins = Twins { original, run, copy: None };
        for op in &ops[..saved_after] {
            twins.step(op).await?;
        }
        if let Settings::Manual = settings {
            decide(&twins.original);
        }
        twins.save_and_load();
        for op in &ops[saved_after..] {
            twins.step(op).await?;
        }
        for _ in 0..3 {
            twins.look_at_everything().await?;
            twins.next_event()?;
        }
        for op in &ops[saved_after..] {
            twins.step(op).await?;
        }
        for _ in 0..20 {
            twins.next_event()?;
        }
        tokio::time::advance(DAY * 2).await;
        twins.look_at_everything().await
    })
}

#[test]
fn a_loaded_copy_answers_as_the_original() {
    let config = Config {
        cases: std::env::var("PROPTEST_CASES").map_or(16, |cases| cases.parse().unwrap()),
        failure_persistence: None,
        max_shrink_time: 60_000,
        ..Config::default()
    };
    let cases = (generate::sequences(), any::<Index>(), settings());
    let run = TestRunner::new(config).run(&cases, |(ops, at, settings)| {
        let at = at.index(ops.0.len() + 1);
        agree(&ops.0, at, settings).map_err(|difference| TestCaseError::fail(format!("saved after {at}: {difference}")))
    });
    run.unwrap_or_else(|error| panic!("the copy and the original differ: {error}"));
}

/// Everything that a state has, for each setting, saved at several moments.
#[test]
fn a_sequence_with_everything_continues_equally() {
    const A: V = V::A;
    let topic = "arn:aws:sns:us-east-1:111122223333:t";
    let page = |limit| Page(Some(limit), Start);
    let archive = |id, range, tier| InitiateJob(A, Job::Archive(id, range, tier), "a job");
    let inventory = |limit, marker| InitiateJob(A, Job::Inventory("", limit, marker, None, None), "");
    let ops = [
        CreateVault(A),
        CreateVault(V::B),
        AddTagsToVault(A, Tags::Ten(0)),
        SetVaultNotifications(A, topic, &["ArchiveRetrievalCompleted"]),
        SetVaultAccessPolicy(A, Deny),
        UploadArchive(A, Bytes(2097153, 0), Valid, "one"),
        UploadArchive(A, Bytes(7, 1), Valid, ""),
        PurchaseProvisionedCapacity,
        Wait(780),
        archive(Nth(0), Mib(0, 1), "Standard"),
        archive(Nth(0), Whole, "Expedited"),
        archive(Nth(1), Whole, "Bulk"),
        DeleteArchive(A, Nth(1)),
        archive(Nth(1), Whole, "Standard"),
        inventory("1", Start),
        DescribeJob(A, Last),
        GetJobOutput(A, Nth(0), Range(5, 100)),
        ListJobs(A, "", "", page(2)),
        // The second save lies behind the following operations. While capacity is short, the last of these is refused.
        archive(Nth(0), Whole, "Expedited"),
        archive(Nth(0), Whole, "Expedited"),
        archive(Nth(0), Whole, "Expedited"),
        InitiateMultipartUpload(A, 1048576, "open"),
        Wait(60),
        UploadMultipartPart(A, Last, 0, WholePart(2), Valid),
        UploadMultipartPart(A, Last, 1, Bytes(9, 3), Valid),
        ListParts(A, Last, page(1)),
        InitiateMultipartUpload(A, 2097152, "whole"),
        UploadMultipartPart(A, Last, 0, Bytes(5, 1), Valid),
        CompleteMultipartUpload(A, Last, Correct),
        InitiateMultipartUpload(A, 1048576, "aborted"),
        AbortMultipartUpload(A, Last),
        InitiateMultipartUpload(A, 1048576, "idle"),
        Wait(30),
        UploadMultipartPart(A, Last, 0, Bytes(5, 1), Valid),
        ListMultipartUploads(A, page(1)),
        InitiateVaultLock(A, Allow),
        InitiateVaultLock(V::B, Deny),
        CompleteVaultLock(V::B, Last),
        SetDataRetrievalPolicy(&[Rule("FreeTier", None)]),
        DescribeJob(A, Nth(2)),
        CreateVault(V::C),
        UploadArchive(V::C, Bytes(7, 1), Valid, ""),
        DeleteVault(V::B),
        ListVaults(page(1)),
        // What the copy has to know of the original.
        ListVaults(Page(None, Given(Last))),
        ListParts(A, Nth(0), Page(None, Given(Last))),
        ListMultipartUploads(A, Page(None, Given(Last))),
        ListJobs(A, "", "", Page(None, Given(Last))),
        inventory("5", Given(Last)),
        GetJobOutput(A, Last, OutputRange::All),
        GetJobOutput(A, Nth(0), OutputRange::All),
        CompleteMultipartUpload(A, Nth(1), Correct),
        AbortMultipartUpload(A, Nth(2)),
        InitiateMultipartUpload(A, 1048576, "new"),
        ListMultipartUploads(A, Page(None, Start)),
        DeleteArchive(A, Nth(1)),
        CompleteMultipartUpload(A, Nth(0), Correct),
        CompleteVaultLock(A, Nth(0)),
        archive(Nth(0), Whole, "Expedited"),
        archive(Nth(0), Whole, "Standard"),
        PurchaseProvisionedCapacity,
        PurchaseProvisionedCapacity,
        // Retrievals in progress fail at their end, those from before the save too.
        DeleteArchive(A, Nth(0)),
        Wait(600),
        CreateVault(V::B),
    ];
    let end = ops.iter().position(|op| matches!(op, ListVaults(_))).unwrap() + 1;
    for settings in [Settings::Default, Settings::Realistic, Settings::Polls, Settings::Manual, Settings::Delayed] {
        for saved_after in [18, end] {
            let agreed = agree(&ops, saved_after, settings);
            agreed.unwrap_or_else(|difference| panic!("{settings:?}, saved after {saved_after}: {difference}"));
        }
    }
}

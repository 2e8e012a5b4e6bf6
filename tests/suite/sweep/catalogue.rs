//! The faults of a sweep: each only where it can happen, for the first attempt and for every attempt.

use std::cell::RefCell;
use std::time::Duration;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::types::JobParameters;
use glacier_mock::{ErrorCode, FaultSweep, GlacierMock, JobStatus, JobTiming, Operation, SweepFault};
use insta::assert_snapshot;

use super::with_only;
use crate::support::HOUR;

/// Retrieves an archive. Returns its bytes, unless a call or the job failed.
async fn restore(glacier: &Client, mock: &GlacierMock) -> Option<Vec<u8>> {
    let archive = mock.vault("photos").archives()[0].id().to_string();
    let retrieval = JobParameters::builder().r#type("archive-retrieval").archive_id(archive).build();
    let job = glacier.initiate_job().vault_name("photos").job_parameters(retrieval).send().await.ok()?;
    tokio::time::sleep(6 * HOUR).await;
    let output = glacier.get_job_output().vault_name("photos").job_id(job.job_id()?).send().await.ok()?;
    Some(output.body.collect().await.ok()?.to_vec())
}

fn fill(mock: &GlacierMock) {
    mock.create_vault("photos").put_archive("cat.jpg", b"a cat");
}

#[tokio::test(start_paused = true)]
async fn each_fault_is_swept_only_where_it_can_happen() {
    let report = FaultSweep::new(|| GlacierMock::builder().jobs(JobTiming::by_tier()))
        .arrange(fill)
        .run(async |mock| restore(&mock.client(), mock).await)
        .check(|_, _| ())
        .await;
    assert_snapshot!(report.names().join("\n"), @r"
    call 1 InitiateJob, throttled
    call 1 InitiateJob, throttled at every attempt
    call 1 InitiateJob, service unavailable
    call 1 InitiateJob, service unavailable at every attempt
    call 1 InitiateJob, reset before
    call 1 InitiateJob, reset before at every attempt
    call 1 InitiateJob, reset after commit
    call 1 InitiateJob, reset after commit at every attempt
    call 1 InitiateJob, answer lost
    call 1 InitiateJob, answer lost at every attempt
    call 1 InitiateJob, late answer
    call 1 InitiateJob, late answer at every attempt
    call 1 InitiateJob, 502 from a proxy
    call 1 InitiateJob, 502 from a proxy at every attempt
    call 1 InitiateJob, failed job
    call 1 InitiateJob, slow job
    call 1 InitiateJob, expired token
    call 2 GetJobOutput, throttled
    call 2 GetJobOutput, throttled at every attempt
    call 2 GetJobOutput, service unavailable
    call 2 GetJobOutput, service unavailable at every attempt
    call 2 GetJobOutput, reset before
    call 2 GetJobOutput, reset before at every attempt
    call 2 GetJobOutput, reset after commit
    call 2 GetJobOutput, reset after commit at every attempt
    call 2 GetJobOutput, answer lost
    call 2 GetJobOutput, answer lost at every attempt
    call 2 GetJobOutput, late answer
    call 2 GetJobOutput, late answer at every attempt
    call 2 GetJobOutput, 502 from a proxy
    call 2 GetJobOutput, 502 from a proxy at every attempt
    call 2 GetJobOutput, cut body
    call 2 GetJobOutput, corrupted body
    call 2 GetJobOutput, expired token
    ");
}

/// A job that takes no time takes no longer with ten times as much, and in real time a late response would be a real
/// delay.
#[tokio::test]
async fn late_answers_and_slow_jobs_need_time_that_passes() {
    let report = FaultSweep::new(GlacierMock::builder)
        .arrange(fill)
        .run(async |mock| {
            let retrieval = JobParameters::builder().r#type("inventory-retrieval").build();
            let initiate = mock.client().initiate_job().vault_name("photos").job_parameters(retrieval);
            initiate.send().await.is_ok()
        })
        .check(|_, _| ())
        .await;
    let is_there = |what: &str| report.names().iter().any(|name| name.contains(what));
    assert!(is_there("failed job") && !is_there("slow job") && !is_there("late answer"), "{:?}", report.names());
}

/// The statuses of the attempts of the only call, for each run.
async fn statuses(sweep: FaultSweep<'_>) -> Vec<String> {
    let seen = RefCell::new(Vec::new());
    let report = sweep
        .run(async |mock| mock.client().list_vaults().send().await.is_ok())
        .check(|mock, _| seen.borrow_mut().push(format!("{:?}", mock.all_calls().only().attempts().statuses())))
        .await;
    assert_eq!(report.runs() + 1, seen.borrow().len());
    seen.into_inner()
}

#[tokio::test(start_paused = true)]
async fn a_fault_is_swept_for_the_first_attempt_and_for_every_attempt() {
    let faults = [SweepFault::ServiceUnavailable, SweepFault::ExpiredToken];
    let (none, first, every, token) = ("[200]", "[500, 200]", "[500, 500, 500]", "[403]");
    assert_eq!(statuses(with_only(&faults)).await, [none, first, every, token]);
    assert_eq!(statuses(with_only(&faults).every_attempt(false)).await, [none, first, token]);
    assert_eq!(statuses(with_only(&faults).first_attempt(false)).await, [none, every, token]);
}

#[tokio::test(start_paused = true)]
async fn every_fault_of_the_catalogue_has_its_effect() {
    let seen = statuses(FaultSweep::new(GlacierMock::builder).every_attempt(false)).await;
    // Throttled, service unavailable, reset before, reset after commit, answer lost, late, proxy, expired token.
    let lost = "[no answer, 200]";
    assert_eq!(seen, ["[200]", "[400, 200]", "[500, 200]", lost, lost, lost, "[200]", "[502, 200]", "[403]"]);
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_later_than_the_timeout_of_the_client() {
    let report = with_only(&[SweepFault::LateAnswer])
        .late_by(Duration::from_secs(90))
        .run(async |mock| {
            let call = mock.client().create_vault().vault_name("photos").send();
            let began = tokio::time::Instant::now();
            let created = tokio::time::timeout(Duration::from_secs(60), call).await.is_ok();
            (created, began.elapsed())
        })
        .check(|mock, (created, elapsed)| {
            assert!(mock.vault("photos").exists());
            assert!(created || elapsed >= Duration::from_secs(60));
            if created { Ok(()) } else { Err("timed out") }
        })
        .report()
        .await;
    assert_eq!(report.failures().len(), report.runs(), "{report}");
    assert!(report.runs() == 2 && report.failures()[0].message() == "timed out", "{report}");
}

#[tokio::test(start_paused = true)]
async fn jobs_fail_and_take_ten_times_as_long() {
    let ends = RefCell::new(Vec::new());
    with_only(&[SweepFault::FailedJob, SweepFault::SlowJob])
        .arrange(|mock| {
            mock.set_job_timing(JobTiming::after(HOUR));
            fill(mock);
        })
        .run(async |mock| {
            let glacier = mock.client();
            for _ in 0..2 {
                let retrieval = JobParameters::builder().r#type("inventory-retrieval").build();
                let initiate = glacier.initiate_job().vault_name("photos").job_parameters(retrieval);
                initiate.send().await.unwrap();
            }
            tokio::time::sleep(11 * HOUR).await;
        })
        .check(|mock, ()| {
            let jobs = mock.jobs().all();
            let time = |job: &glacier_mock::Job| job.completed().unwrap().since(job.created()).as_secs() / 3600;
            ends.borrow_mut().push(jobs.iter().map(|job| (job.status(), time(job))).collect::<Vec<_>>());
        })
        .await;
    let (ok, failed, slow) = ((JobStatus::Succeeded, 1), (JobStatus::Failed, 1), (JobStatus::Succeeded, 10));
    assert_eq!(*ends.borrow(), [[ok, ok], [failed, ok], [slow, ok], [ok, failed], [ok, slow]]);
}

#[tokio::test(start_paused = true)]
async fn a_download_is_cut_and_corrupted_in_its_middle() {
    let seen = RefCell::new(Vec::new());
    with_only(&[SweepFault::CutBody, SweepFault::CorruptedBody])
        .arrange(fill)
        .run(async |mock| restore(&mock.client(), mock).await)
        .check(|_, bytes| seen.borrow_mut().push(bytes))
        .await;
    assert_eq!(*seen.borrow(), [Some(b"a cat".to_vec()), None, Some(b"a bat".to_vec())]);
}

#[tokio::test(start_paused = true)]
async fn a_test_adds_faults_of_its_own_and_takes_others_away() {
    let report = with_only(&[])
        .with("no capacity", |fault| fault.insufficient_capacity())
        .run(async |mock| mock.client().list_vaults().send().await.map_err(aws_sdk_glacier::Error::from).map(drop))
        .check(|mock, result| {
            let faulted = mock.requests().iter().filter(|request| request.fault().is_some()).count();
            let code = mock.requests()[0].error_code();
            assert!(code.is_none_or(|code| code == ErrorCode::InsufficientCapacityException));
            if result.is_ok() { Ok(()) } else { Err(format!("{faulted} faults")) }
        })
        .report()
        .await;
    assert_eq!(report.names(), ["call 1 ListVaults, no capacity", "call 1 ListVaults, no capacity at every attempt"]);
    let [failure] = report.failures() else { panic!("{report}") };
    assert_eq!(failure.message(), "3 faults");
}

#[test]
#[should_panic(expected = "the sweep already has a fault \"throttled\"")]
fn two_faults_cannot_have_one_name() {
    let _ = FaultSweep::new(GlacierMock::builder).with("throttled", |fault| fault.throttled());
}

#[test]
#[should_panic(expected = "a fault of a sweep needs a name")]
fn a_fault_needs_a_name() {
    let _ = FaultSweep::new(GlacierMock::builder).with(" ", |fault| fault.throttled());
}

/// A fault that a run did not meet does not fail verification, and the report counts it.
#[tokio::test(start_paused = true)]
async fn a_fault_that_is_not_met_is_counted() {
    let runs = RefCell::new(0);
    let report = with_only(&[SweepFault::Throttled])
        .run(async |mock| {
            *runs.borrow_mut() += 1;
            if *runs.borrow() == 1 {
                mock.client().list_vaults().send().await.unwrap();
            }
        })
        .check(|_, ()| ())
        .await;
    assert!(report.to_string().contains("2 runs, none broke (in 2 of them the fault met no request)"), "{report}");
}

/// What the test declares for each run is verified in each run.
#[tokio::test(start_paused = true)]
async fn expectations_are_verified_in_each_run() {
    let report = with_only(&[SweepFault::ExpiredToken])
        .arrange(|mock| mock.expect(Operation::DeleteVault).never())
        .run(async |mock| {
            let glacier = mock.client();
            if glacier.list_vaults().send().await.is_err() {
                glacier.delete_vault().vault_name("photos").send().await.unwrap();
            }
        })
        .check(|_, ()| ())
        .report()
        .await;
    let [failure] = report.failures() else { panic!("{report}") };
    assert!(failure.message().contains("expected no calls of DeleteVault, but there was 1"), "{failure:?}");
}

#[tokio::test(start_paused = true)]
async fn all_runs_have_the_same_ids() {
    let ids = RefCell::new(Vec::new());
    let run = async |sweep: FaultSweep<'_>| {
        sweep
            .arrange(fill)
            .run(async |mock| mock.client().list_vaults().send().await.is_ok())
            .check(|mock, _| ids.borrow_mut().push(mock.vault("photos").archives()[0].id().to_string()))
            .await;
        ids.take()
    };
    let usual = run(FaultSweep::new(GlacierMock::builder)).await;
    assert!(usual.len() > 10 && usual.iter().all(|id| *id == usual[0]), "{usual:?}");
    let seeded = run(FaultSweep::new(|| GlacierMock::builder().seed(3))).await;
    assert_ne!(seeded[0], usual[0]);
}

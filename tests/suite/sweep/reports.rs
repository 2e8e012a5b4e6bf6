//! The report of a sweep.

use aws_sdk_glacier::Client;
use glacier_mock::{FaultSweep, GlacierMock, SweepFault, SweepReport};
use insta::assert_snapshot;

use super::with_only;
use crate::support::{panic_message, raw, request};

/// The report, without the numbers of lines and columns of this file.
fn text(report: &SweepReport) -> String {
    without_lines(&report.to_string())
}

fn without_lines(text: &str) -> String {
    // On Windows the paths have other separators.
    let text = text.replace(std::path::MAIN_SEPARATOR, "/");
    let mut parts = text.split("reports.rs:");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':');
        let colon = if part[..part.len() - rest.len()].ends_with(':') { ":" } else { "" };
        out += &format!("reports.rs:LINE{colon}{rest}");
    }
    out
}

async fn backup(glacier: &Client) -> bool {
    let created = glacier.create_vault().vault_name("photos").send().await.is_ok();
    let upload = glacier.upload_archive().vault_name("photos").body(b"a cat".to_vec().into());
    let stored = upload.send().await.is_ok();
    assert!(glacier.list_vaults().send().await.is_ok(), "no list");
    created && stored
}

#[tokio::test(start_paused = true)]
async fn a_report_shows_each_failure_once_with_the_record_of_the_first() {
    let report = with_only(&[SweepFault::ServiceUnavailable, SweepFault::ResetAfterCommit, SweepFault::ExpiredToken])
        .run(async |mock| backup(&mock.client()).await)
        .check(|mock, is_done| {
            assert!(is_done, "the backup failed");
            assert_eq!(mock.vault("photos").archives().len(), 1);
        })
        .report()
        .await;
    assert_snapshot!(text(&report), @r#"
    fault sweep at tests/suite/sweep/reports.rs:LINE: 10 of 15 runs broke

    tests/suite/sweep/reports.rs:LINE: the backup failed
      in "call 1 CreateVault, service unavailable at every attempt"
      in "call 1 CreateVault, reset after commit at every attempt"
      and 4 more

    tests/suite/sweep/reports.rs:LINE: assertion `left == right` failed
        left: 2
       right: 1
      in "call 2 UploadArchive, reset after commit"

    tests/suite/sweep/reports.rs:LINE: no list
      in "call 3 ListVaults, service unavailable at every attempt"
      in "call 3 ListVaults, reset after commit at every attempt"
      and 1 more

    the record of "call 1 CreateVault, service unavailable at every attempt":
       1  CreateVault    photos  500          <- here
            3 attempts  ServiceUnavailableException: Service is unable to complete the request  [fault:
            ServiceUnavailableException]
       2  UploadArchive  photos  404  ResourceNotFoundException: Vault not found for ARN: arn:aws:glacier:us-east-1:00000...
       3  ListVaults     -       200
    to repeat only this run: .only("call 1 CreateVault, service unavailable at every attempt")
    or from a shell: GLACIER_MOCK_SWEEP_ONLY='call 1 CreateVault, service unavailable at every attempt' cargo test sweep::reports::a_report_shows_each_failure_once_with_the_record_of_the_first
    "#);
}

/// The `Debug` form of an error contains the ID of its request, which differs from run to run.
#[tokio::test(start_paused = true)]
async fn failures_that_differ_only_in_ids_are_shown_once() {
    let report = with_only(&[SweepFault::ExpiredToken])
        .run(async |mock| {
            for _ in 0..2 {
                let _ = mock.client().list_vaults().send().await;
            }
        })
        .check(|mock, ()| match mock.requests().failed().first() {
            Some(request) => Err(format!("the request with the ID {:?} failed", request.request_id())),
            None => Ok(()),
        })
        .report()
        .await;
    let [first, second] = report.failures() else { panic!("{report}") };
    assert_ne!(first.message(), second.message());
    assert_eq!(report.to_string().matches("with the ID").count(), 1, "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_sweep_needs_a_complete_record() {
    let dropped = FaultSweep::new(|| GlacierMock::builder().keep_requests(1));
    let twice = async |mock: &GlacierMock| {
        mock.client().list_vaults().send().await.unwrap();
        mock.client().list_vaults().send().await.unwrap();
    };
    let dropped = dropped.run(twice).check(|_, ()| ()).report().await;
    let forgotten = FaultSweep::new(GlacierMock::builder).run(async |mock| {
        mock.client().list_vaults().send().await.unwrap();
        mock.forget_requests();
        mock.client().list_vaults().send().await.unwrap();
    });
    let forgotten = forgotten.check(|_, ()| ()).report().await;
    for report in [dropped, forgotten] {
        let [failure] = report.failures() else { panic!("{report}") };
        assert!(failure.message().starts_with("the record of the run is not complete"), "{report}");
    }
}

/// IDs are so long that a line would show nothing else.
#[tokio::test(start_paused = true)]
async fn a_report_says_what_was_left_open() {
    let report = with_only(&[SweepFault::AnswerLost])
        .every_attempt(false)
        .arrange(|mock| {
            mock.create_vault("photos");
        })
        .run(async |mock| {
            let begin = mock.client().initiate_multipart_upload().vault_name("photos").part_size("1048576");
            let id = begin.send().await.unwrap().upload_id.unwrap();
            mock.client().abort_multipart_upload().vault_name("photos").upload_id(id).send().await.unwrap();
        })
        .check(|mock, ()| mock.assert_nothing_left_open())
        .report()
        .await;
    let text = report.to_string();
    let line = text.lines().find(|line| line.starts_with("    multipart upload ")).unwrap_or_else(|| panic!("{text}"));
    assert!(line.contains("... for vault \"photos\" (000000000000, us-east-1), initiated at 2"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_report_of_many_failures_is_one_screen() {
    let report = with_only(&[SweepFault::ServiceUnavailable, SweepFault::ExpiredToken])
        .first_attempt(false)
        .arrange(|mock| {
            mock.create_vault("photos");
        })
        .run(async |mock| {
            let glacier = mock.client();
            let upload = glacier.upload_archive().vault_name("photos").body(b"a cat".to_vec().into());
            let stored = upload.send().await;
            let mut failed = Vec::from_iter(stored.is_err().then_some(0));
            for n in 1..20 {
                if glacier.list_vaults().send().await.is_err() {
                    failed.push(n);
                }
            }
            failed
        })
        .check(|_, failed| match failed[..] {
            [] => Ok(()),
            _ => Err(format!("these failed: {failed:?}\n{}", "and more\n".repeat(50))),
        })
        .report()
        .await;
    assert_eq!((report.runs(), report.failures().len()), (40, 40));
    assert!(report.to_string().lines().count() <= 45, "{report}");
    assert!(report.to_string().contains("... and 17 more failures"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_sweep_without_failures_is_one_line() {
    let report = with_only(&[SweepFault::Throttled])
        .run(async |mock| mock.client().list_vaults().send().await.is_ok())
        .check(|_, _| ())
        .await;
    assert_snapshot!(text(&report), @"fault sweep at tests/suite/sweep/reports.rs:LINE: 2 runs, none broke");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_breaks_without_a_fault_ends_the_sweep() {
    let report = FaultSweep::new(GlacierMock::builder)
        .run(async |mock| mock.client().delete_vault().vault_name("photos").send().await.is_ok())
        .check(|mock, _| if mock.vault("photos").exists() { Ok(()) } else { Err("there is no vault") })
        .report()
        .await;
    assert_snapshot!(text(&report), @r"
    fault sweep at tests/suite/sweep/reports.rs:LINE: the run without a fault broke

    there is no vault

    the record:
       1  DeleteVault  photos  204
    ");
    assert_eq!((report.runs(), report.failures().len()), (0, 1));
}

/// A request that matches no operation is recorded, but the sweep has no faults for it.
#[tokio::test(start_paused = true)]
async fn a_scenario_that_calls_no_operation_breaks_the_sweep_with_its_record() {
    let report = FaultSweep::new(GlacierMock::builder)
        .run(async |mock| drop(raw(mock, &request("GET", "/nothing", &[], b""))))
        .check(|_, ()| ())
        .report()
        .await;
    assert_eq!(report.failures()[0].message(), "the scenario called no operation, so there is nothing to sweep");
    assert!(report.to_string().contains("/nothing"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_scenario_without_calls_breaks_the_sweep() {
    let report = FaultSweep::new(GlacierMock::builder).run(async |_| ()).check(|_, ()| ()).report().await;
    assert_snapshot!(text(&report), @r"
    fault sweep at tests/suite/sweep/reports.rs:LINE: the run without a fault broke

    the scenario called no operation, so there is nothing to sweep

    the record:
      (no request arrived)
    ");
}

#[test]
fn a_sweep_that_is_awaited_panics_with_its_report() {
    let message = panic_message(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            with_only(&[SweepFault::ExpiredToken])
                .run(async |mock| mock.client().list_vaults().send().await.is_ok())
                .check(|_, listed| assert!(listed))
                .await;
        });
    });
    assert!(message.contains("1 of 1 run broke"), "{message}");
    assert!(message.contains("call 1 ListVaults, expired token"), "{message}");
}

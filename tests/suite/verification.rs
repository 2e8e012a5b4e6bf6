//! Reports when a mock is verified or dropped, and when there is none.

use std::sync::{Arc, Barrier};
use std::time::Duration;

use glacier_mock::{GlacierMock, JobTiming, Operation, Request};

use crate::support::{
    MINUTE, TIMEOUT, child_of, initiate, inventory, mock_with_vault, panic_message, raw, request, retrieval, upload,
};

const EARLY: &str = "Did the test return early, with `?` or an `Err`?";
const WAITING: &str = "Wait for it with `mock.wait_for(..)` first";

/// A test that returns an `Err` first drops the mock, whose panic hides the error.
#[test]
fn a_report_of_too_few_calls_asks_whether_the_test_ended_early() {
    let returns_an_error = || -> Result<(), std::num::ParseIntError> {
        let mock = GlacierMock::start();
        mock.expect(Operation::DeleteArchive).once();
        "no number".parse::<i32>()?;
        Ok(())
    };
    let text = panic_message(|| returns_an_error().unwrap());
    assert!(text.contains("expected exactly 1 call of DeleteArchive"), "{text}");
    assert!(text.contains(EARLY) && text.contains(WAITING), "{text}");
}

/// Unused faults and rules count as missing. Calls that happened too often do not.
#[test]
fn only_reports_of_something_missing_ask_whether_the_test_ended_early() {
    let mock = GlacierMock::start();
    mock.fault(Operation::DeleteArchive).throttled();
    assert!(panic_message(|| drop(mock)).contains(EARLY));
    let mock = GlacierMock::start();
    mock.next_job().completes_now();
    assert!(panic_message(|| drop(mock)).contains(EARLY));
    let mock = GlacierMock::start();
    mock.expect(Operation::ListVaults).never();
    raw(&mock, &request("GET", "/-/vaults", &[], b""));
    let text = panic_message(|| drop(mock));
    assert!(text.contains("expected no calls of ListVaults") && !text.contains(EARLY), "{text}");
    assert!(!text.contains(WAITING), "{text}");
}

/// `verify` in the middle of a test hides no error, but a task may still be about to call.
#[test]
fn a_report_of_verify_suggests_only_to_wait() {
    let mock = GlacierMock::start();
    mock.expect(Operation::DeleteArchive).once();
    let text = panic_message(|| mock.verify());
    assert!(text.contains(WAITING) && !text.contains(EARLY), "{text}");
}

#[tokio::test]
async fn a_rule_that_no_job_used_fails_verification() {
    let (mock, glacier) = mock_with_vault().await;
    let archive = upload(&glacier, "v", b"x").await;
    mock.next_job().retrieval().fails("Archive is damaged");
    let line = line!() + 1;
    mock.next_job().inventory().vault("v").fails_after(MINUTE, "The vault is unavailable");
    mock.next_job().vault("w").optional().never_completes();
    initiate(&glacier, "v", retrieval(&archive)).await;
    let text = panic_message(|| mock.verify());
    assert!(text.starts_with(&format!("declared at {}:{line}:", file!())), "{text}");
    let rule = "\nexpected that the next inventory retrieval of vault \"v\" would fail after 60s with \"The vault is unavailable\", but no \
                such job was started\n  call 3 came nearest: it retrieved archive ";
    assert!(text.contains(rule), "{text}");
    assert!(text.contains("\n  mark the rule `.optional()` if it need not be used\n"), "{text}");
    assert!(!text.contains("damaged") && !text.contains("\"w\""), "{text}");
    // Dropping verifies too. A rule that was verified once is not verified again.
    mock.next_job().archive(&archive).takes(MINUTE);
    let text = panic_message(|| drop(mock));
    assert!(text.contains(&format!("the next job of archive {archive:?} would take 60s")), "{text}");
    assert!(!text.contains("unavailable"), "{text}");
}

/// A job of another kind or a refused job does not use the rule, and a request before the rule does not count.
#[tokio::test]
async fn a_rule_that_no_job_used_shows_the_request_that_came_nearest() {
    let (mock, glacier) = mock_with_vault().await;
    let start = |vault: &str| glacier.initiate_job().vault_name(vault).job_parameters(inventory().build()).send();
    start("v").await.unwrap();
    mock.next_job().vault("v").retrieval().never_completes();
    let text = panic_message(|| mock.verify());
    assert!(!text.contains("came nearest"), "{text}");
    mock.next_job().vault("v").retrieval().never_completes();
    start("v").await.unwrap();
    let text = panic_message(|| mock.verify());
    assert!(text.contains("\n  call 3 came nearest: it retrieved no archive\n"), "{text}");
    mock.next_job().vault("w").never_completes();
    start("w").await.unwrap_err();
    let text = panic_message(|| mock.verify());
    assert!(text.contains("\n  call 4 came nearest: it was refused with ResourceNotFoundException\n"), "{text}");
}

/// The condition of the fault is still running when verification starts. The fault and the rule are used after it.
#[test]
fn verification_waits_for_requests_that_a_fault_or_a_rule_may_match() {
    let mock = GlacierMock::start();
    mock.create_vault("v");
    let gate = Arc::new(Barrier::new(2));
    let opens = gate.clone();
    let condition = move |_: &Request| {
        opens.wait();
        // Gives the test time to start verification. If it is too short, the test still passes.
        std::thread::sleep(Duration::from_millis(100));
        true
    };
    mock.fault(Operation::InitiateJob).matching(condition).answer_delayed(Duration::from_millis(1));
    mock.next_job().vault("v").never_completes();
    std::thread::scope(|scope| {
        let job = br#"{"Type":"inventory-retrieval"}"#;
        scope.spawn(|| raw(&mock, &request("POST", "/-/vaults/v/jobs", &[], job)));
        gate.wait();
        mock.verify();
    });
}

/// The child process is a test whose code under test unwraps an error of the SDK.
#[test]
fn a_panicking_test_prints_the_end_of_the_record_and_the_hints() {
    let Some(output) = child_of("verification::a_panicking_test_prints_the_end_of_the_record_and_the_hints") else {
        let mock = GlacierMock::start();
        for n in 0..40 {
            raw(&mock, &request("PUT", &format!("/-/vaults/v{n}"), &[], b""));
        }
        for n in 0..40 {
            raw(&mock, &request("GET", &format!("/-/vaults/missing{n}"), &[], b""));
        }
        panic!("the code under test unwrapped an error");
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(101), "{text}");
    let begin = text.find("glacier-mock: the test panicked. The last requests on record are:\n").expect(&text);
    let shown: Vec<&str> = text[begin..].lines().take_while(|line| !line.is_empty()).collect();
    assert!(shown.len() <= 24, "{} lines: {text}", shown.len());
    let failed = shown.iter().find(|line| line.contains("80  DescribeVault  missing39  404")).expect(&text);
    assert!(failed.contains("ResourceNotFoundException"), "{failed}");
    assert!(shown.iter().any(|line| line.contains("\"missing0\"") && line.contains("mock.create_vault")), "{text}");
    assert!(shown.last().unwrap().contains(" more hints"), "{text}");
}

/// Many calls that succeeded follow the failed one.
#[test]
fn a_panicking_test_prints_the_last_call_that_failed() {
    let Some(output) = child_of("verification::a_panicking_test_prints_the_last_call_that_failed") else {
        let mock = GlacierMock::start();
        raw(&mock, &request("GET", "/-/vaults/missing", &[], b""));
        for _ in 0..40 {
            raw(&mock, &request("GET", "/-/vaults", &[], b""));
        }
        panic!("the code under test unwrapped an error");
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("1  DescribeVault  missing  404"), "{text}");
    assert!(text.contains("... 40 after, which succeeded"), "{text}");
}

#[test]
fn a_panicking_test_without_a_failed_request_prints_nothing() {
    let Some(output) = child_of("verification::a_panicking_test_without_a_failed_request_prints_nothing") else {
        let mock = GlacierMock::start();
        raw(&mock, &request("GET", "/-/vaults", &[], b""));
        panic!("the test's own failure");
    };
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("the test's own failure") && !text.contains("glacier-mock:"), "{text}");
}

/// The report of the expectation contains the record already.
#[test]
fn a_panicking_test_prints_the_record_once() {
    let Some(output) = child_of("verification::a_panicking_test_prints_the_record_once") else {
        let mock = GlacierMock::start();
        mock.expect(Operation::CreateVault).once();
        raw(&mock, &request("GET", "/-/vaults/missing", &[], b""));
        panic!("the test's own failure");
    };
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.matches("1  DescribeVault  missing  404").count(), 1, "{text}");
}

/// The first failures are shown in full.
#[test]
fn a_report_of_many_failures_is_bounded() {
    let mock = GlacierMock::start();
    for n in 0..100 {
        mock.expect(Operation::DeleteArchive).vault(format!("v{n}")).once();
        mock.fault(Operation::DeleteArchive).vault(format!("v{n}")).throttled();
        raw(&mock, &request("GET", &format!("/-/vaults/v{n}"), &[], b""));
    }
    let text = panic_message(|| mock.verify());
    assert!(text.lines().count() < 150, "{} lines: {text}", text.lines().count());
    assert!(
        text.contains("DeleteArchive with vault \"v0\"") && text.contains("... 190 more failures are not shown\n"),
        "{text}"
    );
    let one = panic_message(|| mock.all_calls().assert_none());
    assert!(one.lines().count() < 40, "{} lines: {one}", one.lines().count());
    assert!(one.contains("more hints apply to later requests"), "{one}");
}

/// A wait asserts that the calls arrived, so its result need not be used. The test would not compile otherwise.
#[deny(unused_must_use)]
#[tokio::test]
async fn the_result_of_a_wait_may_be_ignored() {
    let (mock, glacier) = mock_with_vault().await;
    glacier.list_vaults().send().await.unwrap();
    mock.wait_for(Operation::CreateVault).within(TIMEOUT).await;
    mock.wait_for(Operation::ListVaults).within(TIMEOUT).blocking();
}

/// `only` returns an owned value that a test can keep in a variable. The test would not compile otherwise.
#[tokio::test]
async fn the_only_call_and_request_are_owned() {
    let mock = GlacierMock::builder().jobs(JobTiming::manual()).start();
    mock.client().create_vault().vault_name("v").send().await.unwrap();
    let call = mock.calls(Operation::CreateVault).only();
    let request = mock.requests().vault("v").only();
    assert_eq!(call.attempts().statuses(), [201]);
    assert_eq!(call.number(), 1);
    assert_eq!(request.status(), Some(201));
}

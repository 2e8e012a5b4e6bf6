//! Hints for tests that poll a job that cannot end soon, because time does not pass or because only the test can end
//! it.

use std::future::Future;

use aws_sdk_glacier::Client;
use glacier_mock::{Clock, GlacierMock, JobTiming, Operation};

use crate::support::{HOUR, MINUTE, initiate, inventory, panic_message, raw, request, role, this_test_again};

/// Creates a vault and starts a job in it. Returns a client and the ID of the job.
async fn with_job(mock: &GlacierMock) -> (Client, String) {
    mock.create_vault("v");
    let glacier = mock.client();
    let job = initiate(&glacier, "v", inventory()).await;
    (glacier, job)
}

async fn describe(glacier: &Client, job: &str, times: usize) {
    for _ in 0..times {
        glacier.describe_job().vault_name("v").job_id(job).send().await.unwrap();
    }
}

/// The message of an assertion that fails.
fn report(mock: &GlacierMock) -> String {
    let failed = || mock.calls(Operation::DeleteArchive).assert_count(1);
    panic_message(failed)
}

fn block_on<T>(paused: bool, test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(paused).build().unwrap();
    runtime.block_on(test)
}

/// The kinds of mocks and polls, and whether the mock writes a line about the job.
const CASES: [(&str, bool); 11] = [
    ("by tier", true),
    ("two minutes", true),
    ("wall clock", true),
    ("outside of a runtime, by output", true),
    ("by list", true),
    ("half a minute", false),
    ("paused", false),
    ("paused, started outside of the runtime", false),
    ("frozen", false),
    ("manual", false),
    ("log switched off", false),
];

/// Starts the mock of a case and polls a job.
fn poll_in(case: &str) -> GlacierMock {
    let by_tier = || GlacierMock::builder().jobs(JobTiming::by_tier());
    let after = |time| GlacierMock::builder().jobs(JobTiming::after(time));
    let polls = async |mock: GlacierMock| {
        let (glacier, job) = with_job(&mock).await;
        describe(&glacier, &job, 3).await;
        let second = initiate(&glacier, "v", inventory()).await;
        describe(&glacier, &second, 1).await;
        mock
    };
    match case {
        "by tier" => block_on(false, async { polls(by_tier().start()).await }),
        "two minutes" => block_on(false, async { polls(after(2 * MINUTE).start()).await }),
        "wall clock" => block_on(false, async { polls(after(HOUR).clock(Clock::wall()).start()).await }),
        "outside of a runtime, by output" => {
            let mock = by_tier().start();
            mock.create_vault("v");
            let started = raw(&mock, &request("POST", "/-/vaults/v/jobs", &[], br#"{"Type":"inventory-retrieval"}"#));
            let output = format!("/-/vaults/v/jobs/{}/output", started.header("x-amz-job-id").unwrap());
            assert_eq!(raw(&mock, &request("GET", &output, &[], b"")).status, 400);
            mock
        }
        "by list" => block_on(false, async {
            let mock = by_tier().start();
            let (glacier, _) = with_job(&mock).await;
            glacier.list_jobs().vault_name("v").send().await.unwrap();
            mock
        }),
        "half a minute" => block_on(false, async { polls(after(MINUTE / 2).start()).await }),
        "paused" => block_on(true, async { polls(by_tier().start()).await }),
        "paused, started outside of the runtime" => {
            let mock = by_tier().start();
            block_on(true, polls(mock))
        }
        "frozen" => {
            block_on(false, async { polls(by_tier().clock(Clock::frozen("2026-01-31T00:00:00Z")).start()).await })
        }
        "manual" => block_on(false, async { polls(GlacierMock::builder().jobs(JobTiming::manual()).start()).await }),
        "log switched off" => block_on(false, async { polls(by_tier().log(false).start()).await }),
        other => panic!("unknown case: {other}"),
    }
}

/// The child process runs each case and prints its endpoint. The parent checks which mocks wrote a line about the job.
#[test]
fn polling_a_job_that_needs_real_time_is_logged_once() {
    if role().is_some() {
        // All mocks are alive at the same time, so no two of them have the same port.
        let mocks = CASES.map(|(case, _)| (case, poll_in(case)));
        for (case, mock) in &mocks {
            println!("\nendpoint of {case} = {}", mock.endpoint());
        }
        return;
    }
    let child = this_test_again("polling_hints::polling_a_job_that_needs_real_time_is_logged_once", "child", |_| ());
    let (out, err) = (String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
    assert!(child.status.success(), "the child failed:\n{out}\n{err}");
    for (case, writes_a_line) in CASES {
        let endpoint = out.lines().find_map(|line| line.strip_prefix(&format!("endpoint of {case} = http://")));
        let endpoint = endpoint.unwrap_or_else(|| panic!("{case} is missing:\n{out}"));
        let port = endpoint.rsplit(':').next().unwrap();
        let lines: Vec<_> = err.lines().filter(|line| line.starts_with(&format!("glacier-mock:{port}  "))).collect();
        if !writes_a_line {
            assert!(lines.is_empty(), "{case}: {lines:?}");
            continue;
        }
        let [line] = lines[..] else { panic!("{case}: expected one line, but got {lines:?}") };
        for part in [" of vault \"v\" ends in ", "m of real time", "start_paused = true", "advance(..)", ".jobs(..)"] {
            assert!(line.contains(part), "{case}: {line}");
        }
        if case == "two minutes" {
            // All two minutes are left if the poll comes in the millisecond in which the job started.
            let is_left = ["0h02m", "0h01m"].iter().any(|left| line.contains(&format!("ends in {left} of real time")));
            assert!(is_left, "{line}");
        }
    }
}

#[tokio::test]
async fn a_poll_is_shown_with_the_status_of_the_job() {
    let mock = GlacierMock::builder().jobs(JobTiming::manual()).start();
    let (glacier, job) = with_job(&mock).await;
    describe(&glacier, &job, 1).await;
    mock.jobs().get(&job).unwrap().fail("Archive is damaged");
    describe(&glacier, &job, 1).await;
    let second = initiate(&glacier, "v", inventory()).await;
    mock.jobs().get(&second).unwrap().complete();
    describe(&glacier, &second, 1).await;
    let report = report(&mock);
    let statuses: Vec<_> =
        report.lines().filter_map(|line| line.split_once("DescribeJob")?.1.split_whitespace().last()).collect();
    assert_eq!(statuses, ["InProgress", "Failed", "Succeeded"], "{report}");
}

/// There are three kinds of such jobs. The hint disappears when the job has ended.
#[tokio::test]
async fn polling_a_job_that_only_the_test_can_end_gets_a_hint() {
    let hint = "stays in progress until the test ends it: find it with mock.jobs()";
    for way in ["manual", "never completes", "held"] {
        let timing = if way == "manual" { JobTiming::manual() } else { JobTiming::after(HOUR) };
        let mock = GlacierMock::builder().jobs(timing).clock(Clock::frozen("2026-01-31T00:00:00Z")).start();
        if way == "never completes" {
            mock.next_job().never_completes();
        }
        let (glacier, job) = with_job(&mock).await;
        if way == "held" {
            mock.jobs().get(&job).unwrap().hold();
        }
        describe(&glacier, &job, 1).await;
        assert!(!report(&mock).contains(hint), "{way}: a single poll gets no hint");
        describe(&glacier, &job, 8).await;
        let text = report(&mock);
        assert!(text.contains(&format!("was polled 9 times, but {hint}")), "{way}: {text}");
        // Advancing the clock would not help, so the report does not suggest it.
        assert!(!text.contains("the mock's clock did not advance"), "{way}: {text}");
        mock.jobs().get(&job).unwrap().complete();
        describe(&glacier, &job, 1).await;
        assert!(!report(&mock).contains(hint), "{way}");
    }
}

#[tokio::test]
async fn polling_a_job_that_needs_real_time_gets_a_hint() {
    let hint = "would end only after 3h59m of real time: use #[tokio::test(start_paused = true)]";
    let mock = GlacierMock::builder().jobs(JobTiming::by_tier()).log(false).start();
    let (glacier, job) = with_job(&mock).await;
    describe(&glacier, &job, 1).await;
    let text = report(&mock);
    assert!(text.contains(hint) && text.contains("mock.clock().advance(..)"), "{text}");
    mock.clock().advance(4 * HOUR);
    describe(&glacier, &job, 1).await;
    assert!(!report(&mock).contains("of real time"), "{}", report(&mock));
}

/// Code may advance the clock and then read the output without another poll.
#[tokio::test]
async fn a_job_whose_output_was_read_after_the_last_poll_gets_no_hint() {
    let mock = GlacierMock::builder().jobs(JobTiming::by_tier()).log(false).start();
    let (glacier, job) = with_job(&mock).await;
    describe(&glacier, &job, 2).await;
    glacier.get_job_output().vault_name("v").job_id(&job).send().await.unwrap_err();
    assert!(
        report(&mock).contains("of real time"),
        "a refused GetJobOutput must not remove the hint: {}",
        report(&mock)
    );
    mock.clock().advance(4 * HOUR);
    glacier.get_job_output().vault_name("v").job_id(&job).send().await.unwrap();
    assert!(!report(&mock).contains("of real time"), "{}", report(&mock));
}

/// The hint names two reasons that a user cannot see: the call was not awaited, or the user's own configuration has no
/// credentials.
#[test]
fn a_report_without_any_request_gets_a_hint() {
    let mock = GlacierMock::start();
    let text = report(&mock);
    assert!(text.contains("(no request arrived)\n     was the call awaited"), "{text}");
    assert!(text.contains("also needs a region and credentials (any will do)"), "{text}");
}

//! The contents of failure reports: hints, the nearest request, and bounds on the length. Snapshots of whole reports
//! are in `src/fixture/tests/reports.rs`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_glacier::Client;
use aws_sdk_glacier::config::Region;
use glacier_mock::{Account, Clock, ErrorCode, GlacierMock, Operation, Step};

use crate::support::{panic_message, raw, request, upload};

/// The message of an assertion that fails.
fn report(mock: &GlacierMock) -> String {
    panic_message(|| mock.calls(Operation::PurchaseProvisionedCapacity).assert_count(1))
}

fn get(mock: &GlacierMock, path: &str) {
    raw(mock, &request("GET", path, &[], b""));
}

/// Sends the same request many times on one connection, and waits for all responses.
fn send_many(mock: &GlacierMock, path: &str, times: usize) {
    const AT_ONCE: usize = 100;
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    let one = request("GET", path, &[], b"");
    let mut buffer = [0; 1 << 16];
    for sent in (0..times).step_by(AT_ONCE) {
        let now = AT_ONCE.min(times - sent);
        stream.write_all(&one.repeat(now)).unwrap();
        let mut answers = Vec::new();
        let came = |answers: &[u8]| answers.windows(9).filter(|window| window == b"HTTP/1.1 ").count();
        // The head of the last response is enough, because the rest of it is read in the next round.
        while came(&answers) < now {
            let read = stream.read(&mut buffer).unwrap();
            assert!(read > 0, "the connection was closed");
            answers.extend_from_slice(&buffer[..read]);
        }
    }
}

fn client_in(mock: &GlacierMock, region: &'static str) -> Client {
    Client::from_conf(mock.glacier_config().region(Region::new(region)).build())
}

/// The arranged vault is not on the record, but the hint knows it.
#[tokio::test]
async fn a_hint_names_the_region_of_a_vault_that_was_arranged() {
    let mock = GlacierMock::start();
    mock.create_vault("photos");
    client_in(&mock, "eu-west-1").describe_vault().vault_name("photos").send().await.unwrap_err();
    let text = report(&mock);
    let hint =
        "there is no vault \"photos\" in account 000000000000 and region eu-west-1: there is one in region us-east-1";
    assert!(text.contains(hint), "{text}");
    assert!(!text.contains("mock.create_vault"), "{text}");
}

#[test]
fn a_hint_names_the_account_of_a_vault_that_was_arranged() {
    let mock = GlacierMock::start();
    mock.vault_in(Account::new("111122223333"), "us-east-1", "photos").create();
    get(&mock, "/-/vaults/photos");
    let text = report(&mock);
    let hint = "there is no vault \"photos\": there is one in account 111122223333 and region us-east-1\n";
    assert!(text.contains(hint), "{text}");
}

#[test]
fn a_hint_suggests_vaults_with_similar_names() {
    let mock = GlacierMock::start();
    mock.create_vault("photos");
    get(&mock, "/-/vaults/photo");
    assert!(report(&mock).contains("there is no vault \"photo\": did you mean \"photos\"?\n"), "{}", report(&mock));
    get(&mock, "/-/vaults/pho%20tos");
    assert!(report(&mock).contains("did you mean \"photos\"?\n"), "{}", report(&mock));
    get(&mock, "/-/vaults/my%20documents");
    assert!(report(&mock).contains("is not a valid vault name"), "{}", report(&mock));
}

#[test]
fn a_hint_says_that_a_vault_was_deleted() {
    let mock = GlacierMock::start();
    mock.create_vault("photos");
    // DeleteVault succeeds for a vault that never existed (api.md section 3), which the hint must not call deleted.
    for name in ["photos", "videos"] {
        raw(&mock, &request("DELETE", &format!("/-/vaults/{name}"), &[], b""));
        get(&mock, &format!("/-/vaults/{name}"));
    }
    let text = report(&mock);
    assert!(text.contains("there is no vault \"photos\": it was deleted\n"), "{text}");
    assert!(text.contains("there is no vault \"videos\": there are no vaults. Call CreateVault first"), "{text}");
}

#[test]
fn a_hint_says_that_a_vault_was_created_too_late() {
    let mock = GlacierMock::start();
    let list = || get(&mock, "/-/vaults/photos/jobs");
    let describe = || get(&mock, "/-/vaults/videos");
    list();
    describe();
    mock.create_vault("photos");
    mock.create_vault("videos");
    let text = report(&mock);
    assert!(text.contains("the vault \"photos\" exists now, but did not when it was first used"), "{text}");
    // Code may call DescribeVault to find out whether a vault exists before it creates it.
    assert!(!text.contains("\"videos\""), "{text}");
}

/// The DescribeVault call gets no hint, and the later use of the missing vault does.
#[test]
fn a_hint_says_that_a_vault_was_created_too_late_after_the_code_described_it() {
    let mock = GlacierMock::start();
    for (method, path, status) in
        [("GET", "/-/vaults/v", 404), ("GET", "/-/vaults/v/jobs", 404), ("PUT", "/-/vaults/v", 201)]
    {
        assert_eq!(raw(&mock, &request(method, path, &[], b"")).status, status);
    }
    let text = panic_message(|| mock.calls(Operation::DeleteVault).assert_count(1));
    assert!(text.contains("the vault \"v\" exists now, but did not when it was first used"), "{text}");
}

/// The error has the message of the service, but the fault caused it and not the request.
#[test]
fn an_error_from_a_fault_gets_no_hint() {
    let mock = GlacierMock::start();
    for code in [ErrorCode::ResourceNotFoundException, ErrorCode::UnrecognizedClientException] {
        mock.fault(Operation::DescribeVault).error(code);
        get(&mock, "/-/vaults/photos");
    }
    let text = report(&mock);
    assert!(text.contains("2  DescribeVault  photos  400  UnrecognizedClientException: "), "{text}");
    assert!(!text.contains("there is no vault") && !text.contains("the access key"), "{text}");
}

#[test]
fn a_misspelt_vault_name_gets_a_suggestion() {
    let mock = GlacierMock::start();
    let place = "in account 000000000000 and region us-east-1";
    let missing = |name: &str| panic_message(|| drop(mock.vault(name).archives()));
    assert!(
        missing("photos").starts_with(&format!("there is no vault \"photos\" {place}: there are no vaults. The code"))
    );
    mock.create_vault("photos");
    assert!(missing("fotos").contains(&format!("{place}: did you mean \"photos\"? The code")), "{}", missing("fotos"));
    assert!(missing("x").contains(&format!("{place}: the only one is \"photos\". The code")), "{}", missing("x"));
    mock.create_vault("videos");
    assert!(
        missing("x").contains(&format!("{place}: there are \"photos\" and \"videos\". The code")),
        "{}",
        missing("x")
    );
    mock.vault_in(mock.account(), "eu-west-1", "x").create();
    assert!(missing("x").contains(&format!("{place}: there is one in region eu-west-1. The code")), "{}", missing("x"));
    let asked = panic_message(|| drop(mock.explain(Operation::DescribeVault).for_vault("video")));
    assert!(asked.contains("us-east-1: did you mean \"videos\"? Create it"), "{asked}");
}

#[test]
fn a_fault_that_never_fired_shows_the_request_that_came_nearest() {
    let mock = GlacierMock::start();
    mock.fault(Operation::DescribeVault).vault("photo").throttled();
    get(&mock, "/-/vaults");
    get(&mock, "/-/vaults/photos");
    let text = panic_message(|| mock.verify());
    assert!(text.contains("but fired 0 times\n  call 2 came nearest: its vault was \"photos\"\n"), "{text}");
    assert!(text.contains("   2  DescribeVault  photos  404          <- here"), "{text}");
}

#[test]
fn a_fault_applies_only_to_later_requests() {
    let mock = GlacierMock::start();
    get(&mock, "/-/vaults/before");
    mock.fault(Operation::DescribeVault).vault("photo").throttled();
    let text = panic_message(|| mock.verify());
    assert!(text.contains("no request arrived after it was set") && !text.contains("came nearest"), "{text}");
    mock.fault(Operation::DescribeVault).vault("photo").throttled();
    get(&mock, "/-/vaults/after");
    assert!(panic_message(|| mock.verify()).contains("call 2 came nearest: its vault was \"after\""));
}

#[test]
fn a_fault_that_never_fired_says_why() {
    let mock = GlacierMock::start();
    let fault = || mock.fault(Operation::ListVaults);
    fault().times(2).throttled();
    fault().service_unavailable();
    fault().nth_call(4).throttled();
    fault().after(Operation::DeleteVault).throttled();
    fault().throttled_beyond(30, Duration::from_secs(3600));
    get(&mock, "/-/vaults");
    get(&mock, "/-/vaults");
    let text = panic_message(|| mock.verify());
    for why in [
        "2 requests matched, but an earlier fault applied to 2",
        "2 calls matched, so there was no call 4",
        "it waited for a request that never arrived: DeleteVault",
        "2 requests matched, all within the limit",
    ] {
        assert!(text.contains(why), "{why}: {text}");
    }
    fault().times(5).throttled();
    get(&mock, "/-/vaults");
    let text = panic_message(|| mock.verify());
    assert!(
        text.contains("should have fired 5 times but fired once\n  1 request matched; each attempt of a call"),
        "{text}"
    );
}

#[test]
fn the_error_of_a_marked_call_is_never_truncated() {
    let mock = GlacierMock::start();
    let name = "v".repeat(255);
    get(&mock, &format!("/-/vaults/{name}"));
    let text = panic_message(|| mock.calls(Operation::DescribeVault).assert_none());
    assert!(text.contains("  404          <- here\n"), "{text}");
    assert!(text.contains(&format!("arn:aws:glacier:us-east-1:000000000000:vaults/{name}\n")), "{text}");
}

/// The report shows the matching call and the nearest other one, however far apart they are.
#[tokio::test]
async fn a_report_of_too_few_calls_marks_those_that_match() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    for n in 0..40 {
        mock.create_vault(&format!("v{n}"));
        upload(&glacier, &format!("v{n}"), b"x").await;
    }
    let text = panic_message(|| mock.calls(Operation::UploadArchive).vault("v20").assert_count(2));
    assert!(text.contains("  21  UploadArchive  v20  201          <- fits\n"), "{text}");
    assert!(text.contains("of the others, call 1 came nearest: its vault was \"v0\""), "{text}");
    assert!(text.contains("   1  UploadArchive  v0   201          <- here\n  ... 9 between\n"), "{text}");
}

#[test]
fn many_failures_are_summarised_and_counted() {
    let mock = GlacierMock::start();
    send_many(&mock, "/-/vaults/photos", 100);
    for n in 0..30 {
        mock.expect(Operation::DescribeVault).vault(format!("v{n}")).once();
    }
    let text = panic_message(|| mock.verify());
    assert_eq!(text.matches("expected exactly 1 call").count(), 10, "{text}");
    assert!(text.contains("... 20 more failures are not shown\n"), "{text}");
    assert!(text.lines().count() < 100, "{} lines: {text}", text.lines().count());
    // The record is shown only once.
    assert_eq!(text.matches("  11  DescribeVault").count(), 1, "{text}");
}

#[test]
fn a_report_of_many_different_mistakes_is_bounded() {
    let mock = GlacierMock::start();
    for n in 0..200 {
        get(&mock, &format!("/-/vaults/{n}"));
    }
    let text = report(&mock);
    assert_eq!(text.matches("there is no vault").count(), 8, "{text}");
    assert!(text.ends_with("more hints apply to later requests\n"), "{text}");
    let group = Step::any_order(vec![Operation::ListVaults; 2000]);
    let text = panic_message(|| mock.assert_sequence([group]));
    assert!(text.starts_with("expected call 1 to be ListVaults (2000 times), but it was "), "{text}");
    let text = panic_message(|| mock.calls(Operation::ListVaults).vault("v".repeat(5000)).assert_count(1));
    assert!(text.lines().next().unwrap().len() < 300, "{text}");
}

#[test]
fn a_sequence_of_many_steps_does_not_overflow_the_stack() {
    let mock = GlacierMock::start();
    send_many(&mock, "/-/vaults", 3000);
    mock.assert_sequence(vec![Operation::ListVaults; 3000]);
    mock.assert_in_order(vec![Operation::ListVaults; 3000]);
    let text = panic_message(|| mock.assert_sequence(vec![Operation::ListVaults; 3001]));
    assert!(text.starts_with("expected call 3001 to be ListVaults, but there was none"), "{text}");
    let text = panic_message(|| mock.assert_in_order([Step::times(Operation::ListVaults, usize::MAX)]));
    assert!(text.starts_with("expected ListVaults (step 1 of 1), but it was never called"), "{text}");
}

/// There are 1e12 ways to divide the calls among the steps. `src/verify/matcher.rs` counts the steps that it takes.
#[test]
fn open_ended_steps_are_matched_without_backtracking() {
    let mock = GlacierMock::start();
    send_many(&mock, "/-/vaults", 300);
    let mut steps = vec![Step::times(Operation::ListVaults, 1..); 8];
    mock.assert_sequence(steps.clone());
    steps.push(Operation::DeleteVault.into());
    let text = panic_message(|| mock.assert_sequence(steps));
    assert!(text.starts_with("expected call 301 to be DeleteVault, but there was none"), "{text}");
}

/// The condition runs when a request has ended, and a second time for the calls that the wait returns.
#[test]
fn a_wait_examines_each_request_once() {
    const REQUESTS: usize = 1000;
    let mock = GlacierMock::start();
    let looks = Arc::new(AtomicUsize::new(0));
    let counted = looks.clone();
    let wait = mock.wait_for(Operation::ListVaults).at_least(REQUESTS).matching(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        true
    });
    std::thread::scope(|scope| {
        scope.spawn(|| send_many(&mock, "/-/vaults", REQUESTS));
        wait.within(Duration::from_secs(120)).blocking().assert_count(REQUESTS);
    });
    assert_eq!(looks.load(Ordering::Relaxed), 2 * REQUESTS);
}

/// The wait does not return while the last attempt of a call has another status.
#[test]
fn a_wait_compares_the_last_attempt_of_each_call() {
    let mock = GlacierMock::start();
    let attempt = |id: &str| raw(&mock, &request("GET", "/-/vaults/v", &[("amz-sdk-invocation-id", id)], b""));
    std::thread::scope(|scope| {
        let wait = mock.wait_for(Operation::DescribeVault).with_status(200).at_least(2);
        let waiting = scope.spawn(|| wait.within(Duration::from_secs(60)).blocking());
        for id in ["one", "two", "one"] {
            assert_eq!(attempt(id).status, 404);
        }
        mock.create_vault("v");
        for id in ["one", "one", "two"] {
            assert!(!waiting.is_finished() || id == "two");
            assert_eq!(attempt(id).status, 200);
        }
        let calls = waiting.join().unwrap();
        assert_eq!(
            calls.iter().map(|call| call.attempts().statuses()).collect::<Vec<_>>(),
            [vec![404, 404, 200, 200], vec![404, 200]]
        );
    });
}

#[test]
fn a_wait_for_an_arrival_sees_a_body_that_arrives_later() {
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).start();
    // The clock is frozen, so only the arrival of the body can end the wait.
    mock.fault(Operation::CreateVault).answer_delayed(Duration::from_secs(1));
    let whole = request("PUT", "/-/vaults/v", &[], b"a body that arrives slowly");
    let (head, rest) = whole.split_at(whole.len() - 5);
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.write_all(head).unwrap();
    let began = Instant::now();
    let looks = Arc::new(AtomicUsize::new(0));
    let counted = looks.clone();
    std::thread::scope(|scope| {
        let wait = mock.wait_for(Operation::CreateVault).arrived().matching(move |request| {
            counted.fetch_add(1, Ordering::SeqCst);
            request.body().is_some()
        });
        let waiting = scope.spawn(|| wait.within(Duration::from_secs(60)).blocking());
        // The wait examines the request before its body is complete.
        while looks.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
        stream.write_all(rest).unwrap();
        let created = waiting.join().unwrap();
        assert_eq!(created.only().status(), None);
        // A wait examines all requests again at its timeout, which would hide that the body did not wake it.
        assert!(began.elapsed() < Duration::from_secs(60), "the arrival of the body did not wake the wait");
    });
}

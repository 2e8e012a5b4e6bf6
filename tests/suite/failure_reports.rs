//! What a failure tells besides that something failed: where a missing vault is, what came nearest, and never too much.
//! The whole texts are in `src/fixture/reports.rs`.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use aws_sdk_glacier::Client;
use aws_sdk_glacier::config::Region;
use glacier_mock::{Account, Clock, ErrorCode, GlacierMock, Operation, Step};

use crate::support::{raw, request, upload};

fn panic_of(check: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(check)).expect_err("it should have failed");
    panic.downcast_ref::<String>().expect("assertions panic with a text").clone()
}

/// What a failing assertion on all calls says.
fn report(mock: &GlacierMock) -> String {
    panic_of(|| mock.calls(Operation::PurchaseProvisionedCapacity).assert_count(1))
}

fn get(mock: &GlacierMock, path: &str) {
    raw(mock, &request("GET", path, &[], b""));
}

/// Sends the same request many times on one connection, and waits for all answers.
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
        // The head of the last answer is enough: nothing else is sent before the next round has been read.
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

/// What the test arranged is not on the record, and is there all the same.
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
    // DeleteVault succeeds for a vault that never existed (api.md section 3). That one was not deleted.
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
    // To ask whether a vault exists before it is created is no mistake.
    assert!(!text.contains("\"videos\""), "{text}");
}

/// The code asked for the vault before it used it, and was hinted at nothing then.
#[test]
fn a_hint_says_that_a_vault_was_created_too_late_although_the_code_asked_for_it() {
    let mock = GlacierMock::start();
    for (method, path, status) in
        [("GET", "/-/vaults/v", 404), ("GET", "/-/vaults/v/jobs", 404), ("PUT", "/-/vaults/v", 201)]
    {
        assert_eq!(raw(&mock, &request(method, path, &[], b"")).status, status);
    }
    let text = panic_of(|| mock.calls(Operation::DeleteVault).assert_count(1));
    assert!(text.contains("the vault \"v\" exists now, but did not when it was first used"), "{text}");
}

/// The text of the error is the service's, but the request did nothing wrong.
#[test]
fn an_error_that_a_fault_made_up_gets_no_hint() {
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
fn a_vault_that_a_test_misspells_is_suggested() {
    let mock = GlacierMock::start();
    let place = "in account 000000000000 and region us-east-1";
    let missing = |name: &str| panic_of(|| drop(mock.vault(name).archives()));
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
    let asked = panic_of(|| drop(mock.explain(Operation::DescribeVault).for_vault("video")));
    assert!(asked.contains("us-east-1: did you mean \"videos\"? Create it"), "{asked}");
}

#[test]
fn a_fault_that_never_fired_shows_the_request_that_came_nearest() {
    let mock = GlacierMock::start();
    mock.fault(Operation::DescribeVault).vault("photo").throttled();
    get(&mock, "/-/vaults");
    get(&mock, "/-/vaults/photos");
    let text = panic_of(|| mock.verify());
    assert!(text.contains("but fired 0 times\n  call 2 came nearest: its vault was \"photos\"\n"), "{text}");
    assert!(text.contains("   2  DescribeVault  photos  404          <- here"), "{text}");
}

/// Requests from before a fault was set could not meet it.
#[test]
fn a_fault_looks_at_later_requests_only() {
    let mock = GlacierMock::start();
    get(&mock, "/-/vaults/before");
    mock.fault(Operation::DescribeVault).vault("photo").throttled();
    let text = panic_of(|| mock.verify());
    assert!(text.contains("no request arrived after it was set") && !text.contains("came nearest"), "{text}");
    mock.fault(Operation::DescribeVault).vault("photo").throttled();
    get(&mock, "/-/vaults/after");
    assert!(panic_of(|| mock.verify()).contains("call 2 came nearest: its vault was \"after\""));
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
    let text = panic_of(|| mock.verify());
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
    let text = panic_of(|| mock.verify());
    assert!(
        text.contains("should have fired 5 times but fired once\n  1 request matched; each attempt of a call"),
        "{text}"
    );
}

#[test]
fn the_error_of_a_marked_call_is_never_cut() {
    let mock = GlacierMock::start();
    let name = "v".repeat(255);
    get(&mock, &format!("/-/vaults/{name}"));
    let text = panic_of(|| mock.calls(Operation::DescribeVault).assert_none());
    assert!(text.contains("  404          <- here\n"), "{text}");
    assert!(text.contains(&format!("arn:aws:glacier:us-east-1:000000000000:vaults/{name}\n")), "{text}");
}

/// The one upload that came is shown, however far it is from the calls that came near.
#[tokio::test]
async fn the_calls_that_fit_are_marked_where_there_are_too_few() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    for n in 0..40 {
        mock.create_vault(&format!("v{n}"));
        upload(&glacier, &format!("v{n}"), b"x").await;
    }
    let text = panic_of(|| mock.calls(Operation::UploadArchive).vault("v20").assert_count(2));
    assert!(text.contains("  21  UploadArchive  v20  201          <- fits\n"), "{text}");
    assert!(text.contains("of the others, call 1 came nearest: its vault was \"v0\""), "{text}");
    assert!(text.contains("   1  UploadArchive  v0   201          <- here\n  ... 9 between\n"), "{text}");
}

#[test]
fn many_failures_are_told_briefly_and_counted() {
    let mock = GlacierMock::start();
    send_many(&mock, "/-/vaults/photos", 100);
    for n in 0..30 {
        mock.expect(Operation::DescribeVault).vault(format!("v{n}")).once();
    }
    let text = panic_of(|| mock.verify());
    assert_eq!(text.matches("expected exactly 1 call").count(), 10, "{text}");
    assert!(text.contains("... 20 more failures are not shown\n"), "{text}");
    assert!(text.lines().count() < 100, "{} lines: {text}", text.lines().count());
    // The record is shown once.
    assert_eq!(text.matches("  11  DescribeVault").count(), 1, "{text}");
}

#[test]
fn a_report_of_very_many_different_mistakes_stays_short() {
    let mock = GlacierMock::start();
    for n in 0..200 {
        get(&mock, &format!("/-/vaults/{n}"));
    }
    let text = report(&mock);
    assert_eq!(text.matches("there is no vault").count(), 8, "{text}");
    assert!(text.ends_with("more hints apply to later requests\n"), "{text}");
    let group = Step::any_order(vec![Operation::ListVaults; 2000]);
    let text = panic_of(|| mock.assert_sequence([group]));
    assert!(text.starts_with("expected call 1 to be one of ListVaults (2000 times) (in any order)"), "{text}");
    let text = panic_of(|| mock.calls(Operation::ListVaults).vault("v".repeat(5000)).assert_count(1));
    assert!(text.lines().next().unwrap().len() < 300, "{text}");
}

#[test]
fn a_sequence_of_many_steps_needs_no_stack() {
    let mock = GlacierMock::start();
    send_many(&mock, "/-/vaults", 3000);
    mock.assert_sequence(vec![Operation::ListVaults; 3000]);
    mock.assert_in_order(vec![Operation::ListVaults; 3000]);
    let text = panic_of(|| mock.assert_sequence(vec![Operation::ListVaults; 3001]));
    assert!(text.starts_with("expected call 3001 to be ListVaults, but there was none"), "{text}");
    let text = panic_of(|| mock.assert_in_order([Step::times(Operation::ListVaults, usize::MAX)]));
    assert!(text.starts_with("expected ListVaults (step 1 of 1), but it was never called"), "{text}");
}

/// There are 1e12 ways to divide the calls among the steps. `src/verify/matcher.rs` counts how many are looked at.
#[test]
fn open_ended_steps_are_not_tried_one_by_one() {
    let mock = GlacierMock::start();
    send_many(&mock, "/-/vaults", 300);
    let mut steps = vec![Step::times(Operation::ListVaults, 1..); 8];
    mock.assert_sequence(steps.clone());
    steps.push(Operation::DeleteVault.into());
    let text = panic_of(|| mock.assert_sequence(steps));
    assert!(text.starts_with("expected call 301 to be DeleteVault, but there was none"), "{text}");
}

/// While it waits it looks at a request once, when it has ended, and once more for the calls that it returns.
#[test]
fn a_waiter_looks_at_each_request_once() {
    const REQUESTS: usize = 1000;
    let mock = GlacierMock::start();
    let looks = Arc::new(AtomicUsize::new(0));
    let counted = looks.clone();
    let wait = mock.wait_for(Operation::ListVaults).times(REQUESTS).matching(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
        true
    });
    std::thread::scope(|scope| {
        scope.spawn(|| send_many(&mock, "/-/vaults", REQUESTS));
        wait.within_blocking(Duration::from_secs(120)).assert_count(REQUESTS);
    });
    assert_eq!(looks.load(Ordering::Relaxed), 2 * REQUESTS);
}

/// The attempts of a call count as one, by the last of them, also while they come in.
#[test]
fn a_waiter_judges_a_call_by_its_last_attempt() {
    let mock = GlacierMock::start();
    let attempt = |id: &str| raw(&mock, &request("GET", "/-/vaults/v", &[("amz-sdk-invocation-id", id)], b""));
    std::thread::scope(|scope| {
        let wait = mock.wait_for(Operation::DescribeVault).with_status(200).times(2);
        let waiting = scope.spawn(|| wait.within_blocking(Duration::from_secs(60)));
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

/// What is known of a request later than its arrival, a waiter for its arrival learns too.
#[test]
fn a_waiter_for_arrivals_sees_the_body_come() {
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).start();
    // The clock stands still, so that only the arrival of the body can end the wait.
    mock.fault(Operation::CreateVault).answer_delayed(Duration::from_secs(1));
    let whole = request("PUT", "/-/vaults/v", &[], b"a body that comes slowly");
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
        let waiting = scope.spawn(|| wait.within_blocking(Duration::from_secs(60)));
        // The waiter has seen the request without its body.
        while looks.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
        stream.write_all(rest).unwrap();
        let created = waiting.join().unwrap();
        assert_eq!(created.only().status(), None);
        // When its time is over, a waiter looks once more at everything.
        assert!(began.elapsed() < Duration::from_secs(60), "it was not woken");
    });
}

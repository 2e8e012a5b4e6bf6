//! Verification, waits, usage, and what was left open.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::SystemTime;

use glacier_mock::{Clock, GlacierMock, JobTiming, Operation, Timestamp};
use serde_json::{Value, json};

use super::{BASE, call, ok, refused, start, started};
use crate::support::{DAY, TIMEOUT, panic_message, raw, request, sha256, tree_hash};

fn send(mock: &GlacierMock, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> u16 {
    raw(mock, &request(method, path, headers, body)).status
}

fn get(mock: &GlacierMock, path: &str) {
    send(mock, "GET", path, &[], b"");
}

/// Creates a vault, asks for it twice, and lists the vaults.
fn backup() -> GlacierMock {
    let mock = started(GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")));
    send(&mock, "PUT", "/-/vaults/photos", &[], b"");
    get(&mock, "/-/vaults/photos");
    get(&mock, "/-/vaults/photos");
    get(&mock, "/-/vaults");
    mock
}

/// Asserts that a verification holds.
#[track_caller]
fn holds(mock: &GlacierMock, body: Value) {
    assert_eq!(call(mock, "POST", "/verify", body), (200, json!({"ok": true})));
}

/// Returns the report of a verification that fails.
#[track_caller]
fn report(mock: &GlacierMock, body: Value) -> String {
    refused(mock, "POST", "/verify", body, 422, "verification_failed")
}

#[test]
fn a_sequence_is_verified() {
    let mock = backup();
    holds(&mock, json!({"sequence": ["CreateVault", {"operation": "DescribeVault", "times": 2}, "ListVaults"]}));
    holds(
        &mock,
        json!({"sequence": ["CreateVault", {"operation": "DescribeVault", "times": [1, 3]}, {"operation": "ListVaults"}]}),
    );
    let group = ["ListVaults", "DescribeVault", "CreateVault", "DescribeVault"];
    holds(&mock, json!({"sequence": [{"any_order": group}]}));
    let wrong = report(&mock, json!({"sequence": ["CreateVault", "ListVaults"]}));
    let rust = panic_message(|| mock.assert_sequence([Operation::CreateVault, Operation::ListVaults]));
    assert_eq!(wrong, rust);
    assert!(wrong.starts_with("expected call 2 to be ListVaults, but it was DescribeVault\n"), "{wrong}");
}

#[test]
fn an_order_is_verified() {
    let mock = backup();
    holds(&mock, json!({"in_order": ["CreateVault", "ListVaults"]}));
    holds(&mock, json!({"in_order": [{"operation": "DescribeVault", "times": [2, null]}, "ListVaults"]}));
    let wrong = report(&mock, json!({"in_order": ["ListVaults", "CreateVault"]}));
    assert_eq!(wrong, panic_message(|| mock.assert_in_order([Operation::ListVaults, Operation::CreateVault])));
    assert!(wrong.starts_with("expected CreateVault after call 4 (step 2 of 2)"), "{wrong}");
}

#[test]
fn a_number_of_calls_is_verified() {
    let mock = backup();
    let count =
        |times: Value| json!({"count": {"operation": "DescribeVault", "match": {"vault": "photos"}, "times": times}});
    for times in [json!(2), json!([2, 2]), json!([0, null]), json!([1, 5])] {
        holds(&mock, count(times));
    }
    for times in [json!(1), json!([3, null]), json!([0, 1])] {
        report(&mock, count(times));
    }
    let wrong = report(&mock, count(json!(3)));
    let rust = panic_message(|| mock.calls(Operation::DescribeVault).vault("photos").assert_count(3));
    assert_eq!(wrong, rust);
    holds(&mock, json!({"count": {"operation": "DescribeVault", "match": {"failed": true}, "times": 0}}));
}

#[test]
fn retries_are_verified() {
    let mock = backup();
    holds(&mock, json!({"no_retries": true}));
    for _ in 0..2 {
        send(&mock, "GET", "/-/vaults", &[("amz-sdk-invocation-id", "one")], b"");
    }
    let wrong = report(&mock, json!({"no_retries": true}));
    assert_eq!(wrong, panic_message(|| mock.all_calls().assert_no_retries()));
    assert!(wrong.contains("took 2 attempts"), "{wrong}");
}

#[test]
fn the_account_beside_a_verification_selects_the_calls() {
    let mock = backup();
    holds(&mock, json!({"account": "111122223333", "sequence": []}));
    holds(&mock, json!({"region": "us-east-1", "count": {"operation": "CreateVault", "times": 1}}));
    let other = json!({"region": "eu-west-1", "count": {"operation": "CreateVault", "times": 1}});
    assert!(report(&mock, other).contains("its region was \"us-east-1\""));
    let headers =
        [("Authorization", "AWS4-HMAC-SHA256 Credential=111122223333/20260131/us-east-1/glacier/aws4_request")];
    send(&mock, "GET", "/-/vaults", &headers, b"");
    holds(&mock, json!({"account": "111122223333", "sequence": ["ListVaults"]}));
    assert_eq!(call(&mock, "POST", "/verify?account=111122223333", json!({"sequence": []})).0, 422);
}

#[test]
fn an_invalid_verification_is_refused() {
    let mock = backup();
    for (body, message) in [
        (json!({}), "expected an object with exactly one of `sequence`, `in_order`, `count`, `no_retries`"),
        (json!({"sequence": [], "in_order": []}), "expected an object with exactly one of `sequence`"),
        (json!({"order": []}), "order: unknown variant `order`, expected one of `sequence`"),
        (json!({"no_retries": false}), "no_retries: expected `true`"),
        (json!({"nothing_left_open": false}), "nothing_left_open: expected `true`"),
        (json!({"sequence": ["PutVault"]}), "sequence[0]: \"PutVault\" is not an operation of Glacier"),
        (
            json!({"sequence": ["ListVaults", {"any_order": []}]}),
            "sequence[1]: `any_order` needs at least one operation",
        ),
        (json!({"sequence": [{"times": 1}]}), "sequence[0]: expected either `operation`"),
        (
            json!({"sequence": [{"operation": "ListVaults", "any_order": ["ListVaults"]}]}),
            "sequence[0]: expected either",
        ),
        (json!({"sequence": [1]}), "sequence[0]: invalid type: integer `1`, expected the name of an operation"),
        (json!({"in_order": [{"operation": "ListVaults", "times": [2, 1]}]}), "in_order[0].times: 1 is less than 2"),
        (json!({"in_order": [{"operation": "ListVaults", "times": [2]}]}), "in_order[0].times: invalid length 1"),
        (json!({"in_order": [{"operation": "ListVaults", "times": [1, 2, 3]}]}), "in_order[0].times"),
        (json!({"in_order": [{"operation": "ListVaults", "times": -1}]}), "in_order[0].times: invalid type"),
        (json!({"count": {"times": 1}}), "count: missing field `operation`"),
        (json!({"count": {"operation": "ListVaults"}}), "count: missing field `times`"),
        (json!({"count": ["ListVaults", {}, 1]}), "count: invalid type: sequence, expected an object"),
        (json!({"count": {"operation": "ListVaults", "times": 1, "match": {"name": "v"}}}), "count.match"),
    ] {
        let answered = refused(&mock, "POST", "/verify", body, 400, "invalid_request");
        assert!(answered.starts_with(message), "{answered} instead of {message}");
    }
}

/// The reports for HTTP name endpoints where those of an assertion name methods of the fixture.
#[test]
fn the_advice_of_a_report_is_about_endpoints() {
    let times = |operation: &str| json!({"count": {"operation": operation, "times": 99}});
    let advice = |mock: &GlacierMock, operation: &str| {
        let text = report(mock, times(operation));
        for method in ["mock.", "builder", "start_paused", "awaited", "error_message()", "\u{1b}"] {
            assert!(!text.contains(method), "{method} in {text}");
        }
        text
    };
    assert!(advice(&start(), "ListVaults").contains("does the client use this mock's endpoint?"));

    let mock = started(GlacierMock::builder().jobs(JobTiming::manual()).keep_requests(8));
    get(&mock, "/-/vaults/none");
    assert!(advice(&mock, "DeleteVault").contains("Call CreateVault first, or PUT /vaults/none of the control API"));
    let headers =
        [("Authorization", "AWS4-HMAC-SHA256 Credential=111122223333/20260131/eu-west-1/glacier/aws4_request")];
    send(&mock, "GET", "/-/vaults/none", &headers, b"");
    let text = advice(&mock, "DeleteVault");
    assert!(text.contains("PUT /vaults/none?account=111122223333&region=eu-west-1 of the control API"), "{text}");
    let job = mock.create_vault("v").start_inventory_retrieval();
    (0..8).for_each(|_| get(&mock, &format!("/-/vaults/v/jobs/{}", job.id())));
    let text = advice(&mock, "DeleteVault");
    assert!(text.contains("find it with GET /jobs and send POST /jobs/{id}/complete or /fail"), "{text}");
    assert!(
        text.contains("2 older requests are no longer on record: increase the limit of the program's option"),
        "{text}"
    );

    for (timing, what) in [
        (
            JobTiming::after(100 * DAY),
            "advance the mock's clock with POST /clock/advance, or choose another timing with PUT",
        ),
        (
            JobTiming::after(DAY / 2000),
            "advance it with POST /clock/advance, or end the job with POST /jobs/{id}/complete",
        ),
    ] {
        let clock = if what.contains("choose") { Clock::wall() } else { Clock::frozen("2026-01-31T00:00:00Z") };
        let mock = started(GlacierMock::builder().jobs(timing).clock(clock).log(false));
        let job = mock.create_vault("v").start_inventory_retrieval();
        (0..8).for_each(|_| get(&mock, &format!("/-/vaults/v/jobs/{}", job.id())));
        let text = advice(&mock, "DeleteVault");
        assert!(text.contains(what), "{text}");
    }

    let mock = started(GlacierMock::builder().verify_signatures(true));
    let now = Timestamp::from(SystemTime::now()).to_string();
    let date = format!("{}Z", now.split('.').next().unwrap().replace(['-', ':'], ""));
    let scope = format!("unknown/{}/us-east-1/glacier/aws4_request", &date[..8]);
    let signed = format!(
        "AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host;x-amz-date;x-amz-glacier-version, Signature=00"
    );
    let headers = [("Authorization", &*signed), ("x-amz-date", &*date)];
    send(&mock, "GET", "/-/vaults", &headers, b"");
    let text = advice(&mock, "DeleteVault");
    assert!(text.contains("principals of the option --principal and of POST /principals"), "{text}");
}

#[test]
fn what_was_left_open_is_listed_and_verified() {
    let mock = started(GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).jobs(JobTiming::manual()));
    mock.create_vault("v");
    holds(&mock, json!({"nothing_left_open": true}));
    assert_eq!(ok(&mock, "GET", "/leftovers", Value::Null), json!({"leftovers": []}));
    send(&mock, "POST", "/-/vaults/v/multipart-uploads", &[("x-amz-part-size", "1048576")], b"");
    send(
        &mock,
        "POST",
        "/-/vaults/v/lock-policy",
        &[],
        br#"{"policy": "{\"Version\": \"2012-10-17\", \"Statement\": []}"}"#,
    );
    let inventory = br#"{"Type": "inventory-retrieval"}"#;
    for _ in 0..2 {
        assert_eq!(send(&mock, "POST", "/-/vaults/v/jobs", &[], inventory), 202);
    }
    let jobs: Vec<_> = mock.jobs().all().iter().map(|job| job.id().to_string()).collect();
    mock.jobs().all()[1].complete();
    for _ in 0..2 {
        let (sha256, tree_hash) = (sha256(b"a cat"), tree_hash(b"a cat"));
        let headers = [("x-amz-content-sha256", &*sha256), ("x-amz-sha256-tree-hash", &*tree_hash)];
        send(&mock, "POST", "/-/vaults/v/archives", &headers, b"a cat");
    }
    let listed = ok(&mock, "GET", "/leftovers", Value::Null)["leftovers"].clone();
    let texts: Vec<_> = mock.leftovers().iter().map(ToString::to_string).collect();
    let listed = listed.as_array().unwrap();
    assert_eq!(listed.iter().map(|left| left["text"].as_str().unwrap()).collect::<Vec<_>>(), texts);
    let kinds: Vec<_> = listed.iter().map(|left| left["kind"].as_str().unwrap()).collect();
    for kind in ["upload", "job_in_progress", "output_not_downloaded", "duplicate"] {
        assert!(kinds.contains(&kind), "{kind} is not in {kinds:?}");
    }
    for left in listed {
        assert_eq!((&left["account"], &left["region"]), (&json!("000000000000"), &json!("us-east-1")));
        assert_eq!((&left["vault"], &left["since"]), (&json!("v"), &json!("2026-01-31T00:00:00.000Z")));
    }
    let of = |kind: &str| listed.iter().find(|left| left["kind"] == kind).unwrap();
    assert_eq!(of("upload")["expired"], false);
    let mut open =
        [of("job_in_progress")["job"].as_str().unwrap(), of("output_not_downloaded")["job"].as_str().unwrap()];
    let mut jobs: Vec<_> = jobs.iter().map(String::as_str).collect();
    open.sort_unstable();
    jobs.sort_unstable();
    assert_eq!(open, jobs[..]);
    let archives = mock.vault("v").archives();
    assert_eq!(of("duplicate")["archive"], archives[1].id().as_str());
    assert_eq!(of("duplicate")["original"], archives[0].id().as_str());
    let text = report(&mock, json!({"nothing_left_open": true}));
    assert!(text.starts_with(&format!("{} things were left open:\n  ", texts.len())), "{text}");
    assert!(text.ends_with("GET /leftovers lists these things.") && text.contains(&texts[0]), "{text}");
    for other in ["account=111122223333", "region=eu-west-1"] {
        assert_eq!(ok(&mock, "GET", &format!("/leftovers?{other}"), Value::Null), json!({"leftovers": []}));
        holds(
            &mock,
            json!({other.split_once('=').unwrap().0: other.split_once('=').unwrap().1, "nothing_left_open": true}),
        );
    }
}

#[test]
fn the_usage_is_that_of_the_fixture() {
    let mock = started(GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")));
    let vault = mock.create_vault("v");
    let (sha256, tree_hash) = (sha256(b"a cat"), tree_hash(b"a cat"));
    let headers = [("x-amz-content-sha256", &*sha256), ("x-amz-sha256-tree-hash", &*tree_hash)];
    send(&mock, "POST", "/-/vaults/v/archives", &headers, b"a cat");
    let archive = vault.archives()[0].id().to_string();
    let retrieval = json!({"Type": "archive-retrieval", "ArchiveId": archive, "Tier": "Bulk"}).to_string();
    assert_eq!(send(&mock, "POST", "/-/vaults/v/jobs", &[], retrieval.as_bytes()), 202);
    let job = mock.jobs().all()[0].id().to_string();
    mock.clock().advance(DAY);
    mock.clock().advance(DAY);
    let job_path = format!("/-/vaults/v/jobs/{job}/output");
    get(&mock, &job_path);
    get(&mock, "/-/vaults");
    assert_eq!(send(&mock, "DELETE", &format!("/-/vaults/v/archives/{archive}"), &[], b""), 204);
    let usage = mock.usage();
    let seen = ok(&mock, "GET", "/usage", Value::Null);
    let expected = json!({
        "upload_requests": 1,
        "retrieval_requests": {"Expedited": 0, "Standard": 0, "Bulk": 1},
        "free_requests": usage.free_requests(),
        "retrieved_bytes": {"Expedited": 0, "Standard": 0, "Bulk": 5},
        "downloaded_bytes": usage.downloaded_bytes(),
        "stored_byte_hours": 48 * (5 + 32_768),
        "early_deletions": [{"account": "000000000000", "region": "us-east-1", "vault": "v", "archive": archive, "bytes": 5,
                             "missing": "2112h"}],
        "early_deleted_bytes": 5,
        "early_deleted_byte_hours": 88 * 24 * (5 + 32_768),
        "capacity_units": 0,
        "text": usage.to_string(),
    });
    assert_eq!(seen, expected);
    let empty = ok(&mock, "GET", "/usage?account=111122223333", Value::Null);
    assert_eq!((&empty["upload_requests"], &empty["text"]), (&json!(0), &json!("no usage")));
    assert_eq!(ok(&mock, "GET", "/usage?region=eu-west-1", Value::Null), empty);
    refused(&mock, "GET", "/usage?vault=v", Value::Null, 400, "invalid_request");
}

fn wait(changes: Value) -> Value {
    let mut body = json!({"operation": "ListVaults", "timeout": "60s"});
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    body
}

#[test]
fn a_wait_answers_when_the_calls_have_been_made() {
    let mock = start();
    get(&mock, "/-/vaults");
    // Calls that have been made already count.
    assert_eq!(call(&mock, "POST", "/wait", wait(json!({}))), (200, json!({"ok": true})));
    let body = wait(json!({"times": 3, "match": {"header": {"x-a": "1"}}}));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| call(&mock, "POST", "/wait", body));
        for n in 1..=3 {
            assert!(!waiting.is_finished(), "{n}");
            get(&mock, "/-/vaults");
            send(&mock, "GET", "/-/vaults", &[("x-a", "1")], b"");
        }
        assert_eq!(waiting.join().unwrap(), (200, json!({"ok": true})));
    });
}

#[test]
fn a_wait_counts_calls_that_have_arrived_if_asked_to() {
    let mock = started(GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")));
    ok(&mock, "POST", "/faults", json!({"effect": {"delayed": "1h"}}));
    let mut open = TcpStream::connect(mock.address()).unwrap();
    open.write_all(&request("GET", "/-/vaults", &[], b"")).unwrap();
    assert_eq!(call(&mock, "POST", "/wait", wait(json!({"arrived": true}))), (200, json!({"ok": true})));
    let message = refused(&mock, "POST", "/wait", wait(json!({"timeout": "1ms"})), 422, "verification_failed");
    assert!(message.starts_with("timed out after 1ms: expected at least 1 call of ListVaults"), "{message}");
}

#[test]
fn a_wait_that_times_out_has_the_report() {
    let mock = backup();
    let body = json!({"operation": "DescribeVault", "match": {"vault": "films"}, "timeout": "1ms"});
    let message = refused(&mock, "POST", "/wait", body, 422, "verification_failed");
    let expected = "timed out after 1ms: expected at least 1 call of DescribeVault with vault \"films\", but there were 0\n  \
                    call 2 came nearest: its vault was \"photos\"\n";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn an_invalid_wait_is_refused() {
    let mock = start();
    for (body, message) in [
        (json!({"operation": "ListVaults"}), "missing field `timeout`"),
        (json!({"timeout": "1s"}), "missing field `operation`"),
        (wait(json!({"times": 0})), "times: must be at least 1"),
        (wait(json!({"timeout": 1})), "timeout: invalid type"),
        (wait(json!({"timeout": "soon"})), "timeout: \"soon\" is not a duration"),
        (wait(json!({"match": {"vualt": "v"}})), "match.vualt: unknown field"),
        (
            wait(json!({"region": "eu-west-1", "match": {"region": "us-east-1"}})),
            "match.region: `region` and `match.region` differ",
        ),
    ] {
        let answered = refused(&mock, "POST", "/wait", body, 400, "invalid_request");
        assert!(answered.starts_with(message), "{answered}");
    }
}

/// Returns a connection on which a wait is in progress.
fn waiting(mock: &GlacierMock) -> TcpStream {
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    let body = wait(json!({})).to_string();
    let head = format!("POST {BASE}/wait HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n");
    write!(stream, "{head}Content-Length: {}\r\n\r\n{body}", body.len()).unwrap();
    stream
}

#[test]
fn a_wait_ends_with_the_mock() {
    let mock = start();
    let mut stream = waiting(&mock);
    ok(&mock, "GET", "/health", Value::Null);
    drop(mock);
    // The connection is closed or reset, with or without a response.
    let _ = stream.read_to_end(&mut Vec::new());
}

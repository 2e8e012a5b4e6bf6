//! Faults.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;

use glacier_mock::{Clock, GlacierMock, Operation};
use serde_json::{Value, json};

use super::{BASE, ok, refused, send, started};
use crate::support::{HOUR, TIMEOUT, raw, request, sha256, tree_hash, until};

/// A mock with a frozen clock and a vault.
fn frozen() -> GlacierMock {
    let mock = started(GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")));
    mock.create_vault("v");
    mock
}

fn set(mock: &GlacierMock, fault: Value) -> Value {
    ok(mock, "POST", "/faults", fault)["id"].clone()
}

fn list(mock: &GlacierMock) -> Vec<Value> {
    ok(mock, "GET", "/faults", Value::Null)["faults"].as_array().unwrap().clone()
}

/// The method, the path and the body of a request.
type Sent = (&'static str, &'static str, &'static [u8]);

const LIST: Sent = ("GET", "/-/vaults", b"");
const CREATE: Sent = ("PUT", "/-/vaults/new", b"");
const UPLOAD: Sent = ("POST", "/-/vaults/v/archives", b"a cat");

/// Sends a request on a connection that ends after the response.
fn sent(mock: &GlacierMock, (method, path, body): Sent) -> TcpStream {
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    // A header with an empty value is not sent.
    let (sha256, tree_hash) = if body.is_empty() { Default::default() } else { (sha256(body), tree_hash(body)) };
    let headers =
        [("Connection", "close"), ("x-amz-content-sha256", &*sha256), ("x-amz-sha256-tree-hash", &*tree_hash)];
    stream.write_all(&request(method, path, &headers, body)).unwrap();
    stream
}

/// The bytes that arrived on a connection before it ended, and whether it was reset.
#[derive(Debug)]
struct Received {
    bytes: Vec<u8>,
    is_reset: bool,
}

impl Received {
    fn of(mut stream: TcpStream) -> Self {
        let mut bytes = Vec::new();
        let is_reset = match stream.read_to_end(&mut bytes) {
            Ok(_) => false,
            Err(error) if error.kind() == ErrorKind::ConnectionReset => true,
            Err(error) => {
                let received = String::from_utf8_lossy(&bytes);
                panic!("the connection did not end within {TIMEOUT:?} ({error}); received until then: {received:?}")
            }
        };
        Received { bytes, is_reset }
    }

    fn head(&self) -> String {
        let end = self.bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a response");
        String::from_utf8(self.bytes[..end].to_vec()).unwrap()
    }

    fn status(&self) -> u16 {
        self.head().split(' ').nth(1).unwrap().parse().unwrap()
    }

    fn header(&self, name: &str) -> Option<String> {
        let head = self.head();
        let mut lines = head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    }

    fn body(&self) -> String {
        String::from_utf8_lossy(&self.bytes[self.head().len() + 4..]).into_owned()
    }
}

/// The mock that a fault applied to, the response to the same request without a fault, and what came with it.
struct Case<'a> {
    mock: &'a GlacierMock,
    usual: &'a Received,
    faulty: &'a Received,
}

type Check = fn(&Case<'_>);

/// Every effect of docs/control-api.md that ends a request by itself.
fn effects() -> Vec<(Value, Sent, Check)> {
    vec![
        (json!({"error": "ThrottlingException"}), CREATE, |case| {
            assert_eq!(case.faulty.status(), 400);
            assert!(case.faulty.body().contains("ThrottlingException"));
            assert!(!case.mock.vault("new").exists());
        }),
        (json!({"answer": {"status": 502, "content_type": "text/plain", "body": "Bad gateway"}}), CREATE, |case| {
            assert_eq!((case.faulty.status(), case.faulty.body().as_str()), (502, "Bad gateway"));
            assert_eq!(case.faulty.header("content-type").as_deref(), Some("text/plain"));
            assert!(!case.mock.vault("new").exists());
        }),
        (json!("resets"), CREATE, |case| {
            assert!(case.faulty.is_reset && case.faulty.bytes.is_empty());
            assert!(!case.mock.vault("new").exists());
        }),
        (json!({"resets_after": 3}), UPLOAD, |case| {
            assert!(case.faulty.is_reset && case.faulty.bytes.is_empty());
            assert_eq!(case.mock.vault("v").archives().len(), 0);
        }),
        (json!("loses_answer"), CREATE, |case| {
            assert!(!case.faulty.is_reset && case.faulty.bytes.is_empty());
            assert!(case.mock.vault("new").exists());
        }),
        (json!("reset_after_commit"), CREATE, |case| {
            assert!(case.faulty.is_reset && case.faulty.bytes.is_empty());
            assert!(case.mock.vault("new").exists());
        }),
        (json!({"cut_body_after": 3}), LIST, |case| {
            assert_eq!(case.faulty.header("content-length"), case.usual.header("content-length"));
            assert_eq!(case.faulty.body(), case.usual.body()[..3]);
        }),
        (json!({"dribbles": 1_000_000_000}), LIST, |case| assert_eq!(case.faulty.body(), case.usual.body())),
        (json!({"flips_byte": 2}), LIST, |case| {
            let (faulty, usual) = (case.faulty.body().into_bytes(), case.usual.body().into_bytes());
            let differ: Vec<_> = (0..usual.len()).filter(|&at| faulty[at] != usual[at]).collect();
            assert_eq!((differ, faulty.len()), (vec![2], usual.len()));
        }),
        (json!("wrong_checksum"), UPLOAD, |case| {
            let header = |received: &Received| received.header("x-amz-sha256-tree-hash").unwrap();
            assert_ne!(header(case.faulty), header(case.usual));
        }),
        (json!({"sets_header": {"x-amz-archive-id": "one"}}), UPLOAD, |case| {
            assert_eq!(case.faulty.header("x-amz-archive-id").as_deref(), Some("one"));
        }),
        (json!({"drops_header": "x-amz-archive-id"}), UPLOAD, |case| {
            assert!(case.usual.header("x-amz-archive-id").is_some());
            assert_eq!(case.faulty.header("x-amz-archive-id"), None);
        }),
        (json!("malformed_json"), LIST, |case| {
            assert!(serde_json::from_str::<Value>(&case.usual.body()).is_ok());
            assert!(serde_json::from_str::<Value>(&case.faulty.body()).is_err());
        }),
        (json!({"truncated_json_after": 13}), LIST, |case| {
            assert_eq!(case.faulty.header("content-length").as_deref(), Some("13"));
            assert_eq!(case.faulty.body(), case.usual.body()[..13]);
        }),
        (json!({"wrong_content_length": 14}), LIST, |case| {
            assert_eq!(case.faulty.header("content-length").as_deref(), Some("14"));
        }),
    ]
}

#[test]
fn every_effect_applies_once_to_the_request_that_it_is_set_for() {
    for (effect, request, check) in effects() {
        let (mock, without) = (frozen(), frozen());
        // The clock of the mock stands still, and the pauses of this effect need time.
        let takes_time = effect.get("dribbles").is_some();
        set(&mock, json!({"effect": effect, "wall_time": takes_time}));
        let usual = Received::of(sent(&without, request));
        let faulty = Received::of(sent(&mock, request));
        // Shown if the check fails.
        println!("{effect}");
        check(&Case { mock: &mock, usual: &usual, faulty: &faulty });
        assert_eq!(list(&mock)[0]["fired"], 1, "{effect}");
        assert!(Received::of(sent(&mock, request)).status() < 300, "{effect}");
        assert_eq!(list(&mock)[0]["fired"], 1, "{effect}");
    }
}

/// Waits until a request is on record with a fault.
fn until_faulty(mock: &GlacierMock) {
    until("a request has met the fault", || mock.requests().last().is_some_and(|request| request.fault().is_some()));
}

#[test]
fn a_request_that_is_never_answered_stays_open_and_has_no_effect() {
    let mock = frozen();
    set(&mock, json!({"effect": "never_answers"}));
    let stream = sent(&mock, CREATE);
    until_faulty(&mock);
    assert!(Received::of(sent(&mock, LIST)).status() == 200);
    let request = &ok(&mock, "GET", "/requests", Value::Null)["requests"][0];
    assert_eq!((&request["state"], &request["fault"]), (&json!("not_answered"), &json!("no answer")));
    assert!(!mock.vault("new").exists());
    drop(stream);
}

/// The fault has not ended the connection: it only made the client wait.
#[test]
fn a_client_that_gives_up_during_a_delay_went_away() {
    for effect in [json!({"delayed": "2s"}), json!({"answer_delayed": "2s"})] {
        let mock = frozen();
        set(&mock, json!({"effect": effect}));
        let stream = sent(&mock, LIST);
        until_faulty(&mock);
        drop(stream);
        until("the request has ended", || mock.requests()[0].has_ended());
        let request = &ok(&mock, "GET", "/requests", Value::Null)["requests"][0];
        assert_eq!((&request["state"], &request["status"]), (&json!("client_went_away"), &Value::Null), "{effect}");
    }
}

#[test]
fn a_connection_that_a_fault_ends_is_not_answered() {
    for effect in ["resets", "loses_answer", "reset_after_commit"] {
        let mock = frozen();
        set(&mock, json!({"effect": effect}));
        Received::of(sent(&mock, LIST));
        until("the request has ended", || mock.requests()[0].has_ended());
        assert_eq!(ok(&mock, "GET", "/requests", Value::Null)["requests"][0]["state"], "not_answered", "{effect}");
    }
}

#[test]
fn a_body_that_stalls_stays_open() {
    let mock = frozen();
    set(&mock, json!({"effect": {"stalls_after": 4}}));
    let mut stream = sent(&mock, LIST);
    let mut seen = Vec::new();
    while !seen.ends_with(b"\r\n\r\n{\"Ma") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        seen.push(byte[0]);
    }
    stream.set_nonblocking(true).unwrap();
    assert_eq!(stream.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(list(&mock)[0]["fired"], 1);
}

#[test]
fn a_delay_ends_when_the_clock_has_moved() {
    for (effect, is_done_before) in [(json!({"delayed": "2h"}), false), (json!({"answer_delayed": "2h"}), true)] {
        let mock = frozen();
        set(&mock, json!({"effect": effect}));
        let stream = sent(&mock, CREATE);
        until_faulty(&mock);
        if is_done_before {
            until("the vault exists", || mock.vault("new").exists());
        }
        assert_eq!(mock.requests()[0].status(), None);
        ok(&mock, "POST", "/clock/advance", json!({"by": "1h"}));
        assert_eq!((mock.requests()[0].status(), mock.vault("new").exists()), (None, is_done_before));
        ok(&mock, "POST", "/clock/advance", json!({"by": "1h"}));
        assert_eq!(Received::of(stream).status(), 201);
        assert!(mock.vault("new").exists());
    }
}

#[test]
fn a_quota_admits_requests_as_time_passes() {
    let mock = frozen();
    set(&mock, json!({"effect": {"throttled_beyond": {"burst": 2, "refill": "1h"}}}));
    let statuses = |count: usize| -> Vec<_> { (0..count).map(|_| Received::of(sent(&mock, LIST)).status()).collect() };
    assert_eq!(statuses(3), [200, 200, 400]);
    mock.clock().advance(HOUR);
    assert_eq!(statuses(2), [200, 400]);
    assert_eq!(list(&mock)[0]["fired"], 2);
    assert_eq!(list(&mock)[0]["times"], "always");
}

#[test]
fn a_fault_applies_only_to_the_requests_that_match() {
    let mock = frozen();
    let delay = json!({"operation": "DescribeVault", "match": {"vault": "v", "header": {"x-a": "1"}}, "times": 2,
                       "effect": {"error": "ServiceUnavailableException"}});
    set(&mock, delay);
    let status = |path: &str, headers: &[(&str, &str)]| raw(&mock, &request("GET", path, headers, b"")).status;
    let with = [("x-a", "1")];
    assert_eq!(status("/-/vaults", &with), 200);
    assert_eq!(status("/-/vaults/w", &with), 404);
    assert_eq!(status("/-/vaults/v", &[]), 200);
    assert_eq!([(); 3].map(|()| status("/-/vaults/v", &with)), [500, 500, 200]);
}

#[test]
fn the_account_and_the_region_beside_a_fault_restrict_it() {
    let mock = frozen();
    let body = json!({"account": "111122223333", "region": "eu-west-1", "effect": "resets"});
    set(&mock, body);
    let query = ok(&mock, "POST", "/faults?account=111122223333", json!({"effect": "resets"}));
    assert_eq!(query["id"], 2);
    let matches: Vec<_> = list(&mock).iter().map(|fault| fault["match"].clone()).collect();
    let expected = [json!({"account": "111122223333", "region": "eu-west-1"}), json!({"account": "111122223333"})];
    assert_eq!(matches, expected);
    // A request of the mock's own account.
    assert_eq!(Received::of(sent(&mock, LIST)).status(), 200);
    let same = json!({"account": "111122223333", "match": {"account": "111122223333"}, "effect": "resets"});
    set(&mock, same);
    for other in [
        json!({"account": "111122223333", "match": {"account": "222222222222"}, "effect": "resets"}),
        json!({"region": "eu-west-1", "match": {"region": "us-east-1"}, "effect": "resets"}),
    ] {
        let message = refused(&mock, "POST", "/faults", other, 400, "invalid_request");
        assert!(message.ends_with("differ: leave one out"), "{message}");
    }
    assert_eq!(list(&mock).len(), 3);
    send(&mock, "DELETE", "/faults", &[], b"");
}

#[test]
fn faults_are_listed_in_order_and_removed() {
    let mock = frozen();
    assert!(list(&mock).is_empty());
    let fault = json!({
        "operation": "GetJobOutput", "match": {"vault": "v", "range": [0, 9]}, "nth_call": 2, "nth_attempt": 1,
        "after": "InitiateJob", "since": "2026-01-31T00:00:00.000Z", "before": "2026-02-01T00:00:00.000Z", "times": 3,
        "optional": true, "wall_time": true, "delay": "2s", "effect": {"dribbles": 100}
    });
    let first = set(&mock, fault.clone());
    let second = set(&mock, json!({"effect": "resets"}));
    let mut expected = fault;
    (expected["id"], expected["fired"]) = (first.clone(), 0.into());
    assert_eq!(list(&mock), [expected, json!({"id": second, "fired": 0, "times": 1, "effect": "resets"})]);
    let gone = send(&mock, "DELETE", &format!("/faults/{first}"), &[], b"");
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    assert_eq!(list(&mock).len(), 1);
    let message = refused(&mock, "DELETE", &format!("/faults/{first}"), Value::Null, 404, "not_found");
    assert_eq!(message, format!("there is no fault {first}"));
    refused(&mock, "DELETE", "/faults/one", Value::Null, 400, "invalid_request");
    assert_eq!(send(&mock, "DELETE", "/faults", &[], b"").status, 204);
    assert!(list(&mock).is_empty());
    // A fault that was removed does not apply, and an ID is not used again.
    assert_eq!(Received::of(sent(&mock, LIST)).status(), 200);
    assert_eq!(set(&mock, json!({"effect": "resets"})), 3);
    send(&mock, "DELETE", "/faults", &[], b"");
}

/// The forms have a test for each invalid value; here is one of each kind of refusal.
#[test]
fn an_invalid_fault_is_refused_with_the_path_of_its_member_and_not_set() {
    let mock = frozen();
    for (fault, message) in [
        (json!({}), "missing field `effect`"),
        (json!({"effect": "resets", "often": 2}), "often: unknown field `often`"),
        (json!({"effect": {"delayed": "soon"}}), "effect"),
        (json!({"effect": "resets", "match": {"account": "12"}}), "match.account: \"12\" is not an AWS account number"),
        (json!({"effect": "resets", "operation": "PutVault"}), "operation: \"PutVault\" is not an operation"),
        (json!({"effect": "resets", "times": 0}), "times: a fault cannot fire 0 times"),
        (json!({"effect": "resets", "nth_call": 0}), "nth_call: invalid call number 0"),
        (json!({"effect": "resets", "nth_attempt": 0}), "nth_attempt: invalid attempt number 0"),
        (json!({"effect": "resets", "match": {"status": 500}}), "match.status: a fault cannot depend on status 500"),
        (json!({"effect": "resets", "match": {"failed": true}}), "match.failed: a fault cannot depend on a failure"),
        (json!({"effect": "resets", "match": {"range": [2, 1]}}), "match.range: the range ends at byte 1"),
        (json!({"effect": "resets", "match": {"header": {"a b": "1"}}}), "match.header: \"a b\" is not a valid"),
        (json!({"effect": {"answer": {"status": 99}}}), "effect.answer.status: 99 is not a valid status"),
        (json!({"effect": {"answer": {"status": 204, "body": "x"}}}), "effect.answer.body: a response with status 204"),
        (json!({"effect": {"sets_header": {}}}), "effect.sets_header: `sets_header` must have exactly one header"),
        (json!({"effect": {"sets_header": {"a b": "1"}}}), "effect.sets_header: \"a b\" is not a valid"),
        (json!({"effect": {"drops_header": "a b"}}), "effect.drops_header: \"a b\" is not a valid"),
        (json!({"effect": {"dribbles": 0}}), "effect.dribbles: a body cannot arrive at 0 bytes a second"),
        (json!({"effect": "resets", "wall_time": true}), "wall_time: `wall_time` needs a `delay`"),
    ] {
        let answered = refused(&mock, "POST", "/faults", fault, 400, "invalid_request");
        assert!(answered.starts_with(message), "{answered}");
    }
    let form = send(&mock, "POST", "/faults", &[("Content-Type", "text/plain")], br#"{"effect": "resets"}"#);
    assert_eq!(form.status, 403);
    assert!(list(&mock).is_empty());
    assert_eq!(Received::of(sent(&mock, LIST)).status(), 200);
    mock.calls(Operation::ListVaults).assert_once();
}

/// The document's schema of a fault has every effect, and no condition on the response.
#[test]
fn the_document_describes_faults() {
    let document = ok(&frozen(), "GET", "/openapi.json", Value::Null);
    let effects: Vec<_> = document["components"]["schemas"]["EffectForm"]["oneOf"].as_array().unwrap().to_vec();
    assert_eq!(effects.len(), 20);
    let content = &document["paths"][format!("{BASE}/faults")]["post"]["requestBody"]["content"];
    let fault = &content["application/json"]["schema"];
    assert_eq!((&fault["required"], &fault["additionalProperties"]), (&json!(["effect"]), &json!(false)));
    let members = &fault["properties"]["match"]["properties"];
    assert!(members["vault"].is_object() && members["status"].is_null() && members["custom"].is_null(), "{members}");
    assert!(fault["properties"]["account"].is_object());
}

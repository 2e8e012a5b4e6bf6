//! Notifications that are published to an SNS-compatible endpoint or a webhook (api.md section 7, observed.md 3.4).

mod moto;
pub(crate) mod receiver;

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use glacier_mock::{Clock, GlacierMock, GlacierMockBuilder, JobTiming, Vault};

use crate::logs::Collector;
use crate::support::{panic_message, raw, request, role, sha256, this_test_again, until};
use receiver::{Received, Receiver, Reply};

const VAULT_TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:vault";
const CAPACITY: usize = 1000;

fn accepting() -> Receiver {
    Receiver::start(|_| Reply::Status(200, "<PublishResponse><MessageId>m-1</MessageId></PublishResponse>"))
}

/// A vault that announces the inventories of its jobs, which end at once.
fn announcing(builder: GlacierMockBuilder) -> (GlacierMock, Vault) {
    // What was not sent when a mock is dropped would be written to the output of the tests.
    let mock = builder.clock(Clock::frozen("2026-01-31T00:00:00Z")).log(false).start();
    let vault = mock.create_vault("v").set_notifications(VAULT_TOPIC, ["InventoryRetrievalCompleted"]);
    (mock, vault)
}

/// The same, with what its mock logs.
fn logged(builder: GlacierMockBuilder) -> (GlacierMock, Vault, Log) {
    let collector = Collector::default();
    let (mock, vault) = tracing::subscriber::with_default(collector.clone(), || announcing(builder));
    (mock, vault, Log(collector))
}

struct Log(Collector);

impl Log {
    /// The lines about publishing.
    fn lines(&self) -> Vec<String> {
        let lines = self.0.events().into_iter().map(|(_, line)| line);
        lines.filter(|line| line.contains("published to ")).collect()
    }

    /// The number of notifications that were dropped because a queue was full. They may be reported in several lines.
    fn dropped(&self) -> usize {
        let full = "because 1000 were already waiting";
        let lines = self.lines().into_iter().filter(|line| line.ends_with(full));
        lines.map(|line| line.rsplit(' ').nth(6).unwrap().parse::<usize>().unwrap()).sum()
    }

    fn wait_for(&self, count: usize) -> Vec<String> {
        until(&format!("the log has {count} lines about publishing"), || self.lines().len() >= count);
        self.lines()
    }
}

fn publishing_to(receiver: &Receiver) -> GlacierMockBuilder {
    GlacierMock::builder().publish_to(receiver.endpoint())
}

#[test]
fn a_notification_is_published_to_its_topic_with_a_signed_request() {
    let receiver = accepting();
    let (mock, vault) = announcing(GlacierMock::builder().publish_to(format!("{}/sns?a=b", receiver.endpoint())));
    vault.start_inventory_retrieval();
    let published = &receiver.wait_for(1)[0];
    assert_eq!(published.line, "POST /sns?a=b HTTP/1.1");
    assert_eq!(published.header("content-type"), "application/x-www-form-urlencoded; charset=utf-8");
    assert_eq!(format!("http://{}", published.header("host")), receiver.endpoint());
    assert_eq!(
        (published.parameter("Action"), published.parameter("Version")),
        ("Publish".into(), "2010-03-31".into())
    );
    assert_eq!(published.parameter("TopicArn"), VAULT_TOPIC);
    assert_eq!(published.parameter("Message"), mock.notifications()[0].message());
    assert!(!published.body.contains("Subject"), "{published:?}");
    assert_eq!(published.header("authorization"), authorization(published, "/sns", "a=b"));
}

/// The value of the header `Authorization` by the definition of Signature Version 4. The access key is the account of the
/// topic, and the region that of the topic.
fn authorization(request: &Received, path: &str, query: &str) -> String {
    let signed = ["content-type", "host", "x-amz-date"];
    let headers: String = signed.map(|name| format!("{name}:{}\n", request.header(name))).concat();
    let (names, body) = (signed.join(";"), sha256(request.body.as_bytes()));
    let canonical = format!("POST\n{path}\n{query}\n{headers}\n{names}\n{body}");
    let time = request.header("x-amz-date");
    let scope = format!("{}/eu-west-1/sns/aws4_request", &time[..8]);
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", sha256(canonical.as_bytes()));
    let key = scope.split('/').fold(b"AWS4glacier-mock-secret-access-key".to_vec(), |key, part| hmac(&key, part));
    let signature: String = hmac(&key, &to_sign).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("AWS4-HMAC-SHA256 Credential=111122223333/{scope}, SignedHeaders={names}, Signature={signature}")
}

/// HMAC with SHA-256 (RFC 2104), for keys of at most 64 bytes.
fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    use sha2::{Digest as _, Sha256};
    let pad = |byte: u8| (0..64).map(|n| byte ^ key.get(n).unwrap_or(&0)).collect::<Vec<u8>>();
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().to_vec()
}

#[test]
fn a_webhook_receives_the_envelope_of_sns() {
    let receiver = accepting();
    let (mock, vault) = announcing(GlacierMock::builder().notify(format!("{}/hook", receiver.endpoint())));
    vault.start_inventory_retrieval();
    vault.start_inventory_retrieval();
    let received = receiver.wait_for(2);
    let envelopes = received.iter().map(|request| serde_json::from_str::<serde_json::Value>(&request.body).unwrap());
    let envelopes: Vec<_> = envelopes.collect();
    for ((request, envelope), notification) in received.iter().zip(&envelopes).zip(mock.notifications()) {
        assert_eq!(request.line, "POST /hook HTTP/1.1");
        assert_eq!(request.header("content-type"), "text/plain; charset=UTF-8");
        assert_eq!(request.header("x-amz-sns-message-type"), "Notification");
        assert_eq!(request.header("x-amz-sns-topic-arn"), VAULT_TOPIC);
        let text = |key: &str| envelope[key].as_str().unwrap_or_else(|| panic!("{key} is missing in {envelope}"));
        assert_eq!(text("Type"), "Notification");
        assert_eq!(text("TopicArn"), VAULT_TOPIC);
        assert_eq!(text("Message"), notification.message());
        assert_eq!(text("Timestamp"), "2026-01-31T00:00:00.000Z");
        assert_eq!(text("MessageId"), request.header("x-amz-sns-message-id"));
        assert_eq!(text("MessageId").split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert_eq!(text("SignatureVersion"), "1");
        assert!(text("SigningCertURL").starts_with("https://sns.eu-west-1.amazonaws.com/"), "{envelope}");
        let subscription = request.header("x-amz-sns-subscription-arn");
        assert!(subscription.starts_with(&format!("{VAULT_TOPIC}:")), "{subscription}");
        assert!(text("UnsubscribeURL").ends_with(&format!("&SubscriptionArn={subscription}")), "{envelope}");
        assert!(!text("Signature").is_empty() && envelope.get("Subject").is_none(), "{envelope}");
    }
    assert_ne!(envelopes[0]["MessageId"], envelopes[1]["MessageId"]);
    assert_eq!(received[0].header("x-amz-sns-subscription-arn"), received[1].header("x-amz-sns-subscription-arn"));
}

/// The statuses of a server that may recover, and a connection that is closed.
#[test]
fn a_failed_attempt_is_repeated_with_the_same_message() {
    let replies = [Reply::Status(500, ""), Reply::Status(429, ""), Reply::Close, Reply::Status(204, "")];
    let receiver = Receiver::start(move |n| replies[n.min(3)]);
    let (_mock, vault, log) = logged(GlacierMock::builder().notify(receiver.endpoint()));
    vault.start_inventory_retrieval();
    let line = &log.wait_for(1)[0];
    assert!(line.starts_with("published to http://") && line.ends_with(" (4 attempts)"), "{line}");
    let bodies: Vec<_> = receiver.received().into_iter().map(|request| request.body).collect();
    assert_eq!(bodies, vec![bodies[0].clone(); 4]);
}

/// An attempt has 10 seconds.
#[test]
fn an_attempt_without_an_answer_is_repeated() {
    let receiver = Receiver::start(|n| if n == 0 { Reply::Silence } else { Reply::Status(200, "") });
    let (_mock, vault, log) = logged(publishing_to(&receiver));
    vault.start_inventory_retrieval();
    let line = &log.wait_for(1)[0];
    assert!(line.starts_with("published to http://") && line.ends_with(" (2 attempts)"), "{line}");
}

/// SNS itself repeats no delivery that a webhook refused with such a status.
#[test]
fn a_refused_notification_is_not_repeated_and_the_next_one_is_sent() {
    let refusal =
        "<ErrorResponse><Error><Code>NotFound</Code><Message>Topic does not exist</Message></Error></ErrorResponse>";
    let receiver = Receiver::start(move |n| if n == 0 { Reply::Status(404, refusal) } else { Reply::Status(200, "") });
    let (mock, vault, log) = logged(publishing_to(&receiver));
    vault.start_inventory_retrieval();
    vault.start_inventory_retrieval();
    let lines = log.wait_for(2);
    assert_eq!(receiver.received().len(), 2);
    let job = |n: usize| mock.notifications()[n].job_id().to_string();
    let described = |n| {
        format!(
            "http://{}: job {} of vault \"v\" (Succeeded) for topic {VAULT_TOPIC}",
            &receiver.endpoint()[7..],
            job(n)
        )
    };
    assert_eq!(
        lines[0],
        format!(
            "not published to {}: the endpoint answered with status 404: NotFound: Topic does not exist",
            described(0)
        )
    );
    assert_eq!(lines[1], format!("published to {}", described(1)));
}

/// Five attempts are made in 8.5 seconds.
#[test]
fn an_endpoint_that_cannot_be_reached_is_reported() {
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let (_mock, vault, log) = logged(GlacierMock::builder().publish_to(format!("http://{unused}")));
    vault.start_inventory_retrieval();
    let line = &log.wait_for(1)[0];
    assert!(line.starts_with(&format!("not published to http://{unused}: job ")), "{line}");
    assert!(line.contains(": cannot connect: ") && line.ends_with(" (5 attempts)"), "{line}");
}

/// Several threads end jobs at the same time.
#[test]
fn notifications_arrive_in_the_order_of_the_jobs_ends() {
    let receiver = accepting();
    let (mock, _) = announcing(publishing_to(&receiver));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let body = br#"{"Type":"inventory-retrieval"}"#;
                    assert_eq!(raw(&mock, &request("POST", "/-/vaults/v/jobs", &[], body)).status, 202);
                }
            });
        }
    });
    let received: Vec<_> = receiver.wait_for(80).iter().map(|request| request.parameter("Message")).collect();
    let announced: Vec<_> = mock.notifications().iter().map(|notification| notification.message()).collect();
    assert_eq!(received, announced);
}

/// Requests are answered, and the mock is dropped, while the first notification waits for its answer. The tests would
/// hang otherwise: the endpoint never answers.
#[test]
fn an_endpoint_that_never_answers_delays_nothing() {
    let receiver = Receiver::start(|_| Reply::Silence);
    let (mock, vault, log) = logged(publishing_to(&receiver));
    let job = vault.start_inventory_retrieval();
    receiver.wait_for(1);
    let second = vault.start_inventory_retrieval();
    for _ in 0..3 {
        assert_eq!(raw(&mock, &request("GET", "/-/vaults/v/jobs", &[], b"")).status, 200);
    }
    assert!(log.lines().is_empty(), "{:?}", log.lines());
    let ids = [job.id().to_string(), second.id().to_string()];
    drop(mock);
    let line = &log.wait_for(1)[0];
    let expected =
        format!("not published to {}: 2 notifications, because the mock was stopped: job ", receiver.endpoint());
    assert!(line.starts_with(&expected) && ids.iter().all(|id| line.contains(id)), "{line}");
}

/// The endpoint of one target does not delay another.
#[test]
fn each_target_has_its_own_queue() {
    let (silent, receiver) = (Receiver::start(|_| Reply::Silence), accepting());
    let builder = publishing_to(&silent).publish_to(receiver.endpoint()).notify(receiver.endpoint());
    let (_mock, vault) = announcing(builder);
    for _ in 0..3 {
        vault.start_inventory_retrieval();
    }
    silent.wait_for(1);
    assert_eq!(receiver.wait_for(6).iter().filter(|request| request.body.starts_with("Action=Publish&")).count(), 3);
}

#[test]
fn notifications_that_find_a_full_queue_are_dropped_and_counted() {
    let receiver = Receiver::start(|_| Reply::Silence);
    let (mock, vault, log) = logged(publishing_to(&receiver));
    vault.start_inventory_retrieval();
    receiver.wait_for(1);
    for _ in 0..CAPACITY + 2 {
        vault.start_inventory_retrieval();
    }
    assert_eq!(mock.notifications().len(), CAPACITY + 3);
    drop(mock);
    let is_final = |line: &String| line.contains(": 1000 notifications, because the mock was stopped: ");
    until("the mock reports what it did not send", || log.lines().iter().any(is_final));
    assert!(log.lines().iter().find(|line| is_final(line)).unwrap().contains("; and 997 more"), "{:?}", log.lines());
    assert_eq!(log.dropped(), 3);
}

/// The queue is free again when the endpoint answers. The dropped notifications are reported then.
#[test]
fn a_queue_that_was_full_takes_notifications_again() {
    let (release, released) = std::sync::mpsc::channel::<()>();
    let receiver = Receiver::start(move |n| {
        if n == 0 {
            released.recv().unwrap();
        }
        Reply::Status(200, "")
    });
    let (_mock, vault, log) = logged(publishing_to(&receiver));
    for _ in 0..CAPACITY + 1 {
        vault.start_inventory_retrieval();
    }
    release.send(()).unwrap();
    let sent = || log.lines().iter().filter(|line| line.starts_with("published to ")).count();
    until("all that were in the queue are sent", || sent() == CAPACITY);
    assert_eq!(log.dropped(), 1);
    let last = vault.start_inventory_retrieval();
    until("the next one is sent", || receiver.has_received(last.id()));
}

/// The one that is being sent is discarded too: the next one does not wait for its answer.
#[test]
fn a_reset_discards_what_waits_and_publishing_goes_on() {
    let is_reset = Arc::new(AtomicBool::new(false));
    let answers = is_reset.clone();
    let reply = move |_| if answers.load(Ordering::SeqCst) { Reply::Status(200, "") } else { Reply::Silence };
    let receiver = Receiver::start(reply);
    let (mock, vault) = announcing(publishing_to(&receiver));
    vault.start_inventory_retrieval();
    receiver.wait_for(1);
    let second = vault.start_inventory_retrieval().id().clone();
    mock.reset();
    is_reset.store(true, Ordering::SeqCst);
    let vault = mock.create_vault("w").set_notifications(VAULT_TOPIC, ["InventoryRetrievalCompleted"]);
    vault.start_inventory_retrieval();
    // Not by the ID of the job: after the reset, the first job has the same ID as the first one before.
    let is_after = |request: &Received| request.parameter("Message").contains("vaults/w");
    until("the one after the reset is sent", || receiver.received().iter().any(is_after));
    assert!(!receiver.has_received(&second), "{:?}", receiver.received());
}

/// No request reads the job, so nothing else would announce it.
#[test]
fn a_job_that_ends_by_time_is_published_without_a_request() {
    let receiver = accepting();
    let mock = publishing_to(&receiver).clock(Clock::wall()).jobs(JobTiming::after(Duration::from_millis(50))).start();
    let vault = mock.create_vault("v").set_notifications(VAULT_TOPIC, ["InventoryRetrievalCompleted"]);
    let job = vault.start_inventory_retrieval();
    let message = receiver.wait_for(1)[0].parameter("Message");
    assert!(message.contains(job.id().as_str()) && message.contains(r#""StatusCode":"Succeeded""#), "{message}");
}

#[test]
fn nothing_is_published_without_a_topic() {
    let receiver = accepting();
    let (_mock, vault) = announcing(publishing_to(&receiver));
    let archive = vault.put_archive("a", b"a");
    vault.start_retrieval(archive);
    let announced = vault.start_inventory_retrieval();
    let received = receiver.wait_for(1);
    assert!(received[0].parameter("Message").contains(announced.id().as_str()), "{received:?}");
}

#[test]
fn an_endpoint_must_be_an_http_url() {
    let refused = |set: fn(GlacierMockBuilder)| panic_message(|| set(GlacierMock::builder()));
    let https = refused(|builder| drop(builder.publish_to("https://sns.us-east-1.amazonaws.com")));
    assert!(
        https.starts_with("invalid SNS endpoint \"https://sns.us-east-1.amazonaws.com\": https is not supported"),
        "{https}"
    );
    let bare = refused(|builder| drop(builder.notify("localhost:8080")));
    let expected = "invalid URL of a webhook \"localhost:8080\": expected a URL such as http://127.0.0.1:5000";
    assert!(bare.starts_with(expected), "{bare}");
}

/// What was not sent is reported on standard error although the log is off by default, except if the test has disabled
/// all output. What was sent is not.
#[test]
fn unsent_notifications_are_reported_on_standard_error() {
    const NAME: &str = "publish::unsent_notifications_are_reported_on_standard_error";
    let Some(role) = role() else {
        let printed = |role| {
            let output = this_test_again(NAME, role, |command| _ = command.env_remove("GLACIER_MOCK_LOG"));
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stderr).unwrap()
        };
        let by_default = printed("default");
        assert_eq!(
            by_default.matches(": 1 notification, because the mock was stopped: job ").count(),
            1,
            "{by_default}"
        );
        assert!(
            by_default.contains("(the last attempt failed: the endpoint answered with status 500: no space)"),
            "{by_default}"
        );
        assert!(!by_default.contains("  published to "), "{by_default}");
        assert!(!printed("quiet").contains("published to "));
        return;
    };
    let receiver = Receiver::start(|n| if n == 0 { Reply::Status(200, "") } else { Reply::Status(500, "no space") });
    let builder = publishing_to(&receiver);
    let mock = if role == "quiet" { builder.log(false).start() } else { builder.start() };
    let vault = mock.create_vault("v").set_notifications(VAULT_TOPIC, ["InventoryRetrievalCompleted"]);
    vault.start_inventory_retrieval();
    vault.start_inventory_retrieval();
    // The third request is the first retry, so the failure of the attempt before is known.
    receiver.wait_for(3);
}

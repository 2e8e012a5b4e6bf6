//! The lines that a mock writes to standard error and the `tracing` events that it emits. Neither can break a request.

use std::cell::RefCell;
use std::fmt::Debug;
use std::io::{Read as _, Write as _};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use glacier_mock::{GlacierMock, Operation};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use tracing_core::span::Current;

use crate::support::{panic_message, raw, request, until};

/// Set in child processes that run the tests named `child_...`. Without it those tests do nothing.
const CHILD: &str = "GLACIER_MOCK_SUITE_CHILD";

/// A command that runs tests of this binary in a child process, one after the other.
fn child(tests: &str, log: Option<&str>) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--test-threads=1", &format!("logs::child_{tests}")]).env(CHILD, "1").env_remove("GLACIER_MOCK_LOG");
    command.envs(log.map(|log| ("GLACIER_MOCK_LOG", log))).env_remove("RUST_TEST_THREADS");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(tests: &str, log: Option<&str>) -> (Output, String, String) {
    let output = child(tests, log).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    (output, stdout, stderr)
}

fn is_child() -> bool {
    std::env::var_os(CHILD).is_some()
}

#[test]
fn child_of_two_mocks() {
    if is_child() {
        let (one, two) = (GlacierMock::start(), GlacierMock::start());
        println!("ports {} {}", one.address().port(), two.address().port());
        for mock in [&one, &two] {
            assert_eq!(raw(mock, &request("PUT", "/-/vaults/photos", &[], b"")).status, 201);
        }
        let (mut stream, mut answer) = (std::net::TcpStream::connect(one.address()).unwrap(), String::new());
        stream.write_all(b"not a request\r\n\r\n").unwrap();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    }
}

/// Each line names the mock by its port. The library accepts the same values as the program.
#[test]
fn the_environment_variable_enables_the_log() {
    for log in ["1", "true", "requests", "debug"] {
        let mut command = child("of_two_mocks", Some(log));
        let output = command.arg("--nocapture").output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        let ports = stdout.split("ports ").nth(1).unwrap().lines().next().unwrap();
        for port in ports.split(' ') {
            let line = format!("glacier-mock:{port}     1  CreateVault  photos  201\n");
            assert!(stderr.contains(&line), "{log}: {line} is not in {stderr}");
        }
        assert!(stderr.contains("-  not a valid HTTP/1.1 request, refused before it reached the service"), "{stderr}");
    }
    for log in [None, Some(""), Some("0"), Some("off"), Some("false")] {
        let (output, _, stderr) = run("of_two_mocks", log);
        assert!(output.status.success() && !stderr.contains("glacier-mock"), "{log:?}: {stderr}");
    }
    let (output, _, stderr) = run("of_two_mocks", Some("loud"));
    assert!(output.status.success(), "{stderr}");
    let said = "glacier-mock: GLACIER_MOCK_LOG=\"loud\" is not a valid value; expected `off`, `requests` or `debug`";
    assert_eq!(stderr.matches(said).count(), 1, "{stderr}");
}

/// The reader of the log may be gone, or may not read. The test still gets its responses, and ends.
#[test]
fn the_log_of_the_library_breaks_no_request() {
    let mut closed = child("of_two_mocks", Some("1")).spawn().unwrap();
    drop(closed.stderr.take());
    assert!(closed.wait_with_output().unwrap().status.success());

    let mut unread = child("of_many_requests", Some("1")).spawn().unwrap();
    assert!(unread.wait().unwrap().success());
}

/// Writes more than the buffer of any pipe holds.
#[test]
fn child_of_many_requests() {
    if is_child() {
        let mock = GlacierMock::start();
        let path = format!("/-/vaults/{}", "v".repeat(10_000));
        for _ in 0..100 {
            assert_eq!(raw(&mock, &request("GET", &path, &[], b"")).status, 404);
        }
    }
}

thread_local! {
    static ENTERED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

/// A subscriber that prints and keeps each event, with the name of the span in which it was emitted.
#[derive(Clone, Default)]
pub(crate) struct Collector {
    names: Arc<Mutex<Vec<&'static Metadata<'static>>>>,
    events: Arc<Mutex<Vec<(String, String)>>>,
    panics: Arc<AtomicU64>,
}

impl Collector {
    pub(crate) fn events(&self) -> Vec<(String, String)> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("glacier_mock") || metadata.is_span()
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut names = self.names.lock().unwrap();
        names.push(span.metadata());
        Id::from_u64(names.len() as u64)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        struct Message(String);
        impl tracing::field::Visit for Message {
            fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn Debug) {
                if field.name() == "message" {
                    self.0 = format!("{value:?}");
                }
            }
        }
        let mut message = Message(String::new());
        event.record(&mut message);
        let name = self.current_span().metadata().map_or("none", Metadata::name);
        println!("{name}: {}", message.0);
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push((name.into(), message.0));
        let left = self.panics.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        assert!(left.is_err(), "a subscriber that panics");
    }

    fn enter(&self, span: &Id) {
        ENTERED.with_borrow_mut(|entered| entered.push(span.into_u64()));
    }

    fn exit(&self, _: &Id) {
        ENTERED.with_borrow_mut(Vec::pop);
    }

    fn current_span(&self) -> Current {
        let Some(id) = ENTERED.with_borrow(|entered| entered.last().copied()) else { return Current::none() };
        Current::new(Id::from_u64(id), self.names.lock().unwrap()[id as usize - 1])
    }
}

/// The event is emitted before the response arrives, so a test that has the response also finds the event.
#[test]
fn events_are_emitted_under_the_subscriber_and_the_span_of_the_start() {
    let mocks: Vec<_> = ["first", "second"]
        .map(|vault| {
            let collector = Collector::default();
            let mock = tracing::subscriber::with_default(collector.clone(), || {
                let span = match vault {
                    "first" => tracing::info_span!("first test"),
                    _ => tracing::info_span!("second test"),
                };
                span.in_scope(GlacierMock::start)
            });
            (vault, collector, mock)
        })
        .into();
    for (vault, collector, mock) in &mocks {
        for n in 1..=100 {
            raw(mock, &request("PUT", &format!("/-/vaults/{vault}"), &[], b""));
            let event = (format!("{vault} test"), format!("CreateVault  {vault}  201"));
            assert_eq!(collector.events(), vec![event; n]);
        }
    }
}

/// The subscriber is the user's. Events after a panic in it are still emitted.
#[test]
fn a_subscriber_that_panics_breaks_no_request() {
    let collector = Collector { panics: Arc::new(AtomicU64::new(2)), ..Collector::default() };
    let mock = tracing::subscriber::with_default(collector.clone(), GlacierMock::start);
    for _ in 0..4 {
        assert_eq!(raw(&mock, &request("PUT", "/-/vaults/v", &[], b"")).status, 201);
    }
    // A panic prints a backtrace, which can take seconds on a busy machine. A response does not wait so long for its
    // event.
    until("all four events are emitted", || collector.events().len() == 4);
}

#[test]
fn child_that_prints_first() {
    if is_child() {
        // The first mock of a process starts the threads that serve all mocks.
        let mock = GlacierMock::start();
        assert_eq!(raw(&mock, &request("PUT", "/-/vaults/first", &[], b"")).status, 201);
    }
}

#[test]
fn child_that_prints_second() {
    if is_child() {
        tracing::subscriber::set_global_default(Collector::default()).unwrap();
        let mock = GlacierMock::start();
        assert_eq!(raw(&mock, &request("PUT", "/-/vaults/second", &[], b"")).status, 201);
        panic!("the report of this test shows what was printed");
    }
}

/// The test harness shows the output of a subscriber with the right test, as crates like test-log need it.
#[test]
fn what_a_subscriber_prints_is_captured_for_the_test_that_started_the_mock() {
    let (output, stdout, _) = run("that_prints", None);
    assert!(!output.status.success());
    let report =
        stdout.split("---- logs::child_that_prints_second stdout ----").nth(1).unwrap_or_else(|| panic!("{stdout}"));
    assert!(report.contains("none: CreateVault  second  201"), "{stdout}");
}

/// A name may contain any percent-encoded character. In a log or a report it must stay on its line and not control the
/// terminal.
#[test]
fn names_with_control_characters_are_escaped() {
    let collector = Collector::default();
    let mock = tracing::subscriber::with_default(collector.clone(), GlacierMock::start);
    let hostile = "a%0Ab%1B%5B31m%07%C2%9B2J%7F%E2%80%AE";
    raw(&mock, &request("GET", &format!("/-/vaults/{hostile}"), &[], b""));
    raw(&mock, &request("GET", &format!("/-/vaults/v/jobs/{hostile}"), &[], b""));
    raw(&mock, &request("GET", "/x\u{9b}2J\u{202e}", &[], b""));
    let escaped = r"a\nb\u{1b}[31m\u{7}\u{9b}2J\u{7f}\u{202e}";
    let events = collector.events();
    assert!(events[0].1.starts_with(&format!("DescribeVault  {escaped}  404  ")), "{events:?}");
    assert!(events[2].1.starts_with(r"GET /x\u{9b}2J\u{202e}  -  400  "), "{events:?}");
    let report = panic_message(|| mock.assert_sequence([Operation::CreateVault]));
    assert!(report.contains(escaped), "{report}");
    for text in events.iter().map(|(_, text)| text.as_str()).chain(report.lines()) {
        assert!(!text.contains(|c: char| c.is_control() || c == '\u{202e}'), "{text:?}");
    }
    // The first line of a report can quote a path too.
    let sequence = [Operation::DescribeVault, Operation::DescribeJob, Operation::ListVaults];
    let headline = panic_message(|| mock.assert_sequence(sequence));
    assert!(headline.lines().next().unwrap().contains(r"GET /x\u{9b}2J\u{202e}"), "{headline}");
}

//! Closures that a test passes to a mock: conditions of faults, expectations and waits, and callbacks. They may panic
//! and they may block.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use glacier_mock::{GlacierMock, Operation, Request};

use crate::support::{TIMEOUT, child_of, initiate, inventory, mock_with_vault, panic_message, raw, request};

const TOPIC: &str = "arn:aws:sns:us-east-1:111122223333:job";

fn list(mock: &GlacierMock) -> u16 {
    raw(mock, &request("GET", "/-/vaults", &[], b"")).status
}

/// The child process is a test whose condition panics while the test panics. It must fail and not abort.
#[test]
fn a_condition_that_panics_in_a_panicking_test_does_not_abort() {
    let Some(output) = child_of("closures::a_condition_that_panics_in_a_panicking_test_does_not_abort") else {
        let mock = GlacierMock::start();
        mock.expect(Operation::ListVaults).matching(|request| request.header("x-team").unwrap() == "backup").once();
        mock.fault(Operation::ListVaults).matching(|request| request.header("x-team").unwrap() == "backup").throttled();
        list(&mock);
        panic!("the test's own failure");
    };
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("the test's own failure") && text.contains("0 passed; 1 failed"), "{text}");
    let declared = concat!("cannot be verified: the condition declared at ", file!(), ":");
    assert!(text.contains(declared) && text.contains("panicked: called `Option::unwrap()`"), "{text}");
    assert!(text.contains(concat!("could not be decided: the condition declared at ", file!(), ":")), "{text}");
    // No report shows the record, so its end is printed: the request was answered with a 500.
    assert!(text.contains("1  ListVaults  -  500  ServiceUnavailableException"), "{text}");
}

/// The request changes nothing, is answered with a 500 in AWS's format, and the record shows the panic.
#[test]
fn a_condition_of_a_fault_that_panics_is_a_500_and_fails_verification() {
    let mock = GlacierMock::start();
    let line = line!() + 1;
    mock.fault(Operation::CreateVault).matching(|request| request.header("x-team").unwrap() == "backup").resets();
    let refused = raw(&mock, &request("PUT", "/-/vaults/v", &[], b""));
    assert_eq!(refused.status, 500);
    assert!(refused.text().contains(r#""code":"ServiceUnavailableException""#), "{}", refused.text());
    assert!(!mock.vault("v").exists());
    let requests = mock.requests();
    assert_eq!(requests[0].status(), Some(500));
    let said = requests[0].fault().unwrap();
    assert!(said.starts_with(&format!("the condition declared at {}:{line}:", file!())), "{said}");
    assert!(said.ends_with("panicked: called `Option::unwrap()` on a `None` value"), "{said}");
    // A request for which the condition does not panic is decided as usual.
    assert_eq!(raw(&mock, &request("PUT", "/-/vaults/w", &[("x-team", "sales")], b"")).status, 201);
    let text = panic_message(|| mock.verify());
    assert!(text.starts_with(&format!("declared at {}:{line}:", file!())), "{text}");
    assert!(text.contains("the fault a reset connection for CreateVault") && text.contains(said), "{text}");
    // A panic is reported only once.
    mock.verify();
}

/// A panic in the condition of an optional fault fails verification too. Another fault still counts the request.
#[test]
fn other_faults_count_a_request_whose_condition_panicked() {
    let mock = GlacierMock::start();
    mock.fault(Operation::ListVaults).after_matching(|request| request.header("x").unwrap() == "1").optional().resets();
    mock.fault(Operation::ListVaults).nth_call(2).throttled();
    assert_eq!([list(&mock), list(&mock)], [500, 500]);
    let with_header = request("GET", "/-/vaults", &[("x", "0")], b"");
    assert_eq!(raw(&mock, &with_header).status, 200);
    let text = panic_message(|| drop(mock));
    assert!(text.contains(concat!("the condition declared at ", file!(), ":")), "{text}");
    assert!(text.contains("the fault ThrottlingException for call 2 of ListVaults should have fired once"), "{text}");
}

/// The request that caused the notification is answered as if the callback had returned.
#[tokio::test]
async fn a_callback_that_panics_fails_verification() {
    let (mock, glacier) = mock_with_vault().await;
    mock.on_notification(|notification| assert_eq!(notification.vault(), "another"));
    for _ in 0..2 {
        initiate(&glacier, "v", inventory().sns_topic(TOPIC)).await;
    }
    mock.calls(Operation::InitiateJob).assert_no_retries();
    let text = panic_message(|| drop(mock));
    assert!(text.starts_with(concat!("the callback declared at ", file!(), ":")), "{text}");
    assert!(text.contains("panicked: assertion `left == right` failed"), "{text}");
    // A callback that panics several times is one failure.
    assert_eq!(text.matches("panicked").count(), 1, "{text}");
}

/// The callback still runs when verification starts, with and without an expectation that makes verification wait.
#[test]
fn a_callback_that_panics_during_verification_fails_it() {
    for expects in [true, false] {
        let mock = GlacierMock::start();
        mock.create_vault("v");
        if expects {
            mock.expect(Operation::InitiateJob).times(0..);
        }
        let (runs, is_running) = std::sync::mpsc::channel();
        mock.on_notification(move |_| {
            runs.send(()).unwrap();
            // Gives the test time to start verification. If it is too short, the test still passes.
            std::thread::sleep(Duration::from_millis(100));
            panic!("the callback's own failure");
        });
        let job = format!(r#"{{"Type":"inventory-retrieval","SNSTopic":"{TOPIC}"}}"#);
        let mut stream = TcpStream::connect(mock.address()).unwrap();
        stream.write_all(&request("POST", "/-/vaults/v/jobs", &[], job.as_bytes())).unwrap();
        is_running.recv_timeout(TIMEOUT).unwrap();
        let text = panic_message(|| drop(mock));
        assert!(text.contains("panicked: the callback's own failure"), "{text}");
    }
}

/// A test can drop a wait before it ends, for example in `select!`.
#[tokio::test]
async fn a_dropped_wait_releases_its_condition() {
    let mock = GlacierMock::start();
    let condition = Arc::new(());
    let kept = condition.clone();
    let wait = mock.wait_for(Operation::ListVaults).matching(move |_| kept == Arc::new(())).within(10 * TIMEOUT);
    let mut wait = Box::pin(wait);
    // The wait starts when it is first polled.
    assert!(poll_once(wait.as_mut()).is_none());
    drop(wait);
    crate::support::until("the wait ends", || Arc::strong_count(&condition) == 1);
}

/// Polls a future once.
fn poll_once<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

#[test]
fn a_condition_of_an_expectation_that_panics_is_named() {
    let mock = GlacierMock::start();
    mock.expect(Operation::ListVaults).matching(|request| request.header("x").unwrap() == "1").never();
    list(&mock);
    let text = panic_message(|| mock.verify());
    assert!(text.starts_with(concat!("declared at ", file!(), ":")), "{text}");
    assert!(text.contains(concat!("cannot be verified: the condition declared at ", file!(), ":")), "{text}");
}

/// The wait ends at once, because the condition would panic for every further request too.
#[test]
fn a_condition_of_a_wait_that_panics_ends_the_wait() {
    let mock = GlacierMock::start();
    list(&mock);
    let wait = || {
        let wait = mock.wait_for(Operation::ListVaults).matching(|request| request.header("x").unwrap() == "1");
        let _ = wait.within(TIMEOUT).blocking();
    };
    let text = panic_message(wait);
    assert!(text.starts_with(concat!("waited for at ", file!(), ":")), "{text}");
    assert!(text.contains(concat!("\nthe condition declared at ", file!(), ":")), "{text}");
}

/// A gate at which closures block until the test opens it.
#[derive(Clone, Default)]
struct Gate(Arc<(Mutex<bool>, Condvar, AtomicUsize)>);

impl Gate {
    /// Returns a condition that blocks until the gate opens and then returns `holds`.
    fn condition(&self, holds: bool) -> impl Fn(&Request) -> bool + Send + Sync + 'static {
        let gate = self.clone();
        move |_| {
            gate.wait();
            holds
        }
    }

    fn wait(&self) {
        let (is_open, opened, arrived) = &*self.0;
        arrived.fetch_add(1, Ordering::SeqCst);
        let is_open = is_open.lock().unwrap();
        drop(opened.wait_timeout_while(is_open, TIMEOUT, |is_open| !*is_open).unwrap());
    }

    /// Waits until this number of closures is blocked.
    fn wait_for_arrivals(&self, count: usize) {
        let deadline = Instant::now() + TIMEOUT;
        while self.0.2.load(Ordering::SeqCst) < count {
            assert!(Instant::now() < deadline, "only {} closures ran", self.0.2.load(Ordering::SeqCst));
            std::thread::yield_now();
        }
    }

    fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }
}

/// More closures block than there are threads that serve mocks. This mock and another one still answer.
#[test]
fn closures_that_block_delay_no_other_request() {
    const EACH: usize = 6;
    let mock = GlacierMock::start();
    mock.create_vault("v");
    let gate = Gate::default();
    mock.fault(Operation::DescribeVault).optional().matching(gate.condition(false)).throttled();
    let begins = gate.condition(false);
    let is_list = |request: &Request| request.operation() == Some(Operation::ListVaults);
    let begins = move |request: &Request| is_list(request) && begins(request);
    mock.fault(Operation::DeleteVault).optional().after_matching(begins).throttled();
    let callback = gate.clone();
    mock.on_notification(move |_| callback.wait());
    let job = format!(r#"{{"Type":"inventory-retrieval","SNSTopic":"{TOPIC}"}}"#);
    let requests = [
        request("GET", "/-/vaults/v", &[], b""),
        request("GET", "/-/vaults", &[], b""),
        request("POST", "/-/vaults/v/jobs", &[], job.as_bytes()),
    ];
    let mut blocked = Vec::new();
    for _ in 0..EACH {
        for request in &requests {
            let mut stream = TcpStream::connect(mock.address()).unwrap();
            stream.write_all(request).unwrap();
            blocked.push(stream);
        }
    }
    gate.wait_for_arrivals(3 * EACH);
    std::thread::scope(|scope| {
        let waiting = mock.wait_for(Operation::DescribeVault).arrived().matching(gate.condition(true));
        scope.spawn(|| drop(waiting.within(TIMEOUT).blocking()));
        gate.wait_for_arrivals(3 * EACH + 1);
        let another = GlacierMock::start();
        assert_eq!(list(&another), 200);
        assert_eq!(raw(&mock, &request("PUT", "/-/vaults/w", &[], b"")).status, 201);
        gate.open();
    });
}

/// No lock is held while a condition runs, so it may set a fault. That fault applies only to later requests.
#[test]
fn a_condition_may_set_a_fault() {
    let mock = Arc::new(GlacierMock::start());
    let known = Arc::downgrade(&mock);
    let condition = move |_: &Request| {
        known.upgrade().unwrap().fault(Operation::ListVaults).optional().access_denied();
        false
    };
    mock.fault(Operation::ListVaults).matching(condition).optional().resets();
    assert_eq!(list(&mock), 200);
    assert_eq!(list(&mock), 403);
}

/// A reusable barrier with a timeout.
#[derive(Default)]
struct Barrier(Mutex<usize>, Condvar);

impl Barrier {
    fn wait_for(&self, count: usize) {
        let mut arrived = self.0.lock().unwrap();
        *arrived += 1;
        let all = arrived.next_multiple_of(count);
        self.1.notify_all();
        let (_arrived, over) = self.1.wait_timeout_while(arrived, TIMEOUT, |arrived| *arrived < all).unwrap();
        assert!(!over.timed_out(), "the conditions do not run concurrently");
    }
}

/// Conditions run concurrently, yet each fault fires exactly as often as declared, and each fault counts every request.
#[test]
fn concurrent_conditions_count_every_request_once() {
    const TASKS: usize = 8;
    const EACH: usize = 25;
    let mock = GlacierMock::start();
    let barrier = Barrier::default();
    let list_vaults = || mock.fault(Operation::ListVaults);
    // This fault never fires. Its condition makes the requests of all clients be decided at the same time.
    let meet = move |_: &Request| {
        barrier.wait_for(TASKS);
        false
    };
    list_vaults().optional().matching(meet).resets();
    list_vaults().matching(|_| true).times(50).throttled();
    list_vaults().matching(|_| true).nth_call(50 + 7).service_unavailable();
    list_vaults().matching(|_| true).nth_call(50 + 8).access_denied();
    let client = || (0..EACH).map(|_| list(&mock)).collect::<Vec<_>>();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..TASKS).map(|_| scope.spawn(client)).collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    let count = |status| statuses.iter().filter(|&&seen| seen == status).count();
    assert_eq!((count(400), count(500), count(403)), (50, 1, 1));
    assert_eq!(count(200), TASKS * EACH - 52);
    mock.verify();
}

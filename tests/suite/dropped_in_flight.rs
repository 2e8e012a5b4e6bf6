//! Ten thousand mocks that are dropped while something is in flight leave no descriptor, thread or memory.
//!
//! Each of four tests starts 2,500 mocks in a separate process, because it counts what the whole process has.

use std::io::Write as _;
use std::net::TcpStream;
use std::pin::pin;
use std::sync::mpsc;
use std::task::{Context, Waker};
use std::time::Duration;

use glacier_mock::{GlacierMock, Operation};
use socket2::SockRef;

use crate::support::{TIMEOUT, request, role, sha256, this_test_again, until};

const MOCKS: usize = 2500;

/// Half of a mock, which has 10 KiB when it is new. The allocator does not reuse its memory equally well in each run.
const BYTES_EACH: usize = 5 * 1024;

/// Runs a test again in a child process. Returns whether this is the child, which then does what the test is about.
#[track_caller]
fn is_child(name: &str) -> bool {
    if role().is_some() {
        return true;
    }
    let output = this_test_again(name, "counts", |_| ());
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && out.contains("1 passed"), "the child failed:\n{out}\n{err}");
    false
}

/// Runs in a child process: starts and drops mocks, and compares what the process has after the first half of them with
/// what it has in the end.
#[track_caller]
fn leaves_nothing(name: &str, one: impl Fn()) {
    if !is_child(name) {
        return;
    }
    (0..MOCKS / 2).for_each(|_| one());
    let before = Holdings::now();
    (0..MOCKS / 2).for_each(|_| one());
    // A connection is closed a little after its mock was dropped, and tokio ends a thread that was idle for 10 seconds.
    until("the descriptors and threads are those of the first half", || {
        let now = Holdings::now();
        now.descriptors <= before.descriptors && now.threads <= before.threads
    });
    let grown = Holdings::now().memory.saturating_sub(before.memory) / (MOCKS / 2);
    assert!(grown < BYTES_EACH, "the process grew by {grown} bytes a mock");
}

/// What a process has.
struct Holdings {
    descriptors: usize,
    threads: usize,
    /// The resident memory in bytes.
    memory: usize,
}

impl Holdings {
    fn now() -> Self {
        let entries = |path: &str| std::fs::read_dir(path).unwrap().count();
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
        Holdings {
            descriptors: entries("/proc/self/fd"),
            threads: entries("/proc/self/task"),
            memory: resident.unwrap().parse::<usize>().unwrap() * 1024,
        }
    }
}

/// Opens a connection that resets when it is dropped, because the ports of thousands of closed connections would be
/// used up for a minute.
fn connected(mock: &GlacierMock) -> TcpStream {
    let stream = TcpStream::connect(mock.address()).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    stream
}

fn sent(mock: &GlacierMock, bytes: &[u8]) -> TcpStream {
    let mut stream = connected(mock);
    stream.write_all(bytes).unwrap();
    stream
}

/// One request waits for an answer that never comes, another for the end of its body.
#[test]
fn requests() {
    leaves_nothing("dropped_in_flight::requests", || {
        let mock = GlacierMock::builder().log(false).start();
        mock.create_vault("v");
        mock.fault(Operation::ListVaults).never_answers();
        let hash = sha256(b"0123456789");
        let headers = [("x-amz-content-sha256", &*hash), ("x-amz-sha256-tree-hash", &*hash)];
        let mut upload = request("POST", "/-/vaults/v/archives", &headers, b"0123456789");
        upload.truncate(upload.len() - 5);
        let streams = [sent(&mock, &request("GET", "/-/vaults", &[], b"")), sent(&mock, &upload)];
        until("both requests are on record", || mock.requests().len() == 2);
        drop(mock);
        drop(streams);
    });
}

/// A reader of the control API follows the requests.
#[cfg(feature = "standalone")]
#[test]
fn streams() {
    use std::io::Read as _;
    leaves_nothing("dropped_in_flight::streams", || {
        let mock = GlacierMock::builder().log(false).control_api(true).start();
        let mut stream = sent(&mock, b"GET /_glacier-mock/v1/requests/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
        let mut first = [0; 15];
        stream.read_exact(&mut first).unwrap();
        assert_eq!(&first, b"HTTP/1.1 200 OK");
        drop(sent(&mock, &request("GET", "/-/vaults", &[], b"")));
        drop(mock);
        drop(stream);
    });
}

/// The test waits for a call and for a notification that do not come.
#[test]
fn waits() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _entered = runtime.enter();
    leaves_nothing("dropped_in_flight::waits", || {
        let mock = GlacierMock::builder().log(false).start();
        let (call, notification) = (pin!(mock.wait_for(Operation::CreateVault)), pin!(mock.wait_for_notification()));
        let mut context = Context::from_waker(Waker::noop());
        assert!(call.poll(&mut context).is_pending() && notification.poll(&mut context).is_pending());
        drop(mock);
    });
}

/// A callback runs when the drop begins.
#[test]
fn callbacks() {
    leaves_nothing("dropped_in_flight::callbacks", || {
        let mock = GlacierMock::builder().log(false).start();
        mock.create_vault("v")
            .set_notifications("arn:aws:sns:us-east-1:000000000000:t", ["InventoryRetrievalCompleted"]);
        let ((began, begins), (goes_on, go_on)) = (mpsc::channel(), mpsc::channel::<()>());
        let go_on = std::sync::Mutex::new(go_on);
        mock.on_notification(move |_| {
            began.send(()).unwrap();
            go_on.lock().unwrap().recv_timeout(TIMEOUT).unwrap();
        });
        let job = request("POST", "/-/vaults/v/jobs", &[], br#"{"Type":"inventory-retrieval"}"#);
        let stream = sent(&mock, &job);
        begins.recv_timeout(TIMEOUT).unwrap();
        // The drop waits for the callback, which may panic.
        goes_on.send(()).unwrap();
        drop(mock);
        drop(stream);
    });
}

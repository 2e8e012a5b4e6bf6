//! Resets, removed requests and dropped mocks, while requests, waits, faults and callbacks are in flight.

use std::io::Write as _;
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use glacier_mock::{Clock, GlacierMock, JobTiming, MIB, Operation};

use crate::support::{HOUR, TIMEOUT, until};

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:done";

/// Requests that were removed from the record while they were in flight end no wait.
#[tokio::test]
async fn a_wait_does_not_count_requests_that_were_removed_from_the_record() {
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).start();
    let glacier = mock.client();
    glacier.list_vaults().send().await.unwrap();
    let both = tokio::spawn(mock.wait_for(Operation::ListVaults).at_least(2).within(TIMEOUT));
    mock.fault(Operation::ListVaults).delayed(HOUR);
    let delayed = glacier.clone();
    let call = tokio::spawn(async move { delayed.list_vaults().send().await });
    mock.wait_for(Operation::ListVaults).at_least(2).arrived().within(TIMEOUT).await;
    mock.forget_requests();
    let next = tokio::spawn(mock.wait_for(Operation::ListVaults).within(TIMEOUT));
    mock.clock().advance(HOUR);
    call.await.unwrap().unwrap();
    glacier.list_vaults().send().await.unwrap();
    assert_eq!(next.await.unwrap().only().number(), 1);
    glacier.list_vaults().send().await.unwrap();
    both.await.unwrap().assert_count(2);
}

/// The end of the delay was computed before the clock went back.
#[tokio::test]
async fn a_reset_ends_the_delays_of_requests_in_flight() {
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).start();
    mock.clock().advance(10 * HOUR);
    mock.fault(Operation::ListVaults).delayed(Duration::from_secs(1));
    let glacier = mock.client();
    let call = tokio::spawn(async move { glacier.list_vaults().send().await });
    mock.wait_for(Operation::ListVaults).arrived().within(TIMEOUT).await;
    mock.reset();
    tokio::time::timeout(TIMEOUT, call).await.expect("the delay goes on after the reset").unwrap().unwrap();
}

/// Lets a test observe when a closure that captured it is dropped.
fn witness() -> (Arc<()>, Weak<()>) {
    let witness = Arc::new(());
    let seen = Arc::downgrade(&witness);
    (witness, seen)
}

#[test]
fn a_callback_that_captures_a_handle_is_dropped_with_the_mock() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    let (witness, seen) = witness();
    mock.on_notification(move |_| drop((vault.exists(), witness.clone())));
    drop(mock);
    assert!(seen.upgrade().is_none());
}

/// A mock that refuses all connections keeps nothing alive after its drop.
#[test]
fn an_unreachable_mock_is_freed_when_it_is_dropped() {
    let mock = GlacierMock::unreachable();
    let (witness, seen) = witness();
    struct Bytes(Arc<()>);
    impl AsRef<[u8]> for Bytes {
        fn as_ref(&self) -> &[u8] {
            let _ = &self.0;
            b"bytes"
        }
    }
    mock.expect(Operation::ListVaults).matching(move |_| Arc::strong_count(&witness) > 0).never();
    let (archive, stored) = self::witness();
    mock.create_vault("v").put_archive("a", bytes::Bytes::from_owner(Bytes(archive)));
    drop(mock);
    until("the mock is freed", || seen.upgrade().is_none() && stored.upgrade().is_none());
}

/// A value that a closure captured may use the mock when it is dropped.
#[test]
fn a_reset_drops_closures_without_a_lock() {
    struct UsesTheMock(Arc<Mutex<Option<glacier_mock::Vault>>>);
    impl Drop for UsesTheMock {
        fn drop(&mut self) {
            if let Some(vault) = &*self.0.lock().unwrap() {
                assert!(!vault.exists());
            }
        }
    }
    let mock = GlacierMock::start();
    let vault = Arc::new(Mutex::new(Some(mock.vault("never-created"))));
    let captured = [(); 3].map(|()| UsesTheMock(vault.clone()));
    let [callback, expectation, fault] = captured;
    mock.on_notification(move |_| drop(callback.0.lock()));
    mock.expect(Operation::ListVaults).matching(move |_| expectation.0.lock().is_ok()).once();
    mock.fault(Operation::ListVaults).matching(move |_| fault.0.lock().is_ok()).throttled();
    let (done, finished) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        mock.reset();
        done.send(()).unwrap();
    });
    finished.recv_timeout(TIMEOUT).expect("the reset waits for a lock that it holds");
    vault.lock().unwrap().take();
}

/// The request fulfils the fault after the reset, when the fault has no effect any more.
#[test]
fn a_fault_from_before_a_reset_is_not_verified_after_it() {
    let mock = GlacierMock::start();
    mock.create_vault("v");
    mock.fault(Operation::UploadArchive).resets_after(MIB);
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    let head = "POST /-/vaults/v/archives HTTP/1.1\r\nhost: x\r\nx-amz-glacier-version: 2012-06-01\r\ncontent-length: 10\r\n\r\n";
    stream.write_all(format!("{head}12345").as_bytes()).unwrap();
    mock.wait_for(Operation::UploadArchive).arrived().within(TIMEOUT).blocking();
    until("the fault fired", || mock.requests().iter().any(|request| request.fault().is_some()));
    let request = mock.requests()[0].clone();
    mock.reset();
    stream.write_all(b"67890").unwrap();
    until("the request ends", || request.has_ended());
    mock.verify();
}

#[test]
fn callbacks_from_before_a_reset_do_not_run_after_it() {
    let mock = GlacierMock::builder().jobs(JobTiming::manual()).start();
    let vault = mock.create_vault("v").set_notifications(TOPIC, ["ArchiveRetrievalCompleted"]);
    let archive = vault.put_archive("a", b"a");
    let jobs = [(); 2].map(|()| vault.start_retrieval(&archive));
    let calls = Arc::new(AtomicUsize::new(0));
    let mock = Arc::new(mock);
    let (resetting, counted) = (Arc::downgrade(&mock), calls.clone());
    mock.on_notification(move |_| resetting.upgrade().unwrap().reset());
    mock.on_notification(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
    });
    jobs[0].complete();
    assert_eq!(calls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_reset_restarts_the_request_ids() {
    let mock = GlacierMock::builder().seed(5).start();
    let glacier = mock.client();
    let mut ids = Vec::new();
    for _ in 0..2 {
        glacier.list_vaults().send().await.unwrap();
        ids.push(mock.requests().only().request_id().to_owned());
        mock.reset();
    }
    assert_eq!(ids[0], ids[1]);
}

#[tokio::test]
async fn overlapping_outages_end_with_the_last_of_them() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    let (first, second) = (mock.outage(), mock.outage());
    first.end();
    assert!(glacier.list_vaults().send().await.is_err());
    second.end();
    glacier.list_vaults().send().await.unwrap();
}

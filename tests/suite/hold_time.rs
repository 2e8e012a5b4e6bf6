//! `GlacierMock::hold_time`, which keeps paused time from jumping while an HTTP client of the test waits for the mock.

use std::time::Duration;

use glacier_mock::{GlacierMock, Operation};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::support::{HOUR, TIMEOUT, request};

const CALL: Duration = Duration::from_secs(30);

/// An HTTP client of the test: its requests have no headers of an SDK. Returns the status.
async fn list_vaults(mock: &GlacierMock) -> u16 {
    let mut socket = TcpStream::connect(mock.address()).await.unwrap();
    socket.write_all(&request("GET", "/-/vaults", &[("Connection", "close")], b"")).await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.ends_with('}'), "{answer}");
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Runs a test in a runtime with paused time. Panics if it does not end, as it does if time is held for ever.
fn with_paused_time<F: Future<Output = ()>>(test: impl FnOnce() -> F + Send + 'static) {
    let (done, is_done) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(test());
        drop(runtime);
        done.send(()).unwrap();
    });
    if let Err(std::sync::mpsc::RecvTimeoutError::Timeout) = is_done.recv_timeout(TIMEOUT) {
        panic!("time was held for ever");
    }
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
}

/// The delay in wall time makes sure that the runtime is idle while it waits for the response.
#[test]
fn a_timeout_around_a_held_request_does_not_fire() {
    with_paused_time(async || {
        let mock = GlacierMock::start();
        mock.fault(Operation::ListVaults).times(1).in_wall_time().delayed(Duration::from_millis(50));
        let started = Instant::now();
        assert_eq!(timeout(CALL, mock.hold_time(list_vaults(&mock))).await, Ok(200));
        assert_eq!(started.elapsed(), Duration::ZERO);
        // Time passes again, and other timers fire.
        timeout(CALL, sleep(HOUR)).await.unwrap_err();
        assert_eq!(started.elapsed(), CALL);
    });
}

/// What the hold is for. The timeout fires while the runtime is idle, which may be before the request arrives.
#[test]
fn a_timeout_around_a_request_that_is_not_held_fires() {
    with_paused_time(async || {
        let mock = GlacierMock::start();
        mock.fault(Operation::ListVaults).optional().in_wall_time().delayed(HOUR);
        timeout(CALL, list_vaults(&mock)).await.unwrap_err();
    });
}

#[test]
fn a_delay_of_a_held_request_passes_in_paused_time() {
    with_paused_time(async || {
        let mock = GlacierMock::start();
        mock.fault(Operation::ListVaults).times(1).delayed(HOUR);
        mock.fault(Operation::ListVaults).times(1).answer_delayed(HOUR);
        let started = Instant::now();
        for hour in 1..=2 {
            assert_eq!(timeout(HOUR + CALL, mock.hold_time(list_vaults(&mock))).await, Ok(200));
            let took = started.elapsed();
            assert!((hour * HOUR..hour * HOUR + CALL).contains(&took), "{took:?}");
        }
        // The next request is held again.
        mock.fault(Operation::ListVaults).times(1).in_wall_time().delayed(Duration::from_millis(50));
        assert_eq!(timeout(CALL, mock.hold_time(list_vaults(&mock))).await, Ok(200));
    });
}

#[test]
fn a_timeout_fires_around_a_held_request_without_an_answer() {
    with_paused_time(async || {
        let mock = GlacierMock::start();
        mock.fault(Operation::ListVaults).times(1).never_answers();
        let started = Instant::now();
        timeout(CALL, mock.hold_time(list_vaults(&mock))).await.unwrap_err();
        assert_eq!(started.elapsed(), CALL);
        // A retry is held, although the server may not have noticed the end of the first connection.
        mock.fault(Operation::ListVaults).times(1).in_wall_time().delayed(Duration::from_millis(50));
        assert_eq!(timeout(CALL, mock.hold_time(list_vaults(&mock))).await, Ok(200));
    });
}

/// The client gives up during a delay. Its request is not applied later.
#[test]
fn a_held_request_that_was_given_up_does_not_reach_the_service() {
    with_paused_time(async || {
        let mock = GlacierMock::start();
        mock.fault(Operation::CreateVault).times(1).delayed(HOUR);
        let create = async {
            let mut socket = TcpStream::connect(mock.address()).await.unwrap();
            socket.write_all(&request("PUT", "/-/vaults/v", &[], b"")).await.unwrap();
            socket.read_u8().await.unwrap();
        };
        timeout(CALL, mock.hold_time(create)).await.unwrap_err();
        sleep(2 * HOUR).await;
        // The server has handled what came before this request.
        assert_eq!(mock.hold_time(list_vaults(&mock)).await, 200);
        assert!(!mock.vault("v").exists());
    });
}

/// A slow body releases the hold once for each pause.
#[test]
fn a_slow_body_of_a_held_request_passes_in_paused_time() {
    with_paused_time(async || {
        let mock = GlacierMock::start();
        mock.create_vault("v");
        mock.fault(Operation::ListVaults).times(1).dribbles(1);
        let started = Instant::now();
        assert_eq!(timeout(2 * HOUR, mock.hold_time(list_vaults(&mock))).await, Ok(200));
        let took = started.elapsed();
        assert!((Duration::from_secs(60)..HOUR).contains(&took), "{took:?}");
    });
}

#[test]
fn a_timeout_fires_around_a_held_request_whose_body_stalls() {
    with_paused_time(async || {
        let mock = GlacierMock::start();
        mock.fault(Operation::ListVaults).times(1).stalls_after(3);
        let started = Instant::now();
        timeout(CALL, mock.hold_time(list_vaults(&mock))).await.unwrap_err();
        assert_eq!(started.elapsed(), CALL);
    });
}

/// The mock's own client has a hold for each request. A hold around it does not stop time for ever.
#[test]
fn a_hold_around_the_mocks_own_client_is_released_too() {
    with_paused_time(async || {
        let mock = GlacierMock::start();
        let glacier = mock.client();
        mock.fault(Operation::ListVaults).times(1).delayed(HOUR);
        let started = Instant::now();
        timeout(2 * HOUR, mock.hold_time(glacier.list_vaults().send())).await.unwrap().unwrap();
        assert!(started.elapsed() >= HOUR);
    });
}

/// A delay releases both holds, and a longer one still does when a shorter one is over. The second request may arrive after
/// the delay of the first.
#[test]
fn several_held_requests_are_delayed_together() {
    with_paused_time(async || {
        let mock = GlacierMock::start();
        mock.fault(Operation::ListVaults).times(1).delayed(HOUR);
        mock.fault(Operation::ListVaults).times(1).delayed(2 * HOUR);
        let started = Instant::now();
        let (first, second) = tokio::join!(mock.hold_time(list_vaults(&mock)), mock.hold_time(list_vaults(&mock)));
        assert_eq!((first, second), (200, 200));
        let took = started.elapsed();
        assert!((2 * HOUR..3 * HOUR + CALL).contains(&took), "{took:?}");
    });
}

/// Without paused time, the future just runs.
#[tokio::test]
async fn running_time_is_not_held() {
    let mock = std::sync::Arc::new(GlacierMock::start());
    let held = mock.hold_time({
        let mock = mock.clone();
        async move {
            sleep(Duration::from_millis(1)).await;
            list_vaults(&mock).await
        }
    });
    // The future owns what it needs, so it can be spawned.
    assert_eq!(tokio::spawn(held).await.unwrap(), 200);
}

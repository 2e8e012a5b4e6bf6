//! Outages, and mocks that are unreachable from the start.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use glacier_mock::{GlacierMock, Operation};

use super::{assert_broken, one_attempt, vaults};
use crate::support::request;

fn refused(mock: &GlacierMock) -> bool {
    TcpStream::connect(mock.address()).is_err_and(|error| error.kind() == ErrorKind::ConnectionRefused)
}

/// Both a raw socket and the SDK are refused. After the outage the mock has the same port and state.
#[tokio::test]
async fn an_outage_refuses_connections_and_keeps_the_port_and_the_state() {
    let mock = GlacierMock::start();
    let glacier = one_attempt(&mock);
    let address = mock.address();
    glacier.create_vault().vault_name("a").send().await.unwrap();
    for _ in 0..3 {
        let outage = mock.outage();
        assert!(refused(&mock));
        assert_broken(glacier.create_vault().vault_name("b").send().await);
        // No other socket can bind the port.
        assert!(TcpListener::bind(address).is_err());
        outage.end();
        assert_eq!(mock.address(), address);
        glacier.describe_vault().vault_name("a").send().await.unwrap();
    }
    assert_eq!(vaults(&mock), 1);
    mock.calls(Operation::CreateVault).assert_count(1);
}

/// An idle connection and one with a request in flight both end without a response.
#[test]
fn an_outage_resets_open_connections() {
    let mock = GlacierMock::start();
    mock.fault(Operation::ListVaults).never_answers();
    let list = request("GET", "/-/vaults", &[], b"");
    let mut idle = TcpStream::connect(mock.address()).unwrap();
    let mut busy = TcpStream::connect(mock.address()).unwrap();
    busy.write_all(&list).unwrap();
    mock.wait_for(Operation::ListVaults).within(std::time::Duration::from_secs(30)).blocking().assert_count(1);
    let outage = mock.outage();
    for stream in [&mut idle, &mut busy] {
        // The connection may be closed already, so writing may fail.
        let _ = stream.write_all(&list);
        let mut seen = Vec::new();
        let end = stream.read_to_end(&mut seen);
        assert!(seen.is_empty(), "{end:?} {}", String::from_utf8_lossy(&seen));
    }
    drop(outage);
    assert_eq!(crate::support::raw(&mock, &list).status, 200);
    mock.calls(Operation::ListVaults).assert_count(2);
}

/// The code retries until the outage has ended.
#[tokio::test]
async fn code_that_retries_survives_an_outage() {
    let mock = GlacierMock::start();
    let glacier = one_attempt(&mock);
    let (mut outage, mut failures) = (Some(mock.outage()), 0);
    while glacier.create_vault().vault_name("a").send().await.is_err() {
        failures += 1;
        assert!(failures <= 3, "the outage has ended, but the call failed");
        if failures == 3 {
            outage.take();
        }
    }
    assert_eq!((failures, vaults(&mock)), (3, 1));
}

#[tokio::test]
async fn an_unreachable_mock_refuses_connections() {
    let mock = GlacierMock::unreachable();
    assert!(refused(&mock));
    assert_broken(mock.client().list_vaults().send().await);
    assert!(TcpListener::bind(mock.address()).is_err());
    assert!(mock.requests().is_empty());
    // A test can arrange and read its state.
    mock.create_vault("a");
    assert_eq!(vaults(&mock), 1);
}

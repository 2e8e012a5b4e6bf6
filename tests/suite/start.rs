//! Starting and dropping a mock, with and without a runtime.

use std::net::{Ipv4Addr, TcpListener, TcpStream};

use glacier_mock::{Account, GlacierMock, Operation};

use crate::support::{panic_message, raw, request};

#[test]
fn a_mock_starts_in_a_plain_test() {
    let mock = GlacierMock::start();
    let response = raw(&mock, &request("PUT", "/-/vaults/v", &[], b""));
    assert_eq!(response.status, 201);
    mock.assert_sequence([Operation::CreateVault]);
}

#[tokio::test(flavor = "current_thread")]
async fn a_mock_starts_in_a_current_thread_runtime() {
    let mock = GlacierMock::start();
    mock.client().create_vault().vault_name("v").send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mock_starts_in_a_multi_thread_runtime() {
    let mock = GlacierMock::start();
    mock.client().create_vault().vault_name("v").send().await.unwrap();
}

/// The test's only thread is blocked until the child process exits.
#[cfg(unix)]
#[tokio::test(flavor = "current_thread")]
async fn a_mock_answers_while_the_only_thread_is_blocked() {
    let mock = GlacierMock::start();
    let script = format!(
        "exec 3<>/dev/tcp/127.0.0.1/{}; printf 'GET /-/vaults HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\
         x-amz-glacier-version: 2012-06-01\\r\\n\\r\\n' >&3; cat <&3",
        mock.address().port()
    );
    let output = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.ends_with(r#"{"Marker":null,"VaultList":[]}"#), "{text}");
}

/// Uses an address on which only this test listens. On 127.0.0.1 the system could give the closed port to a mock of
/// another test, which would accept the connection. Only Linux has other loopback addresses by default.
#[test]
fn the_port_refuses_connections_after_the_drop() {
    let host = if cfg!(target_os = "linux") { Ipv4Addr::new(127, 71, 108, 97) } else { Ipv4Addr::LOCALHOST };
    // Windows tries for two seconds to connect to a closed port.
    for _ in 0..if cfg!(windows) { 3 } else { 50 } {
        let mock = GlacierMock::builder().host(host).start();
        let address = mock.address();
        drop(TcpStream::connect(address).unwrap());
        drop(mock);
        let refused = TcpStream::connect(address).unwrap_err();
        assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    }
}

/// With SO_REUSEPORT, another program of the same user could share the port and receive half of the connections.
#[cfg(unix)]
#[test]
fn no_other_socket_can_share_the_port() {
    use socket2::{Domain, Socket, Type};
    let bind = |mock: &GlacierMock| {
        let other = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        other.set_reuse_port(true).unwrap();
        other.set_reuse_address(true).unwrap();
        other.bind(&mock.address().into()).and_then(|()| other.listen(8))
    };
    let (_, chosen) = on_a_chosen_port();
    for mock in [GlacierMock::start(), chosen] {
        for _ in 0..3 {
            assert_eq!(bind(&mock).unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
            let outage = mock.outage();
            if cfg!(target_os = "linux") {
                assert_eq!(bind(&mock).unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
            }
            outage.end();
            assert_eq!(raw(&mock, &request("GET", "/-/vaults", &[], b"")).status, 200);
        }
    }
}

#[test]
fn dropping_the_mock_closes_open_connections() {
    use std::io::Read;
    let mock = GlacierMock::start();
    let mut idle = TcpStream::connect(mock.address()).unwrap();
    assert_eq!(raw(&mock, &request("GET", "/-/vaults", &[], b"")).status, 200);
    drop(mock);
    // Blocks until the server closes the connection, with or without a reset.
    assert!(matches!(idle.read(&mut [0]), Ok(0) | Err(_)));
}

#[tokio::test]
async fn two_mocks_share_no_state() {
    let (one, two) = (GlacierMock::start(), GlacierMock::start());
    one.client().create_vault().vault_name("v").send().await.unwrap();
    assert!(two.client().list_vaults().send().await.unwrap().vault_list().is_empty());
    assert_eq!((one.requests().len(), two.requests().len()), (1, 1));
}

/// Another process can take a port of portpicker before the mock binds it. In that case this tries another port.
fn on_a_chosen_port() -> (u16, GlacierMock) {
    for _ in 0..100 {
        let port = portpicker::pick_unused_port().expect("expected a free port");
        match GlacierMock::builder().port(port).try_start() {
            Ok(mock) => return (port, mock),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse),
        }
    }
    panic!("100 ports in a row were already in use");
}

#[test]
fn a_port_can_be_chosen() {
    let (port, mock) = on_a_chosen_port();
    assert_eq!(mock.endpoint(), format!("http://127.0.0.1:{port}"));
}

#[test]
fn a_port_in_use_is_an_error_with_advice() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = GlacierMock::builder().port(port).try_start().unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    let text = panic_message(|| drop(GlacierMock::builder().port(port).start()));
    assert!(text.contains(&port.to_string()) && text.contains("Leave out `.port(..)`"), "{text}");
}

#[test]
fn an_address_of_another_machine_is_an_error_without_advice_about_ports() {
    let host = Ipv4Addr::new(192, 0, 2, 1);
    let text = panic_message(|| drop(GlacierMock::builder().host(host).start()));
    assert!(text.contains("cannot listen on 192.0.2.1:0") && !text.contains("port("), "{text}");
}

#[test]
fn the_builder_sets_account_and_region() {
    let mock = GlacierMock::builder().account(Account::new("111122223333")).region("eu-west-1").start();
    let created = raw(&mock, &request("PUT", "/-/vaults/v", &[], b""));
    assert_eq!(created.header("location"), Some("/111122223333/vaults/v"));
    let described = raw(&mock, &request("GET", "/111122223333/vaults/v", &[], b""));
    assert!(described.text().contains("arn:aws:glacier:eu-west-1:111122223333:vaults/v"), "{}", described.text());
}

#[test]
fn two_runs_with_one_seed_create_the_same_ids() {
    let ids = |seed| {
        let mock = GlacierMock::builder().seed(seed).start();
        raw(&mock, &request("PUT", "/-/vaults/v", &[], b""));
        let job = raw(&mock, &request("POST", "/-/vaults/v/jobs", &[], br#"{"Type":"inventory-retrieval"}"#));
        [job.header("x-amz-job-id"), job.header("x-amzn-requestid")].map(|id| id.unwrap().to_owned())
    };
    assert_eq!(ids(7), ids(7));
    assert_ne!(ids(7), ids(8));
}

#[test]
fn an_invalid_account_number_panics_with_advice() {
    let text = panic_message(|| _ = Account::new("42"));
    assert!(text.contains("expected 12 digits"), "{text}");
}

/// No client can connect to the address "all addresses" on every system.
#[test]
fn a_mock_on_all_addresses_has_a_loopback_endpoint() {
    let mock = GlacierMock::builder().host(Ipv4Addr::UNSPECIFIED).start();
    let port = mock.address().port();
    assert_eq!(mock.address().ip(), Ipv4Addr::UNSPECIFIED);
    assert_eq!(mock.endpoint(), format!("http://127.0.0.1:{port}"));
    let environment = mock.env();
    let value = |wanted: &str| environment.iter().find(|(name, _)| *name == wanted).unwrap().1.as_str();
    assert_eq!(value("AWS_ENDPOINT_URL"), mock.endpoint());
    assert!(value("NO_PROXY").split(',').any(|host| host == "127.0.0.1"));
    // A machine may have no IPv6.
    if let Ok(mock) = GlacierMock::builder().host(std::net::Ipv6Addr::UNSPECIFIED).try_start() {
        assert_eq!(mock.endpoint(), format!("http://[::1]:{}", mock.address().port()));
    }
}

#[test]
fn a_stalled_upload_needs_a_time_above_zero() {
    let text = panic_message(|| drop(GlacierMock::builder().stalled_upload_after(std::time::Duration::ZERO)));
    assert!(text.starts_with("invalid time of a stalled upload: it is zero"), "{text}");
}

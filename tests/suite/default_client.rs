//! The HTTP client of the mock's SDK client does what the SDK's default one does when connections fail. Both call a
//! server of the test, so that the mock's own conduct has no part in it.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::config::timeout::TimeoutConfig;
use aws_sdk_glacier::config::{Builder, SharedHttpClient};
use aws_sdk_glacier::error::{DisplayErrorContext, SdkError};
use glacier_mock::GlacierMock;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 34\r\n\r\n{\"Marker\": null, \"VaultList\": [ ]}";
const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 2\r\n\r\n{}";

/// What the server answers to each request. `None` closes the connection without an answer. The server keeps the
/// connection after a complete response, and answers later requests with success.
type Script = &'static [Option<&'static str>];

/// A server whose answers are those of a script, over all connections. It counts the requests of each connection.
struct Server {
    address: String,
    counts: Arc<Mutex<Vec<usize>>>,
}

impl Server {
    fn start(script: Script, closes_when_idle: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let counts = Arc::new(Mutex::new(Vec::new()));
        let (counted, answers) = (counts.clone(), Arc::new(Mutex::new(script.iter())));
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let index = {
                    let mut counted = counted.lock().unwrap();
                    counted.push(0);
                    counted.len() - 1
                };
                let (counted, answers) = (counted.clone(), answers.clone());
                std::thread::spawn(move || {
                    while receive(&mut connection) {
                        counted.lock().unwrap()[index] += 1;
                        let answer = answers.lock().unwrap().next().copied().unwrap_or(Some(OK));
                        let Some(answer) = answer else { return };
                        connection.write_all(answer.as_bytes()).unwrap();
                        if closes_when_idle || ![OK, BUSY].contains(&answer) {
                            return;
                        }
                    }
                });
            }
        });
        Server { address, counts }
    }
}

/// Reads the head of a request without a body. Returns `false` if the connection ends before it.
fn receive(connection: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match connection.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return false,
        }
    }
    true
}

/// Calls twice, and describes how each call ended.
async fn outcomes(config: Builder) -> Vec<String> {
    let glacier = Client::from_conf(config.build());
    let mut outcomes = Vec::new();
    for _ in 0..2 {
        outcomes.push(match glacier.list_vaults().send().await {
            Ok(_) => "ok".to_owned(),
            Err(SdkError::DispatchFailure(failure)) => {
                let connector = failure.as_connector_error().unwrap();
                format!(
                    "timeout {}, io {}, user {}, other {:?}",
                    connector.is_timeout(),
                    connector.is_io(),
                    connector.is_user(),
                    connector.is_other().then(|| connector.as_other())
                )
            }
            Err(SdkError::ServiceError(error)) => format!("status {}", error.raw().status()),
            Err(error @ SdkError::ResponseError(_)) => format!("response: {}", DisplayErrorContext(error)),
            Err(error) => panic!("{}", DisplayErrorContext(error)),
        });
    }
    outcomes
}

fn default_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new().pool_idle_timeout(None).build_http()
}

/// Returns the outcomes and the requests of each connection, with the client of the mock and with the default one.
async fn both(script: Script, closes_when_idle: bool) -> [(Vec<String>, Vec<usize>); 2] {
    let mut both = Vec::new();
    for is_default in [false, true] {
        let (mock, server) = (GlacierMock::start(), Server::start(script, closes_when_idle));
        let mut config = mock.glacier_config().endpoint_url(&server.address);
        if is_default {
            config = config.http_client(default_client());
        }
        let outcomes = outcomes(config).await;
        let counts = server.counts.lock().unwrap().clone();
        both.push((outcomes, counts));
    }
    both.try_into().unwrap()
}

#[tokio::test]
async fn errors_are_retried_as_with_the_default_client() {
    const HALF: Option<&str> = Some("HTTP/1.1 200 OK\r\ncontent-le");
    const SHORT: Option<&str> = Some("HTTP/1.1 200 OK\r\ncontent-length: 34\r\n\r\n{");
    const GARBAGE: Option<&str> = Some("not HTTP\r\n\r\n");
    let scripts: [(Script, &[usize]); 7] = [
        (&[], &[2]),
        // The SDK does not use a connection again after a transient error.
        (&[Some(BUSY)], &[1, 2]),
        (&[Some(BUSY), Some(BUSY), Some(BUSY)], &[1, 1, 1, 1]),
        (&[None, None, None, None], &[1, 1, 1, 1, 1]),
        (&[HALF], &[1, 2]),
        (&[SHORT], &[1, 2]),
        (&[GARBAGE], &[1, 1]),
    ];
    for (script, counts) in scripts {
        let [own, default] = both(script, false).await;
        assert_eq!(own, default, "{script:?}");
        assert_eq!(own.1, counts, "{script:?}: {own:?}");
    }
}

#[tokio::test]
async fn a_connection_that_the_server_closed_is_replaced_without_an_error() {
    for _ in 0..20 {
        let [own, default] = both(&[], true).await;
        assert_eq!(own, default);
        assert_eq!(own, (vec!["ok".to_owned(); 2], vec![1, 1]));
    }
}

#[tokio::test]
async fn refused_connections_and_timeouts_are_classified_as_with_the_default_client() {
    let refused = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let mock = GlacierMock::start();
    let timeouts = TimeoutConfig::builder().read_timeout(Duration::from_millis(20)).build();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let listens = format!("http://{}", listener.local_addr().unwrap());
    for (address, expected) in [(&refused, "timeout false, io true"), (&listens, "timeout true, io false")] {
        let config = || mock.glacier_config().endpoint_url(address).timeout_config(timeouts.clone());
        let own = outcomes(config()).await;
        assert_eq!(own, outcomes(config().http_client(default_client())).await, "{address}");
        assert!(own.iter().all(|outcome| outcome.starts_with(expected)), "{own:?}");
    }
}

/// The kernel completes connections that wait to be accepted, up to the length of the queue.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_connection_that_takes_too_long_is_a_timeout() {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.bind(&std::net::SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let _fill = TcpStream::connect(address).unwrap();
    let mock = GlacierMock::start();
    let timeouts = TimeoutConfig::builder().connect_timeout(Duration::from_millis(20)).build();
    let config = || mock.glacier_config().endpoint_url(format!("http://{address}")).timeout_config(timeouts.clone());
    let own = outcomes(config()).await;
    assert_eq!(own, outcomes(config().http_client(default_client())).await);
    assert!(own.iter().all(|outcome| outcome.starts_with("timeout true")), "{own:?}");
}

#[tokio::test]
async fn an_endpoint_with_tls_is_refused_with_the_reason() {
    let mock = GlacierMock::start();
    let config = mock.glacier_config().endpoint_url("https://localhost:1").build();
    let text = DisplayErrorContext(Client::from_conf(config).list_vaults().send().await.unwrap_err()).to_string();
    assert!(text.contains("cannot request https://localhost:1/-/vaults: it has no TLS"), "{text}");
}

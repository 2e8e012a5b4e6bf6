//! Measures requests without data: their processor time in the server, and the throughput with 64 connections.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::client::{Client, head, upload};
use crate::contestants::in_a_test;
use crate::measure::{Served, least, line, median, us};

/// The first one is the lower bound.
const WHO: [&str; 4] = ["axum", "glacier-mock", "wiremock", "httpmock"];

/// The number of requests in a slice, which is so short that other programs do not run during most slices.
const REQUESTS: usize = 250;

const ROUNDS: usize = 40;

const CONNECTIONS: usize = 64;

/// A request of each operation, for a mock that has a vault with one archive and one job.
struct Requests(Vec<(&'static str, Vec<u8>)>);

impl Requests {
    fn new(job: &str, archive: &str) -> Self {
        let parameters = format!(r#"{{"Type":"archive-retrieval","ArchiveId":"{archive}"}}"#);
        let mut initiate = head("POST", "/-/vaults/photos/jobs", parameters.len(), "");
        initiate.extend_from_slice(parameters.as_bytes());
        Requests(vec![
            ("CreateVault", head("PUT", "/-/vaults/photos", 0, "")),
            ("DescribeVault", head("GET", "/-/vaults/photos", 0, "")),
            ("ListVaults", head("GET", "/-/vaults", 0, "")),
            ("InitiateJob", initiate),
            ("DescribeJob", head("GET", &format!("/-/vaults/photos/jobs/{job}"), 0, "")),
        ])
    }

    /// Creates what the requests ask for. Servers that answer with a constant get the same bytes.
    fn arranged(server: &Served, who: &str) -> Self {
        if who != "glacier-mock" {
            return Requests::new(&"j".repeat(92), &"a".repeat(138));
        }
        let mut client = Client::connect(server.address);
        client.expect(201, &head("PUT", "/-/vaults/photos", 0, ""), b"");
        let stored = client.expect(201, &upload("/-/vaults/photos/archives", "POST", b"bytes", ""), b"bytes");
        let archive = stored.header("x-amz-archive-id");
        let started = client.expect(202, &Requests::new("", archive).0[3].1, b"");
        Requests::new(started.header("x-amz-job-id"), archive)
    }
}

pub(crate) fn all() {
    let servers: Vec<_> = WHO
        .into_iter()
        .map(|who| {
            let server = Served::start(who);
            let requests = Requests::arranged(&server, who);
            (who, server, requests)
        })
        .collect();
    for operation in 0..5 {
        let mut seen = vec![Vec::new(); WHO.len()];
        for _ in 0..ROUNDS {
            for ((_, server, requests), seen) in servers.iter().zip(&mut seen) {
                seen.push(cpu(server, &requests.0[operation].1));
            }
        }
        for ((who, _, requests), seen) in servers.iter().zip(seen) {
            line("small: server CPU per request", requests.0[operation].0, who, least(seen), "us");
        }
    }
    for operation in [1, 4] {
        let mut seen = vec![Vec::new(); 2];
        for _ in 0..ROUNDS {
            for ((_, server, requests), seen) in servers.iter().zip(&mut seen) {
                seen.push(throughput(server.address, &requests.0[operation].1));
            }
        }
        for ((who, _, requests), seen) in servers.iter().zip(seen) {
            line("small: 64 connections", requests.0[operation].0, who, median(seen), "requests/s");
        }
    }
}

/// Processor time of the server's threads for each request, in microseconds, with sequential requests on one
/// connection.
fn cpu(server: &Served, request: &[u8]) -> f64 {
    let mut client = Client::connect(server.address);
    assert!(client.send(request, b"").status() < 300);
    let before = server.cpu();
    for _ in 0..REQUESTS {
        client.send(request, b"");
    }
    us(server.cpu() - before) / REQUESTS as f64
}

/// Requests per second, with one request in flight on each connection.
fn throughput(address: SocketAddr, request: &[u8]) -> f64 {
    let window = Duration::from_millis(150);
    in_a_test(async {
        let end = Instant::now() + window;
        let clients: Vec<_> = (0..CONNECTIONS).map(|_| tokio::spawn(ask(address, request.to_vec(), end))).collect();
        let mut answered = 0;
        for client in clients {
            answered += client.await.unwrap();
        }
        answered as f64 / window.as_secs_f64()
    })
}

async fn ask(address: SocketAddr, request: Vec<u8>, end: Instant) -> usize {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut buffer, mut answered) = (vec![0; 16 * 1024], 0);
    while Instant::now() < end {
        stream.write_all(&request).await.unwrap();
        // Every contestant writes such a response with one system call.
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(buffer.starts_with(b"HTTP/1.1 20"), "{}", String::from_utf8_lossy(&buffer[..count]));
        answered += 1;
    }
    answered
}

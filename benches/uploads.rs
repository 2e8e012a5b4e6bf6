//! How fast uploads are stored, and in how much memory: `cargo bench --bench uploads`.
//!
//! Sends archives over a raw socket, so that no client's own work is in the figures, and reads the resident size of
//! this process from Linux. Prints a table; asserts nothing, because a busy machine is no defect.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use glacier_mock::GlacierMock;
use ring::digest::{Context, SHA256};

const MIB: usize = 1 << 20;

fn main() {
    let asked: Option<(usize, usize)> = std::env::var(ONE)
        .ok()
        .and_then(|one| one.split_once(' ').map(|(a, b)| (a.parse().unwrap(), b.parse().unwrap())));
    match asked {
        Some((size, count)) => measure(size, count),
        None => all(),
    }
}

/// Set in the process that measures one row: what an earlier row gave back to the allocator would spoil the next.
const ONE: &str = "GLACIER_MOCK_BENCH_ONE";

fn all() {
    println!("a plain SHA-256 of the same bytes: {:.0} MiB/s", hash_rate());
    println!("{:>10} {:>8} {:>10} {:>16}", "archive", "count", "MiB/s", "resident/stored");
    for (size, count) in [(1024, 20_000), (64 * 1024, 2_000), (MIB, 256), (64 * MIB, 8), (256 * MIB, 2)] {
        let mut row = std::process::Command::new(std::env::current_exe().unwrap());
        assert!(row.env(ONE, format!("{size} {count}")).status().unwrap().success());
    }
}

fn measure(size: usize, count: usize) {
    let body = vec![7_u8; size];
    let head = head(&body);
    let mock = GlacierMock::start();
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    // Or head and body wait for each other: Nagle and the delayed acknowledgement.
    stream.set_nodelay(true).unwrap();
    send(&mut stream, b"PUT /-/vaults/v HTTP/1.1\r\nhost: x\r\nx-amz-glacier-version: 2012-06-01\r\n\r\n", b"");
    let before = resident();
    let started = Instant::now();
    for _ in 0..count {
        send(&mut stream, head.as_bytes(), &body);
    }
    let rate = rate(size * count, started.elapsed());
    let grown = (resident() - before) as f64 / (size * count) as f64;
    println!("{:>10} {count:>8} {rate:>10.0} {grown:>16.2}", show(size));
}

fn show(size: usize) -> String {
    if size < MIB { format!("{} KiB", size / 1024) } else { format!("{} MiB", size / MIB) }
}

fn rate(bytes: usize, took: Duration) -> f64 {
    bytes as f64 / MIB as f64 / took.as_secs_f64()
}

fn hash_rate() -> f64 {
    let (body, started) = (vec![7_u8; MIB], Instant::now());
    let mut context = Context::new(&SHA256);
    for _ in 0..256 {
        context.update(&body);
    }
    context.finish();
    rate(256 * MIB, started.elapsed())
}

fn head(body: &[u8]) -> String {
    let hash = |bytes: &[u8]| ring::digest::digest(&SHA256, bytes).as_ref().to_vec();
    let mut level: Vec<_> = body.chunks(MIB).map(hash).collect();
    while level.len() > 1 {
        level =
            level.chunks(2).map(|pair| if pair.len() == 2 { hash(&pair.concat()) } else { pair[0].clone() }).collect();
    }
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!(
        "POST /-/vaults/v/archives HTTP/1.1\r\nhost: x\r\nx-amz-glacier-version: 2012-06-01\r\ncontent-length: {}\r\n\
         x-amz-content-sha256: {}\r\nx-amz-sha256-tree-hash: {}\r\n\r\n",
        body.len(),
        hex(&hash(body)),
        hex(&level[0])
    )
}

fn send(stream: &mut TcpStream, head: &[u8], body: &[u8]) {
    stream.write_all(head).unwrap();
    stream.write_all(body).unwrap();
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    while !seen.windows(4).any(|window| window == b"\r\n\r\n") {
        let count = stream.read(&mut buffer).unwrap();
        assert!(count > 0, "the mock closed the connection");
        seen.extend(&buffer[..count]);
    }
    assert!(seen.starts_with(b"HTTP/1.1 201"), "{}", String::from_utf8_lossy(&seen));
}

/// Bytes of this process that are in memory.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = status.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).unwrap_or(0);
    pages * 4096
}

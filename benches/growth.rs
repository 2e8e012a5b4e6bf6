//! Measures whether the cost of a request grows with what is stored: `cargo bench --bench growth`.
//!
//! Three mocks with a thousand, a hundred thousand and a million archives, and as many jobs, take turns, so that other
//! work of the machine affects all of them. Each figure is the best of many short rounds over a raw socket. The bench
//! prints a table and asserts nothing, because a busy machine is not a defect.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use glacier_mock::{ArchiveId, Digest, GlacierMock, JobTiming};

const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];
/// The number of requests in a round.
const BATCH: usize = 50;
const ROUNDS: usize = 40;
/// The number of archives whose IDs are kept, to delete and retrieve them.
const KEPT: usize = BATCH * ROUNDS + 1;

fn main() {
    let mut mocks: Vec<_> = SIZES.into_iter().map(Filled::new).collect();
    println!(
        "{:<44} {:>10} {:>10} {:>10} {:>7}",
        "us a request, by the number stored", "1,000", "100,000", "1,000,000", "ratio"
    );
    let archive = |mock: &mut Filled| mock.next_archive();
    row(&mut mocks, "DescribeVault", |_| get("/-/vaults/v"));
    row(&mut mocks, "UploadArchive", |_| upload());
    row(&mut mocks, "DeleteArchive", |mock| delete(&archive(mock)));
    row(&mut mocks, "InitiateJob, an archive", |mock| initiate_retrieval(&mock.first()));
    row(&mut mocks, "InitiateJob, the inventory", |_| initiate(INVENTORY));
    row(&mut mocks, "InitiateJob, half of the inventory", |mock| {
        let limit = mock.size / 2;
        initiate(&format!(
            r#"{{"Type":"inventory-retrieval","InventoryRetrievalParameters":{{"Limit":"{limit}","StartDate":"2000-01-01T00:00:00Z"}}}}"#
        ))
    });
    row(&mut mocks, "InitiateJob of the inventory, UploadArchive", |_| [initiate(INVENTORY), upload()].concat());
    row(&mut mocks, "DescribeJob, an archive", |mock| get(&format!("/-/vaults/v/jobs/{}", mock.retrieval)));
    row(&mut mocks, "DescribeJob, the inventory", |mock| get(&format!("/-/vaults/v/jobs/{}", mock.inventory)));
    row(&mut mocks, "ListJobs", |_| get("/-/vaults/v/jobs"));
    row(&mut mocks, "ListJobs, those that failed: two", |_| get("/-/vaults/v/jobs?statuscode=Failed"));
}

const INVENTORY: &str = r#"{"Type":"inventory-retrieval"}"#;

/// A mock with this number of archives and of jobs. Most of the jobs are in progress.
struct Filled {
    size: usize,
    stream: TcpStream,
    kept: Vec<ArchiveId>,
    used: usize,
    retrieval: String,
    inventory: String,
    _mock: GlacierMock,
}

impl Filled {
    fn new(size: usize) -> Self {
        // The cost of the record is not measured here.
        let mock = GlacierMock::builder().jobs(JobTiming::manual()).keep_requests(1).start();
        let vault = mock.create_vault("v");
        let mut kept = Vec::with_capacity(KEPT);
        for n in 0..size.max(KEPT) {
            let id = vault.put_archive("a description", [n as u8]);
            if kept.len() < KEPT {
                kept.push(id);
            }
        }
        let mut stream = TcpStream::connect(mock.address()).unwrap();
        // Without this, Nagle's algorithm and delayed acknowledgements make the head and the body wait for each other.
        stream.set_nodelay(true).unwrap();
        send(&mut stream, &initiate_retrieval(&kept[0]), 1);
        send(&mut stream, &initiate(INVENTORY), 1);
        let jobs = mock.vault("v").jobs();
        let [retrieval, inventory] = [0, 1].map(|n: usize| jobs[n].id().to_string());
        jobs[1].complete();
        let one = initiate_retrieval(&kept[0]);
        send(&mut stream, &one.repeat(2), 2);
        mock.vault("v").jobs()[2..].iter().for_each(|job| job.fail("for the list"));
        for batch in (4..size).step_by(250) {
            let count = 250.min(size - batch);
            send(&mut stream, &one.repeat(count), count);
        }
        Filled { size, stream, kept, used: 0, retrieval, inventory, _mock: mock }
    }

    fn first(&self) -> ArchiveId {
        self.kept[KEPT - 1].clone()
    }

    fn next_archive(&mut self) -> ArchiveId {
        self.used += 1;
        self.kept[self.used - 1].clone()
    }
}

fn row(mocks: &mut [Filled], name: &str, request: impl Fn(&mut Filled) -> Vec<u8>) {
    let mut best = [Duration::MAX; SIZES.len()];
    for _ in 0..ROUNDS {
        for (mock, best) in mocks.iter_mut().zip(&mut best) {
            // Sent at once: between single requests the processor sleeps, and waking it would be most of the figure.
            let requests: Vec<_> = (0..BATCH).flat_map(|_| request(mock)).collect();
            let count = requests.windows(11).filter(|at| *at == b" HTTP/1.1\r\n").count();
            let started = Instant::now();
            send(&mut mock.stream, &requests, count);
            *best = (*best).min(started.elapsed());
        }
    }
    let [small, middle, large] = best.map(|best| best.as_secs_f64() * 1e6 / BATCH as f64);
    println!("{name:<44} {small:>10.1} {middle:>10.1} {large:>10.1} {:>7.2}", large / small);
}

fn request(method: &str, path: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nx-amz-glacier-version: 2012-06-01\r\ncontent-length: {}\r\n{headers}\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn get(path: &str) -> Vec<u8> {
    request("GET", path, "", b"")
}

fn delete(archive: &ArchiveId) -> Vec<u8> {
    request("DELETE", &format!("/-/vaults/v/archives/{archive}"), "", b"")
}

fn upload() -> Vec<u8> {
    let hash = Digest::sha256(b"x");
    let headers = format!("x-amz-content-sha256: {hash}\r\nx-amz-sha256-tree-hash: {hash}\r\n");
    request("POST", "/-/vaults/v/archives", &headers, b"x")
}

fn initiate(parameters: &str) -> Vec<u8> {
    request("POST", "/-/vaults/v/jobs", "", parameters.as_bytes())
}

fn initiate_retrieval(archive: &ArchiveId) -> Vec<u8> {
    initiate(&format!(r#"{{"Type":"archive-retrieval","ArchiveId":"{archive}"}}"#))
}

/// Sends this number of requests at once and reads the responses.
fn send(stream: &mut TcpStream, requests: &[u8], count: usize) {
    stream.write_all(requests).unwrap();
    let (mut seen, mut at, mut answers) = (Vec::new(), 0, 0);
    let mut buffer = [0; 64 * 1024];
    while answers < count {
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "the mock closed the connection");
        seen.extend(&buffer[..read]);
        while let Some(end) = seen[at..].windows(4).position(|window| window == b"\r\n\r\n") {
            let head = std::str::from_utf8(&seen[at..at + end]).unwrap();
            assert!(head.starts_with("HTTP/1.1 2"), "{head}");
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let whole = end + 4 + length.map_or(0, |length| length.parse::<usize>().unwrap());
            if seen.len() < at + whole {
                break;
            }
            at += whole;
            answers += 1;
        }
    }
}

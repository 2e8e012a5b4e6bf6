//! Measures uploads and downloads of archives, next to a hyper server that only does the same work.

use std::time::Instant;

use ring::digest::{SHA256, digest};

use crate::client::{Client, MIB, bytes, head, number, tree_hash, upload};
use crate::measure::{Served, least, line, median, us};

const WHO: [&str; 2] = ["floor", "glacier-mock"];

/// Mock servers that keep bodies without hashing them. They appear only in the picture.
const PEERS: [&str; 2] = ["wiremock", "httpmock"];

const PART: usize = 16 * MIB;

pub(crate) fn all() {
    let mut body = bytes(256 * MIB);
    for (name, size, count) in [
        ("1 KiB", 1024, 2000),
        ("64 KiB", 64 * 1024, 500),
        ("1 MiB", MIB, 64),
        ("64 MiB", 64 * MIB, 4),
        ("256 MiB", 256 * MIB, 2),
    ] {
        let rounds = if size < 16 * MIB { 5 } else { 7 };
        single(name, &mut body[..size], count, rounds);
    }
    multipart("64 MiB", &body[..64 * MIB]);
    multipart("256 MiB", &body);
    download("64 MiB", &body[..64 * MIB]);
    download("256 MiB", &body);
}

/// Each round is a new process, so that its memory is new too.
fn single(name: &str, body: &mut [u8], count: usize, rounds: usize) {
    let numbered = (0..count).map(|n| {
        number(body, n);
        upload("/-/vaults/v/archives", "POST", body, "")
    });
    let requests: Vec<_> = numbered.collect();
    let peers = if name == "64 MiB" { PEERS.as_slice() } else { &[] };
    let who: Vec<_> = WHO.iter().chain(peers).copied().collect();
    let (mut rates, mut cpu, mut hash) = (vec![Vec::new(); who.len()], vec![Vec::new(); who.len()], Vec::new());
    for _ in 0..rounds {
        for (n, who) in who.iter().enumerate() {
            let server = Served::start(who);
            let mut client = Client::connect(server.address);
            assert!(client.send(&head("PUT", "/-/vaults/v", 0, ""), b"").status() < 300);
            let (before, began) = (server.cpu(), Instant::now());
            for (n, request) in requests.iter().enumerate() {
                number(body, n);
                assert!(client.send(request, body).status() < 300);
            }
            rates[n].push(rate(body.len() * count, began));
            cpu[n].push(us(server.cpu().saturating_sub(before)) / count as f64);
        }
        let began = Instant::now();
        for _ in 0..count {
            std::hint::black_box(digest(&SHA256, std::hint::black_box(&*body)));
        }
        hash.push(us(began.elapsed()) / count as f64);
    }
    let case = format!("{name}, single");
    for ((who, rates), cpu) in who.iter().zip(rates).zip(cpu) {
        line("uploads", &case, who, median(rates), "MiB/s");
        // Their figures are not comparable, because they hash nothing.
        if !peers.contains(who) {
            line("uploads: server CPU each", &case, who, least(cpu), "us");
        }
    }
    line("uploads: server CPU each", &case, "one SHA-256 pass", least(hash), "us");
}

/// Uploads parts one after the other, and completes the upload if the server is the mock.
fn multipart(name: &str, body: &[u8]) {
    let parts: Vec<_> = body
        .chunks(PART)
        .enumerate()
        .map(|(n, part)| (format!("content-range: bytes {}-{}/*\r\n", n * PART, n * PART + part.len() - 1), part))
        .collect();
    let hash = tree_hash(body);
    let mut rates = vec![Vec::new(); 2];
    for _ in 0..7 {
        for (n, who) in WHO.into_iter().enumerate() {
            let server = Served::start(who);
            let mut client = Client::connect(server.address);
            client.expect(201, &head("PUT", "/-/vaults/v", 0, ""), b"");
            let path = match who {
                "floor" => "/".to_owned(),
                _ => {
                    let start =
                        head("POST", "/-/vaults/v/multipart-uploads", 0, &format!("x-amz-part-size: {PART}\r\n"));
                    let started = client.expect(201, &start, b"");
                    format!("/-/vaults/v/multipart-uploads/{}", started.header("x-amz-multipart-upload-id"))
                }
            };
            // The time in which the client hashes is not measured.
            let heads: Vec<_> = parts.iter().map(|(range, part)| upload(&path, "PUT", part, range)).collect();
            let began = Instant::now();
            for (head, (_, part)) in heads.iter().zip(&parts) {
                assert!(client.send(head, part).status() < 300);
            }
            if who != "floor" {
                let more = format!("x-amz-archive-size: {}\r\nx-amz-sha256-tree-hash: {hash}\r\n", body.len());
                client.expect(201, &head("POST", &path, 0, &more), b"");
            }
            rates[n].push(rate(body.len(), began));
        }
    }
    for (who, rates) in WHO.into_iter().zip(rates) {
        line("uploads", &format!("{name}, multipart"), who, median(rates), "MiB/s");
    }
}

fn download(name: &str, body: &[u8]) {
    let request = upload("/-/vaults/v/archives", "POST", body, "");
    let mut servers: Vec<_> = WHO
        .into_iter()
        .map(|who| {
            let server = Served::start(who);
            let mut client = Client::connect(server.address);
            client.expect(201, &head("PUT", "/-/vaults/v", 0, ""), b"");
            let stored = client.expect(201, &request, body);
            let path = match who {
                "floor" => stored.header("location").to_owned(),
                _ => {
                    let archive = stored.header("x-amz-archive-id");
                    let parameters = format!(r#"{{"Type":"archive-retrieval","ArchiveId":"{archive}"}}"#);
                    let start = head("POST", "/-/vaults/v/jobs", parameters.len(), "");
                    let started = client.expect(202, &start, parameters.as_bytes());
                    format!("/-/vaults/v/jobs/{}/output", started.header("x-amz-job-id"))
                }
            };
            (server, client, head("GET", &path, 0, ""), Vec::new())
        })
        .collect();
    for _ in 0..9 {
        for (_, client, request, rates) in &mut servers {
            let began = Instant::now();
            let answer = client.expect(200, request, b"");
            assert_eq!(answer.body, body.len());
            rates.push(rate(body.len(), began));
        }
    }
    for (who, (_, _, _, rates)) in WHO.into_iter().zip(servers) {
        line("downloads", name, who, median(rates), "MiB/s");
    }
}

fn rate(bytes: usize, began: Instant) -> f64 {
    bytes as f64 / MIB as f64 / began.elapsed().as_secs_f64()
}

//! Measures time and memory for the largest archives and vaults: `cargo bench --bench huge`.
//!
//! Reads the resident size of this process and its peak from Linux. The bench prints a table and asserts nothing, because
//! a busy machine is not a defect.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use glacier_mock::{Content, GIB, GlacierMock, KIB, MIB, TIB, Vault};

fn main() {
    println!("{:<64} {:>12} {:>14}", "", "took", "peak grew by");
    // This runs first, while the process is small: memory that another measurement freed would be reused and not show.
    small();
    patterns();
    uploads();
    inventories();
}

fn patterns() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    let id = measure("put_archive of 40 TiB of zeros", || vault.put_archive("", Content::zeros(40 * TIB)));
    measure("put_archive of 40 TiB of a block of 1,000 bytes", || {
        vault.put_archive("", Content::repeat([7; 1000], 40 * TIB))
    });
    let [job, part] = ["", r#","RetrievalByteRange":"21990232555520-21991306297343""#].map(|range| {
        measure("InitiateJob of the zeros, all of them and then 1 GiB", || {
            ask(
                &mock,
                "POST",
                "/-/vaults/v/jobs",
                "",
                &format!(r#"{{"Type":"archive-retrieval","ArchiveId":"{id}"{range}}}"#),
                |_| (),
            )
        });
        vault.jobs().last().unwrap().id().clone()
    });
    for job in [&job, &part] {
        measure("DescribeJob, with the tree hash of that", || {
            ask(&mock, "GET", &format!("/-/vaults/v/jobs/{job}"), "", "", |_| ())
        });
    }
    let range = format!("range: bytes={}-{}\r\n", 20 * TIB, 20 * TIB + MIB - 1);
    measure("GetJobOutput, 1 MiB from the middle of 40 TiB", || {
        ask(&mock, "GET", &format!("/-/vaults/v/jobs/{job}/output"), &range, "", |_| ())
    });
    measure("GetJobOutput, 1 GiB", || ask(&mock, "GET", &format!("/-/vaults/v/jobs/{part}/output"), "", "", |_| ()));
}

fn uploads() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    for (size, name) in [(MIB, "1 MiB"), (4 * GIB, "4 GiB")] {
        complete(&mock, &vault, &format!("10,000 equal parts of {name}"), size, |_| Content::zeros(size));
    }
    complete(&mock, &vault, "10,000 different parts of 1 MiB", MIB, |n| Content::repeat(n.to_le_bytes(), MIB));
    let body = vec![0; 256 << 20];
    let sha = ring::digest::digest(&ring::digest::SHA256, &body);
    let sha: String = sha.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let tree = vault.archive(vault.put_archive("", Content::zeros(256 * MIB))).unwrap().tree_hash();
    let headers = format!("x-amz-content-sha256: {sha}\r\nx-amz-sha256-tree-hash: {tree}\r\n");
    let body = String::from_utf8(body).unwrap();
    measure("UploadArchive of 256 MiB of zeros", || {
        ask(&mock, "POST", "/-/vaults/v/archives", &headers, &body, |_| ())
    });
}

fn complete(mock: &GlacierMock, vault: &Vault, name: &str, size: u64, part: impl Fn(u64) -> Content) {
    let upload = vault.start_upload("", size);
    measure(&format!("put_part, {name}"), || {
        for n in 0..10_000 {
            vault.put_part(&upload, n * size, part(n));
        }
    });
    // Calculates the tree hash of the archive from those of its parts.
    let parts = vault.uploads()[0].parts().iter().map(|part| part.tree_hash().as_bytes().to_vec()).collect();
    let hash = |level: &[Vec<u8>]| ring::digest::digest(&ring::digest::SHA256, &level.concat()).as_ref().to_vec();
    let mut level: Vec<Vec<u8>> = parts;
    while level.len() > 1 {
        level = level.chunks(2).map(|pair| if pair.len() == 2 { hash(pair) } else { pair[0].clone() }).collect();
    }
    let tree: String = level[0].iter().map(|byte| format!("{byte:02x}")).collect();
    let headers = format!("x-amz-archive-size: {}\r\nx-amz-sha256-tree-hash: {tree}\r\n", 10_000 * size);
    measure(&format!("CompleteMultipartUpload, {name}"), || {
        ask(mock, "POST", &format!("/-/vaults/v/multipart-uploads/{upload}"), &headers, "", |_| ());
    });
}

fn small() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    let before = resident("VmRSS:");
    measure("put_archive, 100,000 of 1 KiB", || {
        for n in 0..100_000_u64 {
            // Bytes without a pattern: a repeated block would be stored once.
            let words = (0..128).map(|word| (n * 128 + word).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            vault.put_archive("", words.flat_map(u64::to_le_bytes).collect::<Vec<_>>());
        }
    });
    let grown = (resident("VmRSS:") - before) as f64 / (100_000.0 * 1024.0);
    println!("{:<64} {:>27}", "  memory for each byte", format!("{grown:.2} bytes"));
}

fn inventories() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    let before = resident("VmRSS:");
    measure("put_archive, a million of 1 byte", || {
        for n in 0..1_000_000 {
            vault.put_archive("a description of some length", [n as u8]);
        }
    });
    println!("{:<64} {:>27}", "  memory for each", format!("{} bytes", (resident("VmRSS:") - before) / 1_000_000));
    for format in ["JSON", "CSV"] {
        let parameters = format!(r#"{{"Type":"inventory-retrieval","Format":"{format}"}}"#);
        measure("InitiateJob of the inventory", || ask(&mock, "POST", "/-/vaults/v/jobs", "", &parameters, |_| ()));
        let path = format!("/-/vaults/v/jobs/{}", vault.jobs().last().unwrap().id());
        measure("DescribeJob, with the size of the inventory", || ask(&mock, "GET", &path, "", "", |_| ()));
        let (mut length, started) = (0, Instant::now());
        measure(&format!("GetJobOutput, {format}"), || {
            ask(&mock, "GET", &format!("{path}/output"), "", "", |piece| length += piece.len());
        });
        let rate = length as f64 / 1e6 / started.elapsed().as_secs_f64();
        println!("{:<64} {:>27}", "  rate", format!("{rate:.0} MB/s of {} MB", length / 1_000_000));
    }
}

fn measure<T>(what: &str, act: impl FnOnce() -> T) -> T {
    // Resets the peak.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let (before, started) = (resident("VmRSS:"), Instant::now());
    let done = act();
    let (took, peak) = (started.elapsed(), resident("VmHWM:"));
    println!("{what:<64} {:>12} {:>14}", show(took), format!("{} KiB", peak.saturating_sub(before) / KIB as usize));
    done
}

fn show(took: Duration) -> String {
    format!("{:.3} ms", took.as_secs_f64() * 1e3)
}

/// Sends a request on a new connection and reads the body of the response piece by piece.
fn ask(mock: &GlacierMock, method: &str, path: &str, headers: &str, body: &str, mut piece: impl FnMut(&[u8])) {
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nx-amz-glacier-version: 2012-06-01\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body.as_bytes()).unwrap();
    let mut buffer = vec![0; 256 * 1024];
    let mut first = true;
    loop {
        let read = stream.read(&mut buffer).unwrap();
        if read == 0 {
            assert!(!first, "the mock closed the connection");
            return;
        }
        let begins = std::mem::replace(&mut first, false);
        assert!(!begins || buffer.starts_with(b"HTTP/1.1 2"), "{}", String::from_utf8_lossy(&buffer[..read]));
        piece(&buffer[..read]);
    }
}

/// The value of a line of this process's status, in bytes.
fn resident(line: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kib = status.lines().find_map(|text| text.strip_prefix(line)?.trim().strip_suffix(" kB"));
    kib.and_then(|kib| kib.parse::<usize>().ok()).unwrap_or(0) * 1024
}

//! Measures resident memory for each stored byte, and how much of it is freed.

use glacier_mock::GlacierMock;

use crate::client::{Client, MIB, bytes, head, number, upload};
use crate::measure::{again, line, peak, resident};

/// The number and the size of the archives.
const CASES: [(&str, usize, usize); 3] =
    [("100,000 of 1 KiB", 100_000, 1024), ("1,024 of 1 MiB", 1024, MIB), ("16 of 64 MiB", 16, 64 * MIB)];

pub(crate) fn all() {
    for (name, ..) in CASES {
        let text = again(&["one", "memory", name]);
        let mut figures = text.split_whitespace().map(|figure| figure.parse::<f64>().unwrap());
        for what in ["peak", "stored", "bodies on record, archives deleted", "deleted", "dropped"] {
            line("memory: resident / stored", name, what, figures.next().unwrap(), "");
        }
    }
}

/// Runs in a separate process. The last figures are those of a mock that keeps no bodies on record, because the record
/// continues to share them after the deletion.
pub(crate) fn one(what: &str) {
    let (_, count, size) = CASES.into_iter().find(|(name, ..)| *name == what).unwrap();
    let mut body = bytes(size);
    let before = resident();
    let grown = || (resident() - before) / (count * size) as f64;
    let mut fill = |mock: &GlacierMock| {
        let mut client = Client::connect(mock.address());
        client.expect(201, &head("PUT", "/-/vaults/v", 0, ""), b"");
        let ids = (0..count).map(|n| {
            number(&mut body, n);
            let request = upload("/-/vaults/v/archives", "POST", &body, "");
            client.expect(201, &request, &body).header("x-amz-archive-id").to_owned()
        });
        ids.collect::<Vec<_>>()
    };
    let empty = |mock: &GlacierMock, ids: Vec<String>| {
        let mut client = Client::connect(mock.address());
        for id in ids {
            client.expect(204, &head("DELETE", &format!("/-/vaults/v/archives/{id}"), 0, ""), b"");
        }
    };
    let mock = GlacierMock::start();
    let ids = fill(&mock);
    let names = (ids.len() * (ids[0].capacity() + size_of::<String>())) as f64 / (count * size) as f64;
    println!("{}", (peak() - before) / (count * size) as f64 - names);
    println!("{}", grown() - names);
    empty(&mock, ids);
    println!("{}", grown());
    drop(mock);
    settle();
    let mock = GlacierMock::builder().keep_body_bytes(0).keep_requests(100).start();
    let ids = fill(&mock);
    empty(&mock, ids);
    println!("{}", grown());
    drop(mock);
    settle();
    println!("{}", grown());
}

/// The connections of a dropped mock are closed on the mock's threads, a little later.
fn settle() {
    std::thread::sleep(std::time::Duration::from_millis(200));
}

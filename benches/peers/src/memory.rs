//! Measures resident memory for each stored byte, and how much of it is freed.

use glacier_mock::GlacierMock;

use crate::client::{Client, MIB, bytes, head, number, upload};
use crate::measure::{again, line, peak, resident};

/// The number and the size of the archives.
const CASES: [(&str, usize, usize); 3] =
    [("100,000 of 1 KiB", 100_000, 1024), ("1,024 of 1 MiB", 1024, MIB), ("16 of 64 MiB", 16, 64 * MIB)];

/// The names of the figures, in the order in which the processes print them.
const COLUMNS: [&str; 6] =
    ["peak", "stored", "dropped", "stored again", "archives deleted, bodies on record", "deleted"];

pub(crate) fn all() {
    for (name, ..) in CASES {
        let text = ["memory", "memory-deleted"].map(|what| again(&["one", what, name])).concat();
        for (what, figure) in COLUMNS.into_iter().zip(text.split_whitespace()) {
            line("memory: resident / stored", name, what, figure.parse().unwrap(), "");
        }
    }
}

/// Runs in a separate process: a mock is filled and dropped, another one is filled, and its archives are deleted.
pub(crate) fn one(what: &str) {
    let case = Case::of(what);
    let mock = GlacierMock::start();
    let ids = case.fill(&mock);
    println!("{}", case.grown(peak()) - case.of_ids());
    println!("{}", case.grown(resident()) - case.of_ids());
    drop((mock, ids));
    settle();
    println!("{}", case.grown(resident()));
    let mock = GlacierMock::start();
    let ids = case.fill(&mock);
    println!("{}", case.grown(resident()) - case.of_ids());
    case.empty(&mock, ids);
    println!("{}", case.grown(resident()));
}

/// Runs in a separate process. The mock keeps no bodies on record, because the record continues to share them after the
/// deletion.
pub(crate) fn deleted(what: &str) {
    let case = Case::of(what);
    let mock = GlacierMock::builder().keep_body_bytes(0).keep_requests(100).start();
    let ids = case.fill(&mock);
    case.empty(&mock, ids);
    println!("{}", case.grown(resident()));
}

/// The length of the ID of an archive.
const ID: usize = 138;

struct Case {
    count: usize,
    size: usize,
    before: f64,
}

impl Case {
    fn of(what: &str) -> Self {
        let (_, count, size) = CASES.into_iter().find(|(name, ..)| *name == what).unwrap();
        Case { count, size, before: resident() }
    }

    /// Returns the memory since the start, for each byte of the archives.
    fn grown(&self, now: f64) -> f64 {
        (now - self.before) / (self.count * self.size) as f64
    }

    /// Returns the memory of the IDs that [`Case::fill`] returns, for each byte of the archives.
    fn of_ids(&self) -> f64 {
        ID as f64 / self.size as f64
    }

    /// Uploads the archives. Returns their IDs in one allocation, so that the overhead of many allocations does not
    /// count as memory of the mock.
    fn fill(&self, mock: &GlacierMock) -> String {
        let (mut body, mut ids) = (bytes(self.size), String::with_capacity(self.count * ID));
        let mut client = Client::connect(mock.address());
        client.expect(201, &head("PUT", "/-/vaults/v", 0, ""), b"");
        for n in 0..self.count {
            number(&mut body, n);
            let request = upload("/-/vaults/v/archives", "POST", &body, "");
            ids += client.expect(201, &request, &body).header("x-amz-archive-id");
        }
        ids
    }

    /// Deletes the archives.
    fn empty(&self, mock: &GlacierMock, ids: String) {
        let mut client = Client::connect(mock.address());
        for n in 0..self.count {
            let id = &ids[n * ID..(n + 1) * ID];
            client.expect(204, &head("DELETE", &format!("/-/vaults/v/archives/{id}"), 0, ""), b"");
        }
    }
}

/// The connections of a dropped mock are closed on the mock's threads, a little later.
fn settle() {
    std::thread::sleep(std::time::Duration::from_millis(200));
}

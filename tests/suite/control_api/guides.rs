//! Tests of the tables in the guides that name the request of the control API for each method of the fixture.

use glacier_mock::{GlacierMock, JobTiming};
use serde_json::Value;

use super::{send, started};
use crate::support::{raw, request, sha256, tree_hash};

const GUIDES: [(&str, &str); 3] = [
    ("time", include_str!("../../../docs/guide/time.md")),
    ("record", include_str!("../../../docs/guide/record.md")),
    ("faults", include_str!("../../../docs/guide/faults.md")),
];

/// Returns the method, the path and the body of each request in the second column of a guide's table.
fn requests(guide: &str) -> Vec<(String, String, Value)> {
    let (_, section) = guide.split_once("## From other languages").expect("the guide has the section");
    let section = section.split("\n## ").next().unwrap();
    let rows =
        section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | ")).map(|(_, request)| request);
    let code = |row: &str| row.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    rows.map(|row| {
        let code = code(&format!("`{}", row.trim_start_matches('`')));
        // The body follows the path directly. A later one belongs to another path.
        let body = code.iter().take(2).find(|code| code.starts_with('{'));
        let body = body.map_or(Value::Null, |body| body.parse().unwrap());
        match code[0].split_once(' ') {
            Some((method, path)) if path.starts_with('/') => (method.to_owned(), path.to_owned(), body),
            _ => ("POST".into(), "/faults".into(), body),
        }
    })
    .collect()
}

#[test]
fn every_request_in_the_guides_is_accepted() {
    for (name, guide) in GUIDES {
        let mock = started(GlacierMock::builder().jobs(JobTiming::manual()));
        raw(&mock, &request("PUT", "/-/vaults/photos", &[], b""));
        let (hash, tree_hash) = (sha256(b"a cat"), tree_hash(b"a cat"));
        let hashes = [("x-amz-content-sha256", hash.as_str()), ("x-amz-sha256-tree-hash", tree_hash.as_str())];
        raw(&mock, &request("POST", "/-/vaults/photos/archives", &hashes, b"a cat"));
        let requests = requests(guide);
        assert!(requests.len() >= 3, "{name} has {} rows", requests.len());
        for (method, path, body) in requests {
            let job = mock.vault("photos").start_inventory_retrieval();
            let body = if body.is_null() { String::new() } else { body.to_string() };
            let path = path.replace("{id}", job.id().as_str());
            let json = [("Content-Type", "application/json")];
            let response = send(&mock, &method, &path, if body.is_empty() { &[] } else { &json }, body.as_bytes());
            assert!((200..300).contains(&response.status), "{method} {path}: {}", response.text());
        }
        // Faults and rules that have not applied would fail the test.
        for path in ["/faults", "/jobs/rules"] {
            send(&mock, "DELETE", path, &[], b"");
        }
    }
}

//! Limits and markers of lists.

use std::cell::OnceCell;
use std::collections::HashSet;

use hyper::HeaderMap;

use crate::domain::words::Operation;
use crate::fixture::GlacierMock;
use crate::wire::Query;

use super::arranged::{Arranged, VAULT, settings};
use super::exchange::{Asked, ask};

/// Each list, with the member of its answer that contains the entries, and the member of an entry that identifies it.
const LISTS: [(Operation, &str, &str); 4] = [
    (Operation::ListVaults, "VaultList", "VaultName"),
    (Operation::ListJobs, "JobList", "JobId"),
    (Operation::ListMultipartUploads, "UploadsList", "MultipartUploadId"),
    (Operation::ListParts, "Parts", "RangeInBytes"),
];

/// The number of entries of each list.
const ENTRIES: usize = 12;

/// Sends the input as the query of each list, and reads all pages from there to the end.
pub fn markers(input: &[u8]) {
    thread_local! {
        static MOCK: OnceCell<(GlacierMock, String)> = const { OnceCell::new() };
    }
    let Ok(query) = std::str::from_utf8(input) else { return };
    MOCK.with(|mock| {
        let (mock, upload) = mock.get_or_init(start);
        LISTS.iter().for_each(|list| read(mock, upload, query, list));
    });
}

fn read(mock: &GlacierMock, upload: &str, query: &str, (operation, list, id): &(Operation, &str, &str)) {
    let path = [("vault", VAULT), ("upload", upload)];
    let send = |query: &str| {
        let headers = HeaderMap::new();
        ask(mock, Asked { operation: *operation, path: &path, query: Some(query), headers: &headers, body: b"" })
    };
    let (mut query, mut seen, mut pages) = (query.to_owned(), HashSet::new(), 0);
    loop {
        let answer = send(&query);
        if answer.status != 200 {
            assert!(pages == 0, "{operation} refused its own marker: {query}");
            return;
        }
        pages += 1;
        let entries = answer.json[list].as_array().expect("a list");
        let asked = Query::parse(Some(&query));
        let limit = asked.get("limit").map(|limit| limit.parse::<usize>().expect("the service has accepted it"));
        assert!(entries.len() <= limit.unwrap_or(ENTRIES), "{operation} {query}: {} entries", entries.len());
        for entry in entries {
            assert!(seen.insert(entry[id].to_string()), "{operation} {query}: {} is there twice", entry[id]);
        }
        let Some(marker) = answer.json["Marker"].as_str() else { break };
        assert!(!entries.is_empty() && pages <= ENTRIES, "{operation} {query}: the pages do not end");
        // The next page, with what else the query asks for.
        let mut next = form_urlencoded::Serializer::new(String::new());
        for name in ["limit", "statuscode", "completed"] {
            if let Some(value) = asked.get(name) {
                next.append_pair(name, value);
            }
        }
        query = next.append_pair("marker", marker).finish();
    }
    let is_filtered = ["statuscode", "completed"].iter().any(|name| query.contains(name));
    let began = query_begins_at_the_start(&query, pages);
    assert!(is_filtered || !began || seen.len() == ENTRIES, "{operation} {query}: {} of {ENTRIES}", seen.len());
}

/// Returns whether a query that was answered with all remaining entries on one page began at the start of the list.
fn query_begins_at_the_start(query: &str, pages: usize) -> bool {
    pages == 1 && Query::parse(Some(query)).get("marker").is_none()
}

/// Returns a mock whose lists have [`ENTRIES`] entries each, and the ID of the upload with the parts.
fn start() -> (GlacierMock, String) {
    let mock = settings().start();
    let upload = Arranged::new(&mock).upload;
    let vault = mock.vault(VAULT);
    for n in 2..ENTRIES {
        mock.create_vault(&format!("w{n}"));
    }
    for n in 1..ENTRIES {
        vault.start_upload("another", 1 << 20);
        vault.put_part(&upload, (n as u64) << 20, b"a part");
    }
    let (path, headers) = ([("vault", VAULT)], HeaderMap::new());
    let (operation, body) = (Operation::InitiateJob, br#"{"Type":"inventory-retrieval"}"#);
    for _ in 0..ENTRIES {
        ask(&mock, Asked { operation, path: &path, query: None, headers: &headers, body });
    }
    (mock, upload)
}

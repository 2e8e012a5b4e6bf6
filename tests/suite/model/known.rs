//! The knowledge of a client: the IDs and markers that the mock generated, in the order in which it returned them.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::archives::hash_of;
use super::ops::{Id, Marker};
use super::service::{Date, Service};
use super::wire::{Answer, Request};
use crate::support::MIB;

/// The kinds of lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Vaults,
    Uploads,
    Parts,
    Jobs,
    Inventories,
}

/// The headers with IDs, the names of the IDs here, and their lengths (observed.md 3.3).
const IDS: [(&str, &str, usize); 5] = [
    ("x-amz-archive-id", "archive", 138),
    ("x-amz-multipart-upload-id", "upload", 92),
    ("x-amz-job-id", "job", 92),
    ("x-amz-lock-id", "lock", 24),
    ("x-amz-capacity-id", "unit", 24),
];

#[derive(Default)]
pub(super) struct Known {
    /// The archives with their creation dates.
    archives: Vec<(String, Date)>,
    /// The uploads with their part sizes.
    uploads: Vec<(String, usize)>,
    jobs: Vec<String>,
    locks: Vec<String>,
    units: Vec<String>,
    markers: BTreeMap<Kind, Vec<String>>,
    /// The size and tree hash of the archives of completed uploads.
    wholes: BTreeMap<String, (u64, String)>,
    all: HashSet<String>,
}

fn nth<T: Clone>(all: &[T], id: Id) -> Option<T> {
    match id {
        Id::Last => all.last().cloned(),
        Id::Nth(n) if !all.is_empty() => Some(all[usize::from(n) % all.len()].clone()),
        Id::Nth(_) | Id::Unknown => None,
    }
}

const GARBAGE: &str = "never-was";

impl Known {
    pub(super) fn archive(&self, id: Id) -> String {
        nth(&self.archives, id).map_or(GARBAGE.to_owned(), |(id, _)| id)
    }

    /// The creation date of an archive, as a limit of a period. `None` for an unknown archive.
    pub(super) fn created(&self, id: Id) -> Option<Date> {
        // Inventories show whole seconds.
        nth(&self.archives, id).map(|(_, created)| created / 1000 * 1000)
    }

    pub(super) fn upload(&self, id: Id) -> (String, usize) {
        nth(&self.uploads, id).unwrap_or((GARBAGE.to_owned(), MIB))
    }

    pub(super) fn job(&self, id: Id) -> String {
        nth(&self.jobs, id).unwrap_or(GARBAGE.to_owned())
    }

    pub(super) fn lock(&self, id: Id) -> String {
        nth(&self.locks, id).unwrap_or(GARBAGE.to_owned())
    }

    pub(super) fn marker(&self, kind: Kind, mark: Marker) -> Option<String> {
        match mark {
            Marker::Start => None,
            Marker::Given(Id::Unknown) => Some(GARBAGE.to_owned()),
            Marker::Given(id) => self.markers.get(&kind).and_then(|all| nth(all, id)),
        }
    }

    /// The size and tree hash of the whole upload, as a client knows them from its parts.
    pub(super) fn whole(&self, upload: &str, now: &Service) -> (u64, String) {
        let of_parts = || {
            let found = now.vaults.values().flat_map(|vault| &vault.uploads).find(|found| found.id == upload);
            let bytes = found.map_or(Vec::new(), |found| found.bytes());
            (bytes.len() as u64, hash_of(&bytes))
        };
        self.wholes.get(upload).cloned().unwrap_or_else(of_parts)
    }

    /// The ID that the mock generated for this response, or a description of the expected ID if it is invalid.
    pub(super) fn generated(&self, answer: &Answer) -> String {
        for (header, what, length) in IDS {
            if let Some(id) = answer.headers.get(header) {
                let is_id = id.len() == length
                    && id.bytes().all(|b| b.is_ascii_alphanumeric() || length > 24 && b"-_".contains(&b))
                    && !self.all.contains(id);
                return if is_id { id.clone() } else { format!("(a new {what} ID of {length} characters)") };
            }
        }
        "(an ID)".to_owned()
    }

    /// Remembers the IDs in a correct response.
    pub(super) fn learn_ids(&mut self, answer: &Answer, now: Date, part_size: usize) {
        for (header, what, _) in IDS {
            let Some(id) = answer.headers.get(header) else { continue };
            if !self.all.insert(id.clone()) {
                continue;
            }
            match what {
                "archive" => self.archives.push((id.clone(), now)),
                "upload" => self.uploads.push((id.clone(), part_size)),
                "job" => self.jobs.push(id.clone()),
                "lock" => self.locks.push(id.clone()),
                _ => self.units.push(id.clone()),
            }
        }
    }

    pub(super) fn learn_marker(&mut self, kind: Kind, answer: &Answer) {
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let holder = if kind == Kind::Inventories { &body["InventoryRetrievalParameters"] } else { &body };
        let given = self.markers.entry(kind).or_default();
        if let Some(marker) = holder["Marker"].as_str() {
            given.retain(|given| given != marker);
            given.push(marker.to_owned());
        }
    }

    pub(super) fn learn_whole(&mut self, upload: String, request: &Request, answer: &Answer) {
        if let Some(hash) = answer.headers.get("x-amz-sha256-tree-hash") {
            let size = request.given("x-amz-archive-size").unwrap().parse().unwrap();
            self.wholes.insert(upload, (size, hash.clone()));
        }
    }

    /// Replaces the IDs in a text by the names that operations use for them.
    pub(super) fn named(&self, mut text: String) -> String {
        let archives: Vec<_> = self.archives.iter().map(|(id, _)| id.clone()).collect();
        let uploads: Vec<_> = self.uploads.iter().map(|(id, _)| id.clone()).collect();
        let all = [("archive", &archives), ("upload", &uploads), ("job", &self.jobs), ("lock", &self.locks)];
        for (what, ids) in all.into_iter().chain([("unit", &self.units)]) {
            for (n, id) in ids.iter().enumerate() {
                text = text.replace(id, &format!("<{what} {n}>"));
            }
        }
        text
    }
}

//! The model: the expected responses of the service, written from the specification as simply as possible. This file
//! has the vaults.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::{Reply, invalid, limit_exceeded, not_found};
use super::archives::Archive;
use super::jobs::Job;
use super::settings::{Lock, Notifications, Rule, Unit};
use super::uploads::Upload;
use super::wire::Answer;

/// A time in milliseconds since 1970.
pub(super) type Date = i64;

pub(super) const MINUTE: Date = 60_000;
pub(super) const DAY: Date = 24 * 60 * MINUTE;

/// The parameters of a page: `limit` and `marker`.
#[derive(Clone, Debug, Default)]
pub(super) struct PageParameters {
    pub(super) limit: Option<i32>,
    pub(super) marker: Option<String>,
}

/// The markers that a list returned, with the position where each continues. They stay valid if the entry there is
/// deleted.
pub(super) type IssuedMarkers<P> = BTreeMap<String, P>;

#[derive(Default)]
pub(super) struct Service {
    pub(super) now: Date,
    pub(super) vaults: BTreeMap<String, Vault>,
    vault_markers: IssuedMarkers<String>,
    /// Counts everything that was created, for lists in the order of creation.
    created: u64,
    pub(super) units: Vec<Unit>,
    pub(super) rule: Rule,
}

#[derive(Default)]
pub(super) struct Vault {
    pub(super) name: String,
    pub(super) created: Date,
    /// The last write, which is also the date of the last inventory, because inventories are live.
    pub(super) written: Option<Date>,
    /// Also deleted archives, because a client may still name them.
    pub(super) archives: Vec<Archive>,
    pub(super) uploads: Vec<Upload>,
    pub(super) upload_markers: IssuedMarkers<u64>,
    pub(super) jobs: Vec<Job>,
    pub(super) job_markers: IssuedMarkers<u64>,
    pub(super) inventory_markers: IssuedMarkers<u64>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) notifications: Option<Notifications>,
    pub(super) access_policy: Option<String>,
    pub(super) lock: Option<Lock>,
}

pub(super) fn arn(vault: &str) -> String {
    format!("arn:aws:glacier:us-east-1:000000000000:vaults/{vault}")
}

pub(super) fn date(date: Date) -> String {
    jiff::Timestamp::from_millisecond(date).unwrap().strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// The format of dates in inventories.
pub(super) fn whole_seconds(date: Date) -> String {
    jiff::Timestamp::from_millisecond(date).unwrap().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl PageParameters {
    pub(super) fn limit(&self, most: usize) -> Result<usize, Answer> {
        match self.limit {
            None => Ok(most),
            Some(limit @ 1..=1000) => Ok(most.min(limit as usize)),
            Some(limit) => Err(invalid(format!("Invalid limit: {limit}"))),
        }
    }

    /// Takes a page from all entries, each with its position and its marker. Returns the page and the marker of the
    /// next one.
    pub(super) fn page<P: Ord + Clone, T>(
        &self,
        limit: usize,
        all: impl IntoIterator<Item = (P, String, T)>,
        given: &mut IssuedMarkers<P>,
    ) -> Result<(Vec<T>, Option<String>), Answer> {
        let from = match self.marker.as_deref() {
            None | Some("") => None,
            Some(marker) => {
                Some(given.get(marker).cloned().ok_or_else(|| invalid(format!("Invalid marker: {marker}")))?)
            }
        };
        let mut rest = all.into_iter().filter(|(place, ..)| from.as_ref().is_none_or(|from| place >= from));
        let page = rest.by_ref().take(limit).map(|(.., entry)| entry).collect();
        let next = rest.next().map(|(place, marker, _)| {
            given.insert(marker.clone(), place);
            marker
        });
        Ok((page, next))
    }
}

impl Vault {
    pub(super) fn living(&self) -> impl Iterator<Item = &Archive> {
        self.archives.iter().filter(|archive| !archive.deleted)
    }

    fn description(&self) -> Value {
        let size: usize = self.living().map(|archive| archive.bytes.len() + 32_768).sum();
        json!({
            "CreationDate": date(self.created),
            "LastInventoryDate": self.written.map(date),
            "NumberOfArchives": self.living().count(),
            "SizeInBytes": size,
            "VaultARN": arn(&self.name),
            "VaultName": self.name,
        })
    }
}

impl Service {
    pub(super) fn place(&mut self) -> u64 {
        self.created += 1;
        self.created
    }

    /// Returns the vault, or the error for a missing vault, which is the same for all operations.
    pub(super) fn vault(&mut self, name: &str) -> Result<&mut Vault, Answer> {
        self.vaults.get_mut(name).ok_or_else(|| not_found(format!("Vault not found for ARN: {}", arn(name))))
    }

    /// Lets time pass, and removes everything that expires.
    pub(super) fn pass(&mut self, time: Date) {
        self.now += time;
        let now = self.now;
        for vault in self.vaults.values_mut() {
            vault.jobs.retain(|job| now < job.completed + DAY);
            // The specification does not say how long a completed or aborted upload is known. The mock keeps it.
            vault.uploads.retain(|upload| !upload.is_open() || now < upload.touched + DAY);
            if vault.lock.as_ref().is_some_and(|lock| !lock.locked && now >= lock.created + DAY) {
                vault.lock = None;
            }
        }
        self.units.retain(|unit| now < unit.expires);
    }

    pub(super) fn create_vault(&mut self, name: &str) -> Reply {
        if self.vaults.len() == 1000 && !self.vaults.contains_key(name) {
            return Err(limit_exceeded("cannot be reached with three vaults"));
        }
        let created = self.now;
        self.vaults.entry(name.to_owned()).or_insert_with(|| Vault {
            name: name.to_owned(),
            created,
            ..Vault::default()
        });
        Ok(Answer::empty(201).with("location", format!("/000000000000/vaults/{name}")))
    }

    pub(super) fn describe_vault(&mut self, name: &str) -> Reply {
        Ok(Answer::json(&self.vault(name)?.description()))
    }

    pub(super) fn list_vaults(&mut self, asked: &PageParameters) -> Reply {
        let all = self.vaults.iter().map(|(name, vault)| (name.clone(), arn(name), vault.description()));
        let (page, next) = asked.page(asked.limit(10)?, all, &mut self.vault_markers)?;
        Ok(Answer::json(&json!({ "Marker": next, "VaultList": page })))
    }

    pub(super) fn delete_vault(&mut self, name: &str) -> Reply {
        if self.vaults.get(name).is_some_and(|vault| vault.living().count() > 0) {
            return Err(invalid(format!("Vault not empty or recently written to: {}", arn(name))));
        }
        // Everything in the vault is deleted with it. A new vault of the same name has none of it.
        self.vaults.remove(name);
        Ok(Answer::empty(204))
    }
}

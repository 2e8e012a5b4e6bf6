//! A vault: its archives, those it once had, and the jobs that read them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::archive::{Archive, OVERHEAD, StoredBytes};
use super::id::{ArchiveId, JobId};
use super::inventory::ArchiveList;
use super::job::{Ending, Job, JobAt, ScheduledJob};
use super::lock::VaultLock;
use super::notification::Notifications;
use super::page::Markers;
use super::policy::PolicyDocument;
use super::tags::Tags;
use super::timestamp::Timestamp;
use super::uploads::Uploads;

/// A vault and all that is in it.
#[derive(Debug)]
pub(crate) struct Vault {
    pub(crate) arn: String,
    pub(crate) created: Timestamp,
    archives: ArchiveList,
    stored: HashMap<ArchiveId, Stored>,
    /// What was deleted here: deleting it again succeeds, and a job for it is accepted and fails (api.md section 4).
    deleted: HashMap<ArchiveId, Arc<Archive>>,
    bytes: u64,
    changed: Option<Timestamp>,
    jobs: BTreeMap<u64, ScheduledJob>,
    job_positions: HashMap<JobId, u64>,
    /// Positions of archives and jobs: they only grow, so a list keeps its order and a marker its place.
    next_position: u64,
    pub(crate) job_markers: Markers<u64>,
    pub(crate) inventory_markers: Markers<u64>,
    pub(crate) uploads: Uploads,
    pub(crate) tags: Tags,
    pub(crate) notifications: Option<Notifications>,
    pub(crate) access_policy: Option<PolicyDocument>,
    lock: Option<VaultLock>,
}

#[derive(Debug)]
struct Stored {
    position: u64,
    archive: Arc<Archive>,
    body: StoredBytes,
}

/// What DescribeVault says of a vault's contents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) archives: u64,
    /// With the overhead of each archive.
    pub(crate) bytes: u64,
    pub(crate) inventory_taken: Option<Timestamp>,
}

/// An archive that a vault has or had.
pub(crate) enum Found<'a> {
    Stored(&'a Arc<Archive>, &'a StoredBytes),
    Deleted(&'a Arc<Archive>),
}

impl Vault {
    pub(crate) fn new(arn: String, created: Timestamp) -> Self {
        Vault {
            arn,
            created,
            archives: ArchiveList::default(),
            stored: HashMap::new(),
            deleted: HashMap::new(),
            bytes: 0,
            changed: None,
            jobs: BTreeMap::new(),
            job_positions: HashMap::new(),
            next_position: 0,
            job_markers: Markers::default(),
            inventory_markers: Markers::default(),
            uploads: Uploads::default(),
            tags: Tags::default(),
            notifications: None,
            access_policy: None,
            lock: None,
        }
    }

    fn position(&mut self) -> u64 {
        self.next_position += 1;
        self.next_position
    }

    pub(crate) fn store(&mut self, archive: Arc<Archive>, body: StoredBytes, now: Timestamp) {
        let position = self.position();
        self.bytes += archive.size() + OVERHEAD;
        self.changed = Some(now);
        self.archives.insert(position, archive.clone());
        self.stored.insert(archive.id.clone(), Stored { position, archive, body });
    }

    /// Whether there was such an archive to delete.
    pub(crate) fn delete(&mut self, id: &str, now: Timestamp) -> bool {
        let Some(Stored { position, archive, .. }) = self.stored.remove(id) else {
            return false;
        };
        self.archives.remove(position);
        self.bytes -= archive.size() + OVERHEAD;
        self.changed = Some(now);
        archive.delete(now);
        self.deleted.insert(archive.id.clone(), archive);
        true
    }

    pub(crate) fn find(&self, id: &str) -> Option<Found<'_>> {
        let stored = self.stored.get(id).map(|stored| Found::Stored(&stored.archive, &stored.body));
        stored.or_else(|| self.deleted.get(id).map(Found::Deleted))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.stored.is_empty()
    }

    /// The inventory that is always up to date: dated with the last change, absent before the first.
    pub(crate) fn totals(&self) -> Totals {
        Totals { archives: self.archives.len() as u64, bytes: self.bytes, inventory_taken: self.changed }
    }

    pub(crate) fn archives(&self) -> &ArchiveList {
        &self.archives
    }

    pub(crate) fn start_job(&mut self, job: Job, ending: Ending, now: Timestamp) {
        self.forget_oldest_jobs(now);
        let position = self.position();
        self.job_positions.insert(job.id.clone(), position);
        self.jobs.insert(position, ScheduledJob { job: job.into(), ending });
    }

    /// Those that are gone do not show any more; here their memory goes too. Each is looked at once, so it costs the
    /// same however many there are.
    fn forget_oldest_jobs(&mut self, now: Timestamp) {
        while let Some(oldest) = self.jobs.first_entry().filter(|oldest| oldest.get().is_gone(now)) {
            let gone = oldest.remove();
            self.job_positions.remove(&gone.job.id);
        }
    }

    pub(crate) fn job(&self, id: &str, now: Timestamp) -> Option<JobAt> {
        let job = self.jobs.get(self.job_positions.get(id)?)?;
        (!job.is_gone(now)).then(|| job.at(now))
    }

    /// Lets the test decide how a job ends. `false` if there is no such job.
    pub(crate) fn end_job(&mut self, id: &str, ending: Ending) -> bool {
        let job = self.job_positions.get(id).and_then(|position| self.jobs.get_mut(position));
        job.map(|job| job.ending = ending).is_some()
    }

    /// The lock, unless its trial has ended without its being completed.
    pub(crate) fn lock(&mut self, now: Timestamp) -> &mut Option<VaultLock> {
        self.lock.take_if(|lock| lock.has_lapsed(now));
        &mut self.lock
    }

    pub(crate) fn jobs_from(&self, position: u64, now: Timestamp) -> impl Iterator<Item = (u64, JobAt)> {
        let known = self.jobs.range(position..).filter(move |(_, job)| !job.is_gone(now));
        known.map(move |(&position, job)| (position, job.at(now)))
    }
}

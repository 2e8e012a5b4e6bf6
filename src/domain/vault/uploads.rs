//! The multipart uploads of a vault: those in progress, and how the others ended.

#[cfg(feature = "state")]
mod data;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

#[cfg(feature = "state")]
pub(crate) use self::data::UploadsData;
use super::archive::Archive;
use super::changes::Changes;
use super::page::Markers;
use super::upload::Upload;
use crate::domain::failure::Failure;
use crate::domain::words::{Timestamp, UploadId};

/// All uploads that a vault knows.
#[derive(Debug, Default)]
pub(crate) struct Uploads {
    /// In progress, in the order in which they were started.
    open: BTreeMap<u64, Upload>,
    positions: HashMap<UploadId, u64>,
    next_position: u64,
    /// Completing an upload again returns the same archive.
    completed: HashMap<UploadId, Arc<Archive>>,
    /// Aborting an upload again succeeds.
    aborted: HashSet<UploadId>,
    pub(crate) markers: Markers<u64>,
    part_markers: HashMap<UploadId, Markers<u64>>,
    /// Whether uploads in progress never expire.
    keep_idle: bool,
    /// The positions of uploads in progress.
    changed_open: Changes<u64>,
    /// Uploads that were completed, aborted or forgotten.
    changed_ended: Changes<UploadId>,
}

impl Uploads {
    pub(crate) fn new(keep_idle: bool) -> Self {
        Uploads { keep_idle, ..Uploads::default() }
    }

    fn is_gone(&self, upload: &Upload, now: Timestamp) -> bool {
        !self.keep_idle && upload.is_gone(now)
    }

    /// Returns the uploads in progress, each with the time at which it expires.
    pub(crate) fn expiring(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, &UploadId)> {
        let expiring = self.starting_at(0, now).filter(|_| !self.keep_idle);
        expiring.map(|(_, upload)| (upload.expires(), &upload.id))
    }

    pub(crate) fn begin(&mut self, upload: Upload, now: Timestamp) {
        self.forget_idle(now);
        self.next_position += 1;
        self.positions.insert(upload.id.clone(), self.next_position);
        self.changed_open.note(|| self.next_position);
        self.open.insert(self.next_position, upload);
    }

    /// Frees the memory of expired uploads, oldest first. They are hidden from the time when they expire.
    fn forget_idle(&mut self, now: Timestamp) {
        while self.open.first_key_value().is_some_and(|(_, oldest)| self.is_gone(oldest, now)) {
            let Some((position, gone)) = self.open.pop_first() else { break };
            self.changed_open.note(|| position);
            self.positions.remove(&gone.id);
            self.part_markers.remove(&gone.id);
        }
    }

    /// Returns an upload in progress, or the error for any other ID.
    pub(crate) fn get(&mut self, id: &UploadId, now: Timestamp) -> Result<&mut Upload, Failure> {
        let keep_idle = self.keep_idle;
        let position = self.positions.get(id).copied();
        position.into_iter().for_each(|position| self.changed_open.note(|| position));
        let open = position.and_then(|position| self.open.get_mut(&position));
        open.filter(|upload| keep_idle || !upload.is_gone(now)).ok_or_else(|| Failure::UploadNotFound { id: id.into() })
    }

    /// Returns the archive that a completed upload created.
    pub(crate) fn completed(&self, id: &UploadId) -> Option<&Arc<Archive>> {
        self.completed.get(id)
    }

    pub(crate) fn complete(&mut self, id: &UploadId, archive: Arc<Archive>) {
        if let Some(upload) = self.close(id) {
            self.changed_ended.note(|| id.clone());
            self.completed.insert(upload.id, archive);
        }
    }

    /// Aborts an upload. Succeeds again for an aborted one, and fails for one that was completed or never existed
    /// (observed.md 2.C).
    pub(crate) fn abort(&mut self, id: &UploadId, now: Timestamp) -> Result<(), Failure> {
        if self.aborted.contains(id) {
            return Ok(());
        }
        self.get(id, now)?;
        if let Some(upload) = self.close(id) {
            self.changed_ended.note(|| id.clone());
            self.aborted.insert(upload.id);
        }
        Ok(())
    }

    /// Forgets how an upload ended. Its ID is then unknown.
    pub(crate) fn forget_ended(&mut self, id: &UploadId) {
        self.changed_ended.note(|| id.clone());
        self.completed.remove(id);
        self.aborted.remove(id);
    }

    /// Returns the lengths of all lists of uploads.
    #[cfg(all(test, feature = "standalone"))]
    pub(crate) fn counts(&self) -> [(&'static str, usize); 6] {
        [
            ("open uploads", self.open.len()),
            ("upload IDs", self.positions.len()),
            ("completed uploads", self.completed.len()),
            ("aborted uploads", self.aborted.len()),
            ("markers of uploads", self.markers.len()),
            ("uploads with markers of parts", self.part_markers.len()),
        ]
    }

    fn close(&mut self, id: &UploadId) -> Option<Upload> {
        self.part_markers.remove(id);
        let position = self.positions.remove(id)?;
        self.changed_open.note(|| position);
        self.open.remove(&position)
    }

    pub(crate) fn starting_at(&self, position: u64, now: Timestamp) -> impl Iterator<Item = (u64, &Upload)> {
        let open = self.open.range(position..).filter(move |(_, upload)| !self.is_gone(upload, now));
        open.map(|(&position, upload)| (position, upload))
    }

    /// Returns an upload with the markers of its list of parts.
    pub(crate) fn with_markers(
        &mut self,
        id: &UploadId,
        now: Timestamp,
    ) -> Result<(&mut Upload, &mut Markers<u64>), Failure> {
        self.get(id, now)?;
        let markers = self.part_markers.entry(id.clone()).or_default();
        let open = self.positions.get(id).and_then(|position| self.open.get_mut(position));
        let upload = open.ok_or_else(|| Failure::UploadNotFound { id: id.into() })?;
        Ok((upload, markers))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::vault::upload::PartSize;
    use crate::domain::words::{Description, MIB};

    #[test]
    fn the_next_upload_frees_those_that_have_expired() {
        let at = |hour: u64| Timestamp::from(std::time::SystemTime::UNIX_EPOCH).after(Duration::from_secs(hour * 3600));
        for (keep_idle, left) in [(false, 2), (true, 3)] {
            let mut uploads = Uploads::new(keep_idle);
            for (id, hour) in [("expired", 0), ("open", 1), ("new", 24)] {
                let size = PartSize::parse(&MIB.to_string()).unwrap();
                uploads.begin(Upload::new(UploadId::new(id), Description::default(), size, at(hour)), at(hour));
            }
            assert_eq!((uploads.open.len(), uploads.positions.len()), (left, left));
        }
    }
}

//! The multipart uploads of a vault as plain data, to be saved and loaded.

use serde::{Deserialize, Serialize};

use super::Uploads;
use crate::domain::vault::data::{Collector, Restored, numbered, parse};
use crate::domain::vault::page::{Markers, MarkersData};
use crate::domain::vault::upload::{PartData, Upload, UploadData};
use crate::domain::words::UploadId;

/// All uploads that a vault knows. Completed uploads refer to their archives.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct UploadsData {
    /// By position.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    open: Vec<(u64, UploadData)>,
    next_position: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    completed: Vec<(String, usize)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    aborted: Vec<String>,
    markers: MarkersData<u64>,
    part_markers: Vec<(String, MarkersData<u64>)>,
    keep_idle: bool,
}

impl UploadsData {
    /// Adds a row of an upload in progress, of one of its parts, or of an upload that has ended.
    pub(crate) fn add(&mut self, kind: &str, key: &str, json: &[u8]) -> Result<(), String> {
        match kind {
            "open" => self.open.push(parse(key, json)?),
            // Rows are read in the order of their keys, so that of the upload was before.
            "part" => {
                let (upload, part): (u64, PartData) = parse(key, json)?;
                let open = self.open.iter_mut().find(|(position, _)| *position == upload);
                open.ok_or_else(|| format!("the upload of the row {key:?} is missing"))?.1.parts.push(part);
            }
            "completed" => self.completed.push(parse(key, json)?),
            "aborted" => self.aborted.push(parse(key, json)?),
            _ => return Err(format!("the kind of the row {key:?} is unknown")),
        }
        Ok(())
    }
}

impl Uploads {
    /// Collects the rows of all uploads, below the key of their vault.
    pub(crate) fn collect(&self, vault: &str, collector: &mut Collector) {
        for (position, upload) in &self.open {
            collect_open(vault, *position, upload, collector);
            upload.collect(&parts_key(vault, *position), *position, collector);
        }
        let mut ended: Vec<_> = self.completed.keys().chain(&self.aborted).collect();
        ended.sort_unstable();
        ended.into_iter().for_each(|id| self.collect_ended(vault, id, collector));
    }

    /// From now on, changes are noted.
    pub(crate) fn note_all(&mut self) {
        self.changed_open.take();
        self.changed_ended.take();
        self.open.values_mut().for_each(Upload::note_all);
    }

    /// Collects the rows that have changed since the last call.
    pub(crate) fn collect_changes(&mut self, vault: &str, collector: &mut Collector) {
        for position in self.changed_open.take().unwrap_or_default() {
            let parts = parts_key(vault, position);
            match self.open.get_mut(&position) {
                Some(upload) => {
                    collect_open(vault, position, upload, collector);
                    upload.collect_changes(&parts, position, collector);
                }
                None => {
                    collector.remove(numbered(&format!("{vault}/open"), position));
                    collector.remove_below(format!("{parts}/"));
                }
            }
        }
        for id in self.changed_ended.take().unwrap_or_default() {
            collector.remove(format!("{vault}/completed/{id}"));
            collector.remove(format!("{vault}/aborted/{id}"));
            self.collect_ended(vault, &id, collector);
        }
    }

    fn collect_ended(&self, vault: &str, id: &UploadId, collector: &mut Collector) {
        if let Some(archive) = self.completed.get(id) {
            let archive = collector.archive(archive);
            collector.put(format!("{vault}/completed/{id}"), &(id.to_string(), archive));
        } else if self.aborted.contains(id) {
            collector.put(format!("{vault}/aborted/{id}"), &id.to_string());
        }
    }

    /// Returns the part of the vault's row about its uploads.
    pub(crate) fn to_data(&self) -> UploadsData {
        let parts = self.part_markers.iter();
        let mut part_markers: Vec<_> =
            parts.map(|(id, markers)| (id.to_string(), markers.to_data(|position| *position))).collect();
        // Equal states are saved as equal files.
        part_markers.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        UploadsData {
            open: Vec::new(),
            next_position: self.next_position,
            completed: Vec::new(),
            aborted: Vec::new(),
            markers: self.markers.to_data(|position| *position),
            part_markers,
            keep_idle: self.keep_idle,
        }
    }

    pub(crate) fn from_data(data: &UploadsData, restored: &Restored) -> Result<Self, String> {
        let mut uploads = Uploads::new(data.keep_idle);
        uploads.next_position = data.next_position;
        for (position, upload) in &data.open {
            let upload = Upload::from_data(upload, restored)?;
            uploads.positions.insert(upload.id.clone(), *position);
            uploads.open.insert(*position, upload);
        }
        for (id, archive) in &data.completed {
            uploads.completed.insert(UploadId::new(&**id), restored.archive(*archive)?.clone());
        }
        uploads.aborted = data.aborted.iter().map(|id| UploadId::new(&**id)).collect();
        uploads.markers = Markers::from_data(&data.markers, |position| Ok(*position))?;
        for (id, markers) in &data.part_markers {
            let markers = Markers::from_data(markers, |position| Ok(*position))?;
            uploads.part_markers.insert(UploadId::new(&**id), markers);
        }
        Ok(uploads)
    }
}

fn parts_key(vault: &str, position: u64) -> String {
    numbered(&format!("{vault}/part"), position)
}

fn collect_open(vault: &str, position: u64, upload: &Upload, collector: &mut Collector) {
    collector.put_changed(numbered(&format!("{vault}/open"), position), &(position, upload.to_data()));
}

//! The multipart uploads of a vault as plain data, to be saved and loaded.

use serde::{Deserialize, Serialize};

use super::Uploads;
use crate::domain::vault::data::{Collected, Restored};
use crate::domain::vault::page::{Markers, MarkersData};
use crate::domain::vault::upload::{Upload, UploadData};
use crate::domain::words::UploadId;

/// All uploads that a vault knows. Completed uploads refer to their archives.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct UploadsData {
    /// By position.
    open: Vec<(u64, UploadData)>,
    next_position: u64,
    completed: Vec<(String, usize)>,
    aborted: Vec<String>,
    markers: MarkersData<u64>,
    part_markers: Vec<(String, MarkersData<u64>)>,
    keep_idle: bool,
}

impl Uploads {
    pub(crate) fn to_data(&self, collected: &mut Collected) -> UploadsData {
        let open = self.open.iter().map(|(position, upload)| (*position, upload.to_data(collected))).collect();
        let mut completed: Vec<_> =
            self.completed.iter().map(|(id, archive)| (id.to_string(), collected.archive(archive))).collect();
        let mut aborted: Vec<_> = self.aborted.iter().map(UploadId::to_string).collect();
        let parts = self.part_markers.iter();
        let mut part_markers: Vec<_> =
            parts.map(|(id, markers)| (id.to_string(), markers.to_data(|position| *position))).collect();
        // Equal states are saved as equal files.
        completed.sort_unstable();
        aborted.sort_unstable();
        part_markers.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let (next_position, keep_idle) = (self.next_position, self.keep_idle);
        let markers = self.markers.to_data(|position| *position);
        UploadsData { open, next_position, completed, aborted, markers, part_markers, keep_idle }
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

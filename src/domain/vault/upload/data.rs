//! A multipart upload in progress as plain data, to be saved and loaded.

use serde::{Deserialize, Serialize};

use super::{PartSize, Upload};
use crate::domain::bytes::{ByteRange, Leaves, LeavesData};
use crate::domain::vault::archive::StoredBytes;
use crate::domain::vault::data::{Collector, Restored, numbered};
use crate::domain::words::{Description, Timestamp, UploadId};

/// An upload in progress. Times are milliseconds since 1970.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct UploadData {
    id: String,
    description: Option<String>,
    part_size: u64,
    created: i64,
    touched: i64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) parts: Vec<PartData>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct PartData {
    /// The position of its first byte.
    first: u64,
    content: usize,
    leaves: LeavesData,
}

impl Upload {
    /// Returns the row of the upload, without its parts.
    pub(crate) fn to_data(&self) -> UploadData {
        UploadData {
            id: self.id.to_string(),
            description: self.description.get().map(str::to_owned),
            part_size: self.part_size.bytes(),
            created: self.created.as_milliseconds(),
            touched: self.touched.as_milliseconds(),
            parts: Vec::new(),
        }
    }

    /// Collects the rows of all parts, below this key. `position` is that of the upload.
    pub(crate) fn collect(&self, key: &str, position: u64, collector: &mut Collector) {
        self.parts.keys().for_each(|first| self.collect_part(key, position, *first, collector));
    }

    /// From now on, changes of parts are noted.
    pub(crate) fn note_all(&mut self) {
        self.changed_parts.take();
    }

    /// Collects the rows of the parts that have changed since the last call.
    pub(crate) fn collect_changes(&mut self, key: &str, position: u64, collector: &mut Collector) {
        match self.changed_parts.take() {
            None => self.collect(key, position, collector),
            Some(changed) => changed.into_iter().for_each(|first| self.collect_part(key, position, first, collector)),
        }
    }

    fn collect_part(&self, key: &str, position: u64, first: u64, collector: &mut Collector) {
        let Some(part) = self.parts.get(&first) else { return };
        let row = PartData { first, content: collector.content(&part.content), leaves: part.leaves.to_data() };
        collector.put(numbered(key, first), &(position, row));
    }

    pub(crate) fn from_data(data: &UploadData, restored: &Restored) -> Result<Self, String> {
        let part_size = PartSize::parse(&data.part_size.to_string());
        let part_size = part_size.ok_or_else(|| format!("{} is not the size of a part", data.part_size))?;
        let mut upload = Upload::new(
            UploadId::new(&*data.id),
            Description::restored(data.description.as_deref())?,
            part_size,
            Timestamp::restored(data.created)?,
        );
        upload.touched = Timestamp::restored(data.touched)?;
        for part in &data.parts {
            let content = restored.content(part.content)?;
            let leaves = Leaves::from_data(&part.leaves, content.len())?;
            let end = part.first.checked_add(content.len());
            if end.is_none_or(|end| ByteRange::new(part.first, end).is_none()) || content.len() > part_size.bytes() {
                return Err(format!("the part at {} is too long", part.first));
            }
            upload.parts.insert(part.first, StoredBytes { content, leaves });
        }
        Ok(upload)
    }
}

//! An archive as plain data, to be saved and loaded.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64};

use serde::{Deserialize, Serialize};

use super::{Archive, NOT_DELETED};
use crate::domain::bytes::{Leaves, LeavesData};
use crate::domain::vault::data::optional_instant;
use crate::domain::words::{ArchiveId, Description, Timestamp};

/// An archive without its bytes. Times are milliseconds since 1970.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct ArchiveData {
    pub(crate) id: String,
    pub(crate) description: Option<String>,
    pub(crate) created: i64,
    pub(crate) size: u64,
    pub(crate) leaves: LeavesData,
    pub(crate) deleted: Option<i64>,
    pub(crate) retrieved: bool,
}

impl Archive {
    pub(crate) fn to_data(&self) -> ArchiveData {
        ArchiveData {
            id: self.id.to_string(),
            description: self.description.get().map(str::to_owned),
            created: self.created.as_milliseconds(),
            size: self.size(),
            leaves: self.leaves.to_data(),
            deleted: self.deleted().map(Timestamp::as_milliseconds),
            retrieved: self.was_retrieved(),
        }
    }

    pub(crate) fn from_data(data: &ArchiveData) -> Result<Arc<Self>, String> {
        let archive = Archive {
            id: ArchiveId::new(&*data.id),
            description: Description::restored(data.description.as_deref())?,
            created: Timestamp::restored(data.created)?,
            leaves: Leaves::from_data(&data.leaves, data.size)?,
            size: NonZeroU64::new(data.size).ok_or("an archive is empty")?,
            deleted: AtomicI64::new(NOT_DELETED),
            retrieved: AtomicBool::new(false),
        };
        if let Some(deleted) = optional_instant(data.deleted)? {
            archive.delete(deleted);
        }
        if data.retrieved {
            archive.retrieve();
        }
        Ok(Arc::new(archive))
    }
}

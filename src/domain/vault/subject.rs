//! The resource within a vault that a request refers to.

use crate::domain::words::{ArchiveId, JobId, LockId, UploadId};

/// The archive, job, upload or lock that a request names or creates.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Subject {
    #[default]
    None,
    Archive(ArchiveId),
    Job(JobId),
    Upload(UploadId),
    Lock(LockId),
}

impl Subject {
    pub(crate) fn archive(&self) -> Option<&ArchiveId> {
        if let Subject::Archive(id) = self { Some(id) } else { None }
    }

    pub(crate) fn job(&self) -> Option<&JobId> {
        if let Subject::Job(id) = self { Some(id) } else { None }
    }

    pub(crate) fn upload(&self) -> Option<&UploadId> {
        if let Subject::Upload(id) = self { Some(id) } else { None }
    }

    pub(crate) fn lock(&self) -> Option<&LockId> {
        if let Subject::Lock(id) = self { Some(id) } else { None }
    }
}

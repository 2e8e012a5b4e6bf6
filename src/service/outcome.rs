//! The results of commands, before they are rendered for HTTP.

use crate::domain::account::{CapacityUnit, RetrievalPolicy};
use crate::domain::bytes::Digest;
use crate::domain::vault::{JobAt, JobOutput, Notifications, Page, Part, PartSize, Subject, Tags, Totals, VaultLock};
use crate::domain::words::{ArchiveId, CapacityId, Description, LockId, Timestamp, UploadId, VaultName};
use crate::policy::PolicyDocument;

/// The result of a command.
#[derive(Debug)]
pub(crate) enum Outcome {
    VaultCreated(VaultName),
    Vault(VaultDescription),
    Vaults(Page<VaultDescription>),
    ArchiveStored {
        vault: VaultName,
        id: ArchiveId,
        tree_hash: Digest,
    },
    JobStarted {
        vault: VaultName,
        job: JobAt,
    },
    Job {
        vault_arn: String,
        job: JobAt,
    },
    Jobs {
        vault_arn: String,
        page: Page<JobAt>,
    },
    JobOutput(JobOutput),
    UploadStarted {
        vault: VaultName,
        id: UploadId,
    },
    PartStored {
        tree_hash: Digest,
    },
    Uploads(Page<UploadDescription>),
    Parts {
        upload: UploadDescription,
        page: Page<Part>,
    },
    Tags(Tags),
    Notifications(Notifications),
    AccessPolicy(PolicyDocument),
    LockStarted {
        id: LockId,
    },
    Lock(VaultLock),
    RetrievalPolicy(RetrievalPolicy),
    CapacityPurchased {
        id: CapacityId,
    },
    Capacity(Vec<CapacityUnit>),
    /// The command succeeded, and the response has no content.
    Done,
}

impl Outcome {
    /// Returns the archive, upload, job or lock that the command created.
    pub(crate) fn subject(&self) -> Subject {
        match self {
            Outcome::ArchiveStored { id, .. } => Subject::Archive(id.clone()),
            Outcome::UploadStarted { id, .. } => Subject::Upload(id.clone()),
            Outcome::JobStarted { job, .. } => Subject::Job(job.job.id.clone()),
            Outcome::LockStarted { id } => Subject::Lock(id.clone()),
            _ => Subject::None,
        }
    }
}

/// The data of DescribeVault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VaultDescription {
    pub(crate) name: VaultName,
    pub(crate) arn: String,
    pub(crate) created: Timestamp,
    pub(crate) totals: Totals,
}

/// The data about an upload in ListMultipartUploads and ListParts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UploadDescription {
    pub(crate) id: UploadId,
    pub(crate) vault_arn: String,
    pub(crate) description: Description,
    pub(crate) part_size: PartSize,
    pub(crate) created: Timestamp,
}

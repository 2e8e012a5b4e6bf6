//! What a client may ask of the service, parsed and legal as far as it can be without looking at the state; and what
//! the service answers.

use crate::domain::archive::StoredBytes;
use crate::domain::archive_list::Period;
use crate::domain::capacity::CapacityUnit;
use crate::domain::description::Description;
use crate::domain::digest::Digest;
use crate::domain::id::{ArchiveId, CapacityId, JobId, LockId, UploadId};
use crate::domain::inventory_format::Format;
use crate::domain::job::{JobAt, StatusCode, Tier};
use crate::domain::lock::VaultLock;
use crate::domain::name::VaultName;
use crate::domain::notification::{Notifications, Topic};
use crate::domain::page::{Page, PageRequest};
use crate::domain::range::{ByteRange, HeaderRange};
use crate::domain::retrieval_policy::RetrievalPolicy;
use crate::domain::tags::{NewTags, Tags};
use crate::domain::timestamp::Timestamp;
use crate::domain::upload::{Part, PartSize};
use crate::domain::vault::Totals;
use crate::policy::PolicyDocument;

/// A request of one of the operations, named as the API names it.
#[derive(Debug)]
pub(crate) enum Command {
    CreateVault(VaultName),
    DescribeVault(VaultName),
    ListVaults(PageRequest),
    DeleteVault(VaultName),
    UploadArchive(UploadArchive),
    DeleteArchive(DeleteArchive),
    InitiateJob(InitiateJob),
    DescribeJob(DescribeJob),
    ListJobs(ListJobs),
    GetJobOutput(GetJobOutput),
    InitiateMultipartUpload(InitiateMultipartUpload),
    UploadMultipartPart(UploadMultipartPart),
    CompleteMultipartUpload(CompleteMultipartUpload),
    AbortMultipartUpload(OneUpload),
    ListMultipartUploads(ListMultipartUploads),
    ListParts(ListParts),
    AddTagsToVault(AddTags),
    RemoveTagsFromVault(RemoveTags),
    ListTagsForVault(VaultName),
    SetVaultNotifications(SetNotifications),
    GetVaultNotifications(VaultName),
    DeleteVaultNotifications(VaultName),
    SetVaultAccessPolicy(SetAccessPolicy),
    GetVaultAccessPolicy(VaultName),
    DeleteVaultAccessPolicy(VaultName),
    InitiateVaultLock(InitiateVaultLock),
    GetVaultLock(VaultName),
    AbortVaultLock(VaultName),
    CompleteVaultLock(CompleteVaultLock),
    GetDataRetrievalPolicy,
    SetDataRetrievalPolicy(RetrievalPolicy),
    PurchaseProvisionedCapacity,
    ListProvisionedCapacity,
}

impl Command {
    /// The vault that it is about; `None` for what belongs to an account.
    pub(crate) fn vault(&self) -> Option<&VaultName> {
        match self {
            Command::CreateVault(vault)
            | Command::DescribeVault(vault)
            | Command::DeleteVault(vault)
            | Command::ListTagsForVault(vault)
            | Command::GetVaultNotifications(vault)
            | Command::DeleteVaultNotifications(vault)
            | Command::GetVaultAccessPolicy(vault)
            | Command::DeleteVaultAccessPolicy(vault)
            | Command::GetVaultLock(vault)
            | Command::AbortVaultLock(vault)
            | Command::UploadArchive(UploadArchive { vault, .. })
            | Command::DeleteArchive(DeleteArchive { vault, .. })
            | Command::InitiateJob(InitiateJob { vault, .. })
            | Command::DescribeJob(DescribeJob { vault, .. })
            | Command::ListJobs(ListJobs { vault, .. })
            | Command::GetJobOutput(GetJobOutput { vault, .. })
            | Command::InitiateMultipartUpload(InitiateMultipartUpload { vault, .. })
            | Command::UploadMultipartPart(UploadMultipartPart { vault, .. })
            | Command::CompleteMultipartUpload(CompleteMultipartUpload { vault, .. })
            | Command::AbortMultipartUpload(OneUpload { vault, .. })
            | Command::ListMultipartUploads(ListMultipartUploads { vault, .. })
            | Command::ListParts(ListParts { vault, .. })
            | Command::AddTagsToVault(AddTags { vault, .. })
            | Command::RemoveTagsFromVault(RemoveTags { vault, .. })
            | Command::SetVaultNotifications(SetNotifications { vault, .. })
            | Command::SetVaultAccessPolicy(SetAccessPolicy { vault, .. })
            | Command::InitiateVaultLock(InitiateVaultLock { vault, .. })
            | Command::CompleteVaultLock(CompleteVaultLock { vault, .. }) => Some(vault),
            Command::ListVaults(_)
            | Command::GetDataRetrievalPolicy
            | Command::SetDataRetrievalPolicy(_)
            | Command::PurchaseProvisionedCapacity
            | Command::ListProvisionedCapacity => None,
        }
    }

    /// The archive that it deletes or retrieves.
    pub(crate) fn archive(&self) -> Option<&ArchiveId> {
        match self {
            Command::InitiateJob(InitiateJob { retrieval: Retrieval::Archive { archive, .. }, .. })
            | Command::DeleteArchive(DeleteArchive { archive, .. }) => Some(archive),
            _ => None,
        }
    }
}

/// A body whose hashes are those that the client said.
#[derive(Debug)]
pub(crate) struct UploadArchive {
    pub(crate) vault: VaultName,
    pub(crate) description: Description,
    pub(crate) body: StoredBytes,
}

#[derive(Debug)]
pub(crate) struct DeleteArchive {
    pub(crate) vault: VaultName,
    pub(crate) archive: ArchiveId,
}

#[derive(Debug)]
pub(crate) struct InitiateJob {
    pub(crate) vault: VaultName,
    pub(crate) description: Description,
    pub(crate) sns_topic: Option<Topic>,
    pub(crate) retrieval: Retrieval,
}

#[derive(Debug)]
pub(crate) enum Retrieval {
    Archive {
        archive: ArchiveId,
        range: Option<ByteRange>,
        tier: Tier,
    },
    /// `archive` is one that the client named, which is none of an inventory's business.
    Inventory {
        archive: Option<ArchiveId>,
        format: Format,
        period: Period,
        limit: Option<u64>,
        marker: Option<String>,
    },
}

#[derive(Debug)]
pub(crate) struct DescribeJob {
    pub(crate) vault: VaultName,
    pub(crate) job: JobId,
}

#[derive(Debug)]
pub(crate) struct ListJobs {
    pub(crate) vault: VaultName,
    pub(crate) page: PageRequest,
    pub(crate) status: Option<StatusCode>,
    pub(crate) completed: Option<bool>,
}

#[derive(Debug)]
pub(crate) struct GetJobOutput {
    pub(crate) vault: VaultName,
    pub(crate) job: JobId,
}

#[derive(Debug)]
pub(crate) struct InitiateMultipartUpload {
    pub(crate) vault: VaultName,
    pub(crate) description: Description,
    pub(crate) part_size: PartSize,
}

/// A part whose hashes are those that the client said, as long as its range.
#[derive(Debug)]
pub(crate) struct UploadMultipartPart {
    pub(crate) vault: VaultName,
    pub(crate) upload: UploadId,
    /// The Content-Range.
    pub(crate) range: HeaderRange,
    pub(crate) body: StoredBytes,
}

/// What the client says of the whole.
#[derive(Debug)]
pub(crate) struct CompleteMultipartUpload {
    pub(crate) vault: VaultName,
    pub(crate) upload: UploadId,
    pub(crate) size: u64,
    pub(crate) tree_hash: Digest,
}

#[derive(Debug)]
pub(crate) struct OneUpload {
    pub(crate) vault: VaultName,
    pub(crate) upload: UploadId,
}

#[derive(Debug)]
pub(crate) struct ListMultipartUploads {
    pub(crate) vault: VaultName,
    pub(crate) page: PageRequest,
}

#[derive(Debug)]
pub(crate) struct ListParts {
    pub(crate) vault: VaultName,
    pub(crate) upload: UploadId,
    pub(crate) page: PageRequest,
}

#[derive(Debug)]
pub(crate) struct AddTags {
    pub(crate) vault: VaultName,
    pub(crate) tags: NewTags,
}

#[derive(Debug)]
pub(crate) struct RemoveTags {
    pub(crate) vault: VaultName,
    pub(crate) keys: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct SetNotifications {
    pub(crate) vault: VaultName,
    pub(crate) notifications: Notifications,
}

#[derive(Debug)]
pub(crate) struct SetAccessPolicy {
    pub(crate) vault: VaultName,
    pub(crate) policy: PolicyDocument,
}

#[derive(Debug)]
pub(crate) struct InitiateVaultLock {
    pub(crate) vault: VaultName,
    pub(crate) policy: PolicyDocument,
}

#[derive(Debug)]
pub(crate) struct CompleteVaultLock {
    pub(crate) vault: VaultName,
    pub(crate) lock: LockId,
}

/// What the service did or found.
#[derive(Debug)]
pub(crate) enum Outcome {
    VaultCreated(VaultName),
    Vault(VaultDescription),
    Vaults(Page<VaultDescription>),
    ArchiveStored {
        vault: VaultName,
        id: ArchiveId,
        tree_hash: crate::domain::digest::Digest,
    },
    JobStarted {
        vault: VaultName,
        id: JobId,
    },
    Job {
        vault_arn: String,
        job: JobAt,
    },
    Jobs {
        vault_arn: String,
        page: Page<JobAt>,
    },
    JobOutput(JobAt),
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
    /// Done, and nothing to say about it.
    Done,
}

/// What DescribeVault says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VaultDescription {
    pub(crate) name: VaultName,
    pub(crate) arn: String,
    pub(crate) created: Timestamp,
    pub(crate) totals: Totals,
}

/// What ListMultipartUploads and ListParts say of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UploadDescription {
    pub(crate) id: UploadId,
    pub(crate) vault_arn: String,
    pub(crate) description: Description,
    pub(crate) part_size: PartSize,
    pub(crate) created: Timestamp,
}

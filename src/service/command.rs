//! What a client may ask of the service, parsed and legal as far as it can be without looking at the state; and what
//! the service answers.

use crate::domain::archive::StoredBytes;
use crate::domain::description::Description;
use crate::domain::id::{ArchiveId, JobId};
use crate::domain::inventory::{Format, Period};
use crate::domain::job::{JobAt, StatusCode, Tier};
use crate::domain::name::VaultName;
use crate::domain::page::{Page, PageRequest};
use crate::domain::range::ByteRange;
use crate::domain::timestamp::Timestamp;
use crate::domain::vault::Totals;

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
    pub(crate) archive: String,
}

#[derive(Debug)]
pub(crate) struct InitiateJob {
    pub(crate) vault: VaultName,
    pub(crate) description: Description,
    pub(crate) sns_topic: Option<String>,
    pub(crate) retrieval: Retrieval,
}

#[derive(Debug)]
pub(crate) enum Retrieval {
    Archive { archive: String, range: Option<ByteRange>, tier: Tier },
    Inventory { format: Format, period: Period, limit: Option<u64>, marker: Option<String> },
}

#[derive(Debug)]
pub(crate) struct DescribeJob {
    pub(crate) vault: VaultName,
    pub(crate) job: String,
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
    pub(crate) job: String,
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

//! The commands of clients to the service, and their dispatch. Commands are parsed, and validated as far as that is
//! possible without the state.

use crate::domain::account::{AccountRegion, RetrievalPolicy};
use crate::domain::bytes::{ByteRange, Digest, HeaderRange};
use crate::domain::failure::Failure;
use crate::domain::vault::{
    Format, JobStatus, NewTags, Notifications, PageRequest, PartSize, Period, StoredBytes, Subject, Tier, Topic,
};
use crate::domain::words::{ArchiveId, Description, JobId, LockId, Operation, Timestamp, UploadId, VaultName};
use crate::policy::PolicyDocument;

use super::outcome::Outcome;
use super::state::State;
use super::{archives, jobs, locks, retrieval_limits, uploads, vault_settings, vaults};

/// A request for one of the operations.
#[derive(Debug)]
pub(crate) enum Command {
    /// A command for a vault, which must exist.
    OnVault(VaultName, VaultCommand),
    /// A command for an account in a region.
    OnAccount(AccountCommand),
}

/// Declares commands with the names of their operations.
macro_rules! commands {
    ($(#[$doc:meta])* $name:ident { $($operation:ident $(($parameters:ty))?,)* }) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) enum $name {
            $($operation $(($parameters))?,)*
        }

        impl $name {
            fn operation(&self) -> Operation {
                match self {
                    $($name::$operation { .. } => Operation::$operation,)*
                }
            }
        }
    };
}

commands! {
    /// Commands for a vault.
    VaultCommand {
        DescribeVault,
        UploadArchive(UploadArchive),
        DeleteArchive(ArchiveId),
        InitiateJob(InitiateJob),
        DescribeJob(JobId),
        ListJobs(ListJobs),
        GetJobOutput(GetJobOutput),
        InitiateMultipartUpload(InitiateMultipartUpload),
        UploadMultipartPart(UploadMultipartPart),
        CompleteMultipartUpload(CompleteMultipartUpload),
        AbortMultipartUpload(UploadId),
        ListMultipartUploads(PageRequest),
        ListParts(ListParts),
        AddTagsToVault(NewTags),
        RemoveTagsFromVault(Vec<String>),
        ListTagsForVault,
        SetVaultNotifications(Notifications),
        GetVaultNotifications,
        DeleteVaultNotifications,
        SetVaultAccessPolicy(PolicyDocument),
        GetVaultAccessPolicy,
        DeleteVaultAccessPolicy,
        InitiateVaultLock(PolicyDocument),
        GetVaultLock,
        AbortVaultLock,
        CompleteVaultLock(LockId),
    }
}

commands! {
    /// Commands for an account in a region. Creating or deleting a vault is one, because it changes the vaults of the
    /// account.
    AccountCommand {
        CreateVault(VaultName),
        ListVaults(PageRequest),
        DeleteVault(VaultName),
        GetDataRetrievalPolicy,
        SetDataRetrievalPolicy(RetrievalPolicy),
        PurchaseProvisionedCapacity,
        ListProvisionedCapacity,
    }
}

impl State {
    /// Applies a command, or changes nothing and returns the reason.
    pub(super) fn dispatch(
        &mut self,
        place: &AccountRegion,
        now: Timestamp,
        command: Command,
    ) -> Result<Outcome, Failure> {
        let (vaults, mut context) = self.open(place, now);
        let context = &mut context;
        let (name, command) = match command {
            Command::OnVault(name, command) => (name, command),
            Command::OnAccount(command) => {
                return match command {
                    AccountCommand::CreateVault(name) => vaults::create(vaults, context, name),
                    AccountCommand::ListVaults(page) => vaults::list(vaults, context, page),
                    AccountCommand::DeleteVault(name) => vaults::delete(vaults, context, name),
                    AccountCommand::GetDataRetrievalPolicy => retrieval_limits::get_policy(context),
                    AccountCommand::SetDataRetrievalPolicy(policy) => retrieval_limits::set_policy(context, policy),
                    AccountCommand::PurchaseProvisionedCapacity => retrieval_limits::purchase_capacity(context),
                    AccountCommand::ListProvisionedCapacity => retrieval_limits::list_capacity(context),
                };
            }
        };
        let vault = vaults.get(&name).ok_or_else(|| Failure::VaultNotFound { vault: place.vault_arn(&name) })?;
        match command {
            VaultCommand::DescribeVault => vaults::describe(vault, context),
            VaultCommand::UploadArchive(request) => archives::upload(vault, context, request),
            // The response depends on the other vaults of the account.
            VaultCommand::DeleteArchive(id) => archives::delete(vaults, context, &name, id),
            VaultCommand::InitiateJob(request) => jobs::initiate(vault, context, request),
            VaultCommand::DescribeJob(id) => jobs::describe(vault, context, &id),
            VaultCommand::ListJobs(request) => jobs::list(vault, context, request),
            VaultCommand::GetJobOutput(request) => jobs::output(vault, context, request),
            VaultCommand::InitiateMultipartUpload(request) => uploads::initiate(vault, context, request),
            VaultCommand::UploadMultipartPart(request) => uploads::put_part(vault, context, request),
            VaultCommand::CompleteMultipartUpload(request) => uploads::complete(vault, context, request),
            VaultCommand::AbortMultipartUpload(id) => uploads::abort(vault, context, &id),
            VaultCommand::ListMultipartUploads(page) => uploads::list(vault, context, page),
            VaultCommand::ListParts(request) => uploads::list_parts(vault, context, request),
            VaultCommand::AddTagsToVault(tags) => vault_settings::add_tags(vault, tags),
            VaultCommand::RemoveTagsFromVault(keys) => vault_settings::remove_tags(vault, &keys),
            VaultCommand::ListTagsForVault => vault_settings::list_tags(vault),
            VaultCommand::SetVaultNotifications(set) => vault_settings::set_notifications(vault, set),
            VaultCommand::GetVaultNotifications => vault_settings::get_notifications(vault),
            VaultCommand::DeleteVaultNotifications => vault_settings::delete_notifications(vault),
            VaultCommand::SetVaultAccessPolicy(policy) => vault_settings::set_access_policy(vault, policy),
            VaultCommand::GetVaultAccessPolicy => vault_settings::get_access_policy(vault),
            VaultCommand::DeleteVaultAccessPolicy => vault_settings::delete_access_policy(vault),
            VaultCommand::InitiateVaultLock(policy) => locks::initiate(vault, context, policy),
            VaultCommand::GetVaultLock => locks::get(vault, context),
            VaultCommand::AbortVaultLock => locks::abort(vault, context),
            VaultCommand::CompleteVaultLock(id) => locks::complete(vault, context, &id),
        }
    }
}

impl Command {
    pub(crate) fn operation(&self) -> Operation {
        match self {
            Command::OnVault(_, command) => command.operation(),
            Command::OnAccount(command) => command.operation(),
        }
    }

    /// Returns the vault whose policies decide who may give the command.
    pub(super) fn vault(&self) -> Option<&VaultName> {
        match self {
            Command::OnVault(name, _)
            | Command::OnAccount(AccountCommand::CreateVault(name) | AccountCommand::DeleteVault(name)) => Some(name),
            Command::OnAccount(_) => None,
        }
    }

    /// Returns the archive that the command deletes or retrieves.
    pub(crate) fn subject(&self) -> Subject {
        match self {
            Command::OnVault(
                _,
                VaultCommand::InitiateJob(InitiateJob { retrieval: Retrieval::Archive { archive, .. }, .. })
                | VaultCommand::DeleteArchive(archive),
            ) => Subject::Archive(archive.clone()),
            _ => Subject::None,
        }
    }
}

/// An archive whose hashes match those that the client claimed.
#[derive(Debug)]
pub(crate) struct UploadArchive {
    pub(crate) description: Description,
    pub(crate) body: StoredBytes,
}

#[derive(Debug)]
pub(crate) struct InitiateJob {
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
    /// The service does not use the `archive` of an inventory job, but clients may send one.
    Inventory {
        archive: Option<ArchiveId>,
        format: Format,
        period: Period,
        limit: Option<u64>,
        marker: Option<String>,
    },
}

#[derive(Debug)]
pub(crate) struct ListJobs {
    pub(crate) page: PageRequest,
    pub(crate) status: Option<JobStatus>,
    pub(crate) completed: Option<bool>,
}

#[derive(Debug)]
pub(crate) struct GetJobOutput {
    pub(crate) job: JobId,
    /// The Range, if the request has a readable one.
    pub(crate) range: Option<HeaderRange>,
}

#[derive(Debug)]
pub(crate) struct InitiateMultipartUpload {
    pub(crate) description: Description,
    pub(crate) part_size: PartSize,
}

/// A part whose hashes match those that the client claimed, and whose length is that of its range.
#[derive(Debug)]
pub(crate) struct UploadMultipartPart {
    pub(crate) upload: UploadId,
    /// The Content-Range.
    pub(crate) range: HeaderRange,
    pub(crate) body: StoredBytes,
}

#[derive(Debug)]
pub(crate) struct CompleteMultipartUpload {
    pub(crate) upload: UploadId,
    /// `None` for a completion by the test, which accepts whatever parts the upload has then.
    pub(crate) claims: Option<Claims>,
}

/// What the client claims about the whole archive.
#[derive(Debug)]
pub(crate) struct Claims {
    pub(crate) size: u64,
    pub(crate) tree_hash: Digest,
}

#[derive(Debug)]
pub(crate) struct ListParts {
    pub(crate) upload: UploadId,
    pub(crate) page: PageRequest,
}

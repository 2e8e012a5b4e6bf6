//! A request into a command: each operation has its own reader.

use crate::domain::failure::Failure;
use crate::service::command::Command;

use super::operation::Operation;
use super::request::Request;
use super::{archives, jobs, locks, retrieval_limits, uploads, vault_settings, vaults};

/// Reads the parameters of a request for `operation`.
pub(crate) fn parse(operation: Operation, request: &Request<'_>) -> Result<Command, Failure> {
    match operation {
        Operation::CreateVault => vaults::create(request),
        Operation::DescribeVault => Ok(Command::DescribeVault(request.vault()?)),
        Operation::ListVaults => Ok(Command::ListVaults(request.page()?)),
        Operation::DeleteVault => Ok(Command::DeleteVault(request.vault()?)),
        Operation::UploadArchive => archives::upload(request),
        Operation::DeleteArchive => archives::delete(request),
        Operation::InitiateJob => jobs::initiate(request),
        Operation::DescribeJob => jobs::describe(request),
        Operation::ListJobs => jobs::list(request),
        Operation::GetJobOutput => jobs::output(request),
        Operation::InitiateMultipartUpload => uploads::initiate(request),
        Operation::UploadMultipartPart => uploads::put_part(request),
        Operation::CompleteMultipartUpload => uploads::complete(request),
        Operation::AbortMultipartUpload => uploads::abort(request),
        Operation::ListMultipartUploads => uploads::list(request),
        Operation::ListParts => uploads::list_parts(request),
        Operation::AddTagsToVault => vault_settings::add_tags(request),
        Operation::RemoveTagsFromVault => vault_settings::remove_tags(request),
        Operation::ListTagsForVault => Ok(Command::ListTagsForVault(request.vault()?)),
        Operation::SetVaultNotifications => vault_settings::set_notifications(request),
        Operation::GetVaultNotifications => Ok(Command::GetVaultNotifications(request.vault()?)),
        Operation::DeleteVaultNotifications => Ok(Command::DeleteVaultNotifications(request.vault()?)),
        Operation::SetVaultAccessPolicy => vault_settings::set_access_policy(request),
        Operation::GetVaultAccessPolicy => Ok(Command::GetVaultAccessPolicy(request.vault()?)),
        Operation::DeleteVaultAccessPolicy => Ok(Command::DeleteVaultAccessPolicy(request.vault()?)),
        Operation::InitiateVaultLock => locks::initiate(request),
        Operation::GetVaultLock => Ok(Command::GetVaultLock(request.vault()?)),
        Operation::AbortVaultLock => Ok(Command::AbortVaultLock(request.vault()?)),
        Operation::CompleteVaultLock => locks::complete(request),
        Operation::GetDataRetrievalPolicy => Ok(Command::GetDataRetrievalPolicy),
        Operation::SetDataRetrievalPolicy => retrieval_limits::set_policy(request),
        Operation::PurchaseProvisionedCapacity => Ok(Command::PurchaseProvisionedCapacity),
        Operation::ListProvisionedCapacity => Ok(Command::ListProvisionedCapacity),
    }
}

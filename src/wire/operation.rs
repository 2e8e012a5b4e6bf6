//! The table of operations in HTTP: method, path, success status, and the function that reads the parameters. Routing
//! and the record use it too.

use hyper::{Method, StatusCode};

use crate::domain::failure::Failure;
use crate::domain::words::Operation;
use crate::service::{AccountCommand, Command, VaultCommand};

use super::request::Request;
use super::{archives, locks, retrieval_limits, vault_settings, vaults};
use crate::wire::{jobs, uploads};

macro_rules! table {
    ($($name:ident: $method:ident $path:literal, $status:ident, $on:ident($reader:expr);)*) => {
        fn row(operation: Operation) -> Row {
            match operation {
                $(Operation::$name => Row {
                    method: Method::$method,
                    path: $path,
                    segments: const { &segments::<{ count($path) }>($path) },
                    success: StatusCode::$status,
                },)*
            }
        }

        /// Reads the parameters of a request for `operation`.
        pub(crate) fn parse(operation: Operation, request: &Request<'_>) -> Result<Command, Failure> {
            match operation {
                $(Operation::$name => $on(request, $reader),)*
            }
        }
    };
}

struct Row {
    method: Method,
    path: &'static str,
    segments: &'static [&'static str],
    success: StatusCode,
}

/// Returns the number of segments of a path.
const fn count(path: &str) -> usize {
    let (mut count, mut at) = (1, 0);
    while at < path.len() {
        count += (path.as_bytes()[at] == b'/') as usize;
        at += 1;
    }
    count
}

/// Splits a path into segments, without its query. The compiler calls this: splitting all paths when the first request
/// arrives would take 50,000 instructions, 7 % of those of a process until its first answer.
const fn segments<const COUNT: usize>(path: &'static str) -> [&'static str; COUNT] {
    let mut segments = [""; COUNT];
    let (mut rest, mut found, mut end) = (path, 0, 0);
    while end < rest.len() {
        match rest.as_bytes()[end] {
            b'/' => {
                segments[found] = rest.split_at(end).0;
                rest = rest.split_at(end + 1).1;
                (found, end) = (found + 1, 0);
            }
            b'?' => rest = rest.split_at(end).0,
            _ => end += 1,
        }
    }
    segments[found] = rest;
    segments
}

table! {
    CreateVault: PUT "/{account}/vaults/{vault}", CREATED, on_account(vaults::create);
    DescribeVault: GET "/{account}/vaults/{vault}", OK, on_vault(|_| Ok(VaultCommand::DescribeVault));
    ListVaults: GET "/{account}/vaults", OK, on_account(|request| Ok(AccountCommand::ListVaults(request.page()?)));
    DeleteVault: DELETE "/{account}/vaults/{vault}", NO_CONTENT,
        on_account(|request| Ok(AccountCommand::DeleteVault(request.vault()?)));
    UploadArchive: POST "/{account}/vaults/{vault}/archives", CREATED, on_vault(archives::upload);
    DeleteArchive: DELETE "/{account}/vaults/{vault}/archives/{archive}", NO_CONTENT, on_vault(archives::delete);
    InitiateMultipartUpload: POST "/{account}/vaults/{vault}/multipart-uploads", CREATED, on_vault(uploads::initiate);
    UploadMultipartPart: PUT "/{account}/vaults/{vault}/multipart-uploads/{upload}", NO_CONTENT,
        on_vault(uploads::put_part);
    CompleteMultipartUpload: POST "/{account}/vaults/{vault}/multipart-uploads/{upload}", CREATED,
        on_vault(uploads::complete);
    AbortMultipartUpload: DELETE "/{account}/vaults/{vault}/multipart-uploads/{upload}", NO_CONTENT,
        on_vault(uploads::abort);
    ListMultipartUploads: GET "/{account}/vaults/{vault}/multipart-uploads", OK, on_vault(uploads::list);
    ListParts: GET "/{account}/vaults/{vault}/multipart-uploads/{upload}", OK, on_vault(uploads::list_parts);
    InitiateJob: POST "/{account}/vaults/{vault}/jobs", ACCEPTED, on_vault(jobs::initiate);
    DescribeJob: GET "/{account}/vaults/{vault}/jobs/{job}", OK, on_vault(jobs::describe);
    ListJobs: GET "/{account}/vaults/{vault}/jobs", OK, on_vault(jobs::list);
    GetJobOutput: GET "/{account}/vaults/{vault}/jobs/{job}/output", OK, on_vault(jobs::output);
    AddTagsToVault: POST "/{account}/vaults/{vault}/tags?operation=add", NO_CONTENT, on_vault(vault_settings::add_tags);
    RemoveTagsFromVault: POST "/{account}/vaults/{vault}/tags?operation=remove", NO_CONTENT,
        on_vault(vault_settings::remove_tags);
    ListTagsForVault: GET "/{account}/vaults/{vault}/tags", OK, on_vault(|_| Ok(VaultCommand::ListTagsForVault));
    SetVaultNotifications: PUT "/{account}/vaults/{vault}/notification-configuration", NO_CONTENT,
        on_vault(vault_settings::set_notifications);
    GetVaultNotifications: GET "/{account}/vaults/{vault}/notification-configuration", OK,
        on_vault(|_| Ok(VaultCommand::GetVaultNotifications));
    DeleteVaultNotifications: DELETE "/{account}/vaults/{vault}/notification-configuration", NO_CONTENT,
        on_vault(|_| Ok(VaultCommand::DeleteVaultNotifications));
    SetVaultAccessPolicy: PUT "/{account}/vaults/{vault}/access-policy", NO_CONTENT,
        on_vault(vault_settings::set_access_policy);
    GetVaultAccessPolicy: GET "/{account}/vaults/{vault}/access-policy", OK,
        on_vault(|_| Ok(VaultCommand::GetVaultAccessPolicy));
    DeleteVaultAccessPolicy: DELETE "/{account}/vaults/{vault}/access-policy", NO_CONTENT,
        on_vault(|_| Ok(VaultCommand::DeleteVaultAccessPolicy));
    InitiateVaultLock: POST "/{account}/vaults/{vault}/lock-policy", CREATED, on_vault(locks::initiate);
    GetVaultLock: GET "/{account}/vaults/{vault}/lock-policy", OK, on_vault(|_| Ok(VaultCommand::GetVaultLock));
    AbortVaultLock: DELETE "/{account}/vaults/{vault}/lock-policy", NO_CONTENT,
        on_vault(|_| Ok(VaultCommand::AbortVaultLock));
    CompleteVaultLock: POST "/{account}/vaults/{vault}/lock-policy/{lock}", NO_CONTENT, on_vault(locks::complete);
    GetDataRetrievalPolicy: GET "/{account}/policies/data-retrieval", OK,
        on_account(|_| Ok(AccountCommand::GetDataRetrievalPolicy));
    SetDataRetrievalPolicy: PUT "/{account}/policies/data-retrieval", NO_CONTENT,
        on_account(retrieval_limits::set_policy);
    PurchaseProvisionedCapacity: POST "/{account}/provisioned-capacity", CREATED,
        on_account(|_| Ok(AccountCommand::PurchaseProvisionedCapacity));
    ListProvisionedCapacity: GET "/{account}/provisioned-capacity", OK,
        on_account(|_| Ok(AccountCommand::ListProvisionedCapacity));
}

/// Reads the parameters of a command for a vault, after validating the vault's name.
fn on_vault(
    request: &Request<'_>,
    read: fn(&Request<'_>) -> Result<VaultCommand, Failure>,
) -> Result<Command, Failure> {
    let vault = request.vault()?;
    Ok(Command::OnVault(vault, read(request)?))
}

fn on_account(
    request: &Request<'_>,
    read: fn(&Request<'_>) -> Result<AccountCommand, Failure>,
) -> Result<Command, Failure> {
    Ok(Command::OnAccount(read(request)?))
}

impl Operation {
    /// The HTTP method, for example `GET`.
    pub fn method(self) -> &'static str {
        match row(self).method {
            Method::GET => "GET",
            Method::PUT => "PUT",
            Method::POST => "POST",
            _ => "DELETE",
        }
    }

    /// The path, with its variable segments in braces: `/{account}/vaults/{vault}`. Two operations also have a query
    /// here, which distinguishes them.
    pub fn path(self) -> &'static str {
        row(self).path
    }

    /// The status of a successful response. GetJobOutput responds with 206 to a request for a range.
    pub fn success_status(self) -> u16 {
        self.success().as_u16()
    }

    pub(crate) fn success(self) -> StatusCode {
        row(self).success
    }

    pub(crate) fn http_method(self) -> Method {
        row(self).method
    }

    /// Returns the segments of the path, without the query. The first one is empty, because the path begins with a
    /// slash.
    pub(crate) fn segments(self) -> &'static [&'static str] {
        row(self).segments
    }

    /// Returns whether a request for this route is for this operation: its query must contain the query of the table.
    pub(crate) fn has_query(self, query: Option<&str>) -> bool {
        let Some((_, wanted)) = self.path().split_once('?') else { return true };
        form_urlencoded::parse(wanted.as_bytes())
            .all(|wanted| form_urlencoded::parse(query.unwrap_or_default().as_bytes()).any(|given| given == wanted))
    }
}

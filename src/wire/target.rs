//! What a request is aimed at: the operation, and the variable segments of its path as the client spelled them.

use crate::domain::account::Account;
use crate::domain::id::{ArchiveId, JobId, LockId, UploadId};

use super::operation::Operation;

/// The operation of a request and the parts of its path, percent-decoded and otherwise unchecked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target {
    /// `None` if no operation has this method and path.
    pub(crate) operation: Option<Operation>,
    pub(crate) account: PathAccount,
    pub(crate) vault: Option<Box<str>>,
    pub(crate) subject: Subject,
}

/// The first segment of a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum PathAccount {
    /// `-`: the caller's.
    #[default]
    Own,
    Given(Account),
    /// No number of an account.
    Malformed,
}

/// What in a vault a request is about, beyond the vault.
#[derive(Clone, Debug, Default)]
pub(crate) enum Subject {
    #[default]
    None,
    Archive(ArchiveId),
    Job(JobId),
    Upload(UploadId),
    Lock(LockId),
}

impl Target {
    /// Sorts the segments that a router found in a path by the names that the table gives them.
    pub(crate) fn new<'a>(operation: Operation, segments: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut target = Target { operation: Some(operation), ..Target::default() };
        for (name, value) in segments {
            match name {
                "account" => target.account = PathAccount::parse(value),
                "vault" => target.vault = Some(value.into()),
                "archive" => target.subject = Subject::Archive(ArchiveId::new(value)),
                "job" => target.subject = Subject::Job(JobId::new(value)),
                "upload" => target.subject = Subject::Upload(UploadId::new(value)),
                "lock" => target.subject = Subject::Lock(LockId::new(value)),
                _ => {}
            }
        }
        target
    }
}

impl PathAccount {
    pub(crate) fn parse(segment: &str) -> Self {
        match Account::parse(segment) {
            Some(account) => PathAccount::Given(account),
            None if segment == "-" => PathAccount::Own,
            None => PathAccount::Malformed,
        }
    }
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

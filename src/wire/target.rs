//! What a request is aimed at: the operation, and the variable segments of its path as the client spelled them.

use crate::domain::account::Account;
use crate::domain::vault::Subject;
use crate::domain::words::{ArchiveId, JobId, LockId, Operation, UploadId};

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

impl Target {
    /// Of an operation whose path is still to be told.
    pub(crate) fn of(operation: Operation) -> Self {
        Target { operation: Some(operation), ..Target::default() }
    }

    /// A segment of the path, by the name that the table gives it.
    pub(crate) fn name(&mut self, name: &str, segment: &str) {
        match name {
            "account" => self.account = PathAccount::parse(segment),
            "vault" => self.vault = Some(segment.into()),
            "archive" => self.subject = Subject::Archive(ArchiveId::new(segment)),
            "job" => self.subject = Subject::Job(JobId::new(segment)),
            "upload" => self.subject = Subject::Upload(UploadId::new(segment)),
            "lock" => self.subject = Subject::Lock(LockId::new(segment)),
            _ => {}
        }
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

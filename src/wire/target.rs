//! The target of a request: its operation, and the variable segments of its path as the client sent them.

use crate::domain::account::Account;
use crate::domain::vault::Subject;
use crate::domain::words::{ArchiveId, JobId, LockId, Operation, UploadId};

/// The operation of a request and the segments of its path, percent-decoded but otherwise unchecked.
#[derive(Clone, Debug, Default, PartialEq)]
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
    /// `-`: the account of the caller.
    #[default]
    Own,
    Given(Account),
    /// Not a valid account number.
    Malformed,
}

impl Target {
    /// Creates the target of an operation, without segments.
    pub(crate) fn of(operation: Operation) -> Self {
        Target { operation: Some(operation), ..Target::default() }
    }

    /// Sets a segment of the path, by its name in the table.
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
        match segment {
            "-" => PathAccount::Own,
            number => number.parse().map_or(PathAccount::Malformed, PathAccount::Given),
        }
    }
}

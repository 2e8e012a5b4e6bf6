//! What a request is aimed at: the operation, and the variable segments of its path as the client spelled them.

use super::operation::Operation;

/// The operation of a request and the parts of its path, percent-decoded and otherwise unchecked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target {
    /// `None` if no operation has this method and path.
    pub(crate) operation: Option<Operation>,
    pub(crate) account: Option<String>,
    pub(crate) vault: Option<String>,
    pub(crate) archive: Option<String>,
    pub(crate) job: Option<String>,
    pub(crate) upload: Option<String>,
    pub(crate) lock: Option<String>,
}

impl Target {
    /// Sorts the segments that a router found in a path by the names that the table gives them.
    pub(crate) fn new<'a>(operation: Operation, segments: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut target = Target { operation: Some(operation), ..Target::default() };
        for (name, value) in segments {
            let place = match name {
                "account" => &mut target.account,
                "vault" => &mut target.vault,
                "archive" => &mut target.archive,
                "job" => &mut target.job,
                "upload" => &mut target.upload,
                "lock" => &mut target.lock,
                _ => continue,
            };
            *place = Some(value.to_owned());
        }
        target
    }
}

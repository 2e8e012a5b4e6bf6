//! The question that policies answer: may this caller do that to this vault, as things are?

use std::fmt;

use super::principal::Principal;

/// A request, as policies see it.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) caller: &'a Principal,
    /// `glacier:DeleteArchive`.
    pub(crate) action: &'a str,
    /// `arn:aws:glacier:us-east-1:000000000000:vaults/photos`.
    pub(crate) resource: &'a str,
    /// The values of a condition key by its name in lower case (`glacier:archiveageindays`, `glacier:resourcetag/owner`);
    /// none, if the request does not have the key. Asked only for keys that a statement in question names, and never for
    /// those that the caller's ARN decides.
    pub(crate) keys: &'a dyn Fn(&str) -> Vec<String>,
}

impl Question<'_> {
    pub(super) fn values(&self, key: &str) -> Vec<String> {
        self.caller.condition_key(key).unwrap_or_else(|| (self.keys)(key))
    }
}

impl fmt::Debug for Question<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.caller.arn(), self.action, self.resource)
    }
}

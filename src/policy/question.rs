//! The input of a decision: the caller, the action, the vault and the condition keys of a request.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use super::principal::Principal;

/// The maximum total length of the values of policy variables in a decision, in bytes. Variables beyond it match
/// nothing. This bounds the cost of a decision, because a policy of 20 KB can have a thousand variables.
pub(super) const LONGEST_VARIABLES: usize = 64 * 1024;

/// A request as policies see it.
pub(crate) struct Question<'a> {
    pub(crate) caller: &'a Principal,
    /// `glacier:DeleteArchive`.
    pub(crate) action: &'a str,
    /// `arn:aws:glacier:us-east-1:000000000000:vaults/photos`.
    pub(crate) resource: &'a str,
    /// Returns the values of a condition key by its name in lower case (`glacier:archiveageindays`,
    /// `glacier:resourcetag/owner`), or no values if the request does not have the key. Called only for keys that an
    /// evaluated statement names, and never for keys that the caller's ARN determines.
    pub(crate) keys: &'a dyn Fn(&str) -> Vec<Cow<'a, str>>,
    /// How many bytes of [`LONGEST_VARIABLES`] are left.
    room: Cell<usize>,
}

impl<'a> Question<'a> {
    pub(crate) fn new(
        caller: &'a Principal,
        action: &'a str,
        resource: &'a str,
        keys: &'a dyn Fn(&str) -> Vec<Cow<'a, str>>,
    ) -> Self {
        Question { caller, action, resource, keys, room: Cell::new(LONGEST_VARIABLES) }
    }

    /// Counts the value of a variable. Returns false if that would exceed the limit.
    pub(super) fn takes(&self, value: &str) -> bool {
        let left = self.room.get().checked_sub(value.len());
        self.room.set(left.unwrap_or(self.room.get()));
        left.is_some()
    }

    pub(super) fn values(&self, key: &str) -> Vec<Cow<'a, str>> {
        match self.caller.condition_key(key) {
            Some(values) => values.into_iter().map(Cow::Owned).collect(),
            None => (self.keys)(key),
        }
    }
}

impl fmt::Debug for Question<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.caller.arn(), self.action, self.resource)
    }
}

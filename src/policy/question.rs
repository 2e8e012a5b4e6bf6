//! The question that policies answer: may this caller do that to this vault, as things are?

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use super::principal::Principal;

/// The longest values, in bytes, that the variables in policies are replaced by for one request, all together. Those
/// beyond match nothing. This bounds how long a decision can take: a policy of 20 KB can have a thousand variables.
pub(super) const LONGEST_VARIABLES: usize = 64 * 1024;

/// A request, as policies see it.
pub(crate) struct Question<'a> {
    pub(crate) caller: &'a Principal,
    /// `glacier:DeleteArchive`.
    pub(crate) action: &'a str,
    /// `arn:aws:glacier:us-east-1:000000000000:vaults/photos`.
    pub(crate) resource: &'a str,
    /// The values of a condition key by its name in lower case (`glacier:archiveageindays`, `glacier:resourcetag/owner`);
    /// none, if the request does not have the key. Asked only for keys that a statement in question names, and never for
    /// those that the caller's ARN decides.
    pub(crate) keys: &'a dyn Fn(&str) -> Vec<Cow<'a, str>>,
    /// How much of [`LONGEST_VARIABLES`] is left.
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

    /// Takes room for the value of a variable; false if there is not enough.
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

//! The name of a vault.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// The name of a vault: 1 to 255 characters of `A-Z a-z 0-9 _ - .` (api.md section 3). Sorts in ASCII order, as
/// ListVaults does.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct VaultName(Arc<str>);

impl VaultName {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
        let fits = (1..=255).contains(&name.len()) && name.bytes().all(legal);
        fits.then(|| VaultName(name.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for VaultName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VaultName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for VaultName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vault_names_follow_the_rules_of_the_service() {
        for good in ["a", "My_Vault-2.0", ".", "-", &"x".repeat(255)] {
            assert!(VaultName::parse(good).is_some(), "{good}");
        }
        for bad in ["", "a b", "a/b", "testz:z", "ä", "a\n", &"x".repeat(256)] {
            assert!(VaultName::parse(bad).is_none(), "{bad}");
        }
    }
}

//! The part of the mock's state that reports need, and suggestions for a missing vault.

use std::panic::RefUnwindSafe;

use crate::domain::account::AccountRegion;
use crate::domain::words::VaultName;
use crate::record::short;

use super::near::near;

/// The maximum number of names in a message. The rest are counted.
const LISTED: usize = 5;

/// Gives reports access to the state of a mock. They read it only after a failure, so it costs nothing in tests that
/// pass.
pub(crate) trait StateView: Send + Sync + RefUnwindSafe {
    fn known(&self) -> Known;
}

/// A snapshot of the mock's state for hints, taken when a report is written.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// The account and region of the mock's own client.
    pub(crate) own: AccountRegion,
    /// All vaults, created by a request or by the test.
    pub(crate) vaults: Vec<(AccountRegion, VaultName)>,
    /// The vaults that were deleted.
    pub(crate) deleted: Vec<(AccountRegion, VaultName)>,
}

/// What to tell a user about a vault that does not exist in an account and region.
pub(crate) struct Instead {
    /// A clause that follows "there is no vault ..: ".
    pub(crate) text: String,
    /// Whether the text says what happened to the vault, or which vault was probably meant.
    pub(crate) is_found: bool,
}

impl Known {
    pub(super) fn exists(&self, place: &AccountRegion, name: &str) -> bool {
        holds(&self.vaults, place, name)
    }

    /// Returns the names of the vaults in one account and region.
    fn names<'a>(&'a self, place: &'a AccountRegion) -> impl Iterator<Item = &'a str> {
        self.vaults.iter().filter(move |(at, _)| at == place).map(|(_, name)| name.as_str())
    }

    /// Returns the first of these that applies to a missing vault: that it was deleted, where a vault with the same
    /// name exists, similar names in the same place, similar names elsewhere, all names in the same place.
    pub(crate) fn instead_of(&self, place: &AccountRegion, name: &str) -> Instead {
        let found = |text: String| Instead { text, is_found: true };
        if holds(&self.deleted, place, name) {
            return found("it was deleted".into());
        }
        let elsewhere = || self.vaults.iter().filter(|(at, _)| at != place);
        let same = elsewhere().filter(|(_, found)| found.as_str() == name);
        let same: Vec<_> = same.map(|(at, _)| described(at, place)).collect();
        if !same.is_empty() {
            return found(format!("there is one in {}", listed(&same)));
        }
        let here: Vec<_> = near(name, self.names(place)).into_iter().map(quoted).collect();
        if !here.is_empty() {
            return found(format!("did you mean {}?", any_of(&here)));
        }
        let similar = elsewhere().filter(|(_, found)| !near(name, std::iter::once(found.as_str())).is_empty());
        let similar: Vec<_> =
            similar.map(|(at, found)| format!("{} in {}", quoted(found.as_str()), described(at, place))).collect();
        if !similar.is_empty() {
            return found(format!("did you mean {}?", any_of(&similar)));
        }
        let others: Vec<_> = self.names(place).map(quoted).collect();
        let text = match &others[..] {
            [] => "there are no vaults".to_owned(),
            [only] => format!("the only one is {only}"),
            several => format!("there are {}", listed(several)),
        };
        Instead { text, is_found: false }
    }
}

fn holds(vaults: &[(AccountRegion, VaultName)], place: &AccountRegion, name: &str) -> bool {
    vaults.iter().any(|(at, found)| at == place && found.as_str() == name)
}

fn quoted(name: &str) -> String {
    format!("{:?}", short(name))
}

/// Describes an account and region relative to another: the account is included only if it differs.
fn described(there: &AccountRegion, here: &AccountRegion) -> String {
    let region = short(&there.region);
    if there.account == here.account {
        format!("region {region}")
    } else {
        format!("account {} and region {region}", there.account)
    }
}

/// Formats a list as `a, b and c`, or as the first names and a count of the rest.
pub(super) fn listed(texts: &[String]) -> String {
    joined(texts, "and")
}

fn any_of(texts: &[String]) -> String {
    // A long list of suggestions does not help.
    joined(&texts[..texts.len().min(LISTED)], "or")
}

fn joined(texts: &[String], word: &str) -> String {
    match texts {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] if texts.len() <= LISTED => format!("{} {word} {last}", most.join(", ")),
        _ => format!("{} and {} more", texts[..LISTED].join(", "), texts.len() - LISTED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::Account;

    fn known(vaults: &[(&str, &str)]) -> Known {
        let vaults = vaults
            .iter()
            .map(|(region, name)| (AccountRegion::new(Account::DEFAULT, *region), VaultName::parse(name).unwrap()))
            .collect();
        Known { own: AccountRegion::new(Account::DEFAULT, "here"), vaults, deleted: Vec::new() }
    }

    fn instead(known: &Known, name: &str) -> String {
        known.instead_of(&AccountRegion::new(Account::DEFAULT, "here"), name).text
    }

    #[test]
    fn a_missing_vault_is_searched_in_other_places_and_under_similar_names() {
        assert_eq!(instead(&known(&[]), "photos"), "there are no vaults");
        assert_eq!(
            instead(&known(&[("there", "photos"), ("here", "photo")]), "photos"),
            "there is one in region there"
        );
        assert_eq!(instead(&known(&[("there", "photo"), ("here", "fotos")]), "photos"), "did you mean \"fotos\"?");
        assert_eq!(
            instead(&known(&[("there", "photo"), ("here", "x")]), "photos"),
            "did you mean \"photo\" in region there?"
        );
        assert_eq!(instead(&known(&[("there", "w"), ("here", "x")]), "photos"), "the only one is \"x\"");
    }

    #[test]
    fn a_long_list_of_vaults_is_shortened() {
        let names: Vec<_> = (0..1000).map(|n| format!("x{n}")).collect();
        let many: Vec<_> = names.iter().map(|name| ("here", name.as_str())).collect();
        let expected = "there are \"x0\", \"x1\", \"x2\", \"x3\", \"x4\" and 995 more";
        assert_eq!(instead(&known(&many), "photos"), expected);
        assert_eq!(instead(&known(&many[..3]), "photos"), "there are \"x0\", \"x1\" and \"x2\"");
    }

    #[test]
    fn a_deleted_vault_is_not_searched_elsewhere() {
        let deleted = known(&[("here", "photos")]).vaults;
        let known = Known { deleted, ..known(&[("there", "photos")]) };
        assert_eq!(instead(&known, "photos"), "it was deleted");
    }

    #[test]
    fn the_account_is_shown_if_it_differs() {
        let other = AccountRegion::new(Account::new("111122223333"), "here");
        let known = Known { vaults: vec![(other, VaultName::parse("photos").unwrap())], ..known(&[]) };
        assert_eq!(instead(&known, "photos"), "there is one in account 111122223333 and region here");
    }
}

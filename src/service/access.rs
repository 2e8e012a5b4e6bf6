//! Authorisation: the policies of a vault decide about each operation on it (api.md section 9).
//!
//! The account that owns a vault may do everything that no statement denies. Another account may use a vault only as
//! far as its policies allow. Resources outside of vaults belong to their account alone. For a vault without policies,
//! or one that does not exist, other accounts are refused because the account is not theirs (observed.md 2.F).

use core::net::IpAddr;
use std::borrow::Cow;
use std::cell::LazyCell;
use std::fmt::Display;

use crate::domain::account::{AccountRegion, Caller};
use crate::domain::failure::Failure;
use crate::domain::vault::{Found, Vault};
use crate::domain::words::{ArchiveId, Operation, Timestamp, VaultName};
use crate::policy::{Decision, PolicyKind, Question, count_steps, evaluate};

use super::Service;
use super::command::Command;
use super::state::State;

/// The caller of a command, and other facts that policies can refer to.
#[derive(Clone, Debug)]
pub(crate) struct Access<'a> {
    pub(crate) caller: &'a Caller,
    /// The address of the peer. The principal may set a different source address.
    pub(crate) peer: IpAddr,
    pub(crate) user_agent: Option<&'a str>,
}

/// The decision of the policies about a request.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) is_allowed: bool,
    /// The explanation.
    pub(crate) because: String,
}

impl Service {
    /// Refuses a caller of another account, unless the vault of the path has policies: only those could allow the
    /// caller. `vault` is the name as the client sent it.
    pub(crate) fn check_account(
        &self,
        caller: &Caller,
        place: &AccountRegion,
        vault: Option<&str>,
    ) -> Result<(), Failure> {
        if caller.principal.account() == place.account {
            return Ok(());
        }
        let now = self.now();
        let mut state = self.lock();
        let vault = vault.and_then(|name| state.vault(place, name));
        match vault.is_some_and(|vault| vault.access_policy.is_some() || vault.current_lock(now).is_some()) {
            true => Ok(()),
            false => Err(Failure::ForeignAccount { account: place.account.to_string() }),
        }
    }

    /// Returns what the policies would decide about a request for this vault now.
    pub(crate) fn explain(
        &self,
        place: &AccountRegion,
        access: &Access<'_>,
        operation: Operation,
        vault: &VaultName,
        archive: Option<&ArchiveId>,
    ) -> Verdict {
        let now = self.now();
        match self.lock().decision(place, now, access, operation, vault, archive) {
            Some(decision) => Verdict { is_allowed: decision.is_allowed(), because: decision.to_string() },
            None if access.is_owner(place) => Verdict {
                is_allowed: true,
                because: "allowed: the vault has no policies, and the caller belongs to the account of the vault"
                    .into(),
            },
            None => Verdict {
                is_allowed: false,
                because: format!(
                    "not allowed: {} belongs to another account, and the vault has no policies that could allow it",
                    access.caller.principal.arn()
                ),
            },
        }
    }
}

impl State {
    /// Refuses what the caller may not do. Without `access` the command comes from the test, which no policy restricts.
    pub(super) fn authorize(
        &mut self,
        place: &AccountRegion,
        now: Timestamp,
        access: Option<&Access<'_>>,
        command: &Command,
    ) -> Result<(), Failure> {
        let Some(access) = access else { return Ok(()) };
        let (operation, vault, subject) = (command.operation(), command.vault(), command.subject());
        let decision = vault.and_then(|vault| self.decision(place, now, access, operation, vault, subject.archive()));
        match decision {
            None if access.is_owner(place) => Ok(()),
            None => Err(Failure::ForeignAccount { account: place.account.to_string() }),
            Some(decision) if decision.is_allowed() => Ok(()),
            Some(decision) => Err(Failure::AccessDenied {
                principal: access.caller.principal.arn().to_owned(),
                action: action(operation),
                resource: vault.map(|vault| place.vault_arn(vault)).unwrap_or_default(),
                because: decision.to_string(),
            }),
        }
    }

    /// Returns `None` if no policy applies.
    fn decision(
        &mut self,
        place: &AccountRegion,
        now: Timestamp,
        access: &Access<'_>,
        operation: Operation,
        vault: &VaultName,
        archive: Option<&ArchiveId>,
    ) -> Option<Decision> {
        let vault = self.vault(place, vault.as_str())?;
        // Only these operations name an archive whose age a policy can test.
        let archive = archive.filter(|_| matches!(operation, Operation::DeleteArchive | Operation::InitiateJob));
        // The policy of a lock applies as soon as the lock is initiated, and ends if the lock expires.
        let lock = vault.current_lock(now).as_ref().map(|lock| lock.policy.clone());
        let policies =
            [(PolicyKind::VaultAccess, vault.access_policy.as_ref()), (PolicyKind::VaultLock, lock.as_ref())];
        let policies: Vec<_> = policies.into_iter().filter_map(|(kind, policy)| Some((kind, policy?))).collect();
        if policies.is_empty() {
            return None;
        }
        let action = action(operation);
        // Once for a decision: a policy can ask for the tags a thousand times.
        let tags = LazyCell::new(|| in_lower_case(vault));
        let tag_values =
            |tag: &str| tags.iter().find(|(name, _)| name == tag).map(|(_, value)| Cow::Owned(value.clone()));
        let keys = |key: &str| match key.strip_prefix("glacier:resourcetag/").or(key.strip_prefix("aws:resourcetag/")) {
            Some(tag) => tag_values(tag).into_iter().collect(),
            None => access.values(key, place, now, vault, archive),
        };
        let question = Question::new(access.caller.principal.identity(), &action, &vault.arn, &keys);
        Some(evaluate(&policies, &question, access.is_owner(place)))
    }
}

impl<'a> Access<'a> {
    fn is_owner(&self, place: &AccountRegion) -> bool {
        self.caller.principal.account() == place.account
    }

    /// Returns the values of a condition key, except those of tags. The name of the key is in lower case.
    fn values(
        &self,
        key: &str,
        place: &AccountRegion,
        now: Timestamp,
        vault: &Vault,
        archive: Option<&ArchiveId>,
    ) -> Vec<Cow<'a, str>> {
        let principal = &self.caller.principal;
        let one = |value: &dyn Display| vec![Cow::Owned(value.to_string())];
        let maybe = |value: Option<String>| value.into_iter().map(Cow::Owned).collect();
        match key {
            "glacier:archiveageindays" => maybe(archive_age(now, vault, archive).map(|days| days.to_string())),
            // Long-term credentials without a second factor do not have the key at all.
            "aws:multifactorauthpresent" => {
                let since = principal.mfa_since();
                let is_present = since.is_some() || principal.session_token().is_some();
                maybe(is_present.then(|| since.is_some().to_string()))
            }
            "aws:multifactorauthage" => {
                maybe(principal.mfa_since().map(|since| now.since(since).as_secs().to_string()))
            }
            "aws:sourceip" => one(&principal.source_ip().unwrap_or(self.peer)),
            "aws:securetransport" => one(&principal.is_secure()),
            "aws:currenttime" => one(&now),
            "aws:epochtime" => one(&now.epoch_seconds()),
            // Borrowed, because a policy may refer to it a thousand times.
            "aws:useragent" => self.user_agent.into_iter().map(Cow::Borrowed).collect(),
            "aws:requestedregion" => one(&place.region),
            "aws:resourceaccount" => one(&place.account),
            "aws:viaawsservice" | "aws:principalisawsservice" => one(&false),
            _ => Vec::new(),
        }
    }
}

fn action(operation: Operation) -> String {
    format!("glacier:{operation}")
}

/// Returns the names of the tags of a vault in lower case, and their values.
fn in_lower_case(vault: &Vault) -> Vec<(String, String)> {
    let lower = |(name, value): (&String, &String)| {
        count_steps(name.len());
        (name.to_lowercase(), value.clone())
    };
    vault.tags.get().iter().map(lower).collect()
}

/// Returns the number of whole days since an archive was stored, on the mock's clock.
fn archive_age(now: Timestamp, vault: &Vault, archive: Option<&ArchiveId>) -> Option<u64> {
    const DAY: u64 = 24 * 60 * 60;
    let (Found::Stored(archive, _) | Found::Deleted(archive)) = vault.find(archive?)?;
    Some(now.since(archive.created).as_secs() / DAY)
}

#[cfg(test)]
mod tests {
    use crate::domain::words::Operation;
    use crate::policy::steps_of;
    use crate::{GlacierMock, Principal};

    /// A policy of 20 KB can name a tag a thousand times, and a vault can have 50 tags with long names.
    #[test]
    fn the_names_of_tags_are_lowered_once_for_a_decision() {
        let (mock, alice) = (GlacierMock::start(), Principal::new("arn:aws:iam::111122223333:user/Alice"));
        let vault = mock.create_vault("v");
        (0..49).for_each(|n| drop(vault.tag(&format!("{}{n}", "Ä".repeat(126)), "hold")));
        vault.tag("a", "x");
        let variables = r"${aws:ResourceTag/a}".repeat(900);
        vault.set_access_policy(format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":"*","Action":"glacier:*","Resource":
            "arn:aws:glacier:us-east-1:000000000000:vaults/v","Condition":{{"StringLike":{{"aws:UserAgent":"{variables}"}}}}}}}}"#
        ));
        let (explanation, steps) =
            steps_of(|| mock.explain(Operation::ListJobs).by(&alice).user_agent("curl").for_vault("v"));
        assert!(!explanation.is_allowed());
        let names = 49 * 254;
        assert!((names..2 * names).contains(&steps), "{steps} steps");
    }
}

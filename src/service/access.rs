//! Who may do what: the policies of a vault, asked before each operation on it (api.md section 9).
//!
//! The account that owns a vault may do what no statement denies. Another account reaches only vaults whose policies
//! allow it something; what belongs to no vault is its account's alone. In a vault without policies, or without the
//! vault, others are told what they always were: that the account is not theirs (observed.md 2.F).

use core::net::IpAddr;
use std::borrow::Cow;
use std::fmt::Display;

use crate::domain::account::Scope;
use crate::domain::failure::Failure;
use crate::domain::name::VaultName;
use crate::domain::principal::Caller;
use crate::domain::timestamp::Timestamp;
use crate::domain::vault::{Found, Vault};
use crate::policy::{Decision, PolicyKind, Question, evaluate};

use super::Service;
use super::state::State;

/// Who asks for what, and what policies may want to know besides.
#[derive(Clone, Debug)]
pub(crate) struct Access<'a> {
    pub(crate) caller: &'a Caller,
    /// AWS's name of the operation.
    pub(crate) operation: &'static str,
    /// Where the connection comes from, unless the principal is said to call from elsewhere.
    pub(crate) peer: IpAddr,
    pub(crate) user_agent: Option<&'a str>,
}

/// What policies say to a request.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) is_allowed: bool,
    /// In words.
    pub(crate) because: String,
}

impl Service {
    /// Whether an account has nothing that could be open to a caller of another: no such vault, or no policies on it.
    pub(crate) fn bars(&self, caller: &Caller, scope: &Scope, vault: Option<&str>) -> bool {
        if caller.principal.account() == scope.account {
            return false;
        }
        let now = self.now();
        let mut state = self.lock();
        let vault = vault.and_then(VaultName::parse).and_then(|name| state.vault(scope, &name).ok());
        vault.is_none_or(|vault| vault.access_policy.is_none() && vault.lock(now).is_none())
    }

    /// What would become of a request for this vault now, as far as policies go.
    pub(crate) fn explain(
        &self,
        scope: &Scope,
        access: &Access<'_>,
        vault: &VaultName,
        archive: Option<&str>,
    ) -> Verdict {
        let now = self.now();
        match self.lock().decision(scope, now, access, vault, archive) {
            Some(decision) => Verdict { is_allowed: decision.is_allowed(), because: decision.to_string() },
            None if access.is_owner(scope) => Verdict {
                is_allowed: true,
                because: "allowed: the vault has no policies, and the caller is of its own account".into(),
            },
            None => Verdict {
                is_allowed: false,
                because: format!(
                    "not allowed: the vault has no policies that could let {} in, who is of another account",
                    access.caller.principal.arn()
                ),
            },
        }
    }
}

impl State {
    /// Refuses what the caller may not do. `vault` is absent where an operation is about none.
    pub(super) fn authorize(
        &mut self,
        scope: &Scope,
        now: Timestamp,
        access: &Access<'_>,
        vault: Option<&VaultName>,
        archive: Option<&str>,
    ) -> Result<(), Failure> {
        let decision = vault.and_then(|vault| self.decision(scope, now, access, vault, archive));
        match decision {
            None if access.is_owner(scope) => Ok(()),
            None => Err(Failure::ForeignAccount { account: scope.account.to_string() }),
            Some(decision) if decision.is_allowed() => Ok(()),
            Some(decision) => Err(Failure::AccessDenied {
                principal: access.caller.principal.arn().to_owned(),
                action: access.action(),
                resource: vault.map(|vault| scope.vault_arn(vault)).unwrap_or_default(),
                because: decision.to_string(),
            }),
        }
    }

    /// `None` where no policy has a say.
    fn decision(
        &mut self,
        scope: &Scope,
        now: Timestamp,
        access: &Access<'_>,
        vault: &VaultName,
        archive: Option<&str>,
    ) -> Option<Decision> {
        let vault = self.vault(scope, vault).ok()?;
        // In force from the first moment, and gone with its trial.
        let lock = vault.lock(now).as_ref().map(|lock| lock.policy.clone());
        let policies =
            [(PolicyKind::VaultAccess, vault.access_policy.as_ref()), (PolicyKind::VaultLock, lock.as_ref())];
        let policies: Vec<_> = policies.into_iter().filter_map(|(kind, policy)| Some((kind, policy?))).collect();
        if policies.is_empty() {
            return None;
        }
        let action = access.action();
        let keys = |key: &str| access.values(key, scope, now, vault, archive);
        let question = Question::new(access.caller.principal.identity(), &action, &vault.arn, &keys);
        Some(evaluate(&policies, &question, access.is_owner(scope)))
    }
}

impl<'a> Access<'a> {
    fn is_owner(&self, scope: &Scope) -> bool {
        self.caller.principal.account() == scope.account
    }

    fn action(&self) -> String {
        format!("glacier:{}", self.operation)
    }

    /// The values of a condition key, whose name is in lower case.
    fn values(
        &self,
        key: &str,
        scope: &Scope,
        now: Timestamp,
        vault: &Vault,
        archive: Option<&str>,
    ) -> Vec<Cow<'a, str>> {
        let principal = &self.caller.principal;
        let one = |value: &dyn Display| vec![Cow::Owned(value.to_string())];
        let maybe = |value: Option<String>| value.into_iter().map(Cow::Owned).collect();
        if let Some(tag) = key.strip_prefix("glacier:resourcetag/").or(key.strip_prefix("aws:resourcetag/")) {
            return maybe(
                vault.tags.iter().find(|(name, _)| name.to_lowercase() == tag).map(|(_, value)| value.to_owned()),
            );
        }
        match key {
            "glacier:archiveageindays" => maybe(self.archive_age(now, vault, archive).map(|days| days.to_string())),
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
            // Borrowed, because a policy may name it a thousand times.
            "aws:useragent" => self.user_agent.into_iter().map(Cow::Borrowed).collect(),
            "aws:requestedregion" => one(&scope.region),
            "aws:resourceaccount" => one(&scope.account),
            "aws:viaawsservice" | "aws:principalisawsservice" => one(&false),
            _ => Vec::new(),
        }
    }

    /// Whole days since an archive was stored, on the mock's clock. Known where an archive is deleted or retrieved.
    fn archive_age(&self, now: Timestamp, vault: &Vault, archive: Option<&str>) -> Option<u64> {
        const DAY: u64 = 24 * 60 * 60;
        if !["DeleteArchive", "InitiateJob"].contains(&self.operation) {
            return None;
        }
        let (Found::Stored(archive, _) | Found::Deleted(archive)) = vault.find(archive?)?;
        Some(now.since(archive.created).as_secs() / DAY)
    }
}

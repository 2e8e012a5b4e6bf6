//! The decision about a request, with its reason.

use std::fmt;

use super::condition::Finding;
use super::document::PolicyDocument;
use super::question::Question;
use super::statement::{Effect, Match, Miss, Statement};

/// The two policies that a vault can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PolicyKind {
    VaultAccess,
    VaultLock,
}

/// The position of a statement: its policy and its number there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StatementRef {
    pub(crate) policy: PolicyKind,
    /// The number of the statement in its policy, from 1.
    pub(crate) number: usize,
    pub(crate) sid: Option<String>,
}

/// The decision of the policies of a vault about a request. `Display` explains it for failure messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The caller belongs to the account that owns the vault, and no statement denies the request.
    OwnerByDefault,
    /// A statement allows the request, and none denies it.
    Allowed { by: StatementRef, because: Match },
    /// A statement denies the request. This overrides every Allow.
    Denied { by: StatementRef, because: Match },
    /// The caller belongs to another account, and no statement allows the request.
    NotAllowed {
        principal: String,
        action: String,
        resource: String,
        /// The statements that came closest to allowing the request.
        nearest: Vec<(StatementRef, Miss)>,
    },
}

impl Decision {
    pub(crate) fn is_allowed(&self) -> bool {
        matches!(self, Decision::OwnerByDefault | Decision::Allowed { .. })
    }
}

/// Evaluates all policies, in the order that the documentation of this module describes.
pub(crate) fn evaluate(
    policies: &[(PolicyKind, &PolicyDocument)],
    question: &Question<'_>,
    is_owner: bool,
) -> Decision {
    let with = |effect: Effect| {
        let numbered = policies.iter().flat_map(|(policy, document)| {
            document.statements().iter().enumerate().map(|(at, statement)| (*policy, at + 1, statement))
        });
        numbered.filter(move |(.., statement)| statement.effect == effect)
    };
    for (policy, number, statement) in with(Effect::Deny) {
        if let Ok(because) = statement.apply(question) {
            return Decision::Denied { by: reference(policy, number, statement), because };
        }
    }
    if is_owner {
        return Decision::OwnerByDefault;
    }
    let mut nearest: Vec<(StatementRef, Miss)> = Vec::new();
    for (policy, number, statement) in with(Effect::Allow) {
        let by = reference(policy, number, statement);
        match statement.apply(question) {
            Ok(because) => return Decision::Allowed { by, because },
            Err(miss) => {
                let best = nearest.first().map_or(0, |(_, miss)| miss.progress());
                if miss.progress() > best {
                    nearest.clear();
                }
                if miss.progress() >= best {
                    nearest.push((by, miss));
                }
            }
        }
    }
    Decision::NotAllowed {
        principal: question.caller.arn().to_owned(),
        action: question.action.to_owned(),
        resource: question.resource.to_owned(),
        nearest,
    }
}

fn reference(policy: PolicyKind, number: usize, statement: &Statement) -> StatementRef {
    StatementRef { policy, number, sid: statement.sid.clone() }
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PolicyKind::VaultAccess => "vault access policy",
            PolicyKind::VaultLock => "vault lock policy",
        })
    }
}

impl fmt::Display for StatementRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sid {
            Some(sid) => write!(f, "statement {sid:?} of the {}", self.policy),
            None => write!(f, "statement {} of the {}", self.number, self.policy),
        }
    }
}

impl fmt::Display for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exception = match &self.not_excepted[..] {
            [] => None,
            missing => Some(format!("its NotPrincipal does not name {}", missing.join(" and "))),
        };
        let reasons: Vec<_> = exception.into_iter().chain(self.held.iter().map(Finding::to_string)).collect();
        if reasons.is_empty() { Ok(()) } else { write!(f, ": {}", reasons.join(" and ")) }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Decision::OwnerByDefault => f.write_str("allowed: the vault's own account may do what no statement denies"),
            Decision::Allowed { by, because } => write!(f, "allowed by {by}{because}"),
            Decision::Denied { by, because } => write!(f, "denied by {by}{because}"),
            Decision::NotAllowed { principal, action, resource, nearest } => {
                write!(f, "not allowed: no statement allows {action} to {principal}, who is of another account")?;
                for (at, (statement, miss)) in nearest.iter().enumerate() {
                    f.write_str(if at == 0 { "; the nearest is " } else { ", and " })?;
                    match miss {
                        Miss::Principal => write!(f, "{statement}, whose Principal does not name the caller")?,
                        Miss::Action => write!(f, "{statement}, which is not about {action}")?,
                        Miss::Resource => write!(f, "{statement}, whose Resource is not {resource}")?,
                        Miss::Conditions(failed) => {
                            let failed: Vec<_> = failed.iter().map(Finding::to_string).collect();
                            write!(f, "{statement}: {}", failed.join(" and "))?;
                        }
                    }
                }
                Ok(())
            }
        }
    }
}

//! The policy engine: what vault access policies and vault lock policies allow and deny.
//!
//! Pure like the domain, and it knows nothing of Glacier but the names of its two policies: a document is parsed when it
//! is set ([`PolicyDocument`]), and later asked a [`Question`]. The order of [`evaluate`] (IAM user guide, "Policy
//! evaluation logic"; Glacier developer guide, "Vault Access Policies" and "Vault Lock Policies"; api.md section 9):
//!
//! 1. Any statement with the effect Deny that applies, in either policy, decides: the request is denied, the owner's too.
//! 2. A caller of the vault's own account is allowed. What its own IAM policies would say, a mock does not know: it
//!    takes them for granted.
//! 3. A caller of another account is allowed if any statement with the effect Allow applies, in either policy: a vault
//!    lock policy is a vault access policy that can be locked. That its own account lets it call is taken for granted.
//! 4. All else is refused.
//!
//! A statement applies if its principals, its actions, its resources and all its conditions do. A condition's values are
//! alternatives; a negated operator demands that none of them matches. A key that the request does not have fails every
//! operator but the negated ones, those with `IfExists`, `ForAllValues:` and `Null`; it fails every `ForAnyValue:`.
//!
//! A decision takes a bounded number of steps, because the state is locked meanwhile: a policy has at most 20 KB, a value
//! of a request that is longer than 2,048 bytes matches nothing, and the values of variables have room for 64 KiB in a
//! decision; those beyond match nothing. A negated operator holds for what matches nothing.
//!
//! Where the guide leaves it open, the engine takes the reading that refuses more: a caller is excepted by NotPrincipal
//! only if its account, its role and itself are named, and a variable without a value lets no Allow apply. For a Deny
//! that means that it does not apply either: "any attempt to match it fails and causes the statement to be invalid".

mod condition;
mod decision;
mod document;
mod json;
mod operator;
mod pattern;
mod principal;
mod question;
mod statement;
mod steps;
mod template;
mod value;

#[cfg(test)]
mod bounds;
#[cfg(test)]
mod condition_table;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod truth_table;

pub(crate) use decision::{Decision, PolicyKind, evaluate};
pub(crate) use document::PolicyDocument;
pub(crate) use principal::Principal;
pub(crate) use question::Question;

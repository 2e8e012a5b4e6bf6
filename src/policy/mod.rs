//! The policy engine: what vault access policies and vault lock policies allow and deny.
//!
//! Like `domain`, this room has no I/O and no clock. Of Glacier it uses only the names of the two policies. A document
//! is parsed when it is set ([`PolicyDocument`]), and later evaluated for a [`Question`]. The order of [`evaluate`]
//! (IAM user guide, "Policy evaluation logic"; Glacier developer guide, "Vault Access Policies" and "Vault Lock
//! Policies"; api.md section 9):
//!
//! 1. If any statement with the effect Deny applies, in either policy, the request is denied, even to the owner.
//! 2. A caller of the vault's own account is allowed. The mock does not have the caller's IAM policies, and assumes
//!    that they allow the request.
//! 3. A caller of another account is allowed if any statement with the effect Allow applies, in either policy: a vault
//!    lock policy is a vault access policy that can be locked. The mock assumes that the caller's own account allows
//!    it.
//! 4. Every other request is refused.
//!
//! A statement applies if its principals, its actions, its resources and all its conditions match. The values of a
//! condition are alternatives; a negated operator requires that none of them matches. A key that the request does not
//! have fails every operator except the negated ones, those with `IfExists`, `ForAllValues:` and `Null`; it fails every
//! `ForAnyValue:`.
//!
//! A decision takes a bounded number of steps, because it is made while the state is locked. A policy has at most 20
//! KB. A value of a request that is longer than 2,048 bytes matches nothing. The values of variables are limited to 64
//! KiB in a decision; those beyond the limit match nothing. A negated operator holds if nothing matches.
//!
//! Where the guide is ambiguous, the engine uses the interpretation that refuses more. NotPrincipal excepts a caller
//! only if it names the caller, its role and its account. A statement with a variable without a value does not apply;
//! this is also true for a Deny: "any attempt to match it fails and causes the statement to be invalid".

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
mod tests;

pub(crate) use decision::{Decision, PolicyKind, evaluate};
pub(crate) use document::PolicyDocument;
pub(crate) use principal::Principal;
pub(crate) use question::Question;
pub(crate) use steps::count as count_steps;
#[cfg(any(test, fuzzing))]
pub(crate) use steps::of as steps_of;

//! The identity of the caller, as GetCallerIdentity returns it.

use crate::domain::account::Principal;
use crate::domain::bytes::Digest;

/// The answer of GetCallerIdentity.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) account: String,
    pub(super) arn: String,
    pub(super) user_id: String,
}

impl Identity {
    pub(super) fn of(principal: &Principal) -> Self {
        let (account, arn) = (principal.account().to_string(), principal.arn().to_owned());
        let user_id = user_id(&account, &arn);
        Identity { account, arn, user_id }
    }
}

/// Returns the unique ID of a principal (IAM user guide, "Where you can use `aws:userid`"): the account for its root, an ID
/// that begins with `AIDA` for a user, `AROA..` and the name of the session for a role, and the account with the name
/// for a federated user. AWS generates the IDs of users and roles. Here they are derived from the ARN.
fn user_id(account: &str, arn: &str) -> String {
    let (start, resource) = arn.rsplit_once(':').unwrap_or(("", arn));
    let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
    match kind {
        "user" => generated("AIDA", arn),
        "federated-user" => format!("{account}:{name}"),
        "role" => generated("AROA", &role_arn(start, name.rsplit('/').next().unwrap_or(name))),
        "assumed-role" => {
            let (role, session) = name.split_once('/').unwrap_or((name, ""));
            format!("{}:{session}", generated("AROA", &role_arn(start, role)))
        }
        _ => account.to_owned(),
    }
}

/// Returns the ARN of a role without its path, so that a role and its sessions have the same ID. `start` is what comes
/// before the resource of an ARN.
fn role_arn(start: &str, role: &str) -> String {
    format!("{}:role/{role}", start.replace(":sts:", ":iam:"))
}

/// Returns an ID with the length and the alphabet of AWS's: 21 characters of base 32.
fn generated(prefix: &str, arn: &str) -> String {
    const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digest = Digest::sha256(format!("unique ID of {arn}").as_bytes());
    let rest = digest.as_bytes().iter().take(17).map(|byte| char::from(BASE32[usize::from(byte % 32)]));
    prefix.chars().chain(rest).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(arn: &str) -> String {
        Identity::of(&Principal::new(arn)).user_id
    }

    #[test]
    fn a_user_id_has_the_form_of_its_kind_of_principal() {
        assert_eq!(id("arn:aws:iam::111122223333:root"), "111122223333");
        assert_eq!(id("arn:aws:sts::111122223333:federated-user/anna"), "111122223333:anna");
        let anna = id("arn:aws:iam::111122223333:user/division/anna");
        assert!(anna.starts_with("AIDA") && anna.len() == 21, "{anna}");
        assert_eq!(anna, id("arn:aws:iam::111122223333:user/division/anna"));
        assert_ne!(anna, id("arn:aws:iam::111122223333:user/bob"));
    }

    #[test]
    fn the_sessions_of_a_role_share_its_id() {
        let role = id("arn:aws:iam::111122223333:role/division/backup");
        assert!(role.starts_with("AROA") && role.len() == 21, "{role}");
        assert_eq!(id("arn:aws:sts::111122223333:assumed-role/backup/monday"), format!("{role}:monday"));
        assert_ne!(role, id("arn:aws:iam::444455556666:role/backup"));
    }
}

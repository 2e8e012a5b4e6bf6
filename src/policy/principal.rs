//! The callers of requests and the principals that statements name: accounts, users, roles and their sessions.
//!
//! IAM user guide, "AWS JSON policy elements: Principal" and "NotPrincipal".

use crate::text::Arn;

/// An IAM identity or an STS session, identified by its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Principal {
    arn: String,
    identity: Identity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Identity {
    Root,
    User,
    Role,
    Session,
    FederatedUser,
}

impl Principal {
    /// Parses `arn:aws:iam::ACCOUNT:root`, `:user/PATH/NAME`, `:role/PATH/NAME`, and `arn:aws:sts::ACCOUNT:` with
    /// `assumed-role/ROLE/SESSION` or `federated-user/NAME`. Names cannot contain wildcards.
    pub(crate) fn parse(arn: &str) -> Option<Self> {
        let parts = Arn::parse(arn)?;
        let Arn { service, region, account, resource, .. } = parts;
        let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
        let names: Vec<_> = name.split('/').collect();
        let named = names.iter().all(|name| !name.is_empty());
        let identity = match (service, kind) {
            ("iam", "root") if resource == "root" => Identity::Root,
            ("iam", "user") if named => Identity::User,
            ("iam", "role") if named => Identity::Role,
            ("sts", "assumed-role") if named && names.len() == 2 => Identity::Session,
            ("sts", "federated-user") if named && names.len() == 1 => Identity::FederatedUser,
            _ => return None,
        };
        let plain = !arn.contains(|c: char| c == '*' || c == '?' || c.is_whitespace());
        let right = parts.is_of_aws() && region.is_empty() && is_account(account) && plain;
        right.then(|| Principal { arn: arn.to_owned(), identity })
    }

    pub(crate) fn arn(&self) -> &str {
        &self.arn
    }

    pub(crate) fn account(&self) -> &str {
        self.parts().account
    }

    fn partition(&self) -> &str {
        self.parts().partition
    }

    /// Returns the parts of the ARN. `parse` accepts only an ARN, so they always exist.
    fn parts(&self) -> Arn<'_> {
        Arn::parse(&self.arn).unwrap_or_default()
    }

    /// Returns the name after `user/`, `role/` and so on, with its path.
    fn name(&self) -> &str {
        self.parts().resource.split_once('/').map(|(_, name)| name).unwrap_or_default()
    }

    /// Returns the name of the role, or of the session's role, without its path: role names are unique within an
    /// account.
    fn role(&self) -> Option<&str> {
        match self.identity {
            Identity::Role => self.name().rsplit('/').next(),
            Identity::Session => self.name().split('/').next(),
            _ => None,
        }
    }

    /// `arn:aws:iam::ACCOUNT:root`, which stands for the whole account.
    fn root(&self) -> String {
        format!("arn:{}:iam::{}:root", self.partition(), self.account())
    }

    /// Returns the values of a condition key that describes the caller, by its name in lower case; `None` for other
    /// keys.
    ///
    /// A session has the ARN of its role here, not its own (IAM user guide, "AWS global condition context keys").
    pub(super) fn condition_key(&self, key: &str) -> Option<Vec<String>> {
        let value = match key {
            "aws:principalarn" => match (self.identity, self.role()) {
                (Identity::Session, Some(role)) => {
                    Some(format!("arn:{}:iam::{}:role/{role}", self.partition(), self.account()))
                }
                _ => Some(self.arn.clone()),
            },
            "aws:principalaccount" => Some(self.account().to_owned()),
            "aws:principaltype" => Some(
                match self.identity {
                    Identity::Root => "Account",
                    Identity::User => "User",
                    Identity::Role | Identity::Session => "AssumedRole",
                    Identity::FederatedUser => "FederatedUser",
                }
                .to_owned(),
            ),
            "aws:username" => {
                (self.identity == Identity::User).then(|| self.name().rsplit('/').next().unwrap_or_default().to_owned())
            }
            _ => return None,
        };
        Some(value.into_iter().collect())
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A principal that a statement names.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Named {
    Everyone,
    /// An account number without an ARN, in any partition.
    Account(String),
    Aws(Principal),
    /// A service, an identity provider or a canonical user. These never sign requests with IAM access keys.
    Other,
}

impl Named {
    /// Parses an entry under `AWS`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "*" => Some(Named::Everyone),
            number if is_account(number) => Some(Named::Account(number.to_owned())),
            arn => Principal::parse(arn).map(Named::Aws),
        }
    }

    /// Returns whether this names the caller's whole account. The number and the ARN of the root are equivalent.
    fn is_account_of(&self, caller: &Principal) -> bool {
        match self {
            Named::Account(number) => number == caller.account(),
            Named::Aws(named) => named.identity == Identity::Root && named.arn == caller.root(),
            Named::Everyone | Named::Other => false,
        }
    }

    /// Returns whether this names the caller's role.
    fn is_role_of(&self, caller: &Principal) -> bool {
        let Named::Aws(named) = self else { return false };
        let same_account = named.partition() == caller.partition() && named.account() == caller.account();
        named.identity == Identity::Role && same_account && named.role() == caller.role()
    }

    fn is_itself(&self, caller: &Principal) -> bool {
        matches!(self, Named::Aws(named) if named == caller)
    }

    fn covers(&self, caller: &Principal) -> bool {
        *self == Named::Everyone || self.is_account_of(caller) || self.is_role_of(caller) || self.is_itself(caller)
    }
}

/// Returns whether the element Principal names the caller, its role or its account.
pub(super) fn named(list: &[Named], caller: &Principal) -> bool {
    list.iter().any(|named| named.covers(caller))
}

/// Returns what the element NotPrincipal lacks to except the caller; nothing if it excepts the caller.
///
/// The account is evaluated first, then the role, then the session. An excepted caller must be named on each level
/// (IAM user guide, "NotPrincipal": its examples name the user or the session, the role and the account).
pub(super) fn missing_for_exception(list: &[Named], caller: &Principal) -> Vec<String> {
    if list.contains(&Named::Everyone) {
        return Vec::new();
    }
    let mut missing = Vec::new();
    if !list.iter().any(|named| named.is_account_of(caller)) {
        missing.push(caller.root());
    }
    if let Some(role) = caller.role().filter(|_| !list.iter().any(|named| named.is_role_of(caller))) {
        missing.push(format!("arn:{}:iam::{}:role/{role}", caller.partition(), caller.account()));
    }
    let has_own_level = !matches!(caller.identity, Identity::Root | Identity::Role);
    if has_own_level && !list.iter().any(|named| named.is_itself(caller)) {
        missing.push(caller.arn.clone());
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(arn: &str) -> Principal {
        Principal::parse(arn).unwrap()
    }

    #[test]
    fn only_arns_of_principals_are_parsed() {
        for good in [
            "arn:aws:iam::123456789012:root",
            "arn:aws-cn:iam::123456789012:user/division/Bob",
            "arn:aws:iam::123456789012:role/aws-service-role/x.amazonaws.com/R",
            "arn:aws:sts::123456789012:assumed-role/R/session",
            "arn:aws:sts::123456789012:federated-user/Bob",
        ] {
            assert_eq!(caller(good).arn(), good);
        }
        for bad in [
            "",
            "123456789012",
            "arn:aws:iam::123456789012:user/*",
            "arn:aws:iam::123456789012:user/?",
            "arn:aws:iam::123456789012:user/",
            "arn:aws:iam::123456789012:role/",
            "arn:aws:iam::123456789012:group/admins",
            "arn:aws:iam::12345678901:root",
            "arn:aws:iam:eu-west-1:123456789012:root",
            "arn:aws:sts::123456789012:assumed-role/R",
            "arn:aws:sts::123456789012:assumed-role/R/*",
            "arn:aws:sts::123456789012:federated-user/",
            "arn:aws:sts::123456789012:federated-user/division/Bob",
            "arn:aws:iam::123456789012:root/x",
            "arn:aws:sts::123456789012:root",
        ] {
            assert_eq!(Principal::parse(bad), None, "{bad}");
        }
    }

    /// Which principals of a statement include which callers (IAM user guide, "Principal").
    #[test]
    fn principals_include_the_right_callers() {
        const ALICE: &str = "arn:aws:iam::111122223333:user/Alice";
        const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/R/s";
        for (named, caller_arn, covers) in [
            ("*", ALICE, true),
            ("111122223333", ALICE, true),
            ("444455556666", ALICE, false),
            ("arn:aws:iam::111122223333:root", ALICE, true),
            ("arn:aws:iam::111122223333:root", SESSION, true),
            ("arn:aws-cn:iam::111122223333:root", ALICE, false),
            (ALICE, ALICE, true),
            (ALICE, "arn:aws:iam::111122223333:user/alice", false),
            (ALICE, "arn:aws:iam::111122223333:root", false),
            (ALICE, "arn:aws:iam::444455556666:user/Alice", false),
            ("arn:aws:iam::111122223333:role/R", SESSION, true),
            ("arn:aws:iam::111122223333:role/path/R", SESSION, true),
            ("arn:aws:iam::111122223333:role/R2", SESSION, false),
            ("arn:aws:iam::444455556666:role/R", SESSION, false),
            ("arn:aws-cn:iam::111122223333:role/R", SESSION, false),
            (SESSION, SESSION, true),
            ("arn:aws:sts::111122223333:assumed-role/R/other", SESSION, false),
            ("arn:aws:iam::111122223333:role/R", "arn:aws:iam::111122223333:user/R", false),
        ] {
            let list = [Named::parse(named).unwrap()];
            assert_eq!(super::named(&list, &caller(caller_arn)), covers, "{named} and {caller_arn}");
        }
        assert!(!super::named(&[Named::Other], &caller(ALICE)));
    }

    /// The examples of the IAM user guide, "NotPrincipal".
    #[test]
    fn an_exception_must_name_every_level() {
        let bob = caller("arn:aws:iam::444455556666:user/Bob");
        let list = |arns: &[&str]| arns.iter().map(|arn| Named::parse(arn).unwrap()).collect::<Vec<_>>();
        let root = "arn:aws:iam::444455556666:root";
        assert!(missing_for_exception(&list(&[bob.arn(), root]), &bob).is_empty());
        assert!(missing_for_exception(&list(&[bob.arn(), "444455556666"]), &bob).is_empty());
        assert_eq!(missing_for_exception(&list(&[bob.arn()]), &bob), [root]);
        assert_eq!(missing_for_exception(&list(&[root]), &bob), [bob.arn()], "others of the account are not excepted");
        assert!(missing_for_exception(&list(&[root]), &caller(root)).is_empty());

        let session = "arn:aws:sts::444455556666:assumed-role/cross-account-read-only-role/cross-account-audit-app";
        let role = "arn:aws:iam::444455556666:role/cross-account-read-only-role";
        assert!(missing_for_exception(&list(&[session, role, root]), &caller(session)).is_empty());
        assert_eq!(missing_for_exception(&list(&[role, root]), &caller(session)), [session]);
        assert_eq!(missing_for_exception(&list(&[session]), &caller(session)), [root, role]);
        assert!(missing_for_exception(&list(&["*"]), &bob).is_empty());
    }

    #[test]
    fn a_session_has_the_arn_of_its_role() {
        let key = |arn, key| caller(arn).condition_key(key).unwrap();
        let session = "arn:aws:sts::111122223333:assumed-role/R/s";
        assert_eq!(key(session, "aws:principalarn"), ["arn:aws:iam::111122223333:role/R"]);
        assert_eq!(key(session, "aws:principaltype"), ["AssumedRole"]);
        assert_eq!(key("arn:aws:iam::111122223333:user/a/Alice", "aws:username"), ["Alice"]);
        assert!(key(session, "aws:username").is_empty() && caller(session).condition_key("aws:sourceip").is_none());
        assert_eq!(key("arn:aws:iam::111122223333:root", "aws:principalaccount"), ["111122223333"]);
    }
}

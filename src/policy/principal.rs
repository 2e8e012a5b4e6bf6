//! Who calls, and whom a statement names: accounts, users, roles and their sessions.
//!
//! IAM user guide, "AWS JSON policy elements: Principal" and "NotPrincipal".

use crate::text::arn::Arn;

/// An identity of IAM or a session of STS, by its ARN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Principal {
    arn: String,
    identity: Identity,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Identity {
    Root,
    User,
    Role,
    Session,
    FederatedUser,
}

impl Principal {
    /// Reads `arn:aws:iam::ACCOUNT:root`, `:user/PATH/NAME`, `:role/PATH/NAME`, and `arn:aws:sts::ACCOUNT:` with
    /// `assumed-role/ROLE/SESSION` or `federated-user/NAME`. A wildcard is never a part of a name.
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

    /// `parse` accepts only an ARN, so there is always one.
    fn parts(&self) -> Arn<'_> {
        Arn::parse(&self.arn).unwrap_or_default()
    }

    /// Behind `user/`, `role/` and so on, with its path.
    fn name(&self) -> &str {
        self.parts().resource.split_once('/').map(|(_, name)| name).unwrap_or_default()
    }

    /// The name of a role or of a session's role, without a path: a role's name is unique within its account.
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

    /// The values of those condition keys that are about the caller, by their names in lower case; `None` if it is
    /// none of them.
    ///
    /// A session goes by the ARN of its role, not by its own (IAM user guide, "AWS global condition context keys").
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

/// One of those whom a statement names.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Named {
    Everyone,
    /// A number alone, in whatever partition.
    Account(String),
    Aws(Principal),
    /// A service, an identity provider or a canonical user: never a caller that signs with keys of IAM.
    Other,
}

impl Named {
    /// As it stands below `AWS`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "*" => Some(Named::Everyone),
            number if is_account(number) => Some(Named::Account(number.to_owned())),
            arn => Principal::parse(arn).map(Named::Aws),
        }
    }

    /// Whether it means the caller's whole account: the number and the ARN of the root are the same.
    fn is_account_of(&self, caller: &Principal) -> bool {
        match self {
            Named::Account(number) => number == caller.account(),
            Named::Aws(named) => named.identity == Identity::Root && named.arn == caller.root(),
            Named::Everyone | Named::Other => false,
        }
    }

    /// Whether it means the caller's role.
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

/// The element Principal: whether it names the caller, its role or its account.
pub(super) fn named(list: &[Named], caller: &Principal) -> bool {
    list.iter().any(|named| named.covers(caller))
}

/// The element NotPrincipal: what would have to be in it as well for the caller to be excepted; nothing if it is.
///
/// The account is judged first, then the role, then the session; who is to be excepted has to be named on each level
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
    fn arns_of_principals() {
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
            "arn:aws:iam::123456789012:group/admins",
            "arn:aws:iam::12345678901:root",
            "arn:aws:iam:eu-west-1:123456789012:root",
            "arn:aws:sts::123456789012:assumed-role/R",
            "arn:aws:sts::123456789012:assumed-role/R/*",
            "arn:aws:iam::123456789012:root/x",
            "arn:aws:sts::123456789012:root",
        ] {
            assert_eq!(Principal::parse(bad), None, "{bad}");
        }
    }

    /// Who is meant by whom (IAM user guide, "Principal").
    #[test]
    fn principals_and_those_they_cover() {
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
    fn an_exception_names_every_level() {
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
    fn a_session_goes_by_the_arn_of_its_role() {
        let key = |arn, key| caller(arn).condition_key(key).unwrap();
        let session = "arn:aws:sts::111122223333:assumed-role/R/s";
        assert_eq!(key(session, "aws:principalarn"), ["arn:aws:iam::111122223333:role/R"]);
        assert_eq!(key(session, "aws:principaltype"), ["AssumedRole"]);
        assert_eq!(key("arn:aws:iam::111122223333:user/a/Alice", "aws:username"), ["Alice"]);
        assert!(key(session, "aws:username").is_empty() && caller(session).condition_key("aws:sourceip").is_none());
        assert_eq!(key("arn:aws:iam::111122223333:root", "aws:principalaccount"), ["111122223333"]);
    }
}

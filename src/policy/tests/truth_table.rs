//! Tables of policy documents, requests, and the expected decision with its reason.
//!
//! The documents are those of the Glacier developer guide ("Vault Access Policies", "Vault Lock Policies") and of the
//! IAM user guide, or test one sentence of these pages. Conditions have a table of their own (`condition_table`).

use serde_json::{Value, json};

use crate::policy::{Decision, PolicyDocument, PolicyKind, Principal, Question, evaluate};

const VAULT: &str = "arn:aws:glacier:us-west-2:999999999999:vaults/examplevault";
pub(super) const OWNER: &str = "arn:aws:iam::999999999999:root";
pub(super) const ALICE: &str = "arn:aws:iam::123456789012:user/Alice";
const BOB: &str = "arn:aws:iam::444455556666:user/Bob";
const STRANGER: &str = "arn:aws:iam::777788889999:root";
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/Backup/nightly";

/// The condition keys of the request, with their values.
pub(super) type Keys<'a> = &'a [(&'a str, &'a [&'a str])];

pub(super) fn decide(
    policies: &[(PolicyKind, &PolicyDocument)],
    caller: &str,
    action: &str,
    keys: Keys<'_>,
) -> Decision {
    let caller = Principal::parse(caller).unwrap();
    let lookup = |key: &str| {
        let found = keys.iter().find(|(known, _)| known.to_lowercase() == key);
        found.map(|(_, values)| values.iter().map(|value| (*value).into()).collect()).unwrap_or_default()
    };
    let question = Question::new(&caller, action, VAULT, &lookup);
    evaluate(policies, &question, caller.account() == "999999999999")
}

/// Returns the explanation of the decision. The common beginning of refusals without an Allow is shortened to
/// `refused`.
pub(super) fn say(policies: &[(PolicyKind, &PolicyDocument)], caller: &str, action: &str, keys: Keys<'_>) -> String {
    let decision = decide(policies, caller, action, keys);
    let words = decision.to_string();
    assert_eq!(decision.is_allowed(), words.starts_with("allowed"), "{words}");
    let refused = format!("not allowed: no statement allows {action} to {caller}, who is of another account");
    words.replace(&refused, "refused").replace("; the nearest is ", ": ")
}

pub(super) fn access(text: &str) -> PolicyDocument {
    PolicyDocument::parse(text).unwrap_or_else(|flaw| panic!("{flaw}: {text}"))
}

pub(super) fn document(statements: Value) -> PolicyDocument {
    access(&json!({ "Version": "2012-10-17", "Statement": statements }).to_string())
}

const OWNER_BY_DEFAULT: &str = "allowed: the vault's own account may do what no statement denies";

#[test]
fn without_a_policy_only_the_owner_is_allowed() {
    assert_eq!(say(&[], OWNER, "glacier:DeleteVault", &[]), OWNER_BY_DEFAULT);
    assert_eq!(say(&[], ALICE, "glacier:DescribeVault", &[]), "refused");
}

/// Vault Access Policies, example 1.
const CROSS_ACCOUNT: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"cross-account-upload",
    "Principal":{"AWS":["arn:aws:iam::123456789012:root","arn:aws:iam::444455556666:root"]},"Effect":"Allow",
    "Action":["glacier:UploadArchive","glacier:InitiateMultipartUpload","glacier:AbortMultipartUpload",
        "glacier:CompleteMultipartUpload"],
    "Resource":["arn:aws:glacier:us-west-2:999999999999:vaults/examplevault"]}]}"#;

/// Vault Access Policies, "Grant Read-Only Permissions to All AWS Accounts".
const READ_ONLY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"add-read-only-perm","Principal":"*",
    "Effect":"Allow","Action":["glacier:InitiateJob","glacier:GetJobOutput"],
    "Resource":["arn:aws:glacier:us-west-2:999999999999:vaults/examplevault"]}]}"#;

/// Vault Access Policies, "Grant Cross-Account Permissions for MFA Delete Operations".
const MFA_DELETE: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"add-mfa-delete-requirement",
    "Principal":{"AWS":["arn:aws:iam::123456789012:root"]},"Effect":"Allow","Action":["glacier:Delete*"],
    "Resource":["arn:aws:glacier:us-west-2:999999999999:vaults/examplevault"],
    "Condition":{"Bool":{"aws:MultiFactorAuthPresent":true}}}]}"#;

#[test]
fn the_access_policies_of_the_developer_guide() {
    let rows: [(&str, &str, &str, Keys<'_>, &str); 13] = [
        (
            CROSS_ACCOUNT,
            ALICE,
            "glacier:UploadArchive",
            &[],
            r#"allowed by statement "cross-account-upload" of the vault access policy"#,
        ),
        (
            CROSS_ACCOUNT,
            BOB,
            "glacier:CompleteMultipartUpload",
            &[],
            r#"allowed by statement "cross-account-upload" of the vault access policy"#,
        ),
        (
            CROSS_ACCOUNT,
            SESSION,
            "glacier:uploadarchive",
            &[],
            r#"allowed by statement "cross-account-upload" of the vault access policy"#,
        ),
        (
            CROSS_ACCOUNT,
            ALICE,
            "glacier:UploadMultipartPart",
            &[],
            r#"refused: statement "cross-account-upload" of the vault access policy, which is not about glacier:UploadMultipartPart"#,
        ),
        (
            CROSS_ACCOUNT,
            STRANGER,
            "glacier:UploadArchive",
            &[],
            r#"refused: statement "cross-account-upload" of the vault access policy, whose Principal does not name the caller"#,
        ),
        (CROSS_ACCOUNT, OWNER, "glacier:DeleteArchive", &[], OWNER_BY_DEFAULT),
        (
            READ_ONLY,
            STRANGER,
            "glacier:InitiateJob",
            &[],
            r#"allowed by statement "add-read-only-perm" of the vault access policy"#,
        ),
        (
            READ_ONLY,
            STRANGER,
            "glacier:UploadArchive",
            &[],
            r#"refused: statement "add-read-only-perm" of the vault access policy, which is not about glacier:UploadArchive"#,
        ),
        (
            MFA_DELETE,
            ALICE,
            "glacier:DeleteArchive",
            &[("aws:MultiFactorAuthPresent", &["true"])],
            r#"allowed by statement "add-mfa-delete-requirement" of the vault access policy: Bool aws:MultiFactorAuthPresent true = true"#,
        ),
        (
            MFA_DELETE,
            ALICE,
            "glacier:DeleteVault",
            &[("aws:multifactorauthpresent", &["true"])],
            r#"allowed by statement "add-mfa-delete-requirement" of the vault access policy: Bool aws:MultiFactorAuthPresent true = true"#,
        ),
        (
            MFA_DELETE,
            ALICE,
            "glacier:DeleteArchive",
            &[("aws:MultiFactorAuthPresent", &["false"])],
            r#"refused: statement "add-mfa-delete-requirement" of the vault access policy: Bool aws:MultiFactorAuthPresent is false, must be = true"#,
        ),
        (
            MFA_DELETE,
            ALICE,
            "glacier:DeleteArchive",
            &[],
            r#"refused: statement "add-mfa-delete-requirement" of the vault access policy: Bool aws:MultiFactorAuthPresent is absent, must be = true"#,
        ),
        (MFA_DELETE, OWNER, "glacier:DeleteArchive", &[], OWNER_BY_DEFAULT),
    ];
    for (policy, caller, action, keys, expected) in rows {
        assert_eq!(
            say(&[(PolicyKind::VaultAccess, &access(policy))], caller, action, keys),
            expected,
            "{caller} {action}"
        );
    }
}

/// Vault Lock Policies, example 1.
const ONE_YEAR: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"deny-based-on-archive-age","Principal":"*",
    "Effect":"Deny","Action":"glacier:DeleteArchive",
    "Resource":["arn:aws:glacier:us-west-2:999999999999:vaults/examplevault"],
    "Condition":{"NumericLessThan":{"glacier:ArchiveAgeInDays":"365"}}}]}"#;

/// Vault Lock Policies, example 2.
const LEGAL_HOLD: &str = r#"{"Version":"2012-10-17","Statement":[
    {"Sid":"lock-vault","Principal":"*","Effect":"Deny","Action":["glacier:DeleteArchive"],
     "Resource":["arn:aws:glacier:us-west-2:999999999999:vaults/examplevault"],
     "Condition":{"StringLike":{"glacier:ResourceTag/LegalHold":["true",""]}}},
    {"Sid":"you-can-delete-archive-less-than-1-year-old","Principal":{"AWS":"arn:aws:iam::123456789012:root"},
     "Effect":"Allow","Action":["glacier:DeleteArchive"],
     "Resource":["arn:aws:glacier:us-west-2:999999999999:vaults/examplevault"],
     "Condition":{"NumericLessThan":{"glacier:ArchiveAgeInDays":"365"}}}]}"#;

#[test]
fn the_lock_policies_of_the_developer_guide() {
    const AGE: &str = "glacier:ArchiveAgeInDays";
    const HOLD: &str = "glacier:ResourceTag/LegalHold";
    let rows: [(&str, &str, &str, Keys<'_>, &str); 10] = [
        (
            ONE_YEAR,
            OWNER,
            "glacier:DeleteArchive",
            &[(AGE, &["364"])],
            r#"denied by statement "deny-based-on-archive-age" of the vault lock policy: NumericLessThan glacier:ArchiveAgeInDays 364 < 365"#,
        ),
        (ONE_YEAR, OWNER, "glacier:DeleteArchive", &[(AGE, &["365"])], OWNER_BY_DEFAULT),
        (ONE_YEAR, OWNER, "glacier:DeleteVault", &[], OWNER_BY_DEFAULT),
        (ONE_YEAR, ALICE, "glacier:DeleteArchive", &[(AGE, &["366"])], "refused"),
        (
            LEGAL_HOLD,
            OWNER,
            "glacier:DeleteArchive",
            &[(AGE, &["1"]), (HOLD, &["true"])],
            r#"denied by statement "lock-vault" of the vault lock policy: StringLike glacier:ResourceTag/LegalHold "true" like "true" or """#,
        ),
        (
            LEGAL_HOLD,
            ALICE,
            "glacier:DeleteArchive",
            &[(AGE, &["1"]), (HOLD, &[""])],
            r#"denied by statement "lock-vault" of the vault lock policy: StringLike glacier:ResourceTag/LegalHold "" like "true" or """#,
        ),
        (
            LEGAL_HOLD,
            ALICE,
            "glacier:DeleteArchive",
            &[(AGE, &["1"]), (HOLD, &["false"])],
            r#"allowed by statement "you-can-delete-archive-less-than-1-year-old" of the vault lock policy: NumericLessThan glacier:ArchiveAgeInDays 1 < 365"#,
        ),
        (
            LEGAL_HOLD,
            ALICE,
            "glacier:DeleteArchive",
            &[(AGE, &["400"])],
            r#"refused: statement "you-can-delete-archive-less-than-1-year-old" of the vault lock policy: NumericLessThan glacier:ArchiveAgeInDays is 400, must be < 365"#,
        ),
        (LEGAL_HOLD, OWNER, "glacier:DeleteArchive", &[(AGE, &["400"])], OWNER_BY_DEFAULT),
        (LEGAL_HOLD, OWNER, "glacier:InitiateJob", &[(HOLD, &["true"])], OWNER_BY_DEFAULT),
    ];
    for (policy, caller, action, keys, expected) in rows {
        assert_eq!(
            say(&[(PolicyKind::VaultLock, &access(policy))], caller, action, keys),
            expected,
            "{caller} {keys:?}"
        );
    }
}

/// "An explicit deny in any policy overrides any allows" (IAM user guide, "Policy evaluation logic").
#[test]
fn a_deny_in_either_policy_overrides_every_allow() {
    let allow = document(json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}));
    let deny = document(json!([
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Principal": {"AWS": "123456789012"}, "Action": "glacier:*", "Resource": "*"},
    ]));
    let denied = |policy| format!("denied by statement 2 of the {policy}");
    let (access, lock) = (PolicyKind::VaultAccess, PolicyKind::VaultLock);
    assert_eq!(say(&[(access, &allow), (lock, &deny)], ALICE, "glacier:ListJobs", &[]), denied("vault lock policy"));
    assert_eq!(say(&[(access, &deny), (lock, &allow)], ALICE, "glacier:ListJobs", &[]), denied("vault access policy"));
    assert_eq!(
        say(&[(access, &deny), (lock, &allow)], BOB, "glacier:ListJobs", &[]),
        "allowed by statement 1 of the vault access policy"
    );
    let owner = document(json!({"Effect": "Deny", "Principal": {"AWS": OWNER}, "Action": "*", "Resource": "*"}));
    assert_eq!(
        say(&[(access, &owner)], OWNER, "glacier:ListJobs", &[]),
        "denied by statement 1 of the vault access policy"
    );
}

#[test]
fn elements_and_their_negations() {
    let resource = |name: &str| format!("arn:aws:glacier:us-west-2:999999999999:vaults/{name}");
    let rows = [
        (json!({"Action": "glacier:*"}), true),
        (json!({"Action": "*"}), true),
        (json!({"Action": "GLACIER:deleteARCHIVE"}), true),
        (json!({"Action": "glacier:Delete?rchive"}), true),
        (json!({"Action": ["s3:*", "glacier:*Archive"]}), true),
        (json!({"Action": "s3:DeleteArchive"}), false),
        (json!({"NotAction": "glacier:Delete*"}), false),
        (json!({"NotAction": ["glacier:Get*", "glacier:List*"]}), true),
        (json!({"Resource": resource("example*")}), true),
        (json!({"Resource": resource("Example*")}), false),
        (json!({"Resource": resource("other")}), false),
        (json!({"Resource": "arn:aws:glacier:*:*:vaults/*"}), true),
        (json!({"Resource": "arn:aws:glacier:*"}), true),
        (json!({"Resource": "arn:aws:glacier:*:vaults/examplevault"}), true),
        (json!({"Resource": "arn:aws:glacier:us*999999999999:vaults/*"}), false),
        (json!({"Resource": "arn:aws:glacier:us-west-2?999999999999:*"}), false),
        (json!({"NotResource": resource("other")}), true),
        (json!({"NotResource": resource("example*")}), false),
        (json!({"Resource": resource("${aws:username, 'examplevault'}")}), false),
        (json!({"Resource": resource("${aws:userid, 'examplevault'}")}), true),
        (json!({"Resource": resource("${aws:userid}")}), false),
        (json!({"NotResource": resource("${aws:userid}")}), false),
        (json!({"NotResource": resource("${aws:username}")}), true),
        (json!({"Resource": resource("${*}")}), false),
        (json!({"Principal": {"AWS": ALICE}}), true),
        (json!({"Principal": {"AWS": BOB}}), false),
        (json!({"Principal": {"AWS": "123456789012"}}), true),
        (json!({"Principal": {"AWS": [BOB, "*"]}}), true),
        (json!({"Principal": {"Service": "backup.amazonaws.com"}}), false),
        (json!({"Principal": {"Service": "backup.amazonaws.com", "AWS": ALICE}}), true),
    ];
    for (elements, applies) in rows {
        let mut statement = json!({"Effect": "Allow"});
        for (element, default) in [("Principal", "*"), ("Action", "*"), ("Resource", "*")] {
            let given = elements.get(element).or(elements.get(format!("Not{element}")));
            let negated = elements.get(format!("Not{element}")).is_some();
            statement[if negated { format!("Not{element}") } else { element.to_owned() }] =
                given.cloned().unwrap_or(default.into());
        }
        let policy = document(statement);
        let decision = decide(&[(PolicyKind::VaultAccess, &policy)], ALICE, "glacier:DeleteArchive", &[]);
        assert_eq!(decision.is_allowed(), applies, "{elements}: {decision}");
    }
}

/// IAM user guide, "NotPrincipal": an exception must name the user and the account.
#[test]
fn not_principal_denies_all_others() {
    let policy = |list: &[&str]| {
        document(json!([
            {"Effect": "Deny", "NotPrincipal": {"AWS": list}, "Action": "*", "Resource": "*"},
            {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
        ]))
    };
    let root = "arn:aws:iam::123456789012:root";
    let excepted = policy(&[ALICE, root]);
    let ask =
        |policy: &PolicyDocument, caller| say(&[(PolicyKind::VaultAccess, policy)], caller, "glacier:ListJobs", &[]);
    assert_eq!(ask(&excepted, ALICE), "allowed by statement 2 of the vault access policy");
    assert_eq!(
        ask(&excepted, OWNER),
        "denied by statement 1 of the vault access policy: its NotPrincipal does not name arn:aws:iam::999999999999:root"
    );
    assert_eq!(
        ask(&policy(&[ALICE]), ALICE),
        "denied by statement 1 of the vault access policy: its NotPrincipal does not name arn:aws:iam::123456789012:root"
    );
    assert!(ask(&excepted, SESSION).ends_with(&format!("arn:aws:iam::123456789012:role/Backup and {SESSION}")));
}

/// The keys that the caller's ARN determines. A session has the ARN of its role.
#[test]
fn keys_of_the_caller() {
    let with = |condition: Value| {
        document(json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}))
    };
    for (condition, caller, holds) in [
        (json!({"StringEquals": {"aws:PrincipalAccount": "123456789012"}}), ALICE, true),
        (json!({"StringEquals": {"aws:PrincipalAccount": "123456789012"}}), BOB, false),
        (json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/*"}}), ALICE, true),
        (json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/Backup"}}), SESSION, true),
        (json!({"ArnEquals": {"aws:PrincipalArn": SESSION}}), SESSION, false),
        (json!({"StringEquals": {"aws:username": "Alice"}}), ALICE, true),
        (json!({"Null": {"aws:username": "true"}}), SESSION, true),
        // All operators and all of their keys must hold.
        (json!({"Null": {"aws:username": "false"}, "StringEquals": {"aws:PrincipalType": "User"}}), ALICE, true),
        (json!({"Null": {"aws:username": "false"}, "StringEquals": {"aws:PrincipalType": "Account"}}), ALICE, false),
        (json!({"StringEquals": {"aws:PrincipalType": "User", "aws:username": "Bob"}}), ALICE, false),
    ] {
        let decision = decide(&[(PolicyKind::VaultAccess, &with(condition.clone()))], caller, "glacier:ListJobs", &[]);
        assert_eq!(decision.is_allowed(), holds, "{condition}: {decision}");
    }
}

/// A refusal names the Allow statements that matched most elements, with every condition that failed.
#[test]
fn a_refusal_names_the_nearest_statements() {
    let policy = document(json!([
        {"Sid": "far", "Effect": "Allow", "Principal": {"AWS": BOB}, "Action": "*", "Resource": "*"},
        {"Sid": "near", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
         "Condition": {"Bool": {"aws:SecureTransport": true, "aws:MultiFactorAuthPresent": true}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}},
        {"Sid": "wrong vault", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "arn:aws:glacier:*:*:vaults/x"},
    ]));
    let keys: Keys<'_> = &[("aws:SecureTransport", &["false"]), ("aws:SourceIp", &["10.1.2.3"])];
    assert_eq!(
        say(&[(PolicyKind::VaultAccess, &policy)], ALICE, "glacier:ListJobs", keys),
        r#"refused: statement "near" of the vault access policy: Bool aws:MultiFactorAuthPresent is absent, must be = true and Bool aws:SecureTransport is false, must be = true"#
    );
    let wrong = document(json!([
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "arn:aws:glacier:*:*:vaults/x"},
        {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "arn:aws:glacier:*:*:vaults/y"},
    ]));
    assert_eq!(
        decide(&[(PolicyKind::VaultLock, &wrong)], ALICE, "glacier:ListJobs", &[]).to_string(),
        format!(
            "not allowed: no statement allows glacier:ListJobs to {ALICE}, who is of another account; the nearest is \
             statement 1 of the vault lock policy, whose Resource is not {VAULT}, and \
             statement 2 of the vault lock policy, whose Resource is not {VAULT}"
        )
    );
}

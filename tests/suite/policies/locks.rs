//! Vault lock policies in force (api.md section 8, the developer guide's "Vault Lock Policies").

use std::time::Duration;

use aws_sdk_glacier::types::VaultLockPolicy;
use glacier_mock::{Operation, Principal};

use super::{delete, document, frozen, no_deletes_for};
use crate::support::{ARN, DAY, policy, refusal, upload};

fn lock_policy(text: &str) -> VaultLockPolicy {
    VaultLockPolicy::builder().policy(text).build()
}

/// This is the guide's first example, "deny deletion permissions for archives less than 365 days old".
#[tokio::test]
async fn a_lock_policy_can_deny_deletes_for_a_year() {
    let (mock, glacier) = frozen();
    let archive = upload(&glacier, "v", b"a record").await;
    mock.vault("v").lock(no_deletes_for(365));

    mock.clock().advance(364 * DAY);
    let (status, code, text) = delete(&glacier, &archive).await.unwrap_err();
    assert_eq!((status, code.as_str()), (403, "AccessDeniedException"));
    // The message was observed (observed.md 2.G).
    let root = "arn:aws:iam::000000000000:root";
    assert_eq!(text, format!("User: {root} is not authorized to perform: glacier:DeleteArchive on resource: {ARN}"));
    assert_eq!(mock.vault("v").archives().len(), 1);
    let why = "denied by statement \"no-deletes\" of the vault lock policy: \
               NumericLessThan glacier:ArchiveAgeInDays 364 < 365";
    assert_eq!(mock.calls(Operation::DeleteArchive).only().last().explanation(), Some(why));

    mock.clock().advance(DAY - Duration::from_millis(1));
    delete(&glacier, &archive).await.unwrap_err();
    mock.clock().advance(Duration::from_millis(1));
    delete(&glacier, &archive).await.unwrap();
    assert!(mock.vault("v").archives().is_empty());
}

/// This is the guide's second example, "deny deletion permissions based on a tag". The tag sets and removes the legal
/// hold.
#[tokio::test]
async fn a_lock_policy_can_enforce_a_legal_hold_by_tag() {
    let (mock, glacier) = frozen();
    mock.vault("v").lock(document(
        r#"{"Sid":"lock","Principal":"*","Effect":"Deny","Action":["glacier:DeleteArchive"],"Resource":["ARN"],
            "Condition":{"NumericLessThanEquals":{"glacier:ArchiveAgeInDays":"365"},"StringEquals":{"glacier:ResourceTag/LegalHold":["true",""]}}},
           {"Sid":"you-can-delete-archive-less-than-1-year-old","Principal":{"AWS":"arn:aws:iam::123456789012:root"},
            "Effect":"Allow","Action":["glacier:DeleteArchive"],"Resource":["ARN"],
            "Condition":{"NumericLessThanEquals":{"glacier:ArchiveAgeInDays":"365"},"StringNotLike":{"glacier:ResourceTag/LegalHold":["true",""]}}}"#,
    ));
    let (first, second) = (upload(&glacier, "v", b"one").await, upload(&glacier, "v", b"two").await);
    let hold = async |value: &str| {
        glacier.add_tags_to_vault().vault_name("v").tags("LegalHold", value).send().await.unwrap();
    };
    hold("true").await;
    delete(&glacier, &first).await.unwrap_err();
    hold("").await;
    delete(&glacier, &first).await.unwrap_err();
    hold("false").await;
    delete(&glacier, &first).await.unwrap();
    hold("true").await;
    delete(&glacier, &second).await.unwrap_err();
    glacier.remove_tags_from_vault().vault_name("v").tag_keys("LegalHold").send().await.unwrap();
    delete(&glacier, &second).await.unwrap();
}

/// The policy applies while the lock is InProgress, until it is aborted or expires, and permanently once it is Locked.
#[tokio::test]
async fn a_lock_policy_applies_from_its_initiation() {
    let (mock, glacier) = frozen();
    let archive = upload(&glacier, "v", b"a record").await;
    let deny = no_deletes_for(365);
    let begin = async || {
        let begin = glacier.initiate_vault_lock().vault_name("v").policy(lock_policy(&deny)).send().await.unwrap();
        begin.lock_id().unwrap().to_owned()
    };
    let allowed = |operation| mock.explain(operation).archive(&archive).for_vault("v").is_allowed();

    begin().await;
    delete(&glacier, &archive).await.unwrap_err();
    glacier.abort_vault_lock().vault_name("v").send().await.unwrap();
    assert!(allowed(Operation::DeleteArchive));

    begin().await;
    mock.clock().advance(DAY - Duration::from_millis(1));
    delete(&glacier, &archive).await.unwrap_err();
    mock.clock().advance(Duration::from_millis(1));
    assert!(allowed(Operation::DeleteArchive));

    let id = begin().await;
    glacier.complete_vault_lock().vault_name("v").lock_id(id).send().await.unwrap();
    mock.clock().advance(10 * DAY);
    delete(&glacier, &archive).await.unwrap_err();
    refusal(glacier.abort_vault_lock().vault_name("v").send().await);
    // An access policy cannot override the lock.
    let allow = document(r#"{"Effect":"Allow","Principal":"*","Action":"glacier:*","Resource":"ARN"}"#);
    glacier.set_vault_access_policy().vault_name("v").policy(policy(&allow)).send().await.unwrap();
    delete(&glacier, &archive).await.unwrap_err();
}

/// An explicit deny applies to the owner too. Like every lock in progress it expires after 24 hours (guide,
/// InitiateVaultLock: "the vault lock policy is removed from the vault").
#[tokio::test]
async fn a_lock_policy_can_deny_its_own_abort() {
    let (mock, glacier) = frozen();
    let deny = document(r#"{"Sid":"all","Effect":"Deny","Principal":"*","Action":"glacier:*","Resource":"ARN"}"#);
    let begun = glacier.initiate_vault_lock().vault_name("v").policy(lock_policy(&deny)).send().await.unwrap();
    let (status, code, _) = refusal(glacier.abort_vault_lock().vault_name("v").send().await);
    assert_eq!((status, code.as_str()), (403, "AccessDeniedException"));
    // The policy also denies CompleteVaultLock.
    let complete = glacier.complete_vault_lock().vault_name("v").lock_id(begun.lock_id().unwrap());
    assert_eq!(refusal(complete.send().await).0, 403);
    mock.clock().advance(DAY);
    glacier.abort_vault_lock().vault_name("v").send().await.unwrap();
    glacier.describe_vault().vault_name("v").send().await.unwrap();
}

/// A vault lock policy is a vault access policy that can be locked, so its Allow statements take effect too.
#[tokio::test]
async fn a_lock_policy_can_allow_another_account() {
    let (mock, _) = frozen();
    let guest = Principal::new("arn:aws:iam::111122223333:role/auditor");
    let glacier = mock.client_as(&guest);
    let describe = async || glacier.describe_vault().account_id("000000000000").vault_name("v").send().await;
    mock.vault("v").initiate_lock(document(
        r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"glacier:DescribeVault","Resource":"ARN"}"#,
    ));
    describe().await.unwrap();
    mock.clock().advance(DAY);
    assert_eq!(refusal(describe().await).2, "Access denied for account ID: 000000000000");
}

//! Principals: identified by their access keys, on the record and in filters.

use glacier_mock::{Account, GlacierMock, Operation, Principal};

use crate::support::{panic_message, refusal};

const ANNA: &str = "arn:aws:iam::111122223333:user/anna";

/// `-` in a path stands for the account of the ARN.
#[tokio::test]
async fn a_principal_calls_for_its_own_account() {
    let mock = GlacierMock::builder().principal("AKIAANNA", "secret", ANNA).start();
    let anna = mock.principal("AKIAANNA");
    assert_eq!((anna.arn(), anna.secret(), anna.account()), (ANNA, "secret", Account::new("111122223333")));
    let glacier = mock.client_as(&anna);
    let created = glacier.create_vault().account_id("-").vault_name("v").send().await.unwrap();
    assert_eq!(created.location(), Some("/111122223333/vaults/v"));
    glacier.describe_vault().account_id("111122223333").vault_name("v").send().await.unwrap();
    assert_eq!(refusal(mock.client().describe_vault().vault_name("v").send().await).0, 404);
    assert!(mock.vault_in(anna.account(), "us-east-1", "v").exists());
}

/// See observed.md 2.F. Access with a policy is tested in `policies`.
#[tokio::test]
async fn another_account_is_denied_without_a_policy() {
    let mock = GlacierMock::start();
    let owner = mock.client();
    owner.create_vault().vault_name("v").send().await.unwrap();
    let anna = Principal::new(ANNA);
    let other = mock.client_as(&anna);
    let denied = refusal(other.describe_vault().account_id("000000000000").vault_name("v").send().await);
    let text = "Access denied for account ID: 000000000000";
    assert_eq!(denied, (403, "AccessDeniedException".into(), text.into()));
    assert_eq!(refusal(other.create_vault().account_id("000000000000").vault_name("w").send().await).0, 403);
    assert!(!mock.vault("w").exists());
    // The record shows the caller.
    let requests = mock.requests();
    assert_eq!((requests[1].principal().arn(), requests[1].account()), (ANNA, anna.account()));
    assert_eq!(requests[0].principal().arn(), "arn:aws:iam::000000000000:root");
}

#[tokio::test]
async fn calls_and_faults_can_be_filtered_by_principal() {
    let mock = GlacierMock::start();
    let (anna, otto) = (Principal::new(ANNA), Principal::new("arn:aws:iam::111122223333:user/otto"));
    mock.client_as(&anna).create_vault().vault_name("v").send().await.unwrap();
    mock.fault(Operation::ListVaults).principal(otto.arn()).times(1).throttled();
    mock.client_as(&anna).list_vaults().send().await.unwrap();
    mock.client_as(&otto).list_vaults().send().await.unwrap();
    mock.calls(Operation::CreateVault).principal(anna.arn()).assert_count(1);
    mock.calls(Operation::CreateVault).principal(otto.arn()).assert_none();
    assert_eq!(mock.calls(Operation::ListVaults).principal(otto.arn()).only().attempts().statuses(), [400, 200]);
}

/// An access key that is an account number belongs to the root of that account, any other one to the root of the mock's
/// account.
#[tokio::test]
async fn an_unknown_access_key_belongs_to_the_root_of_an_account() {
    let mock = GlacierMock::builder().account(Account::new("444455556666")).start();
    mock.client().list_vaults().send().await.unwrap();
    mock.client_for(Account::new("111122223333"), "us-east-1").list_vaults().send().await.unwrap();
    let arns: Vec<_> = mock.requests().iter().map(|request| request.principal().arn().to_owned()).collect();
    assert_eq!(arns, ["arn:aws:iam::444455556666:root", "arn:aws:iam::111122223333:root"]);
    assert_eq!(mock.principal("111122223333").arn(), arns[1]);
}

#[test]
fn misuse_of_principals_panics_with_the_reason() {
    let arn = panic_message(|| drop(Principal::new("anna")));
    assert!(arn.contains("\"anna\" is not the ARN of a principal") && arn.contains("user/anna"), "{arn}");
    let key = panic_message(|| drop(Principal::new(ANNA).with_access_key("a/b")));
    assert!(key.contains("\"a/b\" is not an access key"), "{key}");
    let token = panic_message(|| drop(Principal::new(ANNA).with_session_token("a b")));
    assert!(token.contains("\"a b\" is not a session token"), "{token}");
    let end = panic_message(|| drop(Principal::new(ANNA).expires_at("tomorrow")));
    assert!(end.contains("\"tomorrow\" is not a valid timestamp"), "{end}");
    let unknown = panic_message(|| drop(GlacierMock::start().principal("AKIAUNKNOWN")));
    assert!(unknown.contains("unknown access key") && unknown.contains(".principal(\"AKIAUNKNOWN\""), "{unknown}");
}

/// Otherwise the second client would silently have the attributes of the first.
#[tokio::test]
async fn a_client_replaces_a_principal_that_differs() {
    let mock = GlacierMock::builder().verify_signatures(true).start();
    let anna = Principal::new(ANNA);
    mock.client_as(&anna).list_vaults().send().await.unwrap();
    assert_eq!(mock.principal(anna.access_key()).mfa_since(), None);
    let with_mfa = anna.clone().with_mfa();
    mock.client_as(&with_mfa).list_vaults().send().await.unwrap();
    let since = mock.principal(anna.access_key()).mfa_since();
    assert!(since.is_some());
    // The same principal keeps the instant of its second factor.
    mock.clock().advance(std::time::Duration::from_secs(60));
    mock.client_as(&with_mfa).list_vaults().send().await.unwrap();
    assert_eq!(mock.principal(anna.access_key()).mfa_since(), since);
    // A wrong secret is not registered.
    mock.client_as(&with_mfa.clone().with_secret("a guess")).list_vaults().send().await.unwrap_err();
    assert_eq!(mock.principal(anna.access_key()).secret(), anna.secret());
    let _environment = mock.env_for(&anna.clone().with_source_ip("203.0.113.7"));
    mock.client_as(&anna).list_vaults().send().await.unwrap();
    assert_eq!(mock.principal(anna.access_key()), anna);
}

//! Policies in force: which requests vault access policies and vault lock policies allow and deny.
//!
//! The policy engine has a truth table beside its code; these tests check what the service does with its decisions
//! (api.md sections 8 and 9, the developer guide's "Vault Access Policies").

mod locks;

use std::time::Duration;

use aws_sdk_glacier::Client;
use glacier_mock::{Clock, GlacierMock, JobTiming, Operation, Principal};

use crate::support::{
    ARN, DAY, MIB, bytes, initiate, inventory, output, panic_message, raw, refusal, request, retrieval, sha256, upload,
};

/// A policy with these statements, in which `ARN` stands for the ARN of the vault.
fn document(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.replace("ARN", ARN))
}

fn no_deletes_for(days: u32) -> String {
    document(&format!(
        r#"{{"Sid":"no-deletes","Effect":"Deny","Principal":"*","Action":"glacier:DeleteArchive","Resource":"ARN",
           "Condition":{{"NumericLessThan":{{"glacier:ArchiveAgeInDays":"{days}"}}}}}}"#
    ))
}

/// Starts a mock with a frozen clock and a vault `v`.
fn frozen() -> (GlacierMock, Client) {
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T10:00:00Z")).start();
    mock.create_vault("v");
    let glacier = mock.client();
    (mock, glacier)
}

async fn delete(glacier: &Client, archive: &str) -> Result<(), (u16, String, String)> {
    let deleted = glacier.delete_archive().vault_name("v").archive_id(archive).send().await;
    if deleted.is_ok() { Ok(()) } else { Err(refusal(deleted)) }
}

/// A valid request of an operation on a path. Its body, if it has one, is `x` or a document.
fn request_of(operation: Operation, path: &str) -> Vec<u8> {
    let hash = sha256(b"x");
    let hashes = [("x-amz-sha256-tree-hash", hash.as_str()), ("x-amz-content-sha256", hash.as_str())];
    let mut headers = Vec::new();
    let body: &[u8] = match operation {
        Operation::UploadArchive => {
            headers.extend(hashes);
            b"x"
        }
        Operation::UploadMultipartPart => {
            headers.extend(hashes);
            headers.push(("content-range", "bytes 0-0/*"));
            b"x"
        }
        Operation::CompleteMultipartUpload => {
            headers.extend([("x-amz-archive-size", "1"), hashes[0]]);
            b""
        }
        Operation::InitiateMultipartUpload => {
            headers.push(("x-amz-part-size", "1048576"));
            b""
        }
        Operation::InitiateJob => br#"{"Type":"inventory-retrieval"}"#,
        Operation::AddTagsToVault => br#"{"Tags":{"a":"b"}}"#,
        Operation::RemoveTagsFromVault => br#"{"TagKeys":["a"]}"#,
        Operation::SetVaultNotifications => {
            br#"{"SNSTopic":"arn:aws:sns:us-east-1:000000000000:t","Events":["ArchiveRetrievalCompleted"]}"#
        }
        Operation::SetVaultAccessPolicy | Operation::InitiateVaultLock => {
            br#"{"Policy":"{\"Statement\":{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"*\",\"Resource\":\"*\"}}"}"#
        }
        _ => b"",
    };
    request(operation.method(), path, &headers, body)
}

/// A Deny statement for one operation denies only that operation, and a denied operation changes nothing.
#[tokio::test]
async fn every_operation_on_a_vault_can_be_denied() {
    let (mock, glacier) = frozen();
    let vault = mock.vault("v");
    let archive = upload(&glacier, "v", &bytes(MIB)).await;
    let job = initiate(&glacier, "v", inventory()).await;
    let part = vault.start_upload("x", MIB as u64);
    let path = |operation: Operation| {
        let path = operation.path().replace("{account}", "-").replace("{vault}", "v").replace("{lock}", "x");
        path.replace("{archive}", &archive).replace("{job}", &job).replace("{upload}", part.as_str())
    };
    let requests: Vec<(Operation, Vec<u8>)> = Operation::ALL
        .iter()
        .filter(|operation| operation.path().contains("{vault}"))
        .map(|&operation| (operation, request_of(operation, &path(operation))))
        .collect();
    assert_eq!(requests.len(), 28);
    for (operation, bytes) in &requests {
        vault.set_access_policy(document(&format!(
            r#"{{"Sid":"this","Effect":"Deny","Principal":"*","Action":"glacier:{operation}","Resource":"ARN"}}"#
        )));
        let refused = raw(&mock, bytes);
        let last = mock.requests().last().unwrap().clone();
        assert_eq!(last.operation(), Some(*operation), "{}", refused.text());
        assert_eq!(last.explanation(), Some("denied by statement \"this\" of the vault access policy"), "{operation}");
        assert_eq!(refused.status, 403, "{operation}");
        assert!(refused.text().contains(&format!("is not authorized to perform: glacier:{operation} on")));
        // The statement does not apply to another operation.
        let other = if *operation == Operation::DescribeVault { "GET /-/vaults/v/tags" } else { "GET /-/vaults/v" };
        let (method, path) = other.split_once(' ').unwrap();
        assert_eq!(raw(&mock, &request(method, path, &[], b"")).status, 200, "{operation}");
    }
    assert_eq!((vault.archives().len(), vault.jobs().len(), vault.uploads().len()), (1, 1, 1));
    assert!(vault.tags().is_empty() && vault.vault_lock().is_none());
}

/// The path names the owner's account, and the owner's access policy allows some operations to the other account
/// (guide, "grant cross-account permissions"). Everything else of the owner stays inaccessible.
#[tokio::test]
async fn another_account_needs_an_allow_statement() {
    let (mock, owner) = frozen();
    let guest = Principal::new("arn:aws:iam::111122223333:user/anna");
    let stranger = Principal::new("arn:aws:iam::999988887777:user/otto");
    let archive = upload(&owner, "v", b"shared").await;
    let (anna, otto) = (mock.client_as(&guest), mock.client_as(&stranger));
    let describe = async |glacier: &Client| {
        let described = glacier.describe_vault().account_id("000000000000").vault_name("v").send().await;
        if described.is_ok() { Ok(()) } else { Err(refusal(described)) }
    };
    // Without a policy, other accounts are denied with the observed message (observed.md 2.F).
    let (status, code, text) = describe(&anna).await.unwrap_err();
    assert_eq!((status, code.as_str()), (403, "AccessDeniedException"));
    assert_eq!(text, "Access denied for account ID: 000000000000");

    mock.vault("v").set_access_policy(document(
        r#"{"Sid":"guests","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},
            "Action":["glacier:Describe*","glacier:InitiateJob","glacier:GetJobOutput"],"Resource":"ARN"}"#,
    ));
    describe(&anna).await.unwrap();
    let job = anna.initiate_job().account_id("000000000000").vault_name("v");
    let job = job.job_parameters(retrieval(&archive).build()).send().await.unwrap();
    // Location contains the account of the path, which is the owner's.
    assert!(job.location().unwrap().starts_with("/000000000000/vaults/v/jobs/"));
    let job = job.job_id().unwrap();
    let got = anna.get_job_output().account_id("000000000000").vault_name("v").job_id(job).send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"shared");

    let refused = anna.delete_archive().account_id("000000000000").vault_name("v").archive_id(&archive).send().await;
    assert_eq!(refusal(refused).0, 403);
    let why = "not allowed: no statement allows glacier:DeleteArchive to arn:aws:iam::111122223333:user/anna, who is of \
               another account; the nearest is statement \"guests\" of the vault access policy, which is not about \
               glacier:DeleteArchive";
    assert_eq!(mock.requests().last().unwrap().explanation(), Some(why));
    assert_eq!(describe(&otto).await.unwrap_err().0, 403);
    // A vault policy cannot allow operations that do not belong to a vault.
    let vaults = anna.list_vaults().account_id("000000000000").send().await;
    assert_eq!(refusal(vaults).2, "Access denied for account ID: 000000000000");
    // The guest owns the vaults of its account, also one with the same name.
    anna.create_vault().account_id("-").vault_name("v").send().await.unwrap();
    assert_eq!(mock.vault_in(guest.account(), "us-east-1", "v").archives().len(), 0);
    assert_eq!(mock.vault("v").archives().len(), 1);
    // An explicit deny overrides the allow.
    mock.vault("v").lock(document(
        r#"{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:user/anna"},"Action":"*","Resource":"ARN"}"#,
    ));
    describe(&anna).await.unwrap_err();
    describe(&owner).await.unwrap();
    assert_eq!(output(&owner, "v", job).await, b"shared");
}

/// Conditions can test for a second factor, the source address, TLS, the user agent, the principal and the time.
#[tokio::test]
async fn conditions_can_test_the_caller_and_the_connection() {
    let (mock, _) = frozen();
    let user = |name: &str| Principal::new(format!("arn:aws:iam::000000000000:user/{name}"));
    let only_if = |condition: &str| {
        mock.vault("v").set_access_policy(document(&format!(
            r#"{{"Effect":"Deny","Principal":"*","Action":"glacier:DescribeVault","Resource":"ARN","Condition":{condition}}}"#
        )));
    };
    let may =
        async |principal: &Principal| mock.client_as(principal).describe_vault().vault_name("v").send().await.is_ok();

    // The guide requires a second factor of long-term credentials too in this way.
    only_if(r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}"#);
    let session = Principal::new("arn:aws:sts::000000000000:assumed-role/backup/monday").with_session_token("t");
    assert!(may(&user("with-mfa").with_mfa()).await);
    assert!(!may(&user("without")).await && !may(&session).await);
    only_if(r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#);
    assert!(may(&user("long-term")).await, "long-term credentials do not have the key");
    only_if(r#"{"NumericGreaterThan":{"aws:MultiFactorAuthAge":"3600"}}"#);
    let fresh = user("fresh").with_mfa();
    assert!(may(&fresh).await);
    mock.clock().advance(Duration::from_secs(3601));
    assert!(!may(&fresh).await);

    only_if(r#"{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","127.0.0.0/8"]}}"#);
    assert!(may(&user("here")).await && may(&user("inside").with_source_ip("203.0.113.7")).await);
    assert!(!may(&user("outside").with_source_ip("198.51.100.7")).await);

    only_if(r#"{"Bool":{"aws:SecureTransport":"false"}}"#);
    assert!(may(&user("secure")).await && !may(&user("plain").without_tls()).await);

    only_if(r#"{"StringNotLike":{"aws:UserAgent":"*aws-sdk-rust*"}}"#);
    assert!(may(&user("sdk")).await);
    assert_eq!(raw(&mock, &request("GET", "/-/vaults/v", &[("user-agent", "curl/8")], b"")).status, 403);

    only_if(r#"{"ArnNotLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/a*"}}"#);
    assert!(may(&user("anna")).await && !may(&user("otto")).await);
    only_if(r#"{"StringEquals":{"aws:PrincipalAccount":"000000000000"}}"#);
    assert!(!may(&user("anyone")).await);
    only_if(r#"{"DateGreaterThan":{"aws:CurrentTime":"2026-02-01T00:00:00Z"}}"#);
    assert!(may(&user("early")).await);
    mock.clock().advance_to("2026-02-01T00:00:01Z");
    assert!(!may(&user("late")).await);
}

/// `glacier:ArchiveAgeInDays` applies to InitiateJob too (api.md section 9), and is the age on the mock's clock.
#[tokio::test]
async fn a_policy_can_deny_retrievals_by_the_age_of_the_archive() {
    let mock = GlacierMock::builder().jobs(JobTiming::manual()).clock(Clock::frozen("2026-01-31T10:00:00Z")).start();
    let glacier = mock.client();
    let vault = mock.create_vault("v");
    vault.set_access_policy(document(
        r#"{"Effect":"Deny","Principal":"*","Action":"glacier:InitiateJob","Resource":"ARN",
            "Condition":{"NumericGreaterThanEquals":{"glacier:ArchiveAgeInDays":"30"}}}"#,
    ));
    let archive = vault.put_archive("x", b"x");
    initiate(&glacier, "v", retrieval(&archive)).await;
    mock.clock().advance(30 * DAY);
    let ask = glacier.initiate_job().vault_name("v").job_parameters(retrieval(&archive).build()).send().await;
    assert_eq!(refusal(ask).0, 403);
    // The denied request started no job.
    assert_eq!(mock.jobs().all().len(), 1);
    // The condition does not apply to an inventory, which has no age.
    initiate(&glacier, "v", inventory()).await;
}

/// `explain` gives the decision that a request would get.
#[tokio::test]
async fn explanations_agree_with_decisions() {
    let (mock, glacier) = frozen();
    let archive = upload(&glacier, "v", b"x").await;
    let vault = mock.vault("v");
    let ask =
        |principal: &Principal| mock.explain(Operation::DeleteArchive).archive(&archive).by(principal).for_vault("v");
    let anna = Principal::new("arn:aws:iam::111122223333:user/anna");
    let owner = Principal::new("arn:aws:iam::000000000000:role/backup");
    assert_eq!(
        ask(&anna).to_string(),
        "not allowed: arn:aws:iam::111122223333:user/anna belongs to another account, and the vault has no policies that could allow it"
    );
    ask(&owner).assert_allowed();
    vault.set_access_policy(document(
        r#"{"Sid":"in","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"glacier:*","Resource":"ARN",
            "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#,
    ));
    ask(&anna).assert_denied();
    assert!(ask(&anna).to_string().contains("the nearest is statement \"in\" of the vault access policy: "));
    ask(&anna.clone().with_mfa()).assert_allowed();
    vault.lock(no_deletes_for(1));
    ask(&owner).assert_denied();
    mock.clock().advance(DAY);
    ask(&owner).assert_allowed();
    mock.client_as(&anna.with_mfa())
        .delete_archive()
        .account_id("000000000000")
        .vault_name("v")
        .archive_id(&archive)
        .send()
        .await
        .unwrap();
    let text = panic_message(|| ask(&owner).assert_denied());
    assert!(text.contains("expected the request to be denied, but it is allowed"), "{text}");
}

#[tokio::test]
async fn a_report_names_the_statement() {
    let (mock, glacier) = frozen();
    let archive = upload(&glacier, "v", b"x").await;
    mock.vault("v").lock(no_deletes_for(365));
    delete(&glacier, &archive).await.unwrap_err();
    let text = panic_message(|| mock.calls(Operation::DeleteArchive).assert_all_succeeded());
    assert!(text.contains("denied by statement \"no-deletes\" of the vault lock policy"), "{text}");
}

/// An explanation by itself asserts nothing, so the compiler warns if a test ignores it.
#[test]
#[deny(unfulfilled_lint_expectations)]
fn the_compiler_warns_of_an_ignored_explanation() {
    let mock = glacier_mock::GlacierMock::start();
    mock.create_vault("v");
    #[expect(unused_must_use, reason = "the test ignores an explanation deliberately")]
    mock.explain(glacier_mock::Operation::DescribeVault).for_vault("v");
}

//! CreateVault, DescribeVault, ListVaults, DeleteVault (api.md section 3, observed.md 2.A and 3.2).

use aws_sdk_glacier::operation::describe_vault::DescribeVaultError;
use glacier_mock::{Account, GlacierMock, Timestamp};

use crate::support::{ARN, mock_with_vault, raw, refusal, request, upload};

#[tokio::test]
async fn creating_a_vault_again_changes_nothing() {
    let (_mock, glacier) = mock_with_vault().await;
    let before = glacier.describe_vault().vault_name("v").send().await.unwrap();
    let again = glacier.create_vault().vault_name("v").send().await.unwrap();
    assert_eq!(again.location(), Some("/000000000000/vaults/v"));
    let after = glacier.describe_vault().vault_name("v").send().await.unwrap();
    assert_eq!(before.creation_date(), after.creation_date());
    assert!(after.creation_date().unwrap().parse::<Timestamp>().is_ok());
}

/// The JSON is compact, with keys in alphabetical order and null for missing values (observed.md 3.1, 3.2).
#[tokio::test]
async fn a_new_vault_is_described_with_null_fields() {
    let (mock, _) = mock_with_vault().await;
    let response = raw(&mock, &request("GET", "/-/vaults/v", &[], b""));
    let created = response.text().split('"').nth(3).unwrap().to_owned();
    assert_eq!(created.len(), "2013-03-20T17:03:43.221Z".len());
    assert_eq!(
        response.text(),
        format!(
            r#"{{"CreationDate":"{created}","LastInventoryDate":null,"NumberOfArchives":0,"SizeInBytes":0,"VaultARN":"{ARN}","VaultName":"v"}}"#
        )
    );
    assert_eq!(response.header("content-type"), Some("application/json"));
}

/// Each archive counts with 32,768 bytes of overhead (observed.md 3.2: 5 -> 32773, and 5798098 + 2803 -> 5866437).
#[tokio::test]
async fn the_size_of_a_vault_includes_the_overhead_of_archives() {
    let (_mock, glacier) = mock_with_vault().await;
    let totals = async || {
        let vault = glacier.describe_vault().vault_name("v").send().await.unwrap();
        (vault.number_of_archives(), vault.size_in_bytes(), vault.last_inventory_date().is_some())
    };
    assert_eq!(totals().await, (0, 0, false));
    let first = upload(&glacier, "v", b"12345").await;
    assert_eq!(totals().await, (1, 32_773, true));
    upload(&glacier, "v", &[0; 1000]).await;
    assert_eq!(totals().await, (2, 66_541, true));
    glacier.delete_archive().vault_name("v").archive_id(first).send().await.unwrap();
    assert_eq!(totals().await, (1, 33_768, true));
}

#[tokio::test]
async fn the_error_for_a_missing_vault_names_its_arn() {
    let mock = GlacierMock::start();
    let result = mock.client().describe_vault().vault_name("v").send().await;
    assert!(matches!(
        result.as_ref().unwrap_err().as_service_error(),
        Some(DescribeVaultError::ResourceNotFoundException(_))
    ));
    let not_found = (404, "ResourceNotFoundException".to_owned(), format!("Vault not found for ARN: {ARN}"));
    assert_eq!(refusal(result), not_found);
}

/// The other operations on a vault are covered by `service_model`.
#[tokio::test]
async fn operations_on_a_missing_vault_are_refused() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    let upload = glacier.upload_archive().vault_name("v").body(b"x".to_vec().into()).send().await;
    let inventory = aws_sdk_glacier::types::JobParameters::builder().r#type("inventory-retrieval").build();
    let texts = [
        refusal(upload),
        refusal(glacier.delete_archive().vault_name("v").archive_id("a").send().await),
        refusal(glacier.initiate_job().vault_name("v").job_parameters(inventory).send().await),
        refusal(glacier.list_jobs().vault_name("v").send().await),
        refusal(glacier.describe_job().vault_name("v").job_id("j").send().await),
        refusal(glacier.get_job_output().vault_name("v").job_id("j").send().await),
    ];
    for (status, code, text) in texts {
        assert_eq!((status, code.as_str()), (404, "ResourceNotFoundException"));
        assert_eq!(text, format!("Vault not found for ARN: {ARN}"));
    }
}

/// Only CreateVault reports that the name is invalid. Other operations answer as for a missing vault, with the raw name
/// in place of the ARN (observed.md 2.A).
#[tokio::test]
async fn an_invalid_vault_name_is_refused() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    let (status, code, text) = refusal(glacier.describe_vault().vault_name("testz:z").send().await);
    assert_eq!((status, code.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!(text, "Vault not found for ARN: testz:z");
    for bad in ["testz:z", "a b", "ä", &"x".repeat(256)] {
        let (status, code, text) = refusal(glacier.create_vault().vault_name(bad).send().await);
        assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
        assert_eq!(text, format!("Invalid vault name: {bad}"));
    }
    glacier.create_vault().vault_name("x".repeat(255)).send().await.unwrap();
    assert_eq!(glacier.list_vaults().send().await.unwrap().vault_list().len(), 1);
}

#[tokio::test]
async fn a_vault_with_archives_cannot_be_deleted() {
    let (_mock, glacier) = mock_with_vault().await;
    let archive = upload(&glacier, "v", b"x").await;
    let (status, code, text) = refusal(glacier.delete_vault().vault_name("v").send().await);
    assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
    assert_eq!(text, format!("Vault not empty or recently written to: {ARN}"));

    glacier.delete_archive().vault_name("v").archive_id(archive).send().await.unwrap();
    glacier.delete_vault().vault_name("v").send().await.unwrap();
    refusal(glacier.describe_vault().vault_name("v").send().await);
}

#[tokio::test]
async fn deleting_a_missing_vault_succeeds() {
    let mock = GlacierMock::start();
    let response = raw(&mock, &request("DELETE", "/-/vaults/never", &[], b""));
    assert_eq!((response.status, response.body.len()), (204, 0));
    assert_eq!(response.header("content-type"), None);
}

/// A new vault of the same name has none of the old jobs.
#[tokio::test]
async fn jobs_are_deleted_with_their_vault() {
    let (_mock, glacier) = mock_with_vault().await;
    crate::support::initiate(&glacier, "v", crate::support::inventory()).await;
    glacier.delete_vault().vault_name("v").send().await.unwrap();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    assert!(glacier.list_jobs().vault_name("v").send().await.unwrap().job_list().is_empty());
}

/// AWS's own example of ListVaults sends `limit=&marker=` (observed.md 3.1). The mock accepts it for every list.
#[tokio::test]
async fn an_empty_query_value_counts_as_absent() {
    let (mock, glacier) = mock_with_vault().await;
    let upload = glacier.initiate_multipart_upload().vault_name("v").part_size((1 << 20).to_string());
    let upload = upload.send().await.unwrap().upload_id().unwrap().to_owned();
    crate::support::initiate(&glacier, "v", crate::support::inventory()).await;
    for path in ["", "/v/jobs", "/v/multipart-uploads", &format!("/v/multipart-uploads/{upload}")] {
        let get = |query: &str| raw(&mock, &request("GET", &format!("/-/vaults{path}{query}"), &[], b""));
        let plain = get("");
        assert_eq!(plain.status, 200, "{path}");
        for query in ["?limit=&marker=", "?limit", "?limit=&marker=&statuscode=&completed="] {
            let same = get(query);
            assert_eq!((same.status, same.text()), (200, plain.text()), "{path}{query}");
        }
        assert_eq!(get("?limit=0&marker=").status, 400, "{path}");
    }
}

#[tokio::test]
async fn vaults_are_listed_in_ascii_order_in_pages_of_ten() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    let mut names: Vec<String> = (0..23).map(|n| format!("v{n}")).collect();
    names.extend(["B", "a", "_", "-", "."].map(String::from));
    for name in &names {
        glacier.create_vault().vault_name(name).send().await.unwrap();
    }
    names.sort();
    let mut pages = Vec::new();
    let mut marker = None;
    loop {
        let page = glacier.list_vaults().set_marker(marker).send().await.unwrap();
        pages.push(page.vault_list().iter().map(|v| v.vault_name().unwrap().to_owned()).collect::<Vec<_>>());
        marker = page.marker().map(str::to_owned);
        let Some(marker) = &marker else { break };
        let first_of_next = &names[pages.iter().map(Vec::len).sum::<usize>()];
        assert_eq!(marker, &format!("arn:aws:glacier:us-east-1:000000000000:vaults/{first_of_next}"));
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 8]);
    assert_eq!(pages.concat(), names);
}

#[tokio::test]
async fn an_empty_list_has_a_null_marker() {
    let mock = GlacierMock::start();
    assert_eq!(raw(&mock, &request("GET", "/-/vaults", &[], b"")).text(), r#"{"Marker":null,"VaultList":[]}"#);
    // An empty marker means the beginning of the list (api.md section 2).
    assert_eq!(raw(&mock, &request("GET", "/-/vaults?marker=", &[], b"")).status, 200);
}

#[tokio::test]
async fn limits_and_markers_are_checked() {
    let (_mock, glacier) = mock_with_vault().await;
    glacier.create_vault().vault_name("w").send().await.unwrap();
    let page = glacier.list_vaults().limit(1).send().await.unwrap();
    assert_eq!((page.vault_list().len(), page.marker().is_some()), (1, true));
    glacier.list_vaults().limit(1000).send().await.unwrap();
    for bad in [0, -1, 1001] {
        let (status, code, text) = refusal(glacier.list_vaults().limit(bad).send().await);
        assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
        assert_eq!(text, format!("Invalid limit: {bad}"));
    }
    // The ARN is well-formed but was never returned as a marker: page one was `v`, and its marker was `w`.
    for bad in ["nonsense", ARN] {
        let (status, code, text) = refusal(glacier.list_vaults().marker(bad).send().await);
        assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
        assert_eq!(text, format!("Invalid marker: {bad}"));
    }
}

#[tokio::test]
async fn a_marker_stays_valid_after_its_vault_is_deleted() {
    let mock = GlacierMock::start();
    let glacier = mock.client();
    for name in ["a", "b", "c"] {
        glacier.create_vault().vault_name(name).send().await.unwrap();
    }
    let page = glacier.list_vaults().limit(1).send().await.unwrap();
    glacier.delete_vault().vault_name("b").send().await.unwrap();
    let rest = glacier.list_vaults().set_marker(page.marker().map(Into::into)).send().await.unwrap();
    assert_eq!(rest.vault_list().iter().map(|v| v.vault_name().unwrap()).collect::<Vec<_>>(), ["c"]);
}

#[test]
fn an_account_has_at_most_1000_vaults() {
    let mock = GlacierMock::start();
    for n in 0..1000 {
        assert_eq!(raw(&mock, &request("PUT", &format!("/-/vaults/v{n}"), &[], b"")).status, 201);
    }
    let refused = raw(&mock, &request("PUT", "/-/vaults/one-more", &[], b""));
    assert_eq!(refused.status, 400);
    assert!(refused.text().starts_with(r#"{"code":"LimitExceededException","#), "{}", refused.text());
    // Creating an existing vault again is allowed at the limit.
    assert_eq!(raw(&mock, &request("PUT", "/-/vaults/v7", &[], b"")).status, 201);
}

/// See api.md section 1.
#[test]
fn the_credential_scope_selects_account_and_region() {
    let mock = GlacierMock::start();
    let signed = |key: &str, region: &str| {
        format!(
            "AWS4-HMAC-SHA256 Credential={key}/20260131/{region}/glacier/aws4_request, SignedHeaders=host, Signature=0"
        )
    };
    let send = |method: &str, path: &str, by: &str| raw(&mock, &request(method, path, &[("Authorization", by)], b""));
    let (here, there) = (signed("AKIAANY", "us-east-1"), signed("AKIAANY", "cn-north-1"));
    let other = signed("111122223333", "us-east-1");
    let created = send("PUT", "/-/vaults/v", &here);
    assert_eq!(created.header("location"), Some("/000000000000/vaults/v"));
    assert_eq!(send("GET", "/-/vaults/v", &here).status, 200);
    assert_eq!(send("GET", "/000000000000/vaults/v", &here).status, 200);
    let elsewhere = send("GET", "/-/vaults/v", &there);
    assert_eq!(elsewhere.status, 404);
    assert!(elsewhere.text().contains("arn:aws-cn:glacier:cn-north-1:000000000000:vaults/v"));
    assert_eq!(send("GET", "/-/vaults/v", &other).status, 404);
    assert_eq!(send("PUT", "/-/vaults/v", &other).header("location"), Some("/111122223333/vaults/v"));
}

/// The messages and the order of the keys are those of the service's front end (observed.md 2.F).
#[tokio::test]
async fn another_account_is_denied_and_a_malformed_one_is_unknown() {
    let mock = GlacierMock::builder().account(Account::new("123456789012")).start();
    let glacier = mock.client();
    let denied = glacier.list_vaults().account_id("111122223333").send().await;
    let text = "Access denied for account ID: 111122223333".to_owned();
    assert_eq!(refusal(denied), (403, "AccessDeniedException".into(), text));
    let unknown = glacier.list_vaults().account_id("abcmnoxyz").send().await;
    let text = "No account found for the given parameters".to_owned();
    assert_eq!(refusal(unknown), (400, "UnrecognizedClientException".into(), text));
    let body = raw(&mock, &request("GET", "/111122223333/vaults", &[], b"")).body;
    assert_eq!(body.len(), 103);
    assert!(body.starts_with(br#"{"message":"#));
}

//! UploadArchive and DeleteArchive (api.md section 4, observed.md 2.B).

use aws_sdk_glacier::operation::upload_archive::UploadArchiveError;
use glacier_mock::GlacierMock;

use crate::support::{
    MIB, RawResponse, bytes, initiate, inventory, mock_with_vault, output, raw, refusal, request, retrieval, sha256,
    tree_hash, upload,
};

/// The lengths are around every boundary of the tree hash and of the stored chunks.
#[tokio::test]
async fn downloaded_bytes_equal_uploaded_bytes() {
    let (_mock, glacier) = mock_with_vault().await;
    for len in [1, 1000, MIB - 1, MIB, MIB + 1, 2 * MIB, 5 * MIB + 7] {
        let bytes = bytes(len);
        let stored = glacier.upload_archive().vault_name("v").body(bytes.clone().into()).send().await.unwrap();
        assert_eq!(stored.checksum(), Some(&*tree_hash(&bytes)), "{len}");
        let id = stored.archive_id().unwrap();
        assert_eq!(stored.location(), Some(&*format!("/000000000000/vaults/v/archives/{id}")));
        let job = initiate(&glacier, "v", retrieval(id)).await;
        assert!(output(&glacier, "v", &job).await == bytes, "{len}");
    }
}

#[tokio::test]
async fn equal_uploads_are_separate_archives() {
    let (_mock, glacier) = mock_with_vault().await;
    let (one, two) = (upload(&glacier, "v", b"same").await, upload(&glacier, "v", b"same").await);
    assert_ne!(one, two);
    for id in [one, two] {
        assert_eq!(id.len(), 138);
        assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{id}");
    }
}

fn upload_with(mock: &GlacierMock, body: &[u8], headers: &[(&str, &str)]) -> RawResponse {
    let (sha256, tree_hash) = (sha256(body), if body.is_empty() { sha256(body) } else { tree_hash(body) });
    let mut all = headers.to_vec();
    for (name, value) in [("x-amz-content-sha256", &sha256), ("x-amz-sha256-tree-hash", &tree_hash)] {
        if !headers.iter().any(|(given, _)| *given == name) {
            all.push((name, value));
        }
    }
    raw(mock, &request("POST", "/-/vaults/v/archives", &all, body))
}

#[track_caller]
fn assert_refused(response: &RawResponse, status: u16, body: &str) {
    assert_eq!((response.status, response.text()), (status, body));
    assert_eq!(response.header("content-type"), Some("application/json"));
    assert_eq!(response.header("x-amzn-errortype"), None);
}

fn nothing_stored(mock: &GlacierMock) -> bool {
    raw(mock, &request("GET", "/-/vaults/v", &[], b"")).text().contains(r#""NumberOfArchives":0"#)
}

#[tokio::test]
async fn a_wrong_tree_hash_stores_nothing() {
    let (mock, glacier) = mock_with_vault().await;
    let wrong = "0".repeat(64);
    let result = glacier.upload_archive().vault_name("v").checksum(&wrong).body(b"x".to_vec().into()).send().await;
    assert!(matches!(
        result.as_ref().unwrap_err().as_service_error(),
        Some(UploadArchiveError::InvalidParameterValueException(_))
    ));
    let (status, _, text) = refusal(result);
    assert_eq!(status, 400);
    assert_eq!(text, format!("Checksum mismatch: expected {wrong}, computed {}", sha256(b"x")));
    assert!(nothing_stored(&mock));
}

#[tokio::test]
async fn the_sha256_of_more_than_a_mebibyte_is_not_its_tree_hash() {
    let (mock, glacier) = mock_with_vault().await;
    let body = bytes(MIB + 1);
    let plain = sha256(&body);
    let result = glacier.upload_archive().vault_name("v").checksum(&plain).body(body.clone().into()).send().await;
    let (_, _, text) = refusal(result);
    assert_eq!(text, format!("Checksum mismatch: expected {plain}, computed {}", tree_hash(&body)));
    assert!(nothing_stored(&mock));
}

/// `000` is refused as malformed. The service pads a hash of 32 zeros to 64 (observed.md 2.B).
#[tokio::test]
async fn a_malformed_tree_hash_is_refused() {
    let (mock, _) = mock_with_vault().await;
    for bad in ["000", "nothex", &"0".repeat(66)] {
        let response = upload_with(&mock, b"x", &[("x-amz-sha256-tree-hash", bad)]);
        let text = format!(
            r#"{{"code":"InvalidParameterValueException","message":"Invalid x-amz-sha256-tree-hash: {bad}","type":"Client"}}"#
        );
        assert_refused(&response, 400, &text);
    }
    let response = upload_with(&mock, b"x", &[("x-amz-sha256-tree-hash", &"0".repeat(32))]);
    assert!(response.text().contains(&format!("Checksum mismatch: expected {}, computed", "0".repeat(64))));
    assert!(nothing_stored(&mock));
}

#[tokio::test]
async fn a_wrong_payload_hash_is_an_invalid_signature() {
    let (mock, _) = mock_with_vault().await;
    let wrong = sha256(b"y");
    let response = upload_with(&mock, b"x", &[("x-amz-content-sha256", &wrong)]);
    let text = format!(
        r#"{{"message":"The value passed in as x-amz-content-sha256 does not match the computed payload hash. Computed digest: {} expected hash: {wrong}","code":"InvalidSignatureException","type":"Client"}}"#,
        sha256(b"x")
    );
    assert_refused(&response, 403, &text);
    assert!(nothing_stored(&mock));
}

#[tokio::test]
async fn both_hashes_are_required() {
    let (mock, _) = mock_with_vault().await;
    let response = upload_with(&mock, b"x", &[("x-amz-sha256-tree-hash", "")]);
    let text = r#"{"code":"MissingParameterValueException","message":"Required parameter missing: x-amz-sha256-tree-hash","type":"Client"}"#;
    assert_refused(&response, 400, text);
    // The service includes the other header's value in what is signed, so without the header no signature can match
    // (observed.md 2.B).
    let response = upload_with(&mock, b"x", &[("x-amz-content-sha256", "")]);
    let text = r#"{"message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.","code":"InvalidSignatureException","type":"Client"}"#;
    assert_refused(&response, 403, text);
    let refused = mock.requests().last().unwrap().clone();
    assert!(refused.explanation().unwrap().contains("no x-amz-content-sha256 header"), "{refused:?}");
    assert!(nothing_stored(&mock));
}

#[tokio::test]
async fn an_empty_archive_is_refused() {
    let (mock, glacier) = mock_with_vault().await;
    let (status, code, text) = refusal(glacier.upload_archive().vault_name("v").body(Vec::new().into()).send().await);
    assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
    assert_eq!(text, "Invalid Content-Length: 0");
    assert!(nothing_stored(&mock));
}

#[tokio::test]
async fn descriptions_are_printable_ascii() {
    let (mock, glacier) = mock_with_vault().await;
    let describe = async |text: &str| {
        let upload = glacier.upload_archive().vault_name("v").archive_description(text);
        upload.body(b"x".to_vec().into()).send().await
    };
    describe(&"x".repeat(1024)).await.unwrap();
    describe("double  spaces  here").await.unwrap();
    let (status, code, text) = refusal(describe(&"x".repeat(1025)).await);
    assert_eq!(
        (status, code.as_str(), text.as_str()),
        (400, "InvalidParameterValueException", "Invalid archive description")
    );
    // Client and server canonicalise non-ASCII text differently, so the service sees a wrong signature.
    let response = upload_with(&mock, b"x", &[("x-amz-archive-description", "grüße")]);
    assert_eq!(response.status, 403);
    assert!(response.text().starts_with(r#"{"message":"The request signature we calculated does not match"#));
    // The signature is checked before everything else (observed.md 1.11).
    for worse in [("x-amz-content-sha256", "0"), ("x-amz-glacier-version", "1")] {
        assert_eq!(upload_with(&mock, b"", &[("x-amz-archive-description", "grüße"), worse]).text(), response.text());
    }

    let job = initiate(&glacier, "v", inventory()).await;
    let list: serde_json::Value = serde_json::from_slice(&output(&glacier, "v", &job).await).unwrap();
    let descriptions: Vec<_> =
        list["ArchiveList"].as_array().unwrap().iter().map(|a| a["ArchiveDescription"].as_str().unwrap()).collect();
    assert_eq!(descriptions, [&*"x".repeat(1024), "double  spaces  here"]);
}

#[tokio::test]
async fn deleting_an_archive_twice_succeeds() {
    let (_mock, glacier) = mock_with_vault().await;
    let id = upload(&glacier, "v", b"x").await;
    for _ in 0..2 {
        glacier.delete_archive().vault_name("v").archive_id(&id).send().await.unwrap();
    }
    let (status, code, text) = refusal(glacier.delete_archive().vault_name("v").archive_id("never-was").send().await);
    assert_eq!((status, code.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!(text, "The archive ID was not found: never-was");
}

/// The message was observed at AWS: it says "vault name" and shows an ARN (observed.md 2.A).
#[tokio::test]
async fn an_archive_of_another_vault_is_not_deleted() {
    let (_mock, glacier) = mock_with_vault().await;
    glacier.create_vault().vault_name("other").send().await.unwrap();
    let id = upload(&glacier, "other", b"x").await;
    let (status, code, text) = refusal(glacier.delete_archive().vault_name("v").archive_id(&id).send().await);
    assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
    assert_eq!(text, "Invalid vault name: arn:aws:glacier:us-east-1:000000000000:vaults/v");
    let vault = glacier.describe_vault().vault_name("other").send().await.unwrap();
    assert_eq!(vault.number_of_archives(), 1);
}

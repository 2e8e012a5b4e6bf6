//! The parameters of InitiateJob (api.md section 5, observed.md 2.D and 3.4).

use aws_sdk_glacier::types::{InventoryRetrievalJobInput, JobParameters};

use super::describe;
use crate::support::{initiate, inventory, mock_with_vault, raw, refusal, request, retrieval, upload};

#[tokio::test]
async fn an_unknown_archive_is_refused() {
    let (_mock, glacier) = mock_with_vault().await;
    let unknown = retrieval("never-was").build();
    let (status, code, text) = refusal(glacier.initiate_job().vault_name("v").job_parameters(unknown).send().await);
    assert_eq!((status, code.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!(text, "The archive ID was not found: never-was");
}

#[tokio::test]
async fn invalid_job_parameters_are_refused() {
    let (_mock, glacier) = mock_with_vault().await;
    let archive = upload(&glacier, "v", b"x").await;
    let page = |limit: &str, marker: Option<&str>, start: Option<&str>, end: Option<&str>| {
        let input = InventoryRetrievalJobInput::builder().limit(limit).set_marker(marker.map(Into::into));
        let input = input.set_start_date(start.map(Into::into)).set_end_date(end.map(Into::into));
        inventory().inventory_retrieval_parameters(input.build())
    };
    let invalid = [
        (JobParameters::builder().r#type("restore"), "Invalid type: restore"),
        (retrieval(&archive).tier("Glacial"), "Invalid tier: Glacial"),
        (inventory().format("XML"), "Invalid format: XML"),
        (retrieval(&archive).sns_topic("my-topic"), "Invalid SNS topic: my-topic"),
        (retrieval(&archive).sns_topic("arn:aws:sns:us-east-1::t"), "Invalid SNS topic: arn:aws:sns:us-east-1::t"),
        (retrieval(&archive).description("ü"), "Invalid job description: ü"),
        (
            inventory().retrieval_byte_range("0-1048575"),
            "Invalid retrieval byte range: an inventory cannot be retrieved in part",
        ),
        (page("0", None, None, None), "Invalid limit: 0"),
        (page("ten", None, None, None), "Invalid limit: ten"),
        (page("1", Some("nonsense"), None, None), "Invalid marker: nonsense"),
        (
            page("1", None, Some("yesterday"), None),
            "Invalid inventory retrieval date range: InventoryRetrievalJobInput::StartDate=yesterday",
        ),
        // Only timestamps that end in Z are accepted (observed.md 2.D; the first message was observed literally).
        (
            page("1", None, Some("2014-03-08T23:51:29+00:00"), None),
            "Invalid inventory retrieval date range: InventoryRetrievalJobInput::StartDate=2014-03-08T23:51:29+00:00",
        ),
        (
            page("1", None, None, Some("2013-03-20 17:03:43Z")),
            "Invalid inventory retrieval date range: InventoryRetrievalJobInput::EndDate=2013-03-20 17:03:43Z",
        ),
        (
            page("1", None, None, Some("2013-03-20")),
            "Invalid inventory retrieval date range: InventoryRetrievalJobInput::EndDate=2013-03-20",
        ),
        (
            page("1", None, Some("2014-01-01T00:00:00Z"), Some("2013-01-01T00:00:00Z")),
            "Invalid inventory retrieval date range: InventoryRetrievalJobInput::StartDate=2014-01-01T00:00:00Z",
        ),
    ];
    for (parameters, expected) in invalid {
        let result = glacier.initiate_job().vault_name("v").job_parameters(parameters.build()).send().await;
        let (status, code, text) = refusal(result);
        assert_eq!((status, code.as_str(), text.as_str()), (400, "InvalidParameterValueException", expected));
    }
    let select = JobParameters::builder().r#type("select").archive_id(&archive).build();
    let (status, code, text) = refusal(glacier.initiate_job().vault_name("v").job_parameters(select).send().await);
    assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
    assert!(text.contains("Select jobs are no longer supported"), "{text}");

    let missing = [
        (JobParameters::builder(), "Required parameter missing: type"),
        (JobParameters::builder().r#type("archive-retrieval"), "Required parameter missing: archiveId"),
    ];
    for (parameters, expected) in missing {
        let result = glacier.initiate_job().vault_name("v").job_parameters(parameters.build()).send().await;
        assert_eq!(refusal(result), (400, "MissingParameterValueException".into(), expected.into()));
    }
    assert!(glacier.list_jobs().vault_name("v").send().await.unwrap().job_list().is_empty());
}

#[tokio::test]
async fn malformed_job_documents_are_refused() {
    let (mock, _) = mock_with_vault().await;
    let post = |body: &str| raw(&mock, &request("POST", "/-/vaults/v/jobs", &[], body.as_bytes()));
    for bad in [
        "{",
        "[]",
        "\"text\"",
        "{\"Type\":5}",
        "{\"Type\":\"inventory-retrieval\",\"InventoryRetrievalParameters\":[]}",
        "{}{}",
    ] {
        let response = post(bad);
        assert_eq!(response.status, 400, "{bad}");
        assert!(response.text().starts_with(r#"{"code":"SerializationException","#), "{bad}: {}", response.text());
    }
    let deep = "[".repeat(200_000);
    assert!(post(&deep).text().contains("SerializationException"));
    let empty = post("");
    assert!(empty.text().contains("Required parameter missing: Job Parameters"), "{}", empty.text());
    // The limit is a string in the API, but a number is accepted too (observed.md 3.4).
    let limited = |limit: &str| {
        post(&format!(r#"{{"Type":"inventory-retrieval","InventoryRetrievalParameters":{{"Limit":{limit}}}}}"#))
    };
    assert_eq!((limited("\"7\"").status, limited("7").status, limited("true").status), (202, 202, 400));
    // Null counts as absent, and the content type does not matter (observed.md 3.4).
    assert!(post(r#"{"Type":null}"#).text().contains("Required parameter missing: type"));
    let form = request(
        "POST",
        "/-/vaults/v/jobs",
        &[("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
        br#"{"Type":"inventory-retrieval"}"#,
    );
    assert_eq!(raw(&mock, &form).status, 202);
}

/// The service removes leading spaces only from the description of an archive (observed.md 3.3).
#[tokio::test]
async fn a_jobs_description_keeps_its_leading_spaces() {
    let (mock, glacier) = mock_with_vault().await;
    for text in ["  a job", " "] {
        let id = initiate(&glacier, "v", inventory().description(text)).await;
        assert_eq!(describe(&mock, &id)["JobDescription"], text);
    }
}

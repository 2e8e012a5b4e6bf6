//! Inventories: their formats, periods, pages and parameters (api.md sections 5 and 6, observed.md 3.4 and 3.5).

use std::time::Duration;

use aws_sdk_glacier::types::InventoryRetrievalJobInput;

use super::describe;
use crate::support::{ARN, MIB, bytes, initiate, inventory, mock_with_vault, output, raw, request, tree_hash, upload};

#[tokio::test]
async fn an_inventory_is_json_or_csv() {
    let (_mock, glacier) = mock_with_vault().await;
    let odd = r#"a "quoted", C:\path"#;
    let one = glacier.upload_archive().vault_name("v").archive_description(odd);
    let one = one.body(b"12345".to_vec().into()).send().await.unwrap();
    let (one, two) = (one.archive_id().unwrap(), upload(&glacier, "v", &bytes(MIB + 1)).await);

    let id = initiate(&glacier, "v", inventory()).await;
    let json = glacier.get_job_output().vault_name("v").job_id(&id).send().await.unwrap();
    assert_eq!((json.status(), json.content_type(), json.checksum()), (200, Some("application/json"), None));
    let text = String::from_utf8(json.body.collect().await.unwrap().to_vec()).unwrap();
    let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert!(text.starts_with(&format!(r#"{{"VaultARN":"{ARN}","InventoryDate":""#)), "{text}");
    assert_eq!(parsed["ArchiveList"][0]["ArchiveId"], one);
    assert_eq!(parsed["ArchiveList"][0]["ArchiveDescription"], odd);
    assert_eq!(parsed["ArchiveList"][0]["Size"], 5);
    assert_eq!(parsed["ArchiveList"][1]["ArchiveId"], two);
    assert_eq!(parsed["ArchiveList"][1]["ArchiveDescription"], "");
    assert_eq!(parsed["ArchiveList"][1]["SHA256TreeHash"], tree_hash(&bytes(MIB + 1)));

    let id = initiate(&glacier, "v", inventory().format("CSV")).await;
    let csv = glacier.get_job_output().vault_name("v").job_id(&id).send().await.unwrap();
    assert_eq!((csv.content_type(), csv.checksum()), (Some("text/csv"), None));
    let text = String::from_utf8(csv.body.collect().await.unwrap().to_vec()).unwrap();
    // Lines end in LF (observed.md 3.5).
    assert!(!text.contains('\r'), "{text:?}");
    let lines: Vec<_> = text.split('\n').collect();
    assert_eq!(lines[0], "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash");
    assert!(lines[1].starts_with(&format!(r#"{one},"a \"quoted\", C:\path",20"#)), "{text}");
    assert!(lines[2].starts_with(&format!(r#"{two},"",20"#)), "{text}");
    assert_eq!((lines.len(), lines[3]), (4, ""));

    let part = glacier.get_job_output().vault_name("v").job_id(&id).range("bytes=0-8").send().await.unwrap();
    assert_eq!((part.status(), part.checksum()), (206, None));
    assert_eq!(part.body.collect().await.unwrap().to_vec(), b"ArchiveId");
}

#[tokio::test]
async fn an_inventory_can_be_limited_to_a_period_and_to_pages() {
    let (mock, glacier) = mock_with_vault().await;
    tokio::time::pause();
    let mut dates = Vec::new();
    for n in 0..5_u8 {
        tokio::time::advance(Duration::from_secs(60)).await;
        tokio::time::resume();
        upload(&glacier, "v", &[n]).await;
        let page = initiate(&glacier, "v", inventory()).await;
        let list: serde_json::Value = serde_json::from_slice(&output(&glacier, "v", &page).await).unwrap();
        dates.push(list["ArchiveList"][usize::from(n)]["CreationDate"].as_str().unwrap().to_owned());
        tokio::time::pause();
    }
    tokio::time::resume();
    let count = async |input: InventoryRetrievalJobInput| {
        let id = initiate(&glacier, "v", inventory().inventory_retrieval_parameters(input)).await;
        let list: serde_json::Value = serde_json::from_slice(&output(&glacier, "v", &id).await).unwrap();
        let marker = describe(&mock, &id)["InventoryRetrievalParameters"]["Marker"].as_str().map(str::to_owned);
        (list["ArchiveList"].as_array().unwrap().len(), marker)
    };
    let input = InventoryRetrievalJobInput::builder;
    assert_eq!(count(input().start_date(&dates[1]).end_date(&dates[3]).build()).await.0, 2);
    assert_eq!(count(input().end_date(&dates[0]).build()).await.0, 0);
    // A period that ends when it begins is valid, and empty.
    assert_eq!(count(input().start_date(&dates[1]).end_date(&dates[1]).build()).await.0, 0);

    let (first, marker) = count(input().limit("2").build()).await;
    assert!((first, marker.is_some()) == (2, true));
    let (second, marker) = count(input().limit("2").set_marker(marker).build()).await;
    assert!((second, marker.is_some()) == (2, true));
    let (third, marker) = count(input().limit("2").set_marker(marker).build()).await;
    assert_eq!((third, marker), (1, None));
}

/// `Limit` is shown as a string.
#[tokio::test]
async fn describe_job_shows_the_inventory_parameters() {
    let (mock, glacier) = mock_with_vault().await;
    let input = InventoryRetrievalJobInput::builder().start_date("2013-03-20T17:03:43Z").limit("100").build();
    let id = initiate(&glacier, "v", inventory().format("CSV").inventory_retrieval_parameters(input)).await;
    assert_eq!(
        describe(&mock, &id)["InventoryRetrievalParameters"].to_string(),
        r#"{"EndDate":null,"Format":"CSV","Limit":"100","Marker":null,"StartDate":"2013-03-20T17:03:43Z"}"#
    );
}

/// DescribeJob, ListJobs and notifications show them like this (observed.md 3.4), also if the request had a fraction.
#[tokio::test]
async fn inventory_dates_are_shown_in_whole_seconds() {
    let (mock, glacier) = mock_with_vault().await;
    let input = InventoryRetrievalJobInput::builder().start_date("2014-03-08T23:51:29Z");
    let input = input.end_date("2114-03-08T23:51:29.999Z").build();
    let topic = "arn:aws:sns:us-east-1:111122223333:done";
    let id = initiate(&glacier, "v", inventory().sns_topic(topic).inventory_retrieval_parameters(input)).await;
    let listed = raw(&mock, &request("GET", "/-/vaults/v/jobs", &[], b""));
    let message = mock.notifications()[0].message().to_owned();
    for text in [describe(&mock, &id).to_string(), listed.text().to_owned(), message] {
        assert!(text.contains(r#""EndDate":"2114-03-08T23:51:29Z""#), "{text}");
        assert!(text.contains(r#""StartDate":"2014-03-08T23:51:29Z""#), "{text}");
    }
}

/// The tutorials of other emulators pass one (api.md section 5).
#[tokio::test]
async fn an_archive_id_on_an_inventory_job_is_ignored() {
    let (_mock, glacier) = mock_with_vault().await;
    initiate(&glacier, "v", inventory().archive_id("*** archiveid ***")).await;
}

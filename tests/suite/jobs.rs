//! InitiateJob, DescribeJob, ListJobs, GetJobOutput (api.md sections 5 and 6, observed.md 2.D, 3.4 and 3.5).

use std::time::Duration;

use aws_sdk_glacier::types::{InventoryRetrievalJobInput, JobParameters, StatusCode as SdkStatus};
use glacier_mock::{GlacierMock, JobStatus, JobTiming};

use crate::support::{
    MIB, bytes, initiate, inventory, mock_with_vault, output, raw, refusal, request, retrieval, tree_hash, upload,
};

const ARN: &str = "arn:aws:glacier:us-east-1:000000000000:vaults/v";

async fn mock_with(timing: JobTiming) -> (GlacierMock, aws_sdk_glacier::Client) {
    let mock = GlacierMock::builder().jobs(timing).start();
    let glacier = mock.client();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    (mock, glacier)
}

fn describe(mock: &GlacierMock, job: &str) -> serde_json::Value {
    let response = raw(mock, &request("GET", &format!("/-/vaults/v/jobs/{job}"), &[], b""));
    assert_eq!(response.status, 200, "{}", response.text());
    serde_json::from_slice(&response.body).unwrap()
}

/// Every field, in the observed order, with its nulls (observed.md 3.4).
#[tokio::test]
async fn an_archive_job_in_progress_and_complete() {
    let (mock, glacier) = mock_with(JobTiming::manual()).await;
    let archive = upload(&glacier, "v", b"12345").await;
    let parameters = retrieval(&archive).description("my job").sns_topic("arn:aws:sns:us-east-1:111122223333:t");
    let started = glacier.initiate_job().vault_name("v").job_parameters(parameters.build()).send().await.unwrap();
    let id = started.job_id().unwrap();
    assert_eq!(id.len(), 92);
    assert_eq!(started.location(), Some(&*format!("/000000000000/vaults/v/jobs/{id}")));
    assert_eq!(started.job_output_path(), None);

    let response = raw(&mock, &request("GET", &format!("/-/vaults/v/jobs/{id}"), &[], b""));
    let created = describe(&mock, id)["CreationDate"].as_str().unwrap().to_owned();
    let hash = tree_hash(b"12345");
    assert_eq!(
        response.text(),
        format!(
            r#"{{"Action":"ArchiveRetrieval","ArchiveId":"{archive}","ArchiveSHA256TreeHash":"{hash}","ArchiveSizeInBytes":5,"Completed":false,"CompletionDate":null,"CreationDate":"{created}","InventoryRetrievalParameters":null,"InventorySizeInBytes":null,"JobDescription":"my job","JobId":"{id}","RetrievalByteRange":"0-4","SHA256TreeHash":"{hash}","SNSTopic":"arn:aws:sns:us-east-1:111122223333:t","StatusCode":"InProgress","StatusMessage":null,"Tier":"Standard","VaultARN":"{ARN}"}}"#
        )
    );
    mock.jobs().get(id).unwrap().complete();
    let done = describe(&mock, id);
    assert_eq!(done["Completed"], true);
    assert_eq!(done["StatusCode"], "Succeeded");
    assert_eq!(done["StatusMessage"], "Succeeded");
    assert!(done["CompletionDate"].as_str().unwrap() >= &*created);
}

#[tokio::test]
async fn an_inventory_job_in_progress_and_complete() {
    let (mock, glacier) = mock_with(JobTiming::manual()).await;
    upload(&glacier, "v", b"12345").await;
    let id = initiate(&glacier, "v", inventory()).await;
    let before = describe(&mock, &id);
    assert_eq!(
        before["InventoryRetrievalParameters"].to_string(),
        r#"{"EndDate":null,"Format":"JSON","Limit":null,"Marker":null,"StartDate":null}"#
    );
    for null in [
        "ArchiveId",
        "ArchiveSHA256TreeHash",
        "ArchiveSizeInBytes",
        "InventorySizeInBytes",
        "RetrievalByteRange",
        "SHA256TreeHash",
        "Tier",
        "JobDescription",
        "SNSTopic",
    ] {
        assert!(before.as_object().unwrap().contains_key(null) && before[null].is_null(), "{null}: {before}");
    }
    mock.jobs().wait_for_one().await.complete();
    let size = describe(&mock, &id)["InventorySizeInBytes"].as_u64().unwrap();
    assert_eq!(size as usize, output(&glacier, "v", &id).await.len());
}

#[tokio::test]
async fn output_is_to_be_had_when_the_job_is_complete() {
    let (mock, glacier) = mock_with(JobTiming::manual()).await;
    let archive = upload(&glacier, "v", b"12345").await;
    let id = initiate(&glacier, "v", retrieval(&archive)).await;
    let (status, code, text) = refusal(glacier.get_job_output().vault_name("v").job_id(&id).send().await);
    assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
    assert_eq!(text, format!("The job is not currently available for download: {id}"));
    mock.jobs().wait_for_one().await.complete();
    assert_eq!(output(&glacier, "v", &id).await, b"12345");
}

#[tokio::test]
async fn a_job_fails_with_the_tests_own_words() {
    let (mock, glacier) = mock_with(JobTiming::manual()).await;
    let archive = upload(&glacier, "v", b"12345").await;
    let id = initiate(&glacier, "v", retrieval(&archive)).await;
    let job = mock.jobs().wait_for_one().await;
    assert_eq!((job.id().as_str(), job.vault()), (&*id, "v"));
    assert_eq!(job.archive_id().unwrap(), &*archive);
    job.fail("Archive is damaged");
    assert_eq!(job.status(), JobStatus::Failed);
    let seen = glacier.describe_job().vault_name("v").job_id(&id).send().await.unwrap();
    assert_eq!((seen.status_code(), seen.status_message()), (Some(&SdkStatus::Failed), Some("Archive is damaged")));
    assert!(seen.completed() && seen.completion_date().is_some());
    refusal(glacier.get_job_output().vault_name("v").job_id(&id).send().await);
}

/// tokio's clock is the mock's: two hours pass when the test says so.
#[tokio::test]
async fn a_job_takes_as_long_as_it_is_told() {
    let (mock, glacier) = mock_with(JobTiming::after(Duration::from_secs(7200))).await;
    let archive = upload(&glacier, "v", b"12345").await;
    let id = initiate(&glacier, "v", retrieval(&archive)).await;
    let job = mock.jobs().get(&id).unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(7190)).await;
    assert_eq!(job.status(), JobStatus::InProgress);
    tokio::time::advance(Duration::from_secs(20)).await;
    assert_eq!(job.status(), JobStatus::Succeeded);
    tokio::time::resume();
    assert_eq!(output(&glacier, "v", &id).await, b"12345");
}

/// "For at least 24 hours; then the job is gone (404)" (api.md section 5).
#[tokio::test]
async fn a_job_is_gone_a_day_after_its_end() {
    let (_mock, glacier) = mock_with(JobTiming::instant()).await;
    let archive = upload(&glacier, "v", b"12345").await;
    let id = initiate(&glacier, "v", retrieval(&archive)).await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(24 * 3600 - 60)).await;
    tokio::time::resume();
    assert_eq!(output(&glacier, "v", &id).await, b"12345");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
    let (status, code, text) = refusal(glacier.describe_job().vault_name("v").job_id(&id).send().await);
    assert_eq!((status, code.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!(text, format!("The job ID was not found: {id}"));
    refusal(glacier.get_job_output().vault_name("v").job_id(&id).send().await);
    assert!(glacier.list_jobs().vault_name("v").send().await.unwrap().job_list().is_empty());
}

/// Deleted while it runs: fails. Deleted afterwards: the output stays. Asked for after the deletion: accepted, fails.
#[tokio::test]
async fn deleting_the_archive_before_during_and_after() {
    let (mock, glacier) = mock_with(JobTiming::manual()).await;
    let archive = upload(&glacier, "v", b"12345").await;
    let done = initiate(&glacier, "v", retrieval(&archive)).await;
    mock.jobs().wait_for_one().await.complete();
    let running = initiate(&glacier, "v", retrieval(&archive)).await;
    // The clock has milliseconds: in the same one, complete counts as before deleted.
    glacier.delete_archive().vault_name("v").archive_id(&archive).send().await.unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_millis(5)).await;
    tokio::time::resume();
    mock.jobs().wait_for_one().await.complete();
    let late = initiate(&glacier, "v", retrieval(&archive)).await;
    mock.jobs().wait_for_one().await.complete();

    assert_eq!(output(&glacier, "v", &done).await, b"12345");
    for failed in [running, late] {
        let job = describe(&mock, &failed);
        assert_eq!(job["StatusCode"], "Failed");
        assert_eq!(job["StatusMessage"], format!("The archive ID was not found: {archive}"));
        refusal(glacier.get_job_output().vault_name("v").job_id(&failed).send().await);
    }
}

#[tokio::test]
async fn an_unknown_archive_is_refused() {
    let (_mock, glacier) = mock_with_vault().await;
    let unknown = retrieval("never-was").build();
    let (status, code, text) = refusal(glacier.initiate_job().vault_name("v").job_parameters(unknown).send().await);
    assert_eq!((status, code.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!(text, "The archive ID was not found: never-was");
}

#[tokio::test]
async fn a_retrieval_may_be_a_range_of_megabytes() {
    let (mock, glacier) = mock_with_vault().await;
    let bytes = bytes(3 * MIB + 100);
    let archive = upload(&glacier, "v", &bytes).await;
    for (range, aligned) in
        [("0-1048575", true), ("1048576-3145727", false), ("2097152-3145827", true), ("0-3145827", true)]
    {
        let id = initiate(&glacier, "v", retrieval(&archive).retrieval_byte_range(range).tier("Bulk")).await;
        let (first, last) = range.split_once('-').unwrap();
        let part = &bytes[first.parse().unwrap()..=last.parse().unwrap()];
        assert!(output(&glacier, "v", &id).await == part, "{range}");
        let job = describe(&mock, &id);
        assert_eq!((job["RetrievalByteRange"].as_str(), job["Tier"].as_str()), (Some(range), Some("Bulk")));
        assert_eq!(job["ArchiveSHA256TreeHash"], tree_hash(&bytes));
        let expected = aligned.then(|| tree_hash(part));
        assert_eq!(job["SHA256TreeHash"].as_str(), expected.as_deref(), "{range}");
    }
    for bad in ["1-1048575", "0-1048574", "0-4194303", "1048576-0", "0-", "all", ""] {
        let parameters = retrieval(&archive).retrieval_byte_range(bad).build();
        let (status, code, _) = refusal(glacier.initiate_job().vault_name("v").job_parameters(parameters).send().await);
        assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"), "{bad}");
    }
}

/// The hash of a download is there when the job's range and the download's are nodes of the tree (api.md section 5).
#[tokio::test]
async fn downloads_in_ranges() {
    let (_mock, glacier) = mock_with_vault().await;
    let bytes = bytes(5 * MIB + 100);
    let archive = upload(&glacier, "v", &bytes).await;
    let whole = initiate(&glacier, "v", retrieval(&archive)).await;
    let aligned = initiate(&glacier, "v", retrieval(&archive).retrieval_byte_range("0-4194303")).await;
    let unaligned = initiate(&glacier, "v", retrieval(&archive).retrieval_byte_range("1048576-3145727")).await;
    let cases = [
        (&whole, 0, 0..=MIB - 1, true),
        (&whole, 0, 2 * MIB..=4 * MIB - 1, true),
        (&whole, 0, MIB..=3 * MIB - 1, false),
        (&whole, 0, 4 * MIB..=5 * MIB + 99, true),
        (&whole, 0, 0..=9, false),
        (&aligned, 0, 2 * MIB..=4 * MIB - 1, true),
        (&aligned, 0, 1..=MIB, false),
        (&unaligned, MIB, 0..=MIB - 1, false),
    ];
    for (job, start, range, hashed) in cases {
        let header = format!("bytes={}-{}", range.start(), range.end());
        let part = glacier.get_job_output().vault_name("v").job_id(job).range(&header).send().await.unwrap();
        let expected = &bytes[start + range.start()..=start + range.end()];
        assert_eq!(part.status(), 206);
        let total = if job == &whole {
            5 * MIB + 100
        } else if job == &aligned {
            4 * MIB
        } else {
            2 * MIB
        };
        let content_range = format!("bytes {}-{}/{total}", range.start(), range.end());
        assert_eq!(part.content_range(), Some(&*content_range));
        assert_eq!(part.checksum(), hashed.then(|| tree_hash(expected)).as_deref(), "{header}");
        assert!(part.body.collect().await.unwrap().to_vec() == expected, "{header}");
    }
    let all = glacier.get_job_output().vault_name("v").job_id(&whole).send().await.unwrap();
    assert_eq!((all.status(), all.content_range(), all.accept_ranges()), (200, None, Some("bytes")));
    assert_eq!(all.content_type(), Some("application/octet-stream"));
    assert_eq!(all.checksum(), Some(&*tree_hash(&bytes)));
    let part = glacier.get_job_output().vault_name("v").job_id(&unaligned).send().await.unwrap();
    assert_eq!((part.status(), part.checksum()), (200, None));
}

/// observed.md 2.D: beyond the end is 400, unreadable is ignored, an end past the end is cut.
#[tokio::test]
async fn odd_ranges_of_a_download() {
    let (_mock, glacier) = mock_with_vault().await;
    let archive = upload(&glacier, "v", b"0123456789").await;
    let id = initiate(&glacier, "v", retrieval(&archive)).await;
    let get = async |range: &str| glacier.get_job_output().vault_name("v").job_id(&id).range(range).send().await;
    let (status, code, text) = refusal(get("bytes=10-12").await);
    assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
    assert_eq!(text, "The start of the range is larger than size of retrieved data: bytes=10-12");
    for ignored in ["bytes 0-4/10", "0-4/10", "bytes=-5", "bytes=5-2"] {
        let all = get(ignored).await.unwrap();
        assert_eq!((all.status(), all.content_range()), (200, None), "{ignored}");
        assert_eq!(all.body.collect().await.unwrap().to_vec(), b"0123456789");
    }
    for cut in ["bytes=8-100", "bytes=8-"] {
        let tail = get(cut).await.unwrap();
        assert_eq!((tail.status(), tail.content_range()), (206, Some("bytes 8-9/10")));
        assert_eq!(tail.body.collect().await.unwrap().to_vec(), b"89");
    }
}

#[tokio::test]
async fn an_archives_description_comes_with_its_output() {
    let (_mock, glacier) = mock_with_vault().await;
    let described = glacier.upload_archive().vault_name("v").archive_description("cat.jpg");
    let stored = described.body(b"x".to_vec().into()).send().await.unwrap();
    let plain = upload(&glacier, "v", b"x").await;
    for (archive, description) in [(stored.archive_id().unwrap(), Some("cat.jpg")), (&*plain, None)] {
        let id = initiate(&glacier, "v", retrieval(archive)).await;
        let output = glacier.get_job_output().vault_name("v").job_id(id).send().await.unwrap();
        assert_eq!(output.archive_description(), description);
    }
}

#[tokio::test]
async fn an_inventory_in_json_and_csv() {
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
async fn an_inventory_of_a_period_in_pages() {
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

    let (first, marker) = count(input().limit("2").build()).await;
    assert!((first, marker.is_some()) == (2, true));
    let (second, marker) = count(input().limit("2").set_marker(marker).build()).await;
    assert!((second, marker.is_some()) == (2, true));
    let (third, marker) = count(input().limit("2").set_marker(marker).build()).await;
    assert_eq!((third, marker), (1, None));
}

/// The parameters come back in DescribeJob, Limit as a string.
#[tokio::test]
async fn inventory_parameters_are_shown() {
    let (mock, glacier) = mock_with_vault().await;
    let input = InventoryRetrievalJobInput::builder().start_date("2013-03-20T17:03:43Z").limit("100").build();
    let id = initiate(&glacier, "v", inventory().format("CSV").inventory_retrieval_parameters(input)).await;
    assert_eq!(
        describe(&mock, &id)["InventoryRetrievalParameters"].to_string(),
        r#"{"EndDate":null,"Format":"CSV","Limit":"100","Marker":null,"StartDate":"2013-03-20T17:03:43Z"}"#
    );
}

/// Whole seconds in DescribeJob, ListJobs and notifications (observed.md 3.4), with a fraction in the request too.
#[tokio::test]
async fn the_dates_of_an_inventory_come_back_in_whole_seconds() {
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

/// Only an archive's description loses its leading spaces (observed.md 3.3).
#[tokio::test]
async fn a_jobs_description_keeps_its_leading_spaces() {
    let (mock, glacier) = mock_with_vault().await;
    for text in ["  a job", " "] {
        let id = initiate(&glacier, "v", inventory().description(text)).await;
        assert_eq!(describe(&mock, &id)["JobDescription"], text);
    }
}

/// The tutorials of other emulators pass an ArchiveId to an inventory job (api.md section 5).
#[tokio::test]
async fn an_archive_id_on_an_inventory_job_is_ignored() {
    let (_mock, glacier) = mock_with_vault().await;
    initiate(&glacier, "v", inventory().archive_id("*** archiveid ***")).await;
}

#[tokio::test]
async fn parameters_that_the_service_refuses() {
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
        // Only the form that ends in Z is taken (observed.md 2.D, the first literally).
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
async fn malformed_bodies() {
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
    // A null is as good as absent; the content type does not matter (observed.md 3.4).
    assert!(post(r#"{"Type":null}"#).text().contains("Required parameter missing: type"));
    let form = request(
        "POST",
        "/-/vaults/v/jobs",
        &[("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
        br#"{"Type":"inventory-retrieval"}"#,
    );
    assert_eq!(raw(&mock, &form).status, 202);
}

#[tokio::test]
async fn jobs_are_listed_in_pages_and_filtered() {
    let (mock, glacier) = mock_with(JobTiming::manual()).await;
    let empty = raw(&mock, &request("GET", "/-/vaults/v/jobs", &[], b""));
    assert_eq!(empty.text(), r#"{"JobList":[],"Marker":null}"#);
    let mut ids = Vec::new();
    for _ in 0..53 {
        ids.push(initiate(&glacier, "v", inventory()).await);
    }
    mock.jobs().get(&ids[0]).unwrap().complete();
    mock.jobs().get(&ids[1]).unwrap().fail("no");

    let first = glacier.list_jobs().vault_name("v").send().await.unwrap();
    assert_eq!((first.job_list().len(), first.marker()), (50, Some(&*ids[50])));
    let rest = glacier.list_jobs().vault_name("v").set_marker(first.marker().map(Into::into)).send().await.unwrap();
    assert_eq!((rest.job_list().len(), rest.marker()), (3, None));
    let listed = first.job_list().iter().chain(rest.job_list()).map(|job| job.job_id().unwrap().to_owned());
    assert_eq!(listed.collect::<Vec<_>>(), ids);

    let count = async |status: Option<&str>, completed: Option<&str>| {
        let list = glacier.list_jobs().vault_name("v").set_statuscode(status.map(Into::into));
        let list = list.set_completed(completed.map(Into::into)).limit(1000).send().await.unwrap();
        list.job_list().len()
    };
    assert_eq!(count(Some("Succeeded"), None).await, 1);
    assert_eq!(count(Some("Failed"), Some("true")).await, 1);
    assert_eq!(count(Some("Failed"), Some("false")).await, 0);
    assert_eq!(count(None, Some("true")).await, 2);
    assert_eq!(count(Some("InProgress"), None).await, 50);

    let list = || glacier.list_jobs().vault_name("v");
    let (status, code, text) = refusal(list().statuscode("finished").send().await);
    assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
    assert_eq!(text, "The job status code is not valid: finished");
    assert_eq!(refusal(list().completed("yes").send().await).2, "Invalid completed: yes");
    assert_eq!(refusal(list().limit(0).send().await).2, "Invalid limit: 0");
    assert_eq!(refusal(list().marker("nonsense").send().await).2, "Invalid marker: nonsense");
}

#[tokio::test]
async fn a_list_entry_is_what_describe_says() {
    let (mock, glacier) = mock_with_vault().await;
    let id = initiate(&glacier, "v", inventory()).await;
    let list = raw(&mock, &request("GET", "/-/vaults/v/jobs", &[], b""));
    let list: serde_json::Value = serde_json::from_slice(&list.body).unwrap();
    assert_eq!(list["JobList"][0], describe(&mock, &id));
}

#[tokio::test]
async fn an_unknown_job() {
    let (_mock, glacier) = mock_with_vault().await;
    let (status, code, text) = refusal(glacier.describe_job().vault_name("v").job_id("never-was").send().await);
    assert_eq!((status, code.as_str()), (404, "ResourceNotFoundException"));
    assert_eq!(text, "The job ID was not found: never-was");
}

#[tokio::test]
async fn the_test_waits_for_the_job_that_the_code_asks_for() {
    let (mock, glacier) = mock_with(JobTiming::manual()).await;
    let restore = tokio::spawn(async move { initiate(&glacier, "v", inventory()).await });
    let job = mock.jobs().wait_for_one().await;
    assert_eq!(*job.id(), restore.await.unwrap());
}

#[test]
fn the_test_waits_without_async() {
    let mock = GlacierMock::builder().jobs(JobTiming::manual()).start();
    raw(&mock, &request("PUT", "/-/vaults/v", &[], b""));
    std::thread::scope(|scope| {
        scope.spawn(|| raw(&mock, &request("POST", "/-/vaults/v/jobs", &[], br#"{"Type":"inventory-retrieval"}"#)));
        assert_eq!(mock.jobs().wait_for_one().blocking().vault(), "v");
    });
}

#[tokio::test]
async fn a_job_ends_only_once() {
    let (mock, glacier) = mock_with(JobTiming::manual()).await;
    initiate(&glacier, "v", inventory()).await;
    let job = mock.jobs().wait_for_one().await;
    job.complete();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job.fail("late"))).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(text.contains("has already ended: Succeeded") && text.contains("JobTiming::manual()"), "{text}");

    glacier.delete_vault().vault_name("v").send().await.unwrap();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| job.status())).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("no longer knows job"));
}

//! The record as a text that is the same in every run.

use std::time::Duration;

use aws_sdk_glacier::Client;
use glacier_mock::{Account, Clock, GlacierMock, GlacierMockBuilder, JobTiming, Operation};

use crate::support::{MIB, bytes, initiate, inventory, output, retrieval, tree_hash, upload};

async fn start_upload(glacier: &Client) -> String {
    let started = glacier.initiate_multipart_upload().vault_name("v").part_size("1048576").send().await.unwrap();
    started.upload_id().unwrap().to_owned()
}

async fn put_part(glacier: &Client, upload: &str, first: usize, part: &[u8]) {
    let range = format!("bytes {first}-{}/*", first + part.len() - 1);
    let put = glacier.upload_multipart_part().vault_name("v").upload_id(upload).range(range);
    put.body(part.to_vec().into()).send().await.unwrap();
}

async fn complete(glacier: &Client, upload: &str, whole: &[u8]) -> String {
    let complete = glacier.complete_multipart_upload().vault_name("v").upload_id(upload);
    let stored = complete.archive_size(whole.len().to_string()).checksum(tree_hash(whole)).send().await.unwrap();
    stored.archive_id().unwrap().to_owned()
}

/// Calls that put every kind of ID and date into the record.
async fn scenario(builder: GlacierMockBuilder) -> GlacierMock {
    let mock = builder.start();
    let glacier = mock.client();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    mock.fault(Operation::UploadArchive).times(2).service_unavailable();
    let first = upload(&glacier, "v", b"a cat").await;
    let open = start_upload(&glacier).await;
    let whole = bytes(MIB + 5);
    put_part(&glacier, &open, 0, &whole[..MIB]).await;
    put_part(&glacier, &open, MIB, &whole[MIB..]).await;
    let second = complete(&glacier, &open, &whole).await;
    mock.clock().advance(Duration::from_secs(65 * 60));
    let parameters = retrieval(&second).tier("Bulk").description("weekly");
    let job = initiate(&glacier, "v", parameters).await;
    output(&glacier, "v", &job).await;
    let range = aws_sdk_glacier::types::InventoryRetrievalJobInput::builder();
    let range = range.start_date(mock.clock().now().to_string()).build();
    let job = initiate(&glacier, "v", inventory().inventory_retrieval_parameters(range)).await;
    glacier.describe_job().vault_name("v").job_id(&job).send().await.unwrap();
    glacier.delete_archive().vault_name("v").archive_id(&first).send().await.unwrap();
    glacier.delete_archive().vault_name("v").archive_id(&first[1..]).send().await.unwrap_err();
    glacier.describe_job().vault_name("v").job_id("x".repeat(92)).send().await.unwrap_err();
    mock
}

fn frozen(at: &str, seed: u64) -> GlacierMockBuilder {
    GlacierMock::builder().clock(Clock::frozen(at)).seed(seed)
}

/// Seeds, ports, dates and kinds of clock do not show.
#[tokio::test]
async fn two_runs_have_one_transcript() {
    let first = scenario(frozen("2026-01-31T23:59:59Z", 1)).await;
    let others = [
        scenario(frozen("2020-02-29T12:34:56Z", 2)).await,
        scenario(GlacierMock::builder().clock(Clock::wall())).await,
        scenario(GlacierMock::builder()).await,
    ];
    for other in others {
        assert_ne!(first.endpoint(), other.endpoint());
        assert_eq!(first.transcript(), other.transcript());
        assert_eq!(first.transcript().full(), other.transcript().full());
        assert_eq!(first.transcript().full().by_resource(), other.transcript().full().by_resource());
    }
}

#[tokio::test]
async fn a_transcript_has_a_line_for_each_call() {
    let mock = scenario(GlacierMock::builder()).await;
    insta::assert_snapshot!(mock.transcript(), @r#"
    CreateVault  v  201
    UploadArchive  v  archive-1  5 bytes 51e46741  500 500 201
    InitiateMultipartUpload  v  upload-1  201
    UploadMultipartPart  v  upload-1  bytes 0-1048575/*  1048576 bytes 93fb8ff3  204
    UploadMultipartPart  v  upload-1  bytes 1048576-1048580/*  5 bytes ed118d9d  204
    CompleteMultipartUpload  v  upload-1  archive-2  201
    +1h05m  InitiateJob  v  job-1  archive-2  Bulk  202
    +1h05m  GetJobOutput  v  job-1  200
    +1h05m  InitiateJob  v  job-2  inventory  202
    +1h05m  DescribeJob  v  job-2  200 Succeeded
    +1h05m  DeleteArchive  v  archive-1  204
    +1h05m  DeleteArchive  v  archive-3  404 ResourceNotFoundException
    +1h05m  DescribeJob  v  job-3  404 ResourceNotFoundException
    "#);
}

#[tokio::test]
async fn a_full_transcript_has_parameters_attempts_and_messages() {
    let mock = scenario(GlacierMock::builder()).await;
    insta::assert_snapshot!(mock.transcript().full(), @r#"
    CreateVault  v  201
    UploadArchive  v  archive-1  5 bytes 51e46741  500 500 201
        x-amz-sha256-tree-hash: 51e467415607798220a3776f6ae1a2a09ddc7e5dcdc955d685477b4cf05ade22
        attempt 1: 500 ServiceUnavailableException  [fault: ServiceUnavailableException]
        attempt 2: 500 ServiceUnavailableException  [fault: ServiceUnavailableException]
        attempt 3: 201
    InitiateMultipartUpload  v  upload-1  201
        x-amz-part-size: 1048576
    UploadMultipartPart  v  upload-1  bytes 0-1048575/*  1048576 bytes 93fb8ff3  204
        x-amz-sha256-tree-hash: 93fb8ff38464134fcbcfbf55c567015dd500dd22bd8588ba7596f24bcefd4bc6
    UploadMultipartPart  v  upload-1  bytes 1048576-1048580/*  5 bytes ed118d9d  204
        x-amz-sha256-tree-hash: ed118d9d6fbb0a207132c0ed00290bb7d155e673d86f34351d84a33ed60b8a03
    CompleteMultipartUpload  v  upload-1  archive-2  201
        x-amz-archive-size: 1048581
        x-amz-sha256-tree-hash: eae2a47504a0c9d382cde577faa9922527af4bcbc638bb43a2e700d20d9a3bec
    +1h05m  InitiateJob  v  job-1  archive-2  Bulk  202
        {"ArchiveId":"archive-2","Description":"weekly","Tier":"Bulk","Type":"archive-retrieval"}
    +1h05m  GetJobOutput  v  job-1  200
    +1h05m  InitiateJob  v  job-2  inventory  202
        {"InventoryRetrievalParameters":{"StartDate":"T+1h05m"},"Type":"inventory-retrieval"}
    +1h05m  DescribeJob  v  job-2  200 Succeeded
    +1h05m  DeleteArchive  v  archive-1  204
    +1h05m  DeleteArchive  v  archive-3  404 ResourceNotFoundException
        The archive ID was not found: archive-3
    +1h05m  DescribeJob  v  job-3  404 ResourceNotFoundException
        The job ID was not found: job-3
    "#);
}

#[tokio::test]
async fn a_transcript_by_resource_has_a_group_for_each() {
    let mock = scenario(GlacierMock::builder()).await;
    insta::assert_snapshot!(mock.transcript().by_resource(), @r#"
    CreateVault  v  201

    InitiateMultipartUpload  v  upload-1  201
    UploadMultipartPart  v  upload-1  bytes 0-1048575/*  1048576 bytes 93fb8ff3  204
    UploadMultipartPart  v  upload-1  bytes 1048576-1048580/*  5 bytes ed118d9d  204
    CompleteMultipartUpload  v  upload-1  archive-1  201

    UploadArchive  v  archive-2  5 bytes 51e46741  500 500 201
    +1h05m  DeleteArchive  v  archive-2  204

    +1h05m  DeleteArchive  v  archive-3  404 ResourceNotFoundException

    +1h05m  DescribeJob  v  job-1  404 ResourceNotFoundException

    +1h05m  InitiateJob  v  job-2  archive-1  Bulk  202
    +1h05m  GetJobOutput  v  job-2  200

    +1h05m  InitiateJob  v  job-3  inventory  202
    +1h05m  DescribeJob  v  job-3  200 Succeeded
    "#);
}

/// Uploads three archives in parts and retrieves them, in this order of steps. Each number is an archive, and the n-th
/// occurrence of a number is its n-th step.
async fn interleaved(steps: &[usize]) -> GlacierMock {
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).start();
    mock.create_vault("v");
    let glacier = mock.client();
    let wholes: Vec<_> = (0..3).map(|n| bytes(MIB + 1 + n)).collect();
    let mut reached: [(usize, String); 3] = Default::default();
    for &n in steps {
        let (step, id) = &mut reached[n];
        let whole = &wholes[n];
        match *step {
            0 => *id = start_upload(&glacier).await,
            // The parts of the last archive arrive in another order in every run.
            1 if n == 2 && steps[0] == 2 => put_part(&glacier, id, MIB, &whole[MIB..]).await,
            2 if n == 2 && steps[0] == 2 => put_part(&glacier, id, 0, &whole[..MIB]).await,
            1 => put_part(&glacier, id, 0, &whole[..MIB]).await,
            2 => put_part(&glacier, id, MIB, &whole[MIB..]).await,
            3 => *id = complete(&glacier, id, whole).await,
            4 => *id = initiate(&glacier, "v", retrieval(id)).await,
            _ => assert_eq!(output(&glacier, "v", id).await, *whole),
        }
        *step += 1;
    }
    mock
}

#[tokio::test]
async fn the_order_of_concurrent_calls_does_not_show_by_resource() {
    let one = interleaved(&[0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]).await;
    let two = interleaved(&[2, 1, 0, 2, 2, 2, 1, 0, 1, 0, 1, 0, 1, 2, 0, 1, 2, 0]).await;
    assert_ne!(one.transcript(), two.transcript());
    assert_eq!(one.transcript().by_resource(), two.transcript().by_resource());
    assert_eq!(one.transcript().full().by_resource(), two.transcript().full().by_resource());
}

#[tokio::test(start_paused = true)]
async fn polls_show_the_hours_and_keep_their_order() {
    let mock = GlacierMock::builder().jobs(JobTiming::after(Duration::from_secs(11 * 3600))).start();
    let archive = mock.create_vault("v").put_archive("", b"a cat");
    let glacier = mock.client();
    let job = initiate(&glacier, "v", retrieval(&archive)).await;
    while !glacier.describe_job().vault_name("v").job_id(&job).send().await.unwrap().completed() {
        tokio::time::sleep(Duration::from_secs(5 * 3600 + 10)).await;
    }
    let expected = "InitiateJob  v  job-1  archive-1  202\n\
                    DescribeJob  v  job-1  200 InProgress\n\
                    +5h00m  DescribeJob  v  job-1  200 InProgress\n\
                    +10h00m  DescribeJob  v  job-1  200 InProgress\n\
                    +15h00m  DescribeJob  v  job-1  200 Succeeded";
    assert_eq!(mock.transcript(), expected);
    assert_eq!(mock.transcript().by_resource(), expected);
}

/// Within a minute, sorting would put the failure first.
#[tokio::test]
async fn polls_within_a_minute_keep_their_order() {
    let mock = GlacierMock::builder().jobs(JobTiming::manual()).start();
    let archive = mock.create_vault("v").put_archive("", b"a cat");
    let glacier = mock.client();
    let job = initiate(&glacier, "v", retrieval(&archive)).await;
    glacier.describe_job().vault_name("v").job_id(&job).send().await.unwrap();
    mock.jobs().get(&job).unwrap().fail("no");
    glacier.describe_job().vault_name("v").job_id(&job).send().await.unwrap();
    let text = mock.transcript().by_resource().to_string();
    assert!(text.ends_with("200 InProgress\nDescribeJob  v  job-1  200 Failed"), "{text}");
}

#[tokio::test]
async fn attempts_without_an_answer_and_other_regions_show() {
    let mock = GlacierMock::start();
    mock.fault(Operation::CreateVault).loses_answer();
    mock.client().create_vault().vault_name("v").send().await.unwrap();
    let other = mock.client_for(Account::new("111122223333"), "eu-west-1");
    other.create_vault().vault_name("w").send().await.unwrap();
    other.list_vaults().send().await.unwrap();
    let of_others = mock.all_calls().region("eu-west-1").transcript().to_string();
    assert!(of_others.starts_with("CreateVault  111122223333/eu-west-1/w  201"), "{of_others}");
    let expected = "CreateVault  v  no-answer 201\n\
                    CreateVault  111122223333/eu-west-1/w  201\n\
                    ListVaults  111122223333/eu-west-1  200";
    assert_eq!(mock.transcript(), expected);
}

/// The numbers of IDs and the offsets belong to the calls that are shown, and to the whole record.
#[tokio::test]
async fn filtered_calls_have_a_transcript() {
    let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).start();
    mock.create_vault("v");
    mock.create_vault("w");
    upload(&mock.client(), "v", b"a cat").await;
    mock.clock().advance(Duration::from_secs(3600));
    upload(&mock.client(), "w", b"a dog").await;
    let of_w = mock.calls(Operation::UploadArchive).vault("w").transcript();
    assert_eq!(of_w, "+1h00m  UploadArchive  w  archive-1  5 bytes 7dbdf68a  201");
    assert_eq!(GlacierMock::start().transcript(), "");
    mock.forget_requests();
    assert_eq!(mock.transcript(), "");
}

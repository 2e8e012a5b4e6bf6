//! What the code under test left open.

use aws_sdk_glacier::Client;
use glacier_mock::{Account, GlacierMock, JobTiming, Leftover, Operation};

use crate::support::{
    DAY, HOUR, MIB, POLICY, bytes, child_of, initiate, inventory, output, panic_message, retrieval, tree_hash, upload,
};

/// Starts a mock with a vault `v`, whose creation is not a request.
fn mock() -> (GlacierMock, Client) {
    let mock = GlacierMock::builder().clock(glacier_mock::Clock::frozen("2026-01-31T00:00:00Z")).start();
    mock.create_vault("v");
    let glacier = mock.client();
    (mock, glacier)
}

async fn start_upload(glacier: &Client) -> String {
    let started = glacier.initiate_multipart_upload().vault_name("v").part_size("1048576").send().await.unwrap();
    started.upload_id().unwrap().to_owned()
}

async fn put_part(glacier: &Client, upload: &str) {
    let part = glacier.upload_multipart_part().vault_name("v").upload_id(upload).range("bytes 0-4/*");
    part.body(b"a cat".to_vec().into()).send().await.unwrap();
}

async fn lock(glacier: &Client) -> String {
    let policy = aws_sdk_glacier::types::VaultLockPolicy::builder().policy(POLICY).build();
    let lock = glacier.initiate_vault_lock().vault_name("v").policy(policy).send().await.unwrap();
    lock.lock_id().unwrap().to_owned()
}

async fn download(glacier: &Client, job: &str, range: &str) -> bool {
    let part = glacier.get_job_output().vault_name("v").job_id(job).range(range).send().await.unwrap();
    part.body.collect().await.is_ok()
}

#[tokio::test]
async fn an_upload_is_open_until_it_is_completed_or_aborted() {
    let (mock, glacier) = mock();
    let (completed, aborted, open) =
        (start_upload(&glacier).await, start_upload(&glacier).await, start_upload(&glacier).await);
    assert_eq!(mock.leftovers().len(), 3);

    put_part(&glacier, &completed).await;
    let complete = glacier.complete_multipart_upload().vault_name("v").upload_id(&completed).archive_size("5");
    complete.checksum(tree_hash(b"a cat")).send().await.unwrap();
    glacier.abort_multipart_upload().vault_name("v").upload_id(&aborted).send().await.unwrap();
    let left = mock.leftovers();
    assert!(
        matches!(&left[..], [Leftover::Upload { upload, vault, since, expired: false, .. }]
            if *upload == open && vault == "v" && *since == mock.clock().now()),
        "{left:?}"
    );

    // It is left open for good when it expires, although the service no longer lists it.
    mock.clock().advance(DAY);
    assert!(mock.vault("v").uploads().is_empty());
    let left = mock.leftovers();
    assert!(matches!(&left[..], [Leftover::Upload { upload, expired: true, .. }] if *upload == open), "{left:?}");
    left.without_uploads().assert_none();
}

/// The code under test never learns the ID.
#[tokio::test]
async fn an_upload_whose_answer_was_lost_is_open() {
    let (mock, glacier) = mock();
    mock.fault(Operation::InitiateMultipartUpload).loses_answer();
    start_upload(&glacier).await;
    assert_eq!(mock.leftovers().len(), 2, "one for each attempt");
}

#[tokio::test]
async fn a_job_is_open_until_it_ends_and_its_output_until_it_is_downloaded() {
    let (mock, glacier) = mock();
    mock.set_job_timing(JobTiming::manual());
    let archive = upload(&glacier, "v", b"a cat").await;
    let job = initiate(&glacier, "v", retrieval(&archive)).await;
    let fails = initiate(&glacier, "v", inventory()).await;
    let left = mock.leftovers();
    assert!(
        matches!(&left[..], [Leftover::JobInProgress { job: first, .. }, Leftover::JobInProgress { job: second, .. }]
            if *first == job && *second == fails),
        "{left:?}"
    );
    left.without_jobs().assert_none();

    mock.clock().advance(HOUR);
    mock.jobs().get(&fails).unwrap().fail("no");
    mock.jobs().get(&job).unwrap().complete();
    let completed = mock.clock().now();
    for _ in 0..2 {
        let left = mock.leftovers();
        assert!(
            matches!(&left[..], [Leftover::OutputNotDownloaded { job: of, since, .. }]
                if *of == job && *since == completed),
            "{left:?}"
        );
        left.without_downloads().assert_none();
        // An output that has expired was never downloaded either. The next job frees the memory of the first.
        mock.clock().advance(DAY);
        assert!(mock.jobs().get(&job).is_none());
        let again = initiate(&glacier, "v", inventory()).await;
        mock.jobs().get(&again).unwrap().fail("no");
    }
}

#[tokio::test]
async fn an_output_that_was_downloaded_is_not_left_open() {
    let (mock, glacier) = mock();
    let archive = upload(&glacier, "v", b"a cat").await;
    for parameters in [retrieval(&archive), inventory(), inventory().format("CSV")] {
        let job = initiate(&glacier, "v", parameters).await;
        assert_eq!(mock.leftovers().len(), 1);
        output(&glacier, "v", &job).await;
        mock.assert_nothing_left_open();
    }
}

#[tokio::test]
async fn ranges_of_an_output_add_up() {
    let (mock, glacier) = mock();
    let archive = upload(&glacier, "v", &bytes(1000)).await;
    let job = initiate(&glacier, "v", retrieval(&archive)).await;
    for (range, so_far) in [("bytes=0-99", 100), ("bytes=0-99", 100), ("bytes=500-999", 600), ("bytes=50-199", 700)] {
        assert!(download(&glacier, &job, range).await);
        let left = mock.leftovers();
        assert!(
            matches!(&left[..], [Leftover::DownloadIncomplete { job: of, arrived, total: 1000, .. }]
                if *of == job && *arrived == so_far),
            "{range}: {left:?}"
        );
    }
    assert!(download(&glacier, &job, "bytes=200-499").await);
    mock.assert_nothing_left_open();
}

#[tokio::test]
async fn a_download_that_broke_off_is_incomplete_until_the_rest_is_downloaded() {
    let (mock, glacier) = mock();
    let archive = upload(&glacier, "v", &bytes(3 * MIB)).await;
    let job = initiate(&glacier, "v", retrieval(&archive)).await;

    mock.fault(Operation::GetJobOutput).cut_body_after(MIB as u64 + 7);
    assert!(!download(&glacier, &job, "bytes=0-").await);
    let left = mock.leftovers();
    assert!(matches!(&left[..], [Leftover::DownloadIncomplete { arrived: 1_048_583, .. }]), "{left:?}");
    assert!(download(&glacier, &job, "bytes=1048583-").await);
    mock.assert_nothing_left_open();

    // No byte arrives if the answer is lost.
    let job = initiate(&glacier, "v", retrieval(&archive)).await;
    mock.fault(Operation::GetJobOutput).times(3).loses_answer();
    assert!(glacier.get_job_output().vault_name("v").job_id(&job).send().await.is_err());
    let left = mock.leftovers();
    assert!(matches!(&left[..], [Leftover::OutputNotDownloaded { .. }]), "{left:?}");
}

#[tokio::test]
async fn a_lock_is_open_until_it_is_completed_or_aborted() {
    let (mock, glacier) = mock();
    lock(&glacier).await;
    glacier.abort_vault_lock().vault_name("v").send().await.unwrap();
    mock.assert_nothing_left_open();

    let id = lock(&glacier).await;
    let left = mock.leftovers();
    assert!(matches!(&left[..], [Leftover::Lock { lock, expired: false, .. }] if *lock == id), "{left:?}");
    mock.clock().advance(DAY);
    let left = mock.leftovers();
    assert!(matches!(&left[..], [Leftover::Lock { lock, expired: true, .. }] if *lock == id), "{left:?}");
    left.without_locks().assert_none();

    let id = lock(&glacier).await;
    glacier.complete_vault_lock().vault_name("v").lock_id(id).send().await.unwrap();
    mock.assert_nothing_left_open();
}

#[tokio::test]
async fn an_archive_with_the_bytes_of_another_in_its_vault_is_a_duplicate() {
    let (mock, glacier) = mock();
    mock.create_vault("w");
    let first = upload(&glacier, "v", b"a cat").await;
    upload(&glacier, "v", b"a dog").await;
    upload(&glacier, "w", b"a cat").await;
    mock.assert_nothing_left_open();

    let second = upload(&glacier, "v", b"a cat").await;
    let left = mock.leftovers();
    assert!(
        matches!(&left[..], [Leftover::Duplicate { archive, original, vault, .. }]
            if *archive == second && *original == first && vault == "v"),
        "{left:?}"
    );
    left.without_duplicates().assert_none();
    glacier.delete_archive().vault_name("v").archive_id(&first).send().await.unwrap();
    mock.assert_nothing_left_open();
}

#[tokio::test]
async fn what_the_test_arranged_counts_once_a_request_continues_it() {
    let (mock, glacier) = mock();
    mock.set_job_timing(JobTiming::instant());
    let vault = mock.vault("v");
    let cat = vault.put_archive("cat.jpg", b"a cat");
    vault.put_archive("copy of cat.jpg", b"a cat");
    let arranged = vault.start_upload("film", MIB as u64);
    // No request continues this job.
    vault.start_retrieval(&cat);
    let job = vault.start_retrieval(&cat);
    vault.clone().initiate_lock(POLICY);
    // Looking does not count.
    glacier.describe_job().vault_name("v").job_id(job.id().as_str()).send().await.unwrap();
    glacier.list_parts().vault_name("v").upload_id(arranged.as_str()).send().await.unwrap();
    mock.assert_nothing_left_open();

    assert!(download(&glacier, job.id(), "bytes=0-1").await);
    put_part(&glacier, &arranged).await;
    upload(&glacier, "v", b"a cat").await;
    let left = mock.leftovers();
    assert!(
        matches!(
            &left[..],
            [Leftover::DownloadIncomplete { job: of, .. }, Leftover::Upload { .. }, Leftover::Duplicate { original, .. }]
                if of == job.id() && *original == cat
        ),
        "{left:?}"
    );
}

#[tokio::test]
async fn a_vault_takes_its_uploads_jobs_and_locks_along() {
    let (mock, glacier) = mock();
    mock.set_job_timing(JobTiming::manual());
    start_upload(&glacier).await;
    initiate(&glacier, "v", inventory()).await;
    lock(&glacier).await;
    assert_eq!(mock.leftovers().len(), 3);
    mock.vault("v").remove();
    mock.create_vault("v");
    mock.assert_nothing_left_open();

    start_upload(&glacier).await;
    glacier.delete_vault().vault_name("v").send().await.unwrap();
    mock.assert_nothing_left_open();
}

#[tokio::test]
async fn a_reset_and_an_empty_record_differ() {
    let (mock, glacier) = mock();
    start_upload(&glacier).await;
    mock.forget_requests();
    assert_eq!(mock.leftovers().len(), 1);
    mock.reset();
    mock.assert_nothing_left_open();
}

#[tokio::test]
async fn leftovers_name_their_account_and_region() {
    let mock = GlacierMock::start();
    mock.vault_in(Account::new("111122223333"), "eu-west-1", "v").create();
    let glacier = mock.client_for(Account::new("111122223333"), "eu-west-1");
    start_upload(&glacier).await;
    let left = mock.leftovers();
    let Leftover::Upload { account, region, .. } = &left[0] else { panic!("{left:?}") };
    assert_eq!((account.as_str(), region.as_str()), ("111122223333", "eu-west-1"));
    assert!(left.to_string().contains(r#"for vault "v" (111122223333, eu-west-1), initiated at "#), "{left}");
}

#[tokio::test]
async fn the_message_lists_what_was_left_and_names_the_way_out() {
    let (mock, glacier) = mock();
    let id = start_upload(&glacier).await;
    let message = panic_message(|| mock.assert_nothing_left_open());
    let expected = format!(
        "1 thing was left open:\n  multipart upload {id} for vault \"v\" (000000000000, us-east-1), initiated at \
         2026-01-31T00:00:00.000Z, was neither completed nor aborted\n"
    );
    assert!(message.starts_with(&expected) && message.contains("mock.leftovers()"), "{message}");
    for _ in 0..19 {
        start_upload(&glacier).await;
    }
    let message = panic_message(|| mock.assert_nothing_left_open());
    assert!(message.starts_with("20 things were left open:") && !message.contains(" more"), "{message}");
    for _ in 0..6 {
        start_upload(&glacier).await;
    }
    let message = panic_message(|| mock.assert_nothing_left_open());
    assert!(message.starts_with("26 things were left open:") && message.contains("\n  ... and 6 more\n"), "{message}");
    mock.leftovers().except_vault("v").assert_none();
    assert_eq!(mock.leftovers().except(|leftover| leftover.to_string().contains(&id)).len(), 25);
}

#[tokio::test]
async fn the_assertion_panics_at_the_line_of_the_test() {
    match child_of("leftovers::the_assertion_panics_at_the_line_of_the_test") {
        Some(output) => {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(!output.status.success() && text.contains("suite/leftovers.rs:"), "{text}");
        }
        None => {
            let (mock, glacier) = mock();
            start_upload(&glacier).await;
            mock.assert_nothing_left_open();
        }
    }
}

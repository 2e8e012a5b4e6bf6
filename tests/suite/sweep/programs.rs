//! Five programs with a known flaw each, which a sweep finds and names, and five correct ones, which pass.

use std::cell::RefCell;
use std::time::Duration;

use aws_sdk_glacier::Client;
use aws_sdk_glacier::types::JobParameters;
use glacier_mock::{FaultSweep, GlacierMock, JobTiming, Sweep};

use super::broken;
use crate::support::{MINUTE, sha256};

type Done<T> = Result<T, Box<dyn std::error::Error>>;

const CAT: &[u8] = b"a cat";

fn sweep<'a>() -> FaultSweep<'a> {
    FaultSweep::new(|| GlacierMock::builder().jobs(JobTiming::by_tier())).arrange(|mock| {
        mock.create_vault("photos");
    })
}

async fn upload(glacier: &Client, vault: &str) -> Done<String> {
    let stored = glacier.upload_archive().vault_name(vault).body(CAT.to_vec().into()).send().await?;
    Ok(stored.archive_id().unwrap_or_default().to_owned())
}

async fn begin(glacier: &Client) -> Done<String> {
    let begun = glacier.initiate_multipart_upload().vault_name("photos").part_size("1048576").send().await?;
    Ok(begun.upload_id().unwrap_or_default().to_owned())
}

async fn send_and_complete(glacier: &Client, id: &str) -> Done<()> {
    let part = glacier.upload_multipart_part().vault_name("photos").upload_id(id).range("bytes 0-4/*");
    part.body(CAT.to_vec().into()).send().await?;
    complete(glacier, id).await
}

async fn complete(glacier: &Client, id: &str) -> Done<()> {
    let complete = glacier.complete_multipart_upload().vault_name("photos").upload_id(id);
    complete.archive_size("5").checksum(sha256(CAT)).send().await?;
    Ok(())
}

/// Aborts all uploads except one.
async fn abort_others(glacier: &Client, kept: Option<&str>) -> Done<()> {
    let uploads = glacier.list_multipart_uploads().vault_name("photos").send().await?;
    for id in uploads.uploads_list().iter().filter_map(|upload| upload.multipart_upload_id()) {
        if Some(id) != kept {
            glacier.abort_multipart_upload().vault_name("photos").upload_id(id).send().await?;
        }
    }
    Ok(())
}

/// Tries up to three times, also after an error that the SDK does not retry.
async fn persistently<T>(what: impl AsyncFn() -> Done<T>) -> Done<T> {
    for _ in 0..2 {
        if let Ok(done) = what().await {
            return Ok(done);
        }
    }
    what().await
}

fn assert_stored_once<T>(mock: &GlacierMock, result: &Done<T>) {
    if result.is_ok() {
        assert_eq!(mock.vault("photos").archives().len(), 1, "archives");
    }
}

fn assert_no_upload_is_open(mock: &GlacierMock) -> Result<(), String> {
    match mock.vault("photos").uploads().len() {
        0 => Ok(()),
        open => Err(format!("{open} uploads are open")),
    }
}

#[tokio::test(start_paused = true)]
async fn a_double_upload_is_found() {
    let report = sweep()
        .run(async |mock| upload(&mock.client(), "photos").await)
        .check(|mock, result| assert_stored_once(mock, &result))
        .report()
        .await;
    let lost = ["call 1 UploadArchive, reset after commit", "call 1 UploadArchive, answer lost"];
    assert_eq!(broken(&report), lost);
    assert!(report.failures()[0].message().contains("archives"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn an_upload_in_parts_is_not_doubled() {
    let program = async |mock: &GlacierMock| {
        let glacier = mock.client();
        let id = begin(&glacier).await?;
        send_and_complete(&glacier, &id).await
    };
    let report = sweep().run(program).check(|mock, result| assert_stored_once(mock, &result)).await;
    assert!(report.runs() > 3 * 12, "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_leaked_upload_is_found() {
    let program = async |mock: &GlacierMock| {
        let glacier = mock.client();
        let id = begin(&glacier).await?;
        let sent = send_and_complete(&glacier, &id).await;
        if sent.is_err() {
            glacier.abort_multipart_upload().vault_name("photos").upload_id(&id).send().await?;
        }
        sent
    };
    let report = sweep().run(program).check(|mock, _| assert_no_upload_is_open(mock)).report().await;
    // The program cannot abort an upload whose ID it never received.
    assert_eq!(
        broken(&report),
        [
            "call 1 InitiateMultipartUpload, reset after commit",
            "call 1 InitiateMultipartUpload, reset after commit at every attempt",
            "call 1 InitiateMultipartUpload, answer lost",
            "call 1 InitiateMultipartUpload, answer lost at every attempt",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_is_looked_for_is_not_leaked() {
    let program = async |mock: &GlacierMock| {
        let glacier = mock.client();
        let sent = async {
            let id = begin(&glacier).await?;
            send_and_complete(&glacier, &id).await
        };
        let sent = sent.await;
        persistently(async || abort_others(&glacier, None).await).await?;
        sent
    };
    sweep().run(program).check(|mock, _| assert_no_upload_is_open(mock)).await;
}

/// Checks that the cat is still stored, in the old vault or in the new one.
fn a_move<'a>(program: impl AsyncFn(&Client, &str) -> Done<()> + 'a) -> Sweep<'a> {
    let sweep = sweep().arrange(|mock| {
        mock.create_vault("old").put_archive("cat.jpg", CAT);
        mock.create_vault("new");
    });
    let scenario = async move |mock: &GlacierMock| {
        let old = mock.vault("old").archives()[0].id().to_string();
        program(&mock.client(), &old).await
    };
    sweep.run(scenario).check(|mock, _| {
        let kept = ["old", "new"].iter().flat_map(|vault| mock.vault(vault).archives());
        assert!(kept.into_iter().any(|archive| archive.to_vec() == CAT), "the archive is lost");
    })
}

#[tokio::test(start_paused = true)]
async fn a_delete_before_the_copy_is_verified_is_found() {
    let program = async |glacier: &Client, old: &str| {
        glacier.delete_archive().vault_name("old").archive_id(old).send().await?;
        upload(glacier, "new").await?;
        Ok(())
    };
    let report = a_move(program).report().await;
    let broken = broken(&report);
    assert!(broken.contains(&"call 2 UploadArchive, expired token"), "{report}");
    assert!(broken.contains(&"call 2 UploadArchive, reset before at every attempt"), "{report}");
    assert!(broken.contains(&"call 1 DeleteArchive, answer lost at every attempt"), "{report}");
    assert!(report.failures().iter().all(|failure| failure.message() == "the archive is lost"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_delete_after_the_copy_is_verified_passes() {
    let program = async |glacier: &Client, old: &str| {
        let stored = glacier.upload_archive().vault_name("new").body(CAT.to_vec().into()).send().await?;
        if stored.checksum() != Some(&sha256(CAT)) {
            return Err("the copy differs".into());
        }
        glacier.delete_archive().vault_name("old").archive_id(old).send().await?;
        Ok(())
    };
    a_move(program).await;
}

fn assert_stored_and_tidy(mock: &GlacierMock, result: &Done<()>) {
    assert_stored_once(mock, result);
    assert_eq!(assert_no_upload_is_open(mock), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_is_not_resumed_after_a_crash_is_found() {
    let program = async |mock: &GlacierMock| {
        let glacier = mock.client();
        let id = begin(&glacier).await?;
        send_and_complete(&glacier, &id).await
    };
    let check = |mock: &GlacierMock, result: Done<()>| assert_stored_and_tidy(mock, &result);
    let report = sweep().crashes().run(program).check(check).report().await;
    assert_eq!(
        broken(&report),
        [
            "call 1 InitiateMultipartUpload, crash after commit",
            "call 2 UploadMultipartPart, crash before commit",
            "call 2 UploadMultipartPart, crash after commit",
            "call 3 CompleteMultipartUpload, crash before commit",
            "call 3 CompleteMultipartUpload, crash after commit",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_upload_that_is_resumed_after_a_crash_passes() {
    // What survives the death of the process.
    let disk: RefCell<Option<String>> = RefCell::default();
    let program = async |mock: &GlacierMock| {
        let glacier = mock.client();
        let known = disk.borrow().clone();
        abort_others(&glacier, known.as_deref()).await?;
        let id = match known {
            Some(id) => id,
            None => begin(&glacier).await?,
        };
        disk.replace(Some(id.clone()));
        // Completing an upload again returns the archive of the first completion.
        match complete(&glacier, &id).await {
            Ok(()) => Ok(()),
            Err(_) => send_and_complete(&glacier, &id).await,
        }
    };
    let check = |mock: &GlacierMock, result: Done<()>| {
        assert!(result.is_ok(), "{result:?}");
        assert_stored_and_tidy(mock, &result);
    };
    let arrange = |mock: &GlacierMock| {
        mock.create_vault("photos");
        disk.replace(None);
    };
    let report = sweep().arrange(arrange).crashes().run(program).check(check).await;
    assert_eq!(report.runs(), 2 * 5);
}

/// Checks that a download is the cat, if it succeeds.
fn a_restore<'a>(download: impl AsyncFn(&Client, &str) -> Done<Vec<u8>> + 'a) -> Sweep<'a> {
    let sweep = sweep().arrange(|mock| {
        mock.create_vault("photos").put_archive("cat.jpg", CAT);
    });
    let scenario = async move |mock: &GlacierMock| {
        let glacier = mock.client();
        let archive = mock.vault("photos").archives()[0].id().to_string();
        let retrieval = JobParameters::builder().r#type("archive-retrieval").archive_id(archive).build();
        let job = glacier.initiate_job().vault_name("photos").job_parameters(retrieval).send().await?;
        let job = job.job_id().unwrap_or_default();
        loop {
            let job = glacier.describe_job().vault_name("photos").job_id(job).send().await?;
            if job.completed() {
                break;
            }
            tokio::time::sleep(90 * MINUTE).await;
        }
        download(&glacier, job).await
    };
    sweep.run(scenario).check(|_, result| match result {
        Ok(bytes) if bytes != CAT => Err("the restored bytes differ"),
        _ => Ok(()),
    })
}

#[tokio::test(start_paused = true)]
async fn a_download_that_is_trusted_is_found() {
    let download = async |glacier: &Client, job: &str| {
        let output = glacier.get_job_output().vault_name("photos").job_id(job).send().await?;
        Ok(output.body.collect().await?.to_vec())
    };
    let report = a_restore(download).report().await;
    let [failure] = report.failures() else { panic!("{report}") };
    assert!(failure.name().ends_with("GetJobOutput, corrupted body"), "{report}");
    assert_eq!(failure.message(), "the restored bytes differ");
}

#[tokio::test(start_paused = true)]
async fn a_download_that_is_compared_with_its_checksum_passes() {
    let once = async |glacier: &Client, job: &str| -> Done<Vec<u8>> {
        let output = glacier.get_job_output().vault_name("photos").job_id(job).send().await?;
        let checksum = output.checksum().map(str::to_owned);
        let bytes = output.body.collect().await?.to_vec();
        if checksum == Some(sha256(&bytes)) { Ok(bytes) } else { Err("the download is corrupted".into()) }
    };
    let download = async |glacier: &Client, job: &str| persistently(async || once(glacier, job).await).await;
    let began = tokio::time::Instant::now();
    a_restore(download).await;
    assert!(began.elapsed() > Duration::from_secs(60), "jobs took no time");
}

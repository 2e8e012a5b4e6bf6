//! The README's snippets, word for word, so that they compile and run.

use std::fs;
use std::path::Path;

mod a_test_in_30_seconds {
    use aws_sdk_glacier::{Client, Error};
    use glacier_mock::{GlacierMock, Operation};

    /// The code under test.
    async fn backup(glacier: &Client, vault: &str, bytes: &[u8]) -> Result<String, Error> {
        glacier.create_vault().vault_name(vault).send().await?;
        let stored = glacier.upload_archive().vault_name(vault).body(bytes.to_vec().into()).send().await?;
        Ok(stored.archive_id().unwrap_or_default().to_owned())
    }

    #[tokio::test]
    async fn uploads_a_backup() {
        let mock = GlacierMock::start();
        backup(&mock.client(), "photos", b"bytes").await.unwrap();

        mock.assert_sequence([Operation::CreateVault, Operation::UploadArchive]);
        assert_eq!(mock.requests()[1].body().unwrap().to_vec(), b"bytes");
    }
}

mod four_hours_in_one_test {
    use std::time::Duration;

    use aws_sdk_glacier::{Client, types::JobParameters};
    use glacier_mock::{GlacierMock, JobTiming, Operation};
    use tokio::time::{sleep, timeout};

    /// The code under test.
    async fn restore(glacier: &Client, vault: &str, archive: &str) -> Vec<u8> {
        let retrieval = JobParameters::builder().r#type("archive-retrieval").archive_id(archive).build();
        let job = glacier.initiate_job().vault_name(vault).job_parameters(retrieval).send().await.unwrap();
        let job = job.job_id().unwrap();
        loop {
            let describe = glacier.describe_job().vault_name(vault).job_id(job).send();
            if timeout(Duration::from_secs(30), describe).await.expect("no answer").unwrap().completed() {
                break;
            }
            sleep(Duration::from_secs(15 * 60)).await;
        }
        let output = glacier.get_job_output().vault_name(vault).job_id(job).send().await.unwrap();
        output.body.collect().await.unwrap().to_vec()
    }

    #[tokio::test(start_paused = true)]
    async fn waits_for_a_standard_retrieval() {
        let mock = GlacierMock::builder().jobs(JobTiming::by_tier()).start();
        let glacier = mock.client();
        glacier.create_vault().vault_name("photos").send().await.unwrap();
        let stored = glacier.upload_archive().vault_name("photos").body(b"a cat".to_vec().into()).send().await.unwrap();

        assert_eq!(restore(&glacier, "photos", stored.archive_id().unwrap()).await, b"a cat");

        let polls = mock.requests().iter().filter(|r| r.operation() == Some(Operation::DescribeJob)).count();
        assert!((16..=20).contains(&polls));
    }
}

mod the_test_decides_when_a_job_ends {
    use aws_sdk_glacier::types::{JobParameters, StatusCode};
    use glacier_mock::{GlacierMock, JobTiming};

    #[tokio::test]
    async fn a_restore_that_fails() {
        let mock = GlacierMock::builder().jobs(JobTiming::manual()).start();
        let glacier = mock.client();
        glacier.create_vault().vault_name("photos").send().await.unwrap();

        let restore = tokio::spawn(async move {
            let inventory = JobParameters::builder().r#type("inventory-retrieval").build();
            let job = glacier.initiate_job().vault_name("photos").job_parameters(inventory).send().await.unwrap();
            loop {
                let job =
                    glacier.describe_job().vault_name("photos").job_id(job.job_id().unwrap()).send().await.unwrap();
                if job.completed() {
                    return job.status_code().cloned();
                }
            }
        });

        mock.jobs().wait_for_one().await.fail("The vault is on strike");
        assert_eq!(restore.await.unwrap(), Some(StatusCode::Failed));
    }
}

mod archives_of_terabytes {
    use glacier_mock::{Content, GlacierMock, TIB};

    #[test]
    fn a_scan_of_40_tebibytes() {
        let mock = GlacierMock::start();
        let raw = mock.create_vault("raw");
        let scan = raw.put_archive("a scan", Content::repeat("black and white ", 40 * TIB));
        raw.put_archive("a manifest", Content::from_file("Cargo.toml"));

        assert_eq!(raw.archive(&scan).unwrap().bytes(20 * TIB..20 * TIB + 15), b"black and white");
    }
}

mod did_it_upload_once {
    use aws_sdk_glacier::Client;
    use glacier_mock::{GlacierMock, Operation};

    async fn backup(glacier: &Client, vault: &str, bytes: &[u8]) {
        glacier.upload_archive().vault_name(vault).body(bytes.to_vec().into()).send().await.unwrap();
    }

    #[tokio::test]
    async fn uploads_once() {
        let mock = GlacierMock::start();
        mock.create_vault("photos");

        backup(&mock.client(), "photos", b"bytes").await;

        let uploads = mock.calls(Operation::UploadArchive).vault("photos");
        assert_eq!(uploads.only().attempts().statuses(), [201]);
        assert_eq!(mock.vault("photos").archives()[0].to_vec(), b"bytes");
    }
}

mod did_it_resume {
    use aws_sdk_glacier::Client;
    use glacier_mock::{GlacierMock, Operation, Step};

    const MIB: usize = 1 << 20;

    async fn resume(glacier: &Client, vault: &str, upload: &str, whole: &[u8]) {
        let there = glacier.list_parts().vault_name(vault).upload_id(upload).send().await.unwrap();
        let there: Vec<_> = there.parts().iter().filter_map(|part| part.range_in_bytes().map(str::to_owned)).collect();
        let mut hashes = Vec::new();
        for (n, part) in whole.chunks(MIB).enumerate() {
            hashes.push(crate::support::sha256(part));
            let range = format!("{}-{}", n * MIB, n * MIB + part.len() - 1);
            if !there.contains(&range) {
                let put = glacier.upload_multipart_part().vault_name(vault).upload_id(upload);
                put.range(format!("bytes {range}/*")).body(part.to_vec().into()).send().await.unwrap();
            }
        }
        let complete = glacier.complete_multipart_upload().vault_name(vault).upload_id(upload);
        let complete = complete.archive_size(whole.len().to_string()).checksum(crate::support::tree_hash(whole));
        complete.send().await.unwrap();
    }

    #[tokio::test]
    async fn resumes_where_it_left_off() {
        let mock = GlacierMock::start();
        let vault = mock.create_vault("photos");
        let upload = vault.start_upload("scan", 1 << 20);
        vault.put_part(&upload, 0, vec![7; MIB]);

        resume(&mock.client(), "photos", &upload, &vec![7; 3 * MIB]).await;

        mock.assert_sequence([
            Step::from(Operation::ListParts),
            Step::times(Operation::UploadMultipartPart, 2),
            Step::from(Operation::CompleteMultipartUpload),
        ]);
        mock.calls(Operation::UploadMultipartPart).header("content-range", "bytes 0-1048575/*").assert_none();
    }
}

mod did_it_give_up {
    use std::time::Duration;

    use aws_sdk_glacier::{Client, types::JobParameters};
    use glacier_mock::{GlacierMock, Operation};

    async fn restore(glacier: &Client, vault: &str, archive: &str) -> Option<Vec<u8>> {
        let retrieval = JobParameters::builder().r#type("archive-retrieval").archive_id(archive).build();
        let job = glacier.initiate_job().vault_name(vault).job_parameters(retrieval).send().await.unwrap();
        for _ in 0..3 {
            let seen = glacier.describe_job().vault_name(vault).job_id(job.job_id().unwrap()).send().await.unwrap();
            if seen.completed() {
                let output = glacier.get_job_output().vault_name(vault).job_id(job.job_id().unwrap()).send().await;
                return Some(output.ok()?.body.collect().await.ok()?.to_vec());
            }
            tokio::time::sleep(Duration::from_secs(3600)).await;
        }
        None
    }

    #[tokio::test(start_paused = true)]
    async fn gives_up_after_three_tries() {
        let mock = GlacierMock::start();
        let archive = mock.create_vault("photos").put_archive("a cat", b"bytes");
        mock.next_job().archive(&archive).never_completes();
        mock.expect(Operation::GetJobOutput).never();

        assert_eq!(restore(&mock.client(), "photos", &archive).await, None);

        mock.calls(Operation::DescribeJob).assert_count(3);
    }
}

mod did_it_delete_before_it_verified {
    use aws_sdk_glacier::{Client, types::JobParameters};
    use glacier_mock::{GlacierMock, Operation};

    /// Moves an archive away: retrieves it, verifies what came, deletes it.
    async fn migrate(glacier: &Client, vault: &str, archive: &str) -> Result<Vec<u8>, aws_sdk_glacier::Error> {
        let retrieval = JobParameters::builder().r#type("archive-retrieval").archive_id(archive).build();
        let job = glacier.initiate_job().vault_name(vault).job_parameters(retrieval).send().await?;
        let output = glacier.get_job_output().vault_name(vault).job_id(job.job_id().unwrap()).send().await?;
        let expected = output.checksum().unwrap().to_owned();
        let bytes = output.body.collect().await.unwrap().to_vec();
        assert_eq!(crate::support::tree_hash(&bytes), expected);
        glacier.delete_archive().vault_name(vault).archive_id(archive).send().await?;
        Ok(bytes)
    }

    #[tokio::test]
    async fn deletes_only_what_it_has() {
        let mock = GlacierMock::start();
        let vault = mock.create_vault("photos");
        let (cat, dog) = (vault.put_archive("a cat", b"meow"), vault.put_archive("a dog", b"woof"));

        migrate(&mock.client(), "photos", &cat).await.unwrap();
        mock.assert_in_order([Operation::GetJobOutput, Operation::DeleteArchive]);

        // A retrieval that fails must not cost the archive. Checked when the mock is dropped, naming this line.
        mock.expect(Operation::DeleteArchive).archive(&dog).never();
        mock.next_job().archive(&dog).fails("Archive is damaged");
        migrate(&mock.client(), "photos", &dog).await.unwrap_err();
        assert_eq!(mock.vault("photos").archives().len(), 1);
    }
}

mod has_the_worker_called {
    use std::time::Duration;

    use glacier_mock::{GlacierMock, Operation};

    #[tokio::test]
    async fn the_worker_takes_an_inventory() {
        let mock = GlacierMock::start();
        mock.create_vault("photos");
        let glacier = mock.client();
        let worker = tokio::spawn(async move {
            let inventory = aws_sdk_glacier::types::JobParameters::builder().r#type("inventory-retrieval").build();
            glacier.initiate_job().vault_name("photos").job_parameters(inventory).send().await
        });

        // The timeout is in wall time, also under paused tokio time.
        let asked = mock.wait_for(Operation::InitiateJob).vault("photos").within(Duration::from_secs(10)).await;
        assert_eq!(mock.jobs().all()[0].id(), asked.only().last().job_id().unwrap());
        worker.await.unwrap().unwrap();
    }
}

mod who_is_calling {
    use glacier_mock::{ErrorCode, GlacierMock, Operation, Principal};

    #[tokio::test]
    async fn the_session_ends_in_the_middle() {
        let mock = GlacierMock::builder().verify_signatures(true).start();
        let session =
            Principal::new("arn:aws:sts::111122223333:assumed-role/backup/monday").expires_at("2999-12-31T00:00:00Z");
        let glacier = mock.client_as(&session);
        glacier.create_vault().vault_name("photos").send().await.unwrap();

        mock.clock().advance_to("2999-12-31T00:00:00Z");
        glacier.list_vaults().send().await.unwrap_err();
        let refused = mock.calls(Operation::ListVaults).principal(session.arn()).only();
        assert_eq!(refused.error_code().unwrap(), ErrorCode::ExpiredTokenException);
    }
}

mod test_your_vault_lock {
    use std::time::Duration;

    use aws_sdk_glacier::Client;
    use glacier_mock::{Clock, GlacierMock, Operation, Principal};

    /// The lock that you are about to set.
    const RETENTION: &str = r#"{"Version": "2012-10-17", "Statement": [{
        "Sid": "keep-for-a-year", "Effect": "Deny", "Principal": "*", "Action": "glacier:DeleteArchive",
        "Resource": "arn:aws:glacier:us-east-1:000000000000:vaults/records",
        "Condition": {"NumericLessThan": {"glacier:ArchiveAgeInDays": "365"}}
    }]}"#;

    #[tokio::test]
    async fn records_are_kept_for_a_year_and_not_longer() {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        let mock = GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).start();
        let vault = mock.create_vault("records").lock(RETENTION);
        let record = vault.put_archive("invoice", b"paid");

        mock.clock().advance(364 * DAY);
        clean_up(&mock.client(), "records", &record).await.unwrap_err();
        assert_eq!(
            mock.calls(Operation::DeleteArchive).only().last().explanation().unwrap(),
            "denied by statement \"keep-for-a-year\" of the vault lock policy: \
             NumericLessThan glacier:ArchiveAgeInDays 364 < 365"
        );

        mock.clock().advance(DAY);
        clean_up(&mock.client(), "records", &record).await.unwrap();

        // Without a request: could this principal, now, and why not?
        let auditor = Principal::new("arn:aws:iam::111122223333:role/auditor");
        mock.explain(Operation::ListJobs).by(&auditor).for_vault("records").assert_denied();
    }

    /// The code under test.
    async fn clean_up(glacier: &Client, vault: &str, archive: &str) -> Result<(), aws_sdk_glacier::Error> {
        glacier.delete_archive().vault_name(vault).archive_id(archive).send().await?;
        Ok(())
    }
}

/// Every Rust snippet of the README is one of those above or of an example's, apart from the indentation.
#[test]
fn the_readme_says_what_runs_here() {
    let code = |text: &str| text.split_whitespace().collect::<String>();
    let mut here = code(include_str!("readme.rs"));
    for example in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")).unwrap() {
        // An example is a test only in this suite.
        let text = fs::read_to_string(example.unwrap().path()).unwrap();
        here += &code(
            &text.replace("#[cfg_attr(test, tokio::test(start_paused = true))]", "#[tokio::test(start_paused = true)]"),
        );
    }
    let readme = include_str!("../../README.md");
    let snippets: Vec<_> = readme.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(!snippets.is_empty());
    for snippet in snippets {
        assert!(here.contains(&code(snippet)), "this snippet is in no test and in no example:\n{snippet}");
    }
}

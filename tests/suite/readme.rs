//! The README's snippets, word for word, so that they compile and run.

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

/// Every Rust snippet of the README is one of those above, apart from the indentation.
#[test]
fn the_readme_says_what_runs_here() {
    let code = |text: &str| text.split_whitespace().collect::<String>();
    let here = code(include_str!("readme.rs"));
    let readme = include_str!("../../README.md");
    let snippets: Vec<_> = readme.split("```rust\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert!(!snippets.is_empty());
    for snippet in snippets {
        assert!(here.contains(&code(snippet)), "this snippet is not in tests/suite/readme.rs:\n{snippet}");
    }
}

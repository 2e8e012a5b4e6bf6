//! The functions that the README's tests call and that stand for the reader's code. The crate that `readme/mod.rs`
//! writes compiles this file.

pub mod resumes_where_it_left_off {
    use aws_sdk_glacier::Client;
    use glacier_mock::{MIB, tree_hash};

    pub async fn resume(glacier: &Client, vault: &str, upload: &str, whole: &[u8]) {
        let there = glacier.list_parts().vault_name(vault).upload_id(upload).send().await.unwrap();
        let there: Vec<_> = there.parts().iter().filter_map(|part| part.range_in_bytes().map(str::to_owned)).collect();
        let size = usize::try_from(MIB).unwrap();
        for (n, part) in whole.chunks(size).enumerate() {
            let range = format!("{}-{}", n * size, n * size + part.len() - 1);
            if !there.contains(&range) {
                let put = glacier.upload_multipart_part().vault_name(vault).upload_id(upload);
                put.range(format!("bytes {range}/*")).body(part.to_vec().into()).send().await.unwrap();
            }
        }
        let complete = glacier.complete_multipart_upload().vault_name(vault).upload_id(upload);
        let complete = complete.archive_size(whole.len().to_string()).checksum(tree_hash(whole).to_string());
        complete.send().await.unwrap();
    }
}

pub mod deletes_only_what_it_has {
    use aws_sdk_glacier::{Client, Error, types::JobParameters};
    use glacier_mock::tree_hash;

    /// Retrieves an archive, verifies its bytes and deletes it.
    pub async fn migrate(glacier: &Client, vault: &str, archive: &str) -> Result<Vec<u8>, Error> {
        let retrieval = JobParameters::builder().r#type("archive-retrieval").archive_id(archive).build();
        let job = glacier.initiate_job().vault_name(vault).job_parameters(retrieval).send().await?;
        let output = glacier.get_job_output().vault_name(vault).job_id(job.job_id().unwrap()).send().await?;
        let expected = output.checksum().unwrap().to_owned();
        let bytes = output.body.collect().await.unwrap().to_vec();
        assert_eq!(tree_hash(&bytes), expected);
        glacier.delete_archive().vault_name(vault).archive_id(archive).send().await?;
        Ok(bytes)
    }
}

pub mod uploads_once {
    use aws_sdk_glacier::Client;

    pub async fn backup(glacier: &Client, vault: &str, bytes: &[u8]) {
        glacier.upload_archive().vault_name(vault).body(bytes.to_vec().into()).send().await.unwrap();
    }
}

pub mod gives_up_after_three_tries {
    use std::time::Duration;

    use aws_sdk_glacier::{Client, types::JobParameters};

    pub async fn restore(glacier: &Client, vault: &str, archive: &str) -> Option<Vec<u8>> {
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
}

/// The code of `examples/expedited_or_standard.rs`.
pub mod standard_is_taken_where_expedited_is_short {
    use std::time::Duration;

    use aws_sdk_glacier::operation::initiate_job::InitiateJobError;
    use aws_sdk_glacier::types::JobParameters;
    use aws_sdk_glacier::{Client, Error};

    pub async fn restore(glacier: &Client, vault: &str, archive: &str) -> Result<Vec<u8>, Error> {
        let ask = async |tier: &str| {
            let retrieval = JobParameters::builder().r#type("archive-retrieval").archive_id(archive).tier(tier).build();
            glacier.initiate_job().vault_name(vault).job_parameters(retrieval).send().await
        };
        let job = match ask("Expedited").await {
            Err(error) if error.as_service_error().is_some_and(InitiateJobError::is_insufficient_capacity_exception) => {
                ask("Standard").await?
            }
            other => other?,
        };
        let job = job.job_id().unwrap_or_default();
        while !glacier.describe_job().vault_name(vault).job_id(job).send().await?.completed() {
            tokio::time::sleep(Duration::from_secs(15 * 60)).await;
        }
        let output = glacier.get_job_output().vault_name(vault).job_id(job).send().await?;
        Ok(output.body.collect().await.map(|bytes| bytes.to_vec()).unwrap_or_default())
    }
}

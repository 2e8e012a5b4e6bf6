//! A mock whose state has something of every kind, and a text that describes the state.

use aws_sdk_glacier::Client;
use aws_sdk_glacier::primitives::ByteStream;
use aws_sdk_glacier::types::{
    DataRetrievalPolicy, DataRetrievalRule, JobParameters, VaultAccessPolicy, VaultLockPolicy, VaultNotificationConfig,
};
use glacier_mock::{Clock, Content, GlacierMock, InventoryMode, JobTiming, MIB, Principal, TIB, Vault};

use crate::support::{ARN, DAY, HOUR, bytes, tree_hash};

/// The same in every run.
pub(super) async fn full() -> GlacierMock {
    let clock = Clock::frozen("2026-01-31T12:00:00Z");
    let mock = GlacierMock::builder().clock(clock).seed(7).inventory(InventoryMode::daily()).start();
    let anna = Principal::new("arn:aws:iam::111122223333:user/anna").with_access_key("ANNA").with_mfa();
    mock.add_principal(anna.expires_at("2026-03-01T00:00:00Z"));
    let (glacier, vault) = (mock.client(), mock.create_vault("v"));
    let cat = vault.put_archive("cat.jpg", b"a cat");
    let scan = vault.put_archive("a scan", Content::repeat("black and white ", 40 * TIB + 5));
    // Two equal archives of the test are no duplicates of the code under test.
    vault.put_archive("cat.jpg", b"a cat");
    upload(&glacier, "gone", b"deleted").await;
    mock.vault_in("111122223333", "eu-west-1", "films").create().put_archive("a film", bytes(5000));
    mock.create_vault("old").put_archive("old", b"old");
    mock.clock().advance(DAY);
    mock.vault("old").remove();

    settings(&glacier).await;
    jobs(&mock, &glacier, cat.as_str(), scan.as_str()).await;
    let gone = vault.archives().last().unwrap().id().to_string();
    glacier.delete_archive().vault_name("v").archive_id(gone).send().await.unwrap();
    uploads(&glacier).await;
    mock
}

async fn upload(glacier: &Client, description: &str, body: &'static [u8]) {
    let upload = glacier.upload_archive().vault_name("v").archive_description(description).checksum(tree_hash(body));
    upload.body(ByteStream::from_static(body)).send().await.unwrap();
}

async fn settings(glacier: &Client) {
    let policy = |effect: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Principal":{{"AWS":"111122223333"}},"Action":"glacier:DeleteVault","Resource":"{ARN}"}}]}}"#
        )
    };
    glacier.add_tags_to_vault().vault_name("v").tags("team", "archive").tags("cost", "12").send().await.unwrap();
    let access = VaultAccessPolicy::builder().policy(policy("Allow")).build();
    glacier.set_vault_access_policy().vault_name("v").policy(access).send().await.unwrap();
    let lock = VaultLockPolicy::builder().policy(policy("Deny")).build();
    glacier.initiate_vault_lock().vault_name("v").policy(lock).send().await.unwrap();
    let topic = VaultNotificationConfig::builder().sns_topic("arn:aws:sns:us-east-1:000000000000:done");
    let topic = topic.events("ArchiveRetrievalCompleted").build();
    glacier.set_vault_notifications().vault_name("v").vault_notification_config(topic).send().await.unwrap();
    glacier.purchase_provisioned_capacity().send().await.unwrap();
    let rule = DataRetrievalRule::builder().strategy("BytesPerHour").bytes_per_hour(1 << 50).build();
    let rule = DataRetrievalPolicy::builder().rules(rule).build();
    glacier.set_data_retrieval_policy().policy(rule).send().await.unwrap();
}

async fn jobs(mock: &GlacierMock, glacier: &Client, cat: &str, scan: &str) {
    let start = async |parameters: JobParameters| {
        let job = glacier.initiate_job().vault_name("v").job_parameters(parameters).send().await.unwrap();
        job.job_id().unwrap().to_owned()
    };
    let retrieval = |archive: &str, tier: &str| {
        JobParameters::builder().r#type("archive-retrieval").archive_id(archive).tier(tier).build()
    };
    let done = start(retrieval(cat, "Standard")).await;
    let part = glacier.get_job_output().vault_name("v").job_id(&done).range("bytes=0-2").send().await.unwrap();
    part.body.collect().await.unwrap();
    start(JobParameters::builder().r#type("inventory-retrieval").format("CSV").build()).await;
    mock.set_job_timing(JobTiming::after(4 * HOUR));
    start(retrieval(scan, "Bulk")).await;
    start(retrieval(cat, "Expedited")).await;
    mock.jobs().all().last().unwrap().fail("no reason");
    mock.set_job_timing(JobTiming::after_polls(2));
    start(retrieval(cat, "Standard")).await;
    mock.set_job_timing(JobTiming::manual());
    start(retrieval(scan, "Standard")).await;
    glacier.list_jobs().account_id("-").vault_name("v").limit(2).send().await.unwrap();
}

async fn uploads(glacier: &Client) {
    let start = async |description: &str| {
        let upload = glacier.initiate_multipart_upload().vault_name("v").part_size(MIB.to_string());
        let upload = upload.archive_description(description).send().await.unwrap();
        upload.upload_id().unwrap().to_owned()
    };
    let body = b"a part";
    let part = async |id: &str| {
        let part = glacier.upload_multipart_part().vault_name("v").upload_id(id).range("bytes 0-5/*");
        part.checksum(tree_hash(body)).body(ByteStream::from_static(body)).send().await.unwrap();
    };
    let whole = start("whole").await;
    part(&whole).await;
    let complete = glacier.complete_multipart_upload().vault_name("v").upload_id(&whole).archive_size("6");
    complete.checksum(tree_hash(body)).send().await.unwrap();
    let aborted = start("aborted").await;
    glacier.abort_multipart_upload().vault_name("v").upload_id(&aborted).send().await.unwrap();
    part(&start("open").await).await;
}

/// Describes what a test can see of a state. Only values are written, so that a file with the text stays right when the
/// types of the crate get other fields.
pub(super) fn description(mock: &GlacierMock) -> String {
    let mut lines = vec![format!("{} {} {}", mock.account(), mock.region(), mock.clock().now())];
    let anna = mock.principal("ANNA");
    lines.push(format!("{} {} {:?} {:?}", anna.arn(), anna.secret(), anna.mfa_since(), anna.expiry()));
    lines.push(format!("{:?}", mock.retrieval_policy()));
    let units = mock.provisioned_capacity();
    lines.extend(units.iter().map(|unit| format!("unit {} {} {}", unit.id(), unit.start(), unit.expiration())));
    mock.vaults().iter().for_each(|vault| describe(vault, &mut lines));
    for job in mock.jobs().all() {
        let (completed, message) = (job.completed(), job.message());
        let (id, tier, status) = (job.id(), job.tier(), job.status());
        lines.push(format!("job {id} {} {tier:?} {status} {completed:?} {message:?}", job.created()));
    }
    let (usage, left) = (mock.usage(), mock.leftovers().len());
    lines.push(format!("{} uploads, {} bytes downloaded", usage.upload_requests(), usage.downloaded_bytes()));
    lines.push(format!("{left} leftovers"));
    let notices = mock.notifications();
    lines.extend(notices.iter().map(|notice| format!("{} {}", notice.topic(), notice.message())));
    let next = mock.create_vault("v").put_archive("next", "next");
    lines.push(format!("{next}\n{:?}\n", mock.clock().advance_to_next_event()));
    lines.join("\n")
}

fn describe(vault: &Vault, lines: &mut Vec<String>) {
    lines.push(format!("vault {} {} {} {:?}", vault.name(), vault.account(), vault.region(), vault.tags()));
    if let Some(set) = vault.notifications() {
        lines.push(format!("notifies {} {:?}", set.topic(), set.events()));
    }
    lines.extend(vault.access_policy());
    if let Some(lock) = vault.vault_lock() {
        let (state, created, expires) = (lock.state().as_str(), lock.created(), lock.expires());
        lines.push(format!("lock {} {state} {created} {expires:?} {}", lock.id(), lock.policy()));
    }
    for archive in vault.archives() {
        let (id, created, size, hash) = (archive.id(), archive.created(), archive.size(), archive.tree_hash());
        let bytes = glacier_mock::Digest::sha256(archive.bytes(0..size.min(100_000)));
        lines.push(format!("archive {id} {:?} {created} {size} {hash} {bytes}", archive.description()));
    }
    for upload in vault.uploads() {
        let (description, created, size) = (upload.description(), upload.created(), upload.part_size());
        lines.push(format!("upload {} {description:?} {created} {size}", upload.id()));
        lines.extend(upload.parts().iter().map(|part| format!("part {:?} {}", part.range(), part.tree_hash())));
    }
}

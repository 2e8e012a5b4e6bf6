//! Vaults with the archives of an inventory of the real service.

use aws_sdk_glacier::types::JobParameters;
use glacier_mock::{Clock, GlacierMock, Vault};
use serde_json::{Value, json};

use crate::support::{inventory, panic_message};

const NOW: &str = "2026-01-31T12:00:00Z";
const HASHES: [&str; 3] = [
    "beb0fe31a1c7ca8c6c04d574ea906e3f97b31fdca7571defb5b44dca89b5af60",
    "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
    "7f2fe580edb35154041fa3d4b41dd6d3adaef0c85d2ff6309f1d4b520eeecda3",
];

fn archive(n: usize, description: &str, size: u64) -> Value {
    json!({
        "ArchiveId": format!("{}{n}", "A".repeat(137)), "ArchiveDescription": description,
        "CreationDate": format!("2013-11-06T02:51:2{n}Z"), "Size": size, "SHA256TreeHash": HASHES[n],
    })
}

fn listed() -> Vec<Value> {
    vec![archive(0, "", 3 << 30), archive(1, r#"a, "b" \"#, 1), archive(2, "the last", (5 << 20) + 1)]
}

fn text() -> String {
    let arn = "arn:aws:glacier:eu-west-1:111122223333:vaults/v";
    json!({"VaultARN": arn, "InventoryDate": "2013-11-07T00:00:00Z", "ArchiveList": listed()}).to_string()
}

fn start() -> (GlacierMock, Vault) {
    let mock = GlacierMock::builder().clock(Clock::frozen(NOW)).start();
    let vault = mock.create_vault("v").import_inventory(text());
    (mock, vault)
}

/// Returns the output of an inventory job.
async fn output(mock: &GlacierMock, format: &str) -> String {
    let glacier = mock.client();
    let job = glacier.initiate_job().vault_name("v").job_parameters(inventory().format(format).build());
    let job = job.send().await.unwrap().job_id.unwrap();
    let output = glacier.get_job_output().vault_name("v").job_id(job).send().await.unwrap();
    String::from_utf8(output.body.collect().await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn an_inventory_job_lists_what_was_imported() {
    let (mock, vault) = start();
    let json = output(&mock, "JSON").await;
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["ArchiveList"], json!(listed()));
    // A CSV of the mock can be imported in turn.
    let csv = output(&mock, "CSV").await;
    vault.remove();
    mock.create_vault("v").import_inventory(&csv);
    assert_eq!(output(&mock, "CSV").await, csv);
    let described = mock.client().describe_vault().vault_name("v").send().await.unwrap();
    assert_eq!(described.creation_date.as_deref(), Some("2013-11-06T02:51:20.000Z"));
    assert_eq!((described.number_of_archives, described.size_in_bytes), (3, (3 << 30) + 1 + (5 << 20) + 1 + 3 * 32768));
}

/// The headers of the answer to GetJobOutput, with this Range.
fn headers_of(mock: &GlacierMock, job: &str, range: &str) -> (u16, Option<String>, Option<String>) {
    let range: &[_] = if range.is_empty() { &[] } else { &[("Range", range)] };
    let response = crate::support::raw(
        mock,
        &crate::support::request("GET", &format!("/-/vaults/v/jobs/{job}/output"), range, b""),
    );
    let header = |name| response.header(name).map(str::to_owned);
    (response.status, header("x-amz-sha256-tree-hash"), header("x-glacier-mock-content"))
}

#[tokio::test]
async fn a_retrieval_has_the_listed_hash_of_the_whole_and_says_that_its_bytes_are_made_up() {
    let (mock, vault) = start();
    let glacier = mock.client();
    let made_up = Some("made-up".to_owned());
    for (n, last) in [(1, 0), (2, 5 << 20)] {
        let job = vault.start_retrieval(listed()[n]["ArchiveId"].as_str().unwrap());
        let described = glacier.describe_job().vault_name("v").job_id(job.id().as_str()).send().await.unwrap();
        let hashes = (described.sha256_tree_hash.as_deref(), described.archive_sha256_tree_hash.as_deref());
        assert_eq!(hashes, (Some(HASHES[n]), Some(HASHES[n])));
        let whole = Some(HASHES[n].to_owned());
        assert_eq!(headers_of(&mock, job.id(), ""), (200, whole.clone(), made_up.clone()));
        assert_eq!(headers_of(&mock, job.id(), &format!("bytes=0-{last}")), (206, whole, made_up.clone()));
        // Aligned, but its hash is unknown.
        if last > 0 {
            assert_eq!(headers_of(&mock, job.id(), "bytes=0-1048575"), (206, None, made_up.clone()));
        }
    }
    let id = listed()[2]["ArchiveId"].as_str().unwrap().to_owned();
    let part = JobParameters::builder().r#type("archive-retrieval").archive_id(&id).retrieval_byte_range("0-1048575");
    let job = glacier.initiate_job().vault_name("v").job_parameters(part.build()).send().await.unwrap().job_id.unwrap();
    let described = glacier.describe_job().vault_name("v").job_id(&job).send().await.unwrap();
    assert_eq!((described.sha256_tree_hash, described.archive_sha256_tree_hash.as_deref()), (None, Some(HASHES[2])));
    assert_eq!(headers_of(&mock, &job, ""), (200, None, made_up));
    let output = glacier.get_job_output().vault_name("v").job_id(&job).send().await.unwrap();
    assert_eq!(output.body.collect().await.unwrap().to_vec(), vec![0; 1 << 20]);
    // An archive whose bytes are known has no such header.
    let cat = vault.put_archive("", b"a cat");
    let job = vault.start_retrieval(&cat);
    assert_eq!(headers_of(&mock, job.id(), "").2, None);
}

/// What a tool does that empties a vault: an inventory, a deletion of each archive, and the deletion of the vault.
#[tokio::test]
async fn a_vault_is_emptied_by_its_inventory() {
    let mock = GlacierMock::builder().clock(Clock::frozen(NOW)).realistic().start();
    mock.create_vault("v").import_inventory(text());
    let glacier = mock.client();
    let job = glacier.initiate_job().vault_name("v").job_parameters(inventory().build()).send().await.unwrap();
    let job = job.job_id.unwrap();
    mock.clock().advance(5 * crate::support::HOUR);
    let output = glacier.get_job_output().vault_name("v").job_id(job).send().await.unwrap();
    let list: Value = serde_json::from_slice(&output.body.collect().await.unwrap().to_vec()).unwrap();
    for archive in list["ArchiveList"].as_array().unwrap() {
        let id = archive["ArchiveId"].as_str().unwrap();
        glacier.delete_archive().vault_name("v").archive_id(id).send().await.unwrap();
    }
    glacier.delete_vault().vault_name("v").send().await.unwrap_err();
    mock.clock().advance(crate::support::DAY);
    glacier.delete_vault().vault_name("v").send().await.unwrap();
    assert!(mock.leftovers().is_empty(), "{:?}", mock.leftovers());
}

#[test]
fn an_inventory_that_cannot_be_true_is_refused_and_changes_nothing() {
    let (mock, vault) = start();
    let other = mock.create_vault("w");
    other.put_archive("", b"1");
    let refused = |text: &str, expected: &str| {
        let message = panic_message(|| drop(other.import_inventory(text)));
        assert!(message.contains(expected), "{message}");
        assert_eq!(other.archives().len(), 1);
    };
    refused(&text(), "vault \"v\" has or had the archive AAA");
    vault.delete_archive(listed()[2]["ArchiveId"].as_str().unwrap());
    let late = text().replace("2013-11-06", "2026-02-01").replace("AAA", "BBB");
    refused(&late, "was created at 2026-02-01T02:51:20.000Z, and the mock's clock is at 2026-01-31T12:00:00.000Z");
    refused(
        &text().replace("AAA", "BBB").replace(HASHES[2], "no"),
        "the inventory is invalid: entry 3: SHA256TreeHash: ",
    );
    let message = panic_message(|| drop(mock.vault("missing").import_inventory(text())));
    assert!(message.contains("there is no vault \"missing\""), "{message}");
}

#[cfg(feature = "state")]
#[tokio::test]
async fn a_saved_state_keeps_what_is_known_of_the_archives() {
    let (mock, _) = start();
    let folder = tempfile::TempDir::new().unwrap();
    mock.save(folder.path().join("state"));
    let copy = GlacierMock::builder().load(folder.path().join("state")).start();
    assert_eq!(output(&copy, "JSON").await, output(&mock, "JSON").await);
    let job = copy.vault("v").start_retrieval(listed()[2]["ArchiveId"].as_str().unwrap());
    let made_up = Some("made-up".to_owned());
    assert_eq!(headers_of(&copy, job.id(), ""), (200, Some(HASHES[2].to_owned()), made_up.clone()));
    assert_eq!(headers_of(&copy, job.id(), "bytes=0-1048575"), (206, None, made_up));
}

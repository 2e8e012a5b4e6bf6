//! Archives that would not fit into memory: tebibytes of a repeated block, and files on disk.

use std::fs;

use aws_sdk_glacier::primitives::ByteStream;
use glacier_mock::{Content, Digest, GlacierMock, MIB, Operation, TIB};
use sha2::{Digest as _, Sha256};

use crate::support::{
    bytes, initiate, inventory, mock_with_vault, output, panic_message, retrieval, tree_hash, upload,
};

/// Calculates the tree hash of 5 * 2^n MiB of zeros by its definition, with the SHA-256 of another crate. The tree
/// consists of five equal nodes below the top levels.
fn five_times_two_to_the(n: u32) -> String {
    let pair = |left: &[u8], right: &[u8]| Sha256::digest([left, right].concat()).to_vec();
    let mut node = Sha256::digest(vec![0; 1 << 20]).to_vec();
    for _ in 0..n {
        node = pair(&node, &node);
    }
    let two = pair(&node, &node);
    let root = pair(&pair(&two, &two), &node);
    root.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn an_archive_of_forty_tebibytes_behaves_like_any_other() {
    let (mock, glacier) = mock_with_vault().await;
    let id = mock.vault("v").put_archive("scan", Content::zeros(40 * TIB));
    let hash = five_times_two_to_the(23);
    assert_eq!(mock.vault("v").archive(&id).unwrap().tree_hash().to_string(), hash);

    let vault = glacier.describe_vault().vault_name("v").send().await.unwrap();
    assert_eq!(vault.size_in_bytes() as u64 / TIB, 40);
    let listed = initiate(&glacier, "v", inventory()).await;
    let listed: serde_json::Value = serde_json::from_slice(&output(&glacier, "v", &listed).await).unwrap();
    assert_eq!(
        (&listed["ArchiveList"][0]["Size"], &listed["ArchiveList"][0]["SHA256TreeHash"]),
        (&(40 * TIB).into(), &hash.clone().into())
    );

    let whole = initiate(&glacier, "v", retrieval(&id)).await;
    let described = glacier.describe_job().vault_name("v").job_id(&whole).send().await.unwrap();
    assert_eq!(described.archive_size_in_bytes(), Some(40 << 40));
    assert_eq!((described.archive_sha256_tree_hash(), described.sha256_tree_hash()), (Some(&*hash), Some(&*hash)));
    // The whole archive can be downloaded. The test reads only the first bytes.
    let answer = glacier.get_job_output().vault_name("v").job_id(&whole).send().await.unwrap();
    assert_eq!(answer.checksum(), Some(&*hash));
    let mut body = answer.body;
    assert!(body.next().await.unwrap().unwrap().iter().all(|&byte| byte == 0));
    drop(body);
    // These two MiB are not a node of the tree, so there is no hash.
    let range = format!("bytes={}-{}", 40 * TIB - 3 * MIB, 40 * TIB - MIB - 1);
    let part = glacier.get_job_output().vault_name("v").job_id(&whole).range(range).send().await.unwrap();
    assert_eq!((part.status(), part.checksum()), (206, None));
    assert_eq!(part.body.collect().await.unwrap().to_vec(), vec![0; 2 << 20]);
}

/// The vault has more bytes than `SizeInBytes` can represent.
#[tokio::test]
async fn the_reported_size_of_a_vault_saturates() {
    let (mock, glacier) = mock_with_vault().await;
    let ids = [0; 3].map(|_| mock.vault("v").put_archive("", Content::zeros(u64::MAX)));
    let size = async || glacier.describe_vault().vault_name("v").send().await.unwrap().size_in_bytes();
    assert_eq!(size().await, i64::MAX);
    ids.iter().for_each(|id| drop(mock.vault("v").delete_archive(id)));
    assert_eq!(size().await, 0);
}

#[tokio::test]
async fn a_range_of_repeated_content_is_retrieved_with_its_hash() {
    let (mock, glacier) = mock_with_vault().await;
    let block = bytes(1000);
    let id = mock.vault("v").put_archive("scan", Content::repeat(block.clone(), 40 * TIB + 5));
    // Two MiB that start at an even MiB are a node of the tree.
    let first = 20 * TIB + 6 * MIB;
    let expected: Vec<u8> = block.iter().copied().cycle().skip((first % 1000) as usize).take(2 << 20).collect();
    let range = format!("{first}-{}", first + 2 * MIB - 1);
    let job = initiate(&glacier, "v", retrieval(&id).retrieval_byte_range(range)).await;
    let described = glacier.describe_job().vault_name("v").job_id(&job).send().await.unwrap();
    assert_eq!(described.sha256_tree_hash(), Some(&*tree_hash(&expected)));
    assert_eq!(output(&glacier, "v", &job).await, expected);
    assert_eq!(mock.vault("v").archive(&id).unwrap().bytes(first..first + 10), expected[..10]);
}

/// The mock stores repeated bytes once, also over several parts.
#[tokio::test]
async fn parts_of_zeros_are_stored_as_one_repeated_byte() {
    let (mock, glacier) = mock_with_vault().await;
    let part_size = 1 << 20;
    let begun =
        glacier.initiate_multipart_upload().vault_name("v").part_size(part_size.to_string()).send().await.unwrap();
    let (upload, whole) = (begun.upload_id().unwrap(), vec![0; 5 * part_size + 77]);
    for (n, part) in whole.chunks(part_size).enumerate() {
        let first = n * part_size;
        let range = format!("bytes {first}-{}/*", first + part.len() - 1);
        let put = glacier.upload_multipart_part().vault_name("v").upload_id(upload).range(range);
        put.body(ByteStream::from(part.to_vec())).send().await.unwrap();
    }
    let complete = glacier.complete_multipart_upload().vault_name("v").upload_id(upload);
    let complete = complete.archive_size(whole.len().to_string()).checksum(tree_hash(&whole));
    let id = complete.send().await.unwrap().archive_id.unwrap();
    let archive = mock.vault("v").archive(&id).unwrap();
    assert_eq!(format!("{:?}", archive.content()), "Content(5242957 bytes of a block of 1)");
    assert_eq!(archive.to_vec(), whole);
    let job = initiate(&glacier, "v", retrieval(&id)).await;
    assert_eq!(output(&glacier, "v", &job).await, whole);
}

#[tokio::test]
async fn an_archive_is_served_from_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let (path, whole) = (folder.path().join("scan.tif"), bytes(3 * MIB as usize + 5));
    fs::write(&path, &whole).unwrap();
    let (mock, glacier) = mock_with_vault().await;
    let id = mock.vault("v").put_archive("scan", Content::from_file(&path));
    assert_eq!(mock.vault("v").archive(&id).unwrap().tree_hash().to_string(), tree_hash(&whole));
    let job = initiate(&glacier, "v", retrieval(&id)).await;
    assert_eq!(output(&glacier, "v", &job).await, whole);
    let range = glacier.get_job_output().vault_name("v").job_id(&job).range("bytes=700000-1700000");
    assert_eq!(range.send().await.unwrap().body.collect().await.unwrap().to_vec(), whole[700_000..=1_700_000]);

    // The client must not get other bytes than those that were hashed.
    let download = async || match glacier.get_job_output().vault_name("v").job_id(&job).send().await {
        Ok(answer) => answer.body.collect().await.map_err(|_| ()),
        Err(_) => Err(()),
    };
    assert_eq!(mock.requests().last().unwrap().interruption(), None);
    fs::write(&path, &whole[1..]).unwrap();
    download().await.unwrap_err();
    // The record and the reports give the reason.
    let changed = format!("{} changed after it became an archive", path.display());
    let broken: Vec<_> = mock.requests().iter().filter_map(|r| r.interruption().map(str::to_owned)).collect();
    assert!(!broken.is_empty() && broken.iter().all(|why| *why == changed), "{broken:?}");
    let report = panic_message(|| mock.calls(Operation::GetJobOutput).assert_none());
    assert!(report.contains(&format!("[the body broke off: {}", &changed[..20])), "{report}");
    fs::remove_file(&path).unwrap();
    download().await.unwrap_err();
    // 2 is the number of "file not found" on Unix and on Windows.
    let missing = std::io::Error::from_raw_os_error(2).to_string();
    assert!(mock.requests().last().unwrap().interruption().unwrap().contains(&missing));
    // Other requests are still answered.
    glacier.describe_vault().vault_name("v").send().await.unwrap();
}

/// The record of repeated uploads takes the memory of one.
#[tokio::test]
async fn equal_bodies_share_one_allocation() {
    let (mock, glacier) = mock_with_vault().await;
    let body = bytes(1 << 20);
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.push(upload(&glacier, "v", &body).await);
    }
    let requests = mock.requests();
    let [first, second] = [1, 2].map(|n| requests[n].body().unwrap().chunks().next().unwrap());
    assert_eq!((first.as_ptr(), first.len()), (second.as_ptr(), second.len()));
    for id in ids {
        assert_eq!(mock.vault("v").archive(&id).unwrap().to_vec(), body);
    }
}

#[test]
fn every_type_that_holds_bytes_is_accepted_as_an_archive() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    let (text, vector) = (String::from("a cat"), b"a cat".to_vec());
    let ids = [
        vault.put_archive("", "a cat"),
        vault.put_archive("", b"a cat"),
        vault.put_archive("", *b"a cat"),
        vault.put_archive("", &vector[..]),
        vault.put_archive("", &vector),
        vault.put_archive("", vector.clone().into_boxed_slice()),
        vault.put_archive("", std::borrow::Cow::Borrowed(&vector[..])),
        vault.put_archive("", bytes::Bytes::from_static(b"a cat")),
        vault.put_archive("", &text),
        vault.put_archive("", text),
        vault.put_archive("", vector),
        vault.put_archive("", Content::from("a cat")),
        vault.put_archive("", Content::repeat("a cat", 5)),
    ];
    for id in ids {
        let archive = vault.archive(&id).unwrap();
        assert_eq!((archive.to_vec(), archive.tree_hash()), (b"a cat".to_vec(), Digest::sha256(b"a cat")));
    }
}

#[test]
fn misuse_of_content_panics_with_the_reason() {
    let mock = GlacierMock::start();
    let vault = mock.create_vault("v");
    assert!(
        panic_message(|| drop(Content::from_file("/no/such/file")))
            .starts_with("cannot use the file /no/such/file as an archive: ")
    );
    // Windows refuses to open a folder as a file.
    let reason = if cfg!(windows) { "(os error 5)" } else { "it is not a regular file" };
    assert!(panic_message(|| drop(Content::from_file("/"))).ends_with(reason));
    assert!(panic_message(|| drop(Content::repeat("", 5))).contains("give a block of at least one byte"));
    assert!(panic_message(|| drop(vault.put_archive("", Content::zeros(0)))).contains("at least one byte"));
    let small = vault.put_archive("", "1234");
    assert_eq!(
        panic_message(|| drop(vault.archive(&small).unwrap().bytes(2..5))),
        "range 2..5 extends past the end of the archive, which has 4 bytes"
    );
    let huge = vault.put_archive("", Content::zeros(u64::MAX / 2));
    assert!(panic_message(|| drop(vault.archive(&huge).unwrap().to_vec())).contains("cannot be read"));
}

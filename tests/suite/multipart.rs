//! Multipart uploads (api.md section 4, observed.md 2.C and 3.3).

use aws_sdk_glacier::Client;
use aws_sdk_glacier::operation::complete_multipart_upload::CompleteMultipartUploadOutput;
use glacier_mock::Operation;

use crate::support::{
    MIB, bytes, initiate, mock_with_vault, output, raw, refusal, request, retrieval, sha256, tree_hash, upload,
};

async fn begin(glacier: &Client, part_size: usize) -> String {
    let begun = glacier.initiate_multipart_upload().vault_name("v").part_size(part_size.to_string());
    begun.send().await.unwrap().upload_id().unwrap().to_owned()
}

macro_rules! put {
    ($glacier:expr, $upload:expr, $first:expr, $bytes:expr) => {{
        let bytes: &[u8] = $bytes;
        let range = format!("bytes {}-{}/*", $first, $first + bytes.len() - 1);
        let part = $glacier.upload_multipart_part().vault_name("v").upload_id($upload).range(range);
        part.body(bytes.to_vec().into()).send().await
    }};
}

macro_rules! complete {
    ($glacier:expr, $upload:expr, $size:expr, $hash:expr) => {{
        let complete = $glacier.complete_multipart_upload().vault_name("v").upload_id($upload);
        complete.archive_size($size.to_string()).checksum($hash).send().await
    }};
}

async fn archives(glacier: &Client) -> i64 {
    glacier.describe_vault().vault_name("v").send().await.unwrap().number_of_archives()
}

fn id_of(completed: &CompleteMultipartUploadOutput) -> String {
    completed.archive_id().unwrap().to_owned()
}

#[tokio::test]
async fn parts_may_be_uploaded_in_any_order_and_concurrently() {
    let (mock, glacier) = mock_with_vault().await;
    let whole = bytes(7 * MIB + 123);
    let begun = glacier.initiate_multipart_upload().vault_name("v").part_size((2 * MIB).to_string());
    let begun = begun.archive_description("in parts").send().await.unwrap();
    let upload = begun.upload_id().unwrap().to_owned();
    assert_eq!(upload.len(), 92);
    assert_eq!(begun.location(), Some(&*format!("/000000000000/vaults/v/multipart-uploads/{upload}")));

    let mut sending = tokio::task::JoinSet::new();
    for (n, part) in whole.chunks(2 * MIB).enumerate().rev() {
        let (glacier, upload, part) = (glacier.clone(), upload.clone(), part.to_vec());
        sending.spawn(async move {
            let stored = put!(glacier, &upload, n * 2 * MIB, &part).unwrap();
            assert_eq!(stored.checksum(), Some(&*tree_hash(&part)));
        });
    }
    sending.join_all().await;

    let completed = complete!(glacier, &upload, whole.len(), tree_hash(&whole)).unwrap();
    let id = id_of(&completed);
    assert_eq!(completed.checksum(), Some(&*tree_hash(&whole)));
    assert_eq!(completed.location(), Some(&*format!("/000000000000/vaults/v/archives/{id}")));
    let job = initiate(&glacier, "v", retrieval(&id)).await;
    assert!(output(&glacier, "v", &job).await == whole);
    let retrieved = glacier.get_job_output().vault_name("v").job_id(&job).range("bytes=4194304-7340154");
    let retrieved = retrieved.send().await.unwrap();
    assert_eq!(retrieved.checksum(), Some(&*tree_hash(&whole[4 * MIB..7 * MIB + 123])));
    assert_eq!(retrieved.archive_description(), Some("in parts"));
    assert_eq!(mock.requests()[1].operation(), Some(Operation::InitiateMultipartUpload));
    assert_eq!(mock.requests()[2].upload_id().unwrap(), &*upload);
}

#[tokio::test]
async fn the_last_part_for_a_range_wins() {
    let (_mock, glacier) = mock_with_vault().await;
    let upload = begin(&glacier, MIB).await;
    put!(glacier, &upload, 0, &[1; MIB]).unwrap();
    put!(glacier, &upload, MIB, b"old").unwrap();
    put!(glacier, &upload, MIB, b"newer").unwrap();
    let whole = [&[1; MIB][..], b"newer"].concat();
    let completed = complete!(glacier, &upload, whole.len(), tree_hash(&whole)).unwrap();
    let job = initiate(&glacier, "v", retrieval(completed.archive_id().unwrap())).await;
    assert!(output(&glacier, "v", &job).await == whole);
}

#[tokio::test]
async fn completing_twice_gives_the_same_archive() {
    let (_mock, glacier) = mock_with_vault().await;
    let upload = begin(&glacier, MIB).await;
    put!(glacier, &upload, 0, b"bytes").unwrap();
    let first = complete!(glacier, &upload, 5, sha256(b"bytes")).unwrap();
    let second = complete!(glacier, &upload, 5, sha256(b"bytes")).unwrap();
    assert_eq!((id_of(&first), archives(&glacier).await), (id_of(&second), 1));
    // The size and the hash are still checked.
    assert_eq!(refusal(complete!(glacier, &upload, 6, sha256(b"bytes"))).2, "Invalid x-amz-archive-size: 6");
    let wrong = sha256(b"other");
    let text = refusal(complete!(glacier, &upload, 5, &wrong)).2;
    assert_eq!(text, format!("Invalid x-amz-sha256-tree-hash: {wrong}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_completions_make_one_archive() {
    let (_mock, glacier) = mock_with_vault().await;
    let upload = begin(&glacier, MIB).await;
    put!(glacier, &upload, 0, b"bytes").unwrap();
    let mut completing = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (glacier, upload) = (glacier.clone(), upload.clone());
        completing.spawn(async move { id_of(&complete!(glacier, &upload, 5, sha256(b"bytes")).unwrap()) });
    }
    let ids = completing.join_all().await;
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(archives(&glacier).await, 1);
}

/// A completion with a missing part, a short part in the middle, a wrong size or a wrong hash is refused. The upload
/// can still be completed later.
#[tokio::test]
async fn a_failed_completion_does_not_change_the_upload() {
    let (_mock, glacier) = mock_with_vault().await;
    let (upload, whole) = (begin(&glacier, MIB).await, bytes(2 * MIB + 9));
    let hash = tree_hash(&whole);
    let invalid = |refused: (u16, String, String)| {
        assert_eq!((refused.0, refused.1.as_str()), (400, "InvalidParameterValueException"));
        refused.2
    };
    assert!(invalid(refusal(complete!(glacier, &upload, whole.len(), &hash))).contains("x-amz-archive-size"));
    put!(glacier, &upload, 0, &whole[..MIB]).unwrap();
    put!(glacier, &upload, 2 * MIB, &whole[2 * MIB..]).unwrap();
    let missing = "The parts do not make a whole: no part begins at byte 1048576";
    assert_eq!(invalid(refusal(complete!(glacier, &upload, whole.len(), &hash))), missing);
    // A short part in the middle is accepted, and completion then fails.
    put!(glacier, &upload, MIB, &whole[MIB..MIB + 5]).unwrap();
    let missing = "The parts do not make a whole: no part begins at byte 1048581";
    assert_eq!(invalid(refusal(complete!(glacier, &upload, whole.len(), &hash))), missing);
    put!(glacier, &upload, MIB, &whole[MIB..2 * MIB]).unwrap();
    let size = invalid(refusal(complete!(glacier, &upload, whole.len() - 1, &hash)));
    assert_eq!(size, format!("Invalid x-amz-archive-size: {}", whole.len() - 1));
    // The SHA-256 of the whole, and the hash of the empty body that some SDKs send (observed.md 3.8).
    for wrong in [sha256(&whole), sha256(b"")] {
        let text = invalid(refusal(complete!(glacier, &upload, whole.len(), &wrong)));
        assert_eq!(text, format!("Invalid x-amz-sha256-tree-hash: {wrong}"));
    }
    assert_eq!(archives(&glacier).await, 0);
    complete!(glacier, &upload, whole.len(), &hash).unwrap();
    assert_eq!(archives(&glacier).await, 1);
}

#[tokio::test]
async fn a_completed_or_aborted_upload_is_not_found() {
    let (_mock, glacier) = mock_with_vault().await;
    let (done, aborted) = (begin(&glacier, MIB).await, begin(&glacier, MIB).await);
    put!(glacier, &done, 0, b"bytes").unwrap();
    complete!(glacier, &done, 5, sha256(b"bytes")).unwrap();
    let abort = |id: &str| glacier.abort_multipart_upload().vault_name("v").upload_id(id).send();
    for _ in 0..2 {
        abort(&aborted).await.unwrap();
    }
    for id in [&*done, &*aborted, "never-was"] {
        let not_found = (404, "ResourceNotFoundException".to_owned(), format!("The upload ID was not found: {id}"));
        assert_eq!(refusal(glacier.list_parts().vault_name("v").upload_id(id).send().await), not_found);
        assert_eq!(refusal(put!(glacier, id, 0, b"x")), not_found);
    }
    for id in [&*done, "never-was"] {
        assert_eq!(refusal(abort(id).await).0, 404, "{id}");
    }
    for id in [&*aborted, "never-was"] {
        assert_eq!(refusal(complete!(glacier, id, 5, sha256(b"bytes"))).0, 404, "{id}");
    }
    let left = glacier.list_multipart_uploads().vault_name("v").send().await.unwrap();
    assert!(left.uploads_list().is_empty());
}

#[tokio::test]
async fn invalid_part_sizes_are_refused() {
    let (mock, glacier) = mock_with_vault().await;
    for bad in ["0", "1048575", "10485760", "8589934592", "large"] {
        let begun = glacier.initiate_multipart_upload().vault_name("v").part_size(bad).send().await;
        let (status, code, text) = refusal(begun);
        assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
        let rule = "Part size must not be null, must be a power of two and be between 1048576 and 4294967296 bytes.";
        assert_eq!(text, format!("Invalid part size: {bad}. {rule}"));
    }
    let missing = raw(&mock, &request("POST", "/-/vaults/v/multipart-uploads", &[], b""));
    assert!(missing.text().contains("Invalid part size: null. Part size must not be null"), "{}", missing.text());
    begin(&glacier, 4096 * MIB).await;
}

#[tokio::test]
async fn invalid_ranges_of_parts_are_refused() {
    let (mock, glacier) = mock_with_vault().await;
    let upload = begin(&glacier, MIB).await;
    let put = |range: &str, body: &[u8]| {
        let (plain, tree) = (sha256(body), if body.is_empty() { sha256(body) } else { tree_hash(body) });
        let headers = [("Content-Range", range), ("x-amz-content-sha256", &plain), ("x-amz-sha256-tree-hash", &tree)];
        let path = format!("/-/vaults/v/multipart-uploads/{upload}");
        let response = raw(&mock, &request("PUT", &path, &headers, body));
        (response.status, response.text().to_owned())
    };
    let invalid = |text: &str| {
        (400, format!(r#"{{"code":"InvalidParameterValueException","message":"{text}","type":"Client"}}"#))
    };
    // Malformed or reversed ranges (observed.md 2.C; the first was observed literally).
    for bad in [
        "bytes 909994937-909994936/*",
        "bytes%200-4194303/*",
        "bytes=0-4/*",
        "bytes 0-4/x",
        "bytes 0-4/-5",
        "bytes 0-4/",
        "bytes 0-4",
        "0-4",
    ] {
        assert_eq!(put(bad, b"12345"), invalid(&format!("Invalid Content-Range: {bad}")));
    }
    let text = "Content-Range: bytes 0-4194303/* is incompatible with Content-Length: 5";
    assert_eq!(put("bytes 0-4194303/*", b"12345"), invalid(text));
    assert_eq!(put("bytes 5-9/*", b"12345"), invalid("Invalid Content-Range: bytes 5-9/*"));
    let long = bytes(MIB + 1);
    assert_eq!(put("bytes 0-1048576/*", &long), invalid("Invalid Content-Range: bytes 0-1048576/*"));
    let text = "This is part number 10001 for the current multipart upload. It exceeds the limit of 10000 parts.";
    assert_eq!(put("bytes 10485760000-10485760004/*", b"12345"), invalid(text));
    assert_eq!(put("bytes 0-0/*", b""), invalid("Content-Range: bytes 0-0/* is incompatible with Content-Length: 0"));
    let (status, text) = put("", b"12345");
    assert_eq!((status, text.contains("Required parameter missing: Content-Range")), (400, true), "{text}");
    assert_eq!(glacier.list_parts().vault_name("v").upload_id(&upload).send().await.unwrap().parts().len(), 0);
    assert_eq!(put("bytes 10484711424-10484711428/*", b"12345").0, 204);
}

/// Existing programs send the total, as HTTP allows. The service does not compare it with anything (observed.md 2.C).
#[tokio::test]
async fn the_total_in_a_content_range_is_not_checked() {
    let (mock, glacier) = mock_with_vault().await;
    let upload = begin(&glacier, MIB).await;
    let part = bytes(MIB);
    let (plain, tree) = (sha256(&part), tree_hash(&part));
    let path = format!("/-/vaults/v/multipart-uploads/{upload}");
    for total in ["1048576", "0", "9", "99999999999999999999999999"] {
        let range = format!("bytes 0-1048575/{total}");
        let headers = [("Content-Range", &*range), ("x-amz-content-sha256", &plain), ("x-amz-sha256-tree-hash", &tree)];
        assert_eq!(raw(&mock, &request("PUT", &path, &headers, &part)).status, 204, "{total}");
    }
    let parts = glacier.list_parts().vault_name("v").upload_id(&upload).send().await.unwrap();
    assert_eq!(parts.parts()[0].range_in_bytes(), Some("0-1048575"));
}

#[tokio::test]
async fn a_part_with_a_wrong_hash_is_not_stored() {
    let (_mock, glacier) = mock_with_vault().await;
    let upload = begin(&glacier, MIB).await;
    let wrong = "1".repeat(64);
    let part = glacier.upload_multipart_part().vault_name("v").upload_id(&upload).range("bytes 0-4/*");
    let (_, _, text) = refusal(part.checksum(&wrong).body(b"12345".to_vec().into()).send().await);
    assert_eq!(text, format!("Checksum mismatch: expected {wrong}, computed {}", sha256(b"12345")));
    assert_eq!(glacier.list_parts().vault_name("v").upload_id(&upload).send().await.unwrap().parts().len(), 0);
}

#[tokio::test]
async fn a_completion_requires_a_size_and_a_tree_hash() {
    let (mock, glacier) = mock_with_vault().await;
    let upload = begin(&glacier, MIB).await;
    let post = |headers: &[(&str, &str)]| {
        let path = format!("/-/vaults/v/multipart-uploads/{upload}");
        raw(&mock, &request("POST", &path, headers, b"")).text().to_owned()
    };
    let (size, hash) = (("x-amz-archive-size", "5"), ("x-amz-sha256-tree-hash", &*"0".repeat(64)));
    assert!(post(&[hash]).contains("Required parameter missing: x-amz-archive-size"));
    assert!(post(&[size]).contains("Required parameter missing: x-amz-sha256-tree-hash"));
    assert!(post(&[("x-amz-archive-size", "five"), hash]).contains("Invalid x-amz-archive-size: five"));
    assert!(post(&[size, ("x-amz-sha256-tree-hash", "xyz")]).contains("Invalid x-amz-sha256-tree-hash: xyz"));
}

#[tokio::test]
async fn parts_are_listed_by_range_in_pages_of_50() {
    let (mock, glacier) = mock_with_vault().await;
    let upload = begin(&glacier, MIB).await;
    for n in (0..53_usize).rev() {
        put!(glacier, &upload, n * MIB, &[n as u8 + 1]).unwrap();
    }
    let first = glacier.list_parts().vault_name("v").upload_id(&upload).send().await.unwrap();
    assert_eq!((first.parts().len(), first.marker().is_some()), (50, true));
    assert_eq!((first.multipart_upload_id(), first.part_size_in_bytes()), (Some(&*upload), MIB as i64));
    assert_eq!(first.vault_arn(), Some("arn:aws:glacier:us-east-1:000000000000:vaults/v"));
    assert_eq!(first.parts()[1].range_in_bytes(), Some("1048576-1048576"));
    assert_eq!(first.parts()[1].sha256_tree_hash(), Some(&*sha256(&[2])));
    let rest = glacier.list_parts().vault_name("v").upload_id(&upload).set_marker(first.marker().map(Into::into));
    let rest = rest.send().await.unwrap();
    assert_eq!((rest.parts().len(), rest.marker()), (3, None));
    assert_eq!(rest.parts()[0].range_in_bytes(), Some("52428800-52428800"));
    let bad = glacier.list_parts().vault_name("v").upload_id(&upload).marker("7").send().await;
    assert_eq!(refusal(bad).2, "Invalid marker: 7");

    let path = format!("/-/vaults/v/multipart-uploads/{}", begin(&glacier, MIB).await);
    let empty = raw(&mock, &request("GET", &path, &[], b"")).text().to_owned();
    assert!(empty.starts_with(r#"{"ArchiveDescription":null,"CreationDate":"20"#), "{empty}");
    assert!(empty.contains(r#""Marker":null,"MultipartUploadId":""#) && empty.contains(r#""Parts":[],"#), "{empty}");
}

#[tokio::test]
async fn uploads_are_listed_in_pages_of_50() {
    let (mock, glacier) = mock_with_vault().await;
    let empty = raw(&mock, &request("GET", "/-/vaults/v/multipart-uploads", &[], b""));
    assert_eq!(empty.text(), r#"{"Marker":null,"UploadsList":[]}"#);
    let mut ids = Vec::new();
    for _ in 0..52 {
        ids.push(begin(&glacier, MIB).await);
    }
    let first = glacier.list_multipart_uploads().vault_name("v").send().await.unwrap();
    assert_eq!((first.uploads_list().len(), first.marker()), (50, Some(&*ids[50])));
    // The upload that the marker names may be gone when the next page is requested.
    glacier.abort_multipart_upload().vault_name("v").upload_id(&ids[50]).send().await.unwrap();
    let rest = glacier.list_multipart_uploads().vault_name("v").set_marker(first.marker().map(Into::into));
    let rest = rest.send().await.unwrap();
    let listed: Vec<_> = rest.uploads_list().iter().map(|upload| upload.multipart_upload_id().unwrap()).collect();
    assert_eq!((listed, rest.marker()), (vec![&*ids[51]], None));
}

/// A part restarts the 24 hours.
#[tokio::test]
async fn idle_uploads_expire_after_24_hours() {
    let (_mock, glacier) = mock_with_vault().await;
    let advance = async |hours: u64| {
        tokio::time::pause();
        tokio::time::advance(std::time::Duration::from_secs(hours * 3600)).await;
        tokio::time::resume();
    };
    let (idle, busy) = (begin(&glacier, MIB).await, begin(&glacier, MIB).await);
    advance(23).await;
    put!(glacier, &busy, 0, b"x").unwrap();
    advance(2).await;
    let left = glacier.list_multipart_uploads().vault_name("v").send().await.unwrap();
    assert_eq!(left.uploads_list().len(), 1);
    assert_eq!(refusal(put!(glacier, &idle, 0, b"x")).0, 404);
    complete!(glacier, &busy, 1, sha256(b"x")).unwrap();
}

/// A vault with only an incomplete upload counts as empty and can be deleted.
#[tokio::test]
async fn uploads_are_deleted_with_their_vault() {
    let (_mock, glacier) = mock_with_vault().await;
    let id = begin(&glacier, MIB).await;
    put!(glacier, &id, 0, b"x").unwrap();
    glacier.delete_vault().vault_name("v").send().await.unwrap();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    assert_eq!(refusal(put!(glacier, &id, 0, b"x")).0, 404);
    upload(&glacier, "v", b"x").await;
}

//! GetJobOutput: when it is available, and byte ranges of it (api.md section 5, observed.md 2.D).

use glacier_mock::JobTiming;

use super::{describe, mock_with};
use crate::support::{MIB, bytes, initiate, mock_with_vault, output, refusal, retrieval, tree_hash, upload};

#[tokio::test]
async fn output_is_available_when_the_job_is_complete() {
    let (mock, glacier) = mock_with(JobTiming::manual()).await;
    let archive = upload(&glacier, "v", b"12345").await;
    let id = initiate(&glacier, "v", retrieval(&archive)).await;
    let (status, code, text) = refusal(glacier.get_job_output().vault_name("v").job_id(&id).send().await);
    assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
    assert_eq!(text, format!("The job is not currently available for download: {id}"));
    mock.jobs().wait_for_one().await.complete();
    assert_eq!(output(&glacier, "v", &id).await, b"12345");
}

#[tokio::test]
async fn an_archive_can_be_retrieved_in_a_range_of_whole_mebibytes() {
    let (mock, glacier) = mock_with_vault().await;
    let bytes = bytes(3 * MIB + 100);
    let archive = upload(&glacier, "v", &bytes).await;
    for (range, aligned) in
        [("0-1048575", true), ("1048576-3145727", false), ("2097152-3145827", true), ("0-3145827", true)]
    {
        let id = initiate(&glacier, "v", retrieval(&archive).retrieval_byte_range(range).tier("Bulk")).await;
        let (first, last) = range.split_once('-').unwrap();
        let part = &bytes[first.parse().unwrap()..=last.parse().unwrap()];
        assert!(output(&glacier, "v", &id).await == part, "{range}");
        let job = describe(&mock, &id);
        assert_eq!((job["RetrievalByteRange"].as_str(), job["Tier"].as_str()), (Some(range), Some("Bulk")));
        assert_eq!(job["ArchiveSHA256TreeHash"], tree_hash(&bytes));
        let expected = aligned.then(|| tree_hash(part));
        assert_eq!(job["SHA256TreeHash"].as_str(), expected.as_deref(), "{range}");
    }
    for bad in ["1-1048575", "0-1048574", "0-4194303", "1048576-0", "0-", "all", ""] {
        let parameters = retrieval(&archive).retrieval_byte_range(bad).build();
        let (status, code, _) = refusal(glacier.initiate_job().vault_name("v").job_parameters(parameters).send().await);
        assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"), "{bad}");
    }
}

/// Both the range of the job and the range of the download must be aligned (api.md section 5).
#[tokio::test]
async fn a_download_has_a_hash_if_its_range_is_tree_hash_aligned() {
    let (_mock, glacier) = mock_with_vault().await;
    let bytes = bytes(5 * MIB + 100);
    let archive = upload(&glacier, "v", &bytes).await;
    let whole = initiate(&glacier, "v", retrieval(&archive)).await;
    let aligned = initiate(&glacier, "v", retrieval(&archive).retrieval_byte_range("0-4194303")).await;
    let unaligned = initiate(&glacier, "v", retrieval(&archive).retrieval_byte_range("1048576-3145727")).await;
    let cases = [
        (&whole, 0, 0..=MIB - 1, true),
        (&whole, 0, 2 * MIB..=4 * MIB - 1, true),
        (&whole, 0, MIB..=3 * MIB - 1, false),
        (&whole, 0, 4 * MIB..=5 * MIB + 99, true),
        (&whole, 0, 0..=9, false),
        (&aligned, 0, 2 * MIB..=4 * MIB - 1, true),
        (&aligned, 0, 1..=MIB, false),
        (&unaligned, MIB, 0..=MIB - 1, false),
    ];
    for (job, start, range, hashed) in cases {
        let header = format!("bytes={}-{}", range.start(), range.end());
        let part = glacier.get_job_output().vault_name("v").job_id(job).range(&header).send().await.unwrap();
        let expected = &bytes[start + range.start()..=start + range.end()];
        assert_eq!(part.status(), 206);
        let total = if job == &whole {
            5 * MIB + 100
        } else if job == &aligned {
            4 * MIB
        } else {
            2 * MIB
        };
        let content_range = format!("bytes {}-{}/{total}", range.start(), range.end());
        assert_eq!(part.content_range(), Some(&*content_range));
        assert_eq!(part.checksum(), hashed.then(|| tree_hash(expected)).as_deref(), "{header}");
        assert!(part.body.collect().await.unwrap().to_vec() == expected, "{header}");
    }
    let all = glacier.get_job_output().vault_name("v").job_id(&whole).send().await.unwrap();
    assert_eq!((all.status(), all.content_range(), all.accept_ranges()), (200, None, Some("bytes")));
    assert_eq!(all.content_type(), Some("application/octet-stream"));
    assert_eq!(all.checksum(), Some(&*tree_hash(&bytes)));
    let part = glacier.get_job_output().vault_name("v").job_id(&unaligned).send().await.unwrap();
    assert_eq!((part.status(), part.checksum()), (200, None));
}

/// A range that starts after the end is an error, a malformed range is ignored, and a range that ends after the end is
/// shortened (observed.md 2.D).
#[tokio::test]
async fn unusual_download_ranges_are_refused_ignored_or_shortened() {
    let (_mock, glacier) = mock_with_vault().await;
    let archive = upload(&glacier, "v", b"0123456789").await;
    let id = initiate(&glacier, "v", retrieval(&archive)).await;
    let get = async |range: &str| glacier.get_job_output().vault_name("v").job_id(&id).range(range).send().await;
    let (status, code, text) = refusal(get("bytes=10-12").await);
    assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
    assert_eq!(text, "The start of the range is larger than size of retrieved data: bytes=10-12");
    for ignored in ["bytes 0-4/10", "0-4/10", "bytes=-5", "bytes=5-2"] {
        let all = get(ignored).await.unwrap();
        assert_eq!((all.status(), all.content_range()), (200, None), "{ignored}");
        assert_eq!(all.body.collect().await.unwrap().to_vec(), b"0123456789");
    }
    for cut in ["bytes=8-100", "bytes=8-"] {
        let tail = get(cut).await.unwrap();
        assert_eq!((tail.status(), tail.content_range()), (206, Some("bytes 8-9/10")));
        assert_eq!(tail.body.collect().await.unwrap().to_vec(), b"89");
    }
}

#[tokio::test]
async fn the_output_has_the_description_of_the_archive() {
    let (_mock, glacier) = mock_with_vault().await;
    let described = glacier.upload_archive().vault_name("v").archive_description("cat.jpg");
    let stored = described.body(b"x".to_vec().into()).send().await.unwrap();
    let plain = upload(&glacier, "v", b"x").await;
    for (archive, description) in [(stored.archive_id().unwrap(), Some("cat.jpg")), (&*plain, None)] {
        let id = initiate(&glacier, "v", retrieval(archive)).await;
        let output = glacier.get_job_output().vault_name("v").job_id(id).send().await.unwrap();
        assert_eq!(output.archive_description(), description);
    }
}

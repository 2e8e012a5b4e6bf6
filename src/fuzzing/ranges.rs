//! Ranges of retrievals, of downloads and of parts.

use std::cell::OnceCell;

use hyper::HeaderMap;
use hyper::header::{CONTENT_RANGE, HeaderValue, RANGE};

use crate::domain::bytes::{ByteRange, tree_hash};
use crate::domain::words::{MIB, Operation};
use crate::fixture::GlacierMock;
use crate::wire::content_range;

use super::arranged::{Arranged, CAT, VAULT, settings};
use super::exchange::{Asked, ask};

/// Reads a text as a range in each form, and downloads the range of a job's output.
pub fn ranges(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let bare = ByteRange::parse(text);
    assert_eq!(bare, naive(text, false), "{text}");
    let header = ByteRange::parse_header(text);
    assert_eq!(header, text.strip_prefix("bytes=").and_then(|range| naive(range, true)), "{text}");
    let content = content_range(text);
    let (range, total) = text.strip_prefix("bytes ").and_then(|text| text.split_once('/')).unwrap_or_default();
    let is_total = total == "*" || !total.is_empty() && total.chars().all(|c| c.is_ascii_digit());
    assert_eq!(content, naive(range, false).filter(|_| is_total), "{text}");
    for range in [bare, header, content].into_iter().flatten() {
        check(range);
    }
    download(text);
}

/// The oracle of the form `A-B`, or `A-` too if the end may be open.
fn naive(text: &str, may_be_open: bool) -> Option<ByteRange> {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        // Leading zeros do not matter. 40 digits fit no number that matters here.
        let text = text.trim_start_matches('0');
        let value: u128 = if text.is_empty() { 0 } else { text.get(..40).map_or(text, |_| "").parse().ok()? };
        u64::try_from(value).ok().filter(|_| digits)
    };
    let (first, last) = text.split_once('-')?;
    let last = if last.is_empty() && may_be_open { ByteRange::OPEN_END } else { number(last)? };
    let first = number(first)?;
    (first <= last && last < u64::MAX).then(|| ByteRange::new(first, last)).flatten()
}

/// Compares what is computed from a range with its definition.
fn check(range: ByteRange) {
    assert_eq!(range.len(), range.last() - range.first() + 1);
    assert_eq!(ByteRange::parse(&range.to_string()), Some(range));
    for total in [1, MIB, 3 * MIB + 7, range.last().saturating_add(1), range.last(), u64::MAX] {
        let is_aligned = range.is_megabyte_aligned(total);
        let ends = range.last().wrapping_add(1).is_multiple_of(MIB) || range.last().wrapping_add(1) == total;
        assert_eq!(is_aligned, range.last() < total && range.first().is_multiple_of(MIB) && ends, "{range} of {total}");
        assert!(is_aligned || !range.is_tree_hash_aligned(total), "{range} of {total}");
        let cut = range.cut_to(total);
        assert!(cut.first() == range.first() && cut.last() <= range.last(), "{range} cut to {total}");
    }
    assert_eq!(range.moved_to_zero().len(), range.len());
}

/// Asks for the range of an output and for a part with this range.
fn download(text: &str) {
    thread_local! {
        static MOCK: OnceCell<(GlacierMock, String, String)> = const { OnceCell::new() };
    }
    let Ok(value) = HeaderValue::from_str(text) else { return };
    MOCK.with(|mock| {
        let (mock, job, upload) = mock.get_or_init(start);
        let path = [("vault", VAULT), ("job", job.as_str()), ("upload", upload.as_str())];
        let mut headers = HeaderMap::from_iter([(RANGE, value.clone())]);
        let output =
            Asked { operation: Operation::GetJobOutput, path: &path[..2], query: None, headers: &headers, body: b"" };
        let answer = ask(mock, output);
        match (answer.status, ByteRange::parse_header(text)) {
            (200, None) => assert_eq!(answer.output, CAT),
            (206, Some(range)) => {
                let end =
                    CAT.len().min(usize::try_from(range.last()).map_or(usize::MAX, |last| last.saturating_add(1)));
                assert_eq!(answer.output, CAT[range.first() as usize..end], "{text}");
            }
            (400..500, Some(range)) => {
                assert!(range.first() >= CAT.len() as u64 || range.last() >= CAT.len() as u64, "{text}")
            }
            (status, range) => panic!("{status} for {text:?}, which is {range:?}"),
        }
        headers.insert(CONTENT_RANGE, value);
        let tree_hash = tree_hash(CAT).to_string();
        headers.insert(crate::wire::TREE_HASH, tree_hash.parse().expect("digits"));
        let path = [path[0], path[2]];
        let part =
            Asked { operation: Operation::UploadMultipartPart, path: &path, query: None, headers: &headers, body: CAT };
        let accepted = ask(mock, part).status == 204;
        // The part has five bytes and begins where a part of 1 MiB can.
        let fits = content_range(text).is_some_and(|range| range.len() == 5 && range.first().is_multiple_of(MIB));
        assert!(fits || !accepted, "{text}");
    });
}

/// Returns a mock with the output of a job, and the IDs of the job and of an upload.
fn start() -> (GlacierMock, String, String) {
    let mock = settings().start();
    let arranged = Arranged::new(&mock);
    let job = arranged.retrieve(&mock);
    (mock, job, arranged.upload)
}

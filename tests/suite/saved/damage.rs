//! Files that were changed or truncated are refused, and never panic.

use std::fs::OpenOptions;
use std::io::{self, Seek, SeekFrom, Write};

use glacier_mock::GlacierMock;
use tempfile::TempDir;

use super::error_of;
use super::full::full;

/// Every byte of a file with something of every kind is flipped, one after the other. The file has no byte that may
/// change: the header has the hash of all others, and is compared as a whole.
#[tokio::test]
async fn a_file_with_a_changed_byte_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state");
    full().await.save(&path);
    let original = std::fs::read(&path).unwrap();
    let mut file = OpenOptions::new().write(true).open(&path).unwrap();
    let mut put = |at: usize, byte: u8| {
        file.seek(SeekFrom::Start(at as u64)).unwrap();
        file.write_all(&[byte]).unwrap();
    };
    for (at, byte) in original.iter().enumerate() {
        // Another bit for each byte.
        put(at, byte ^ (1 << (at % 8)));
        let error = GlacierMock::builder().load(&path).try_start().err();
        let error =
            error.unwrap_or_else(|| panic!("byte {at} of {} was changed, and the file was read", original.len()));
        assert_eq!(error.kind(), io::ErrorKind::InvalidData, "byte {at}: {error}");
        put(at, *byte);
    }
    drop(GlacierMock::builder().load(&path).start());
}

#[tokio::test]
async fn a_truncated_or_longer_file_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state");
    full().await.save(&path);
    let original = std::fs::read(&path).unwrap();
    let refuse = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(error_of(&path).kind(), io::ErrorKind::InvalidData, "{} bytes", bytes.len());
    };
    // Every length within the text of the header, every page, and the lengths beside it.
    let pages = (0..original.len()).step_by(4096).flat_map(|page| [page.saturating_sub(1), page, page + 1]);
    for length in (0..120).chain(pages).chain([original.len() - 1]) {
        refuse(&original[..length]);
    }
    refuse(&[&original[..], b"x"].concat());
    refuse(&[&original[..], &original[..]].concat());
}

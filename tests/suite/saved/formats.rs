//! Files of every format that a released version has written. Each must be read for ever.

use std::fs;
use std::path::{Path, PathBuf};

use glacier_mock::GlacierMock;

use super::full::{description, full};
use super::{copy, load};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// `state-1.glacier` is the mock of `full`, which version 0.1 saved, and `state-1.txt` the description of that mock. They
/// do not change, even if `full` does.
#[test]
fn a_file_of_format_1_is_read() {
    let expected = fs::read_to_string(data("state-1.txt")).unwrap();
    assert_eq!(description(&load(&data("state-1.glacier"))), expected.replace("\r\n", "\n"));
}

#[tokio::test]
async fn a_copy_has_something_of_every_kind() {
    let mock = full().await;
    let copy = copy(&mock);
    let counted = |mock: &GlacierMock| format!("{:#?}{:#?}{:#?}", mock.usage(), mock.leftovers(), mock.notifications());
    assert_eq!(counted(&copy), counted(&mock));
    assert_eq!(description(&copy), description(&mock));
}

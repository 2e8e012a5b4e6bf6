//! Files of every format that a released version has written. Each must be read for ever.

use std::fs;
use std::path::{Path, PathBuf};

use glacier_mock::GlacierMock;

use super::full::{description, full};
use super::{copy, load};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// `state-1.glacier` and `state-2.glacier` are mocks of `full` that were saved in these formats, and the texts are
/// descriptions of those mocks. They do not change, even if `full` does.
#[test]
fn files_of_all_formats_are_read() {
    for format in ["state-1", "state-2"] {
        let expected = fs::read_to_string(data(&format!("{format}.txt"))).unwrap();
        assert_eq!(description(&load(&data(&format!("{format}.glacier")))), expected.replace("\r\n", "\n"));
    }
}

#[tokio::test]
async fn a_copy_has_something_of_every_kind() {
    let mock = full().await;
    let copy = copy(&mock);
    let counted = |mock: &GlacierMock| format!("{:#?}{:#?}", mock.usage(), mock.leftovers());
    assert_eq!(counted(&copy), counted(&mock));
    assert_eq!(description(&copy), description(&mock));
}

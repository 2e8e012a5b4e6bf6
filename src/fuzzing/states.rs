//! Saved states: each file is refused, or a mock starts with it.

use std::path::Path;

use crate::fixture::{GlacierMock, Job};
use crate::saved::write_rows;

/// Writes a file and loads it. An input that begins like a saved file is the file itself. Any other one has a row on each
/// line: its key and its JSON. A file of these rows has the right checksums.
pub fn states(input: &[u8]) {
    let folder = std::env::temp_dir();
    let path = folder.join(format!("glacier-mock-fuzz-{}", std::process::id()));
    if input.starts_with(b"glacier-mock") {
        std::fs::write(&path, input).expect("a folder for temporary files");
    } else {
        let Ok(text) = std::str::from_utf8(input) else { return };
        let rows: Vec<_> = text.lines().filter_map(row).collect();
        write_rows(&path, &rows).expect("a folder for temporary files");
    }
    load(&path);
    std::fs::remove_file(&path).expect("the file is still there");
}

fn row(line: &str) -> Option<(&str, &[u8])> {
    let (key, json) = line.split_once(' ')?;
    Some((key, json.as_bytes()))
}

/// Starts a mock with the file, and reads everything that it has.
fn load(path: &Path) {
    let Ok(mock) = GlacierMock::builder().log(false).load(path).try_start() else { return };
    let _ = (mock.usage(), mock.leftovers().len(), mock.notifications().len());
    for vault in mock.vaults() {
        let _ =
            (vault.archives().len(), vault.uploads().len(), vault.tags(), vault.vault_lock(), vault.access_policy());
        let job = |job: &Job| drop((job.status(), job.message(), job.tier(), job.created()));
        vault.jobs().iter().for_each(job);
    }
    mock.clock().advance(std::time::Duration::from_secs(100 * 24 * 60 * 60));
    let again = path.with_extension("again");
    mock.save(&again);
    drop(GlacierMock::builder().log(false).load(&again).try_start().expect("a state that a mock saved"));
    std::fs::remove_file(&again).expect("the file is still there");
}

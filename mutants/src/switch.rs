//! Tells the mutants whether they are switched on. This file becomes a module of the changed crate.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

static CHOSEN: LazyLock<usize> =
    LazyLock::new(|| std::env::var("MUTANT").ok().and_then(|id| id.parse().ok()).unwrap_or(0));

/// The file to which the process writes the mutants that it reaches.
static REACHED: LazyLock<Option<File>> = LazyLock::new(|| {
    let path = std::env::var("MUTANTS_REACHED").ok()?;
    OpenOptions::new().append(true).create(true).open(path).ok()
});

static SEEN: [AtomicBool; 1 << 16] = [const { AtomicBool::new(false) }; 1 << 16];

pub(crate) fn is_on(id: usize) -> bool {
    // One write for each line, so that the lines of several processes do not mix.
    if let Some(mut file) = REACHED.as_ref()
        && !SEEN[id].swap(true, Ordering::Relaxed)
    {
        let _ = file.write_all(format!("{id}\n").as_bytes());
    }
    *CHOSEN == id
}

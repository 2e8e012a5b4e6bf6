//! Writes a crate, and builds and runs it as a user would, for tests that are impossible inside this crate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A crate in a separate folder below the target folder of the suite.
///
/// It is built into the suite's target folder with the versions of the suite's lock file, so it shares all dependencies
/// with equal features. Cargo itself is idle while tests run, so it does not lock the folder; two tests that build
/// crates wait for each other.
pub(crate) struct NewCrate {
    folder: PathBuf,
}

impl NewCrate {
    /// Writes the manifest of a crate as `cargo new --lib` does, followed by these sections, in which
    /// `{ path = "../glacier-mock" }` stands for the crate under test.
    ///
    /// The name is also that of the folder. Each test needs a different one.
    pub(crate) fn new(name: &str, sections: &str) -> Self {
        let this = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let sections = sections.replace("\"../glacier-mock\"", &format!("{:?}", this.display().to_string()));
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{sections}\n\n[workspace]\n"
        );
        let new = NewCrate { folder }.file("Cargo.toml", &manifest).file("src/lib.rs", "");
        fs::copy(this.join("Cargo.lock"), new.folder.join("Cargo.lock")).unwrap();
        new
    }

    /// Writes a file. A file that has this text already keeps its modification time, so that it is not compiled again.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        let path = self.folder.join(path);
        if fs::read_to_string(&path).is_ok_and(|there| there == text) {
            return self;
        }
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Runs cargo in the crate, offline, because all dependencies have been downloaded for the suite.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Output {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(&self.folder).args(arguments).arg("--offline");
        // The same profile as in this crate's manifest, without which no dependency would be shared.
        cargo.env("CARGO_TARGET_DIR", target).env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only");
        // With the variables of the outer cargo, ring's build script would run again, first here and then there.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("CARGO_MANIFEST_") || name.starts_with("CARGO_PKG_")) {
                cargo.env_remove(name);
            }
        }
        cargo.output().unwrap()
    }
}

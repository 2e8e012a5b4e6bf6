//! A copy of the repository, in which the source is changed.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The copy, and the folder for everything else that a run writes.
pub struct Tree {
    pub root: PathBuf,
    pub work: PathBuf,
}

impl Tree {
    /// Copies the files that git knows. Files with the same content keep their time, so that cargo does not build again.
    pub fn copy(repository: &Path, work: &Path) -> Result<Self, Box<dyn Error>> {
        let tree = Tree { root: work.join("tree"), work: work.to_owned() };
        let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(repository).output()?;
        for name in String::from_utf8(listed.stdout)?.split_terminator('\0') {
            let from = repository.join(name);
            // A file that was removed is still in the index.
            if from.is_file() {
                tree.write(name, &fs::read(from)?)?;
            }
        }
        Ok(tree)
    }

    /// Writes a file, unless it has this content already.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<(), Box<dyn Error>> {
        let to = self.root.join(name);
        if fs::read(&to).is_ok_and(|old| old == content) {
            return Ok(());
        }
        fs::create_dir_all(to.parent().ok_or("a file has no folder")?)?;
        Ok(fs::write(to, content)?)
    }

    pub fn read(&self, name: &str) -> Result<String, Box<dyn Error>> {
        Ok(fs::read_to_string(self.root.join(name))?)
    }

    /// Returns cargo, working on the copy.
    pub fn cargo(&self, command: &str) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.arg(command).args(["--all-features", "--offline", "--lib", "--test", "suite"]);
        cargo.current_dir(&self.root).env("CARGO_TARGET_DIR", self.work.join("build"));
        cargo
    }
}

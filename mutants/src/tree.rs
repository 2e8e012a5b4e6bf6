//! A copy of the repository, in which the source is changed.

use std::collections::BTreeSet;
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
    /// Copies the files that git tracks. A file with the same content keeps its modification time, so that cargo does
    /// not compile it again.
    pub fn copy(repository: &Path, work: &Path) -> Result<Self, Box<dyn Error>> {
        let tree = Tree { root: work.join("tree"), work: work.to_owned() };
        let listed = Command::new("git").args(["ls-files", "-z"]).current_dir(repository).output()?;
        let listed = String::from_utf8(listed.stdout)?;
        // A file that was removed is still in the index.
        let names: BTreeSet<_> = listed.split_terminator('\0').filter(|name| repository.join(name).is_file()).collect();
        tree.remove_others(&tree.root, &names)?;
        for name in names {
            tree.write(name, &fs::read(repository.join(name))?)?;
        }
        Ok(tree)
    }

    /// Removes files that an earlier run has copied and that are no longer in the repository.
    fn remove_others(&self, folder: &Path, names: &BTreeSet<&str>) -> Result<(), Box<dyn Error>> {
        if !folder.is_dir() {
            return Ok(());
        }
        for entry in folder.read_dir()? {
            let path = entry?.path();
            if path.is_dir() {
                self.remove_others(&path, names)?;
            } else if path.strip_prefix(&self.root)?.to_str().is_none_or(|name| !names.contains(name)) {
                fs::remove_file(path)?;
            }
        }
        Ok(())
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

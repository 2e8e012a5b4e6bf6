//! The tests of the changed crate.

use std::error::Error;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::tree::Tree;

/// The two test binaries and their tests.
pub struct Tests {
    pub binaries: Vec<PathBuf>,
    /// The position of the binary and the name of each test.
    pub all: Vec<(usize, String)>,
}

/// How a run of tests ended.
pub enum Ended {
    Passed(Duration),
    Failed,
}

impl Tests {
    pub fn list(tree: &Tree) -> Result<Self, Box<dyn Error>> {
        let built = tree.cargo("test").args(["--no-run", "--message-format=json"]).stderr(Stdio::null()).output()?;
        if !built.status.success() {
            return Err("the tests cannot be built".into());
        }
        let mut binaries = Vec::new();
        for line in String::from_utf8(built.stdout)?.lines() {
            let message: serde_json::Value = serde_json::from_str(line)?;
            if message["profile"]["test"] == true
                && let Some(path) = message["executable"].as_str()
            {
                binaries.push(PathBuf::from(path));
            }
        }
        let mut all = Vec::new();
        for (n, binary) in binaries.iter().enumerate() {
            let listed = Command::new(binary).args(["--list", "--format", "terse"]).current_dir(&tree.root).output()?;
            let names = String::from_utf8(listed.stdout)?;
            all.extend(names.lines().filter_map(|line| line.strip_suffix(": test")).map(|name| (n, name.to_owned())));
        }
        Ok(Tests { binaries, all })
    }

    /// Runs tests of one binary. After `limit`, kills them and the programs that they have started.
    pub fn run(
        &self,
        tree: &Tree,
        binary: usize,
        names: &[&str],
        variable: (&str, &str),
        limit: Duration,
    ) -> Result<Ended, Box<dyn Error>> {
        let began = Instant::now();
        let status = Command::new("timeout")
            .args(["--signal=KILL", &limit.as_secs_f64().to_string()])
            .arg(&self.binaries[binary])
            .args(["--exact", "--test-threads=1", "--quiet"])
            .args(names)
            .env(variable.0, variable.1)
            .env("PROPTEST_FAILURE_PERSISTENCE", "off")
            .current_dir(&tree.root)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        Ok(if status.success() { Ended::Passed(began.elapsed()) } else { Ended::Failed })
    }
}

/// Calls `each` with every item and its position, on three threads for every two cores, because tests also wait.
pub fn in_parallel<T: Sync>(items: &[T], each: impl Fn(usize, &T) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(2, |cores| cores.get()) * 3 / 2;
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(item) = items.get(n) else { return };
                    each(n, item);
                }
            });
        }
    });
}

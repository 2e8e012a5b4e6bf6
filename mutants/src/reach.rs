//! Which mutants each test reaches, and how long it takes.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::sync::Mutex;
use std::time::Duration;

use crate::tests::{Ended, Tests, in_parallel};
use crate::tree::Tree;

/// The tests that reach each mutant.
pub struct Reach {
    by_mutant: BTreeMap<usize, Vec<usize>>,
    pub took: BTreeMap<usize, Duration>,
}

/// How long a test may take without a mutant.
const LIMIT: Duration = Duration::from_secs(300);

impl Reach {
    /// Runs each test in a separate process. Tests that fail without a mutant are left out, such as those that check
    /// the source files.
    pub fn measure(tree: &Tree, tests: &Tests) -> Result<Self, Box<dyn Error>> {
        let folder = tree.work.join("reached");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        let (found, failed) = (Mutex::new((BTreeMap::<_, Vec<usize>>::new(), BTreeMap::new())), Mutex::new(Vec::new()));
        in_parallel(&tests.all, |n, (binary, name)| {
            let file = folder.join(n.to_string());
            let path = file.to_str().unwrap_or_default();
            match tests.run(tree, *binary, &[name.as_str()], ("MUTANTS_REACHED", path), LIMIT) {
                Ok(Ended::Passed(took)) => {
                    let mut found = found.lock().unwrap();
                    found.1.insert(n, took);
                    let reached = fs::read_to_string(&file).unwrap_or_default();
                    for id in reached.lines().filter_map(|id| id.parse().ok()) {
                        found.0.entry(id).or_default().push(n);
                    }
                }
                Err(error) => panic!("{name} cannot be run: {error}"),
                Ok(Ended::Failed) => failed.lock().unwrap().push(name.clone()),
            }
        });
        let (mut by_mutant, took) = found.into_inner().unwrap();
        for tests in by_mutant.values_mut() {
            tests.sort_by_key(|test| took[test]);
            // Several processes of one test may reach the same mutant.
            tests.dedup();
        }
        println!("{} tests; these fail without a mutant: {}", tests.all.len(), failed.into_inner().unwrap().join(", "));
        Ok(Reach { by_mutant, took })
    }

    /// Returns the tests that reach a mutant, the quickest first.
    pub fn of(&self, mutant: usize) -> &[usize] {
        self.by_mutant.get(&mutant).map_or(&[], Vec::as_slice)
    }
}

//! Switches on one mutant after the other and runs the tests that reach it.

use std::error::Error;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::mutant::Mutant;
use crate::reach::Reach;
use crate::tests::{Ended, Tests, in_parallel};
use crate::tree::Tree;

/// The result of the tests of a mutant.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub enum Fate {
    Killed,
    /// All tests that reach it passed.
    Survived,
    /// The tests that ran have passed, and the budget did not suffice for this number of others.
    Undecided(usize),
    NotReached,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Outcome {
    pub mutant: Mutant,
    pub fate: Fate,
}

/// Runs the tests of each mutant, the quickest first, until one fails or until the sum of their usual durations would
/// exceed `budget`.
pub fn run(
    tree: &Tree,
    mutants: &[Mutant],
    tests: &Tests,
    reach: &Reach,
    budget: Duration,
) -> Result<Vec<Outcome>, Box<dyn Error>> {
    let (outcomes, done) = (Mutex::new(Vec::new()), AtomicUsize::new(0));
    in_parallel(mutants, |_, mutant| {
        let fate =
            fate(tree, mutant, tests, reach, budget).unwrap_or_else(|error| panic!("the tests cannot be run: {error}"));
        if fate != Fate::Killed {
            println!("line {}: {} [{fate:?}]", mutant.line, mutant.name());
        }
        outcomes.lock().unwrap().push(Outcome { mutant: mutant.clone(), fate });
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if done % 100 == 0 {
            println!("{done} of {} mutants", mutants.len());
        }
    });
    let mut outcomes = outcomes.into_inner().unwrap();
    outcomes.sort_by_key(|outcome| outcome.mutant.id);
    Ok(outcomes)
}

fn fate(tree: &Tree, mutant: &Mutant, tests: &Tests, reach: &Reach, budget: Duration) -> Result<Fate, Box<dyn Error>> {
    let reaching = reach.of(mutant.id);
    if reaching.is_empty() {
        return Ok(Fate::NotReached);
    }
    let mut left = budget;
    let mut rest = reaching;
    // Each batch is larger than the one before, because most mutants are killed by the first few tests.
    let mut size = 4;
    while !rest.is_empty() {
        let mut sum = Duration::ZERO;
        let affordable = rest.iter().take(size).take_while(|&test| {
            sum += reach.took[test];
            sum <= left
        });
        let count = affordable.count();
        if count == 0 {
            return Ok(Fate::Undecided(rest.len()));
        }
        let (batch, later) = rest.split_at(count);
        for binary in 0..tests.binaries.len() {
            let of_binary = || batch.iter().filter(|&&test| tests.all[test].0 == binary);
            let usual: Duration = of_binary().map(|test| reach.took[test]).sum();
            let names: Vec<_> = of_binary().map(|&test| tests.all[test].1.as_str()).collect();
            if names.is_empty() {
                continue;
            }
            left = left.saturating_sub(usual);
            // A mutant that makes a loop endless is killed by the limit.
            let limit = usual * 5 + Duration::from_secs(20);
            let id = mutant.id.to_string();
            if matches!(tests.run(tree, binary, &names, ("MUTANT", &id), limit)?, Ended::Failed) {
                return Ok(Fate::Killed);
            }
        }
        (rest, size) = (later, size * 2);
    }
    Ok(Fate::Survived)
}

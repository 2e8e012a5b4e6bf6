//! The report of a run.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::Path;

use crate::run::{Fate, Outcome};
use crate::tree::Tree;

/// Prints the mutants that no test has killed and that `SURVIVORS.md` does not explain, and keeps all outcomes in
/// `outcomes.json`. After a run with all mutants of its files, it also prints the names in `SURVIVORS.md` that no longer
/// exist.
pub fn write(tree: &Tree, outcomes: &[Outcome], is_complete: bool) -> Result<(), Box<dyn Error>> {
    fs::write(tree.work.join("outcomes.json"), serde_json::to_vec_pretty(outcomes)?)?;
    let explained = explained()?;
    for outcome in outcomes {
        let name = outcome.mutant.name();
        let what = match (&outcome.fate, explained.contains(&name)) {
            (Fate::Killed, false) | (Fate::Survived | Fate::Undecided(_) | Fate::NotReached, true) => continue,
            (Fate::Killed, true) => "killed, although SURVIVORS.md explains why it survives".to_owned(),
            (Fate::Survived, false) => "survived".to_owned(),
            (Fate::Undecided(more), false) => format!("undecided: {more} more tests reach it"),
            (Fate::NotReached, false) => "not reached".to_owned(),
        };
        println!("line {}: {name} [{what}]", outcome.mutant.line);
    }
    let known: BTreeSet<_> = outcomes.iter().map(|outcome| outcome.mutant.name()).collect();
    let files: BTreeSet<_> = outcomes.iter().map(|outcome| outcome.mutant.file.as_str()).collect();
    let is_of_run = |name: &str| name.split_once(": ").is_some_and(|(file, _)| files.contains(file));
    for name in explained.iter().filter(|name| is_complete && is_of_run(name) && !known.contains(*name)) {
        println!("{name} [no longer exists, although SURVIVORS.md has it]");
    }
    let count = |is: fn(&Fate) -> bool| outcomes.iter().filter(|outcome| is(&outcome.fate)).count();
    println!(
        "{} mutants: {} killed, {} survived, {} undecided, {} not reached; {} are explained",
        outcomes.len(),
        count(|fate| *fate == Fate::Killed),
        count(|fate| *fate == Fate::Survived),
        count(|fate| matches!(fate, Fate::Undecided(_))),
        count(|fate| *fate == Fate::NotReached),
        outcomes.iter().filter(|outcome| explained.contains(&outcome.mutant.name())).count(),
    );
    Ok(())
}

/// Returns the mutants that the last run has not killed and that `SURVIVORS.md` does not explain: their files, below
/// `src`, and their names.
pub fn alive(tree: &Tree) -> Result<(Vec<String>, BTreeSet<String>), Box<dyn Error>> {
    let outcomes: Vec<Outcome> = serde_json::from_slice(&fs::read(tree.work.join("outcomes.json"))?)?;
    let explained = explained()?;
    let alive: Vec<_> =
        outcomes.iter().filter(|outcome| outcome.fate != Fate::Killed).map(|outcome| &outcome.mutant).collect();
    let alive: Vec<_> = alive.into_iter().filter(|mutant| !explained.contains(&mutant.name())).collect();
    let files: BTreeSet<_> = alive.iter().filter_map(|mutant| mutant.file.strip_prefix("src/")).collect();
    Ok((files.into_iter().map(str::to_owned).collect(), alive.iter().map(|mutant| mutant.name()).collect()))
}

/// Returns the names of the mutants in `SURVIVORS.md`: the items of its lists.
fn explained() -> Result<BTreeSet<String>, Box<dyn Error>> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("SURVIVORS.md"))?;
    let names = text.lines().filter_map(|line| line.strip_prefix("- `")?.strip_suffix('`'));
    Ok(names.map(str::to_owned).collect())
}

//! Mutation tests in one build: every mutant is compiled in, and the environment variable `MUTANT` switches one on. See
//! `README.md`.

mod build;
mod find;
mod mutant;
mod reach;
mod report;
mod rewrite;
mod run;
mod tests;
mod tree;
mod values;

use std::error::Error;
use std::path::Path;
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: mutants/run SECONDS FOLDER_OR_FILE... or mutants/run SECONDS --again";
    let budget = arguments.next().and_then(|seconds| seconds.parse().ok()).ok_or(usage)?;
    let paths: Vec<_> = arguments.collect();
    if paths.is_empty() {
        return Err(usage.into());
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the package has no parent folder")?;
    let tree = tree::Tree::copy(root, &root.join("target/mutants"))?;
    let mutants = match &paths[..] {
        [again] if again == "--again" => {
            let (files, names) = report::alive(&tree)?;
            build::build(&tree, &files, |mutant| names.contains(&mutant.name()))?
        }
        paths => build::build(&tree, paths, |_| true)?,
    };
    println!("{} mutants compile", mutants.len());
    let tests = tests::Tests::list(&tree)?;
    let reach = reach::Reach::measure(&tree, &tests)?;
    let results = run::run(&tree, &mutants, &tests, &reach, Duration::from_secs(budget))?;
    report::write(&tree, &results, paths[0] != "--again")?;
    Ok(())
}

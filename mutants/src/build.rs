//! Writes all mutants into the copy and removes those that do not compile.

use std::collections::BTreeSet;
use std::error::Error;
use std::path::Path;
use std::process::Stdio;

use syn::visit::Visit;

use crate::find::Finder;
use crate::mutant::{Around, Mutant};
use crate::rewrite::{Rewritten, rewrite};
use crate::tree::Tree;

struct Source {
    name: String,
    text: String,
    changes: Vec<Around>,
}

/// Returns the wanted mutants below `src` that compile, in a copy whose tests are built.
pub fn build(
    tree: &Tree,
    paths: &[String],
    is_wanted: impl Fn(&Mutant) -> bool,
) -> Result<Vec<Mutant>, Box<dyn Error>> {
    let mut mutants = Vec::new();
    let mut sources = Vec::new();
    for path in paths {
        find(tree, Path::new("src").join(path).as_path(), &mut mutants, &mut sources)?;
    }
    let unwanted: BTreeSet<_> = mutants.iter().filter(|&mutant| !is_wanted(mutant)).map(|mutant| mutant.id).collect();
    remove(&unwanted, &mut mutants, &mut sources);
    println!("{} mutants in {} files", mutants.len(), sources.len());
    let library = tree.read("src/lib.rs")?;
    // Mutants leave code unused and parentheses that nobody needs, and the warnings would hide the errors. Only the copy
    // has this attribute; flags for the compiler would build all dependencies again.
    let library = format!("#![allow(warnings)]\n{library}\npub(crate) mod mutant_switch;\n");
    tree.write("src/lib.rs", library.as_bytes())?;
    tree.write("src/mutant_switch.rs", include_bytes!("switch.rs"))?;
    loop {
        let mut rewritten = Vec::new();
        for source in &sources {
            let new = rewrite(&source.text, &source.changes);
            tree.write(&source.name, new.text.as_bytes())?;
            rewritten.push(new);
        }
        let wrong = wrong(tree, &sources, &rewritten)?;
        if wrong.is_empty() {
            return Ok(mutants);
        }
        println!("{} mutants do not compile", wrong.len());
        remove(&wrong, &mut mutants, &mut sources);
    }
}

/// Removes mutants. A change that contains several is removed once all of them are removed together.
fn remove(ids: &BTreeSet<usize>, mutants: &mut Vec<Mutant>, sources: &mut [Source]) {
    mutants.retain(|mutant| !ids.contains(&mutant.id));
    for source in sources {
        source.changes.retain(|change| !change.ids.iter().all(|id| ids.contains(id)));
    }
}

fn find(tree: &Tree, path: &Path, mutants: &mut Vec<Mutant>, sources: &mut Vec<Source>) -> Result<(), Box<dyn Error>> {
    if path.file_stem().is_some_and(|name| name == "tests") {
        return Ok(());
    }
    let full = tree.root.join(path);
    if full.is_dir() {
        let mut names: Vec<_> =
            full.read_dir()?.map(|entry| entry.map(|entry| entry.file_name())).collect::<Result<_, _>>()?;
        names.sort();
        return names.iter().try_for_each(|name| find(tree, &path.join(name), mutants, sources));
    }
    if path.extension().is_none_or(|ending| ending != "rs") {
        return Ok(());
    }
    let name = path.to_str().ok_or("a path is not UTF-8")?.to_owned();
    let text = tree.read(&name)?;
    let mut finder = Finder::new(&name, &text, mutants);
    finder.visit_file(&syn::parse_file(&text)?);
    let changes = finder.changes;
    sources.push(Source { name, text, changes });
    Ok(())
}

/// Builds the copy. Returns the mutants in whose text the compiler finds errors.
fn wrong(tree: &Tree, sources: &[Source], rewritten: &[Rewritten]) -> Result<BTreeSet<usize>, Box<dyn Error>> {
    let built = tree.cargo("test").args(["--no-run", "--message-format=json"]).stderr(Stdio::inherit()).output()?;
    let mut wrong = BTreeSet::new();
    let mut lost = Vec::new();
    for line in String::from_utf8(built.stdout)?.lines() {
        let message: serde_json::Value = serde_json::from_str(line)?;
        let diagnostic = &message["message"];
        if message["reason"] != "compiler-message" || diagnostic["level"] != "error" {
            continue;
        }
        let spans = diagnostic["spans"].as_array().into_iter().flatten();
        let mut found = false;
        // The spans of the macro that an error is in are ignored, because mutants are never inside of macros.
        for span in spans.filter(|span| span["is_primary"] == true) {
            let at = |name: &str| span[name].as_u64().unwrap_or(0) as usize;
            let (start, end) = (at("byte_start"), at("byte_end"));
            let Some(n) = sources.iter().position(|source| span["file_name"] == source.name.as_str()) else { continue };
            // Changes may contain each other. The smallest one around the error is its cause.
            let around = rewritten[n].places.iter().filter(|(range, _)| range.start <= start && end <= range.end);
            if let Some((_, ids)) = around.min_by_key(|(range, _)| range.len()) {
                wrong.extend(ids);
                found = true;
            }
        }
        if !found && !diagnostic["spans"].as_array().is_none_or(Vec::is_empty) {
            lost.push(diagnostic["rendered"].as_str().unwrap_or_default().to_owned());
        }
    }
    if wrong.is_empty() && !built.status.success() {
        return Err(format!("the copy does not compile: {}", lost.join("\n")).into());
    }
    Ok(wrong)
}

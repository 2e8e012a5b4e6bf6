//! Checks that every section of the specification and of the design that a text refers to exists, and every file that
//! the pages for contributors name.
//!
//! A reference is the name of a page and one or more sections, for example `docs/spec/api.md section 4`,
//! `observed.md 2.B and 3.3` or, in the table of COVERAGE.md, `api 2, 4, obs 3.3`. A comment may break between any two
//! words of it. A section is the number of a heading, of a numbered row of a table, or of an item of a numbered list.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A page whose sections have numbers, with the short name that tables use.
struct Page {
    path: &'static str,
    short: &'static str,
    sections: BTreeSet<String>,
}

/// A reference from a line of a text to a section of a page.
#[derive(Debug, PartialEq)]
struct Reference {
    line: usize,
    page: &'static str,
    section: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pages() -> Vec<Page> {
    let page = |path, short| {
        let sections = sections(&fs::read_to_string(root().join(path)).unwrap());
        Page { path, short, sections }
    };
    vec![page("docs/spec/api.md", "api"), page("docs/spec/observed.md", "obs"), page("docs/design.md", "design")]
}

/// The numbers of all headings, of table rows that begin with one, and of the items of a numbered list below a heading.
fn sections(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut heading = String::new();
    for line in text.lines() {
        let first = |rest: &str| section(rest.split_whitespace().next().unwrap_or_default());
        if line.starts_with("## ") || line.starts_with("### ") {
            heading = first(line.trim_start_matches('#')).unwrap_or_default();
            found.extend(first(line.trim_start_matches('#')));
        } else if let Some(cells) = line.strip_prefix("| ") {
            found.extend(first(cells));
        } else if let Some((item, _)) = line.split_once(". ")
            && !heading.is_empty()
            && item.chars().all(|c| c.is_ascii_digit())
        {
            found.insert(format!("{heading}.{item}"));
        }
    }
    found
}

/// Parses a word as the number of a section: `4`, `2.B`, `1.11`. Ignores punctuation around it.
fn section(word: &str) -> Option<String> {
    let number = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let (first, second) = number.split_once('.').unwrap_or((number, "1"));
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    let is_letter = second.len() == 1 && second.chars().all(|c| c.is_ascii_alphabetic());
    (is_number(first) && (is_number(second) || is_letter)).then(|| number.to_owned())
}

/// The words of a text with their lines. Comment markers are not words, so a reference may continue in the next line.
fn words(text: &str) -> Vec<(usize, &str)> {
    let lines = text.lines().enumerate();
    let words = lines.flat_map(|(line, text)| text.split_whitespace().map(move |word| (line + 1, word)));
    words.filter(|(_, word)| !matches!(*word, "//" | "///" | "//!" | "#")).collect()
}

/// The page that a word names, and whether it does so by the short name.
fn named<'p>(word: &str, pages: &'p [Page]) -> Option<(&'p Page, bool)> {
    let word = word.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
    pages.iter().find_map(|page| {
        let file = page.path.rsplit('/').next().unwrap();
        let by_file = word.trim_end_matches('`').rsplit('/').next() == Some(file);
        (by_file || word == page.short).then_some((page, !by_file))
    })
}

fn references(text: &str, pages: &[Page]) -> Vec<Reference> {
    let words = words(text);
    let mut found = Vec::new();
    for (at, (line, word)) in words.iter().enumerate() {
        let Some((page, is_short)) = named(word, pages) else { continue };
        let mut rest = words[at + 1..].iter().map(|(_, word)| *word).peekable();
        let says_section = !is_short && rest.next_if(|word| matches!(*word, "section" | "sections")).is_some();
        let before = found.len();
        while let Some(word) = rest.next_if(|word| section(word).is_some()) {
            found.push(Reference { line: *line, page: page.path, section: section(word).unwrap() });
            let goes_on = word.ends_with(',') | rest.next_if(|word| matches!(*word, "and" | "to")).is_some();
            if !goes_on {
                break;
            }
        }
        if says_section && found.len() == before {
            let section = rest.next().unwrap_or_default().to_owned();
            found.push(Reference { line: *line, page: page.path, section });
        }
    }
    found
}

fn missing<'r>(references: &'r [Reference], pages: &[Page]) -> Vec<&'r Reference> {
    let is_there = |reference: &Reference| {
        pages.iter().any(|page| page.path == reference.page && page.sections.contains(&reference.section))
    };
    references.iter().filter(|reference| !is_there(reference)).collect()
}

/// Collects all files of a folder that contain prose or code.
fn texts(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_text = path.extension().is_some_and(|end| ["rs", "md", "py", "mjs", "toml"].iter().any(|of| end == *of));
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
            texts(&path, found);
        } else if is_text && !path.ends_with("tests/suite/references.rs") {
            found.push(path);
        }
    }
}

/// All texts that may refer to a page, with their paths.
fn all_texts() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in ["src", "tests", "examples", "benches", "docs"] {
        texts(&root().join(folder), &mut found);
    }
    for entry in fs::read_dir(root()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "md" || end == "toml") {
            found.push(path);
        }
    }
    found.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn every_section_that_is_referred_to_exists() {
    let pages = pages();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (path, text) in all_texts() {
        let references = references(&text, &pages);
        count += references.len();
        for Reference { line, page, section } in missing(&references, &pages) {
            wrong.push(format!("{}:{line}: {page} has no section {section}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "references to sections that do not exist:\n{}", wrong.join("\n"));
    assert!(count > 200, "only {count} references were found: are they read correctly?");
}

/// A page may be named by its path in the repository or relative to the text that names it. The pages with numbered
/// sections may also be named without their folder.
#[test]
fn every_page_that_is_referred_to_exists() {
    let numbered: Vec<_> = pages().iter().map(|page| page.path.rsplit('/').next().unwrap()).collect();
    let mut wrong = Vec::new();
    for (path, text) in all_texts() {
        let with_page = words(&text).into_iter().filter(|(_, word)| word.contains(".md") && !word.contains("://"));
        for (line, word) in with_page {
            for name in word.split(|c: char| !c.is_ascii_alphanumeric() && !"._-/".contains(c)) {
                // The published package lacks these folders.
                let is_left_out = |folder: &&str| name.starts_with(*folder) && !root().join(folder).exists();
                let is_there = ["fuzz/", "mutants/"].iter().any(is_left_out)
                    || root().join(name).is_file()
                    || path.with_file_name(name).is_file();
                if name.len() > 3 && name.ends_with(".md") && !is_there && !numbered.contains(&name) {
                    wrong.push(format!("{}:{line}: there is no {name}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "references to pages that do not exist:\n{}", wrong.join("\n"));
}

/// The targets of the links of a page, with their lines: those in parentheses, and those of definitions (`[name]:
/// target`).
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let inline = line.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
        let defined = line.strip_prefix('[').and_then(|line| line.split_once("]: "));
        found.extend(inline.map(|(target, _)| (at + 1, target)));
        found.extend(defined.map(|(_, target)| (at + 1, target.trim())));
    }
    found
}

/// The names of links that a page uses (`[text][name]`) and does not define.
fn undefined_links(text: &str) -> Vec<&str> {
    let used = text.split("][").skip(1).filter_map(|rest| rest.split_once(']')).map(|(name, _)| name);
    used.filter(|name| !text.contains(&format!("\n[{name}]: "))).collect()
}

/// The README is read on GitHub and on crates.io, the pages of `docs` on GitHub.
#[test]
fn every_relative_link_of_the_readme_and_the_docs_leads_somewhere() {
    let mut wrong = Vec::new();
    let mut count = 0;
    let is_page = |path: &Path| path.starts_with(root().join("docs")) || path == root().join("README.md");
    for (page, text) in all_texts().into_iter().filter(|(path, _)| is_page(path)) {
        for (line, target) in links(&text).into_iter().filter(|(_, target)| !target.contains("://")) {
            count += 1;
            let file = target.split('#').next().unwrap();
            if !file.is_empty() && !page.with_file_name(file).exists() {
                wrong.push(format!("{}:{line}: the link to {target} leads nowhere", page.display()));
            }
        }
        if page.starts_with(root().join("docs/guide")) {
            wrong.extend(
                undefined_links(&text).iter().map(|name| format!("{}: [{name}] is not defined", page.display())),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 30, "only {count} links were found: are they read correctly?");
}

#[test]
fn links_are_read_as_people_write_them() {
    let targets = |text| links(text).into_iter().map(|(_, target)| target).collect::<Vec<_>>();
    assert_eq!(targets("| [a](docs/a.md) | [b](b.md#c) |"), ["docs/a.md", "b.md#c"]);
    assert_eq!(targets("See [a][a].\n\n[a]: a.md\n"), ["a.md"]);
    assert_eq!(undefined_links("[a][a] and [b][b]\n\n[a]: a.md\n"), ["b"]);
}

/// A reader decides within a few minutes whether the crate is what they need. Details belong on the pages of
/// docs/guide.
#[test]
fn the_readme_is_short() {
    let bytes = fs::metadata(root().join("README.md")).unwrap().len();
    assert!(bytes <= 10_000, "README.md has {bytes} bytes, and may have 10,000: move details to docs/guide");
}

/// The paths in a text that begin with one of this repository's folders. Paths in another repository are written with
/// the name of that repository before them, and do not count.
fn paths(text: &str) -> Vec<(usize, &str)> {
    let names = words(text).into_iter().flat_map(|(line, word)| {
        let names = word.split(|c: char| !c.is_ascii_alphanumeric() && !"._-/:".contains(c));
        names.map(move |name| (line, name.trim_end_matches(['.', ':'])))
    });
    let own = ["benches/", "docs/", "examples/", "src/", "tests/"];
    names.filter(|(_, name)| own.iter().any(|folder| name.starts_with(folder))).collect()
}

/// These pages name files by their paths from the root of the repository.
#[test]
fn every_file_that_a_page_for_contributors_names_exists() {
    let mut wrong = Vec::new();
    let mut sources = 0;
    for (page, text) in all_texts() {
        let name = page.strip_prefix(root()).unwrap();
        let is_for_contributors =
            name.starts_with("docs") || name.ends_with("ARCHITECTURE.md") || name.ends_with("CONTRIBUTING.md");
        for (line, path) in paths(&text).into_iter().filter(|_| is_for_contributors) {
            sources += usize::from(path.ends_with(".rs"));
            if !root().join(path).exists() {
                wrong.push(format!("{}:{line}: there is no {path}", page.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "references to files that do not exist:\n{}", wrong.join("\n"));
    assert!(sources > 40, "only {sources} paths of source files were found: are they read correctly?");
}

#[test]
fn paths_are_read_as_people_write_them() {
    let read = |text| paths(text).into_iter().map(|(_, path)| path).collect::<Vec<_>>();
    assert_eq!(
        read("`src/wire/mod.rs`, (src/lib.rs). Or `tests/suite`:"),
        ["src/wire/mod.rs", "src/lib.rs", "tests/suite"]
    );
    assert_eq!(read("[x](docs/spec/api.md#1)"), ["docs/spec/api.md"]);
    assert_eq!(read("sebcode/gsandbox:src/Response.php"), [""; 0]);
}

#[test]
fn references_are_read_as_people_write_them() {
    let pages = pages();
    let read = |text: &str| -> Vec<String> {
        references(text, &pages).into_iter().map(|found| format!("{} {}", found.page, found.section)).collect()
    };
    let (api, observed, design) = (pages[0].path, pages[1].path, pages[2].path);
    let sections = |page: &str, of: &[&str]| of.iter().map(|section| format!("{page} {section}")).collect::<Vec<_>>();
    assert_eq!(read("(api.md section 4)."), sections(api, &["4"]));
    assert_eq!(read("`docs/spec/api.md` sections 7 to 10, and"), sections(api, &["7", "10"]));
    assert_eq!(read("/// (observed.md\n    /// 2.C and 3.3)"), sections(observed, &["2.C", "3.3"]));
    assert_eq!(read("observed.md 3.2: 5 -> 32773"), sections(observed, &["3.2"]));
    assert_eq!(read("docs/design.md section 3.4; the"), sections(design, &["3.4"]));
    let both = [sections(api, &["2", "4"]), sections(observed, &["1.11", "2.A"])].concat();
    assert_eq!(read("| api 2, 4, obs 1.11, 2.A |"), both);
    assert_eq!(read("an api of 2 calls, docs/control-api.md, observed.md."), [""; 0]);
}

#[test]
fn a_reference_to_a_section_that_does_not_exist_is_found() {
    let pages = pages();
    for text in ["api.md section 12", "obs 2.I", "design.md 3.15", "observed.md 1.12", "api.md section four"] {
        assert_eq!(missing(&references(text, &pages), &pages).len(), 1, "{text}");
    }
    for text in ["api.md section 10", "obs 2.J", "design.md 3.13", "observed.md 1.a and 1.11", "observed.md section 4"]
    {
        assert!(missing(&references(text, &pages), &pages).is_empty(), "{text}");
    }
}

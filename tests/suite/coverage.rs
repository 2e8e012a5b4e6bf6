//! COVERAGE.md has a row for each operation, and every test that COVERAGE.md and INVARIANTS.md name exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use glacier_mock::Operation;

const COVERAGE: &str = include_str!("../../COVERAGE.md");

/// The cells of the table's rows.
fn rows() -> Vec<Vec<&'static str>> {
    let rows = COVERAGE.lines().filter(|line| line.starts_with("| ")).skip(2);
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// The texts between backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Collects the names of all test functions, of the suite and of the unit tests.
fn tests(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut lines = text.lines().map(str::trim);
            while let Some(line) = lines.next() {
                if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                    let name = lines.find_map(|line| line.split_once("fn ")).map(|(_, rest)| rest);
                    found.extend(name.and_then(|rest| rest.split('(').next()).map(str::to_owned));
                }
            }
        }
    }
}

#[test]
fn every_operation_has_a_row() {
    let named: Vec<_> = rows().iter().map(|row| row[0].to_owned()).collect();
    let operations: Vec<_> = Operation::ALL.iter().map(|operation| operation.as_str().to_owned()).collect();
    assert_eq!(named, operations);
    for row in rows() {
        assert!(row.len() == 4 && row.iter().all(|cell| !cell.is_empty()), "{row:?}");
        assert!(quoted(row[3]).count() > 0, "{} names no test", row[0]);
        let from = row[2].split(", ").all(|source| {
            source.starts_with("api ") || source.starts_with("obs ") || source.starts_with(|c: char| c.is_ascii_digit())
        });
        assert!(from, "{} has an invalid source: {}", row[0], row[2]);
    }
}

#[test]
fn every_test_that_is_named_exists() {
    let mut known = BTreeSet::new();
    for folder in ["src", "tests"] {
        tests(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut known);
    }
    let names = quoted(COVERAGE).chain(quoted(include_str!("../../INVARIANTS.md")));
    let names = names.filter_map(|name| name.rsplit("::").next()).filter(|name| name.matches('_').count() > 1);
    let missing: Vec<_> = names.filter(|name| !known.contains(*name)).collect();
    assert!(missing.is_empty(), "these tests are named but do not exist: {missing:?}");
    assert!(known.len() > 100);
}

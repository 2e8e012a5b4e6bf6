//! Writes a source file with its mutants.

use std::ops::Range;

use crate::mutant::Around;

/// A rewritten file, and where in it each mutant is.
pub struct Rewritten {
    pub text: String,
    /// The range of each change in the rewritten text, with its mutants.
    pub places: Vec<(Range<usize>, Vec<usize>)>,
}

/// Inserts the changes.
pub fn rewrite(source: &str, changes: &[Around]) -> Rewritten {
    // The order of insertions at one position: first the texts that end a range, the inner range before the outer one,
    // and then the texts that begin a range, the outer range before the inner one. Of two changes with equal ranges,
    // the first is the outer one.
    let mut insertions: Vec<(usize, bool, isize, isize)> = Vec::new();
    for (n, change) in changes.iter().enumerate() {
        let (n, len) = (n as isize, change.range.len() as isize);
        if len > 0 {
            insertions.push((change.range.end, false, len, -n));
        }
        insertions.push((change.range.start, true, -len, n));
    }
    insertions.sort_unstable();
    let (mut text, mut done) = (String::new(), 0);
    let mut starts = vec![0; changes.len()];
    let mut places = Vec::new();
    for (at, is_before, len, n) in insertions {
        let n = n.unsigned_abs();
        text += &source[done..at];
        done = at;
        if is_before {
            starts[n] = text.len();
            text += &changes[n].before;
        } else {
            text += &changes[n].after;
        }
        if !is_before || len == 0 {
            places.push((starts[n]..text.len(), changes[n].ids.clone()));
        }
    }
    text += &source[done..];
    Rewritten { text, places }
}

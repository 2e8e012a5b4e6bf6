//! A mutant, and how it is inserted into the source.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// One change of the source.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Mutant {
    /// Its number in this run.
    pub id: usize,
    /// The file, below `src`.
    pub file: String,
    pub line: usize,
    /// The function it is in.
    pub function: String,
    /// What is changed, for example `== becomes !=`.
    pub change: String,
}

impl Mutant {
    /// Returns a name that stays the same when lines are added elsewhere in the file.
    pub fn name(&self) -> String {
        format!("{}: {}: {}", self.file, self.function, self.change)
    }
}

/// A change of a source file: text that is inserted before and after a range. A change only inserts, so that it can
/// contain others.
pub struct Around {
    /// The bytes of the file.
    pub range: Range<usize>,
    pub before: String,
    pub after: String,
    /// The mutants that the inserted text contains.
    pub ids: Vec<usize>,
}

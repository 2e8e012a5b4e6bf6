//! Assertions on the record, and the reports of their failures. This module reads the record and serves no requests.

mod calls;
mod checks;
mod count;
mod expectation;
mod explain;
mod hints;
mod job_hints;
mod known;
mod matcher;
mod names;
mod near;
mod requests;
mod sequence;
mod slice;
mod style;
mod summary;
mod table;
mod transcript;
mod transcript_lines;

pub use self::calls::Calls;
pub use self::count::Count;
pub(crate) use self::expectation::{Expectation as Declared, Unused, failures};
pub(crate) use self::explain::Judged;
#[cfg(test)]
pub(crate) use self::hints::hints;
pub(crate) use self::known::{Known, StateView};
pub use self::requests::Requests;
pub use self::sequence::Step;
#[cfg(test)]
pub(crate) use self::sequence::{Listed, check_exact};
#[cfg(test)]
pub(crate) use self::style::Advice;
pub(crate) use self::style::Style;
pub(crate) use self::summary::tail;
pub(crate) use self::table::excerpt;
pub use self::transcript::Transcript;

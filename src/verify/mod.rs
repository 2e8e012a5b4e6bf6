//! Assertions on the record, and the reports of their failures. This module reads the record and serves no requests.

mod calls;
mod count;
pub(crate) mod expectation;
mod explain;
mod hints;
mod job_hints;
mod known;
mod matcher;
mod near;
mod requests;
pub(crate) mod sequence;
mod slice;
mod style;
pub(crate) mod summary;
mod table;

pub use self::calls::Calls;
pub use self::count::Count;
#[cfg(test)]
pub(crate) use self::hints::hints;
pub(crate) use self::known::{Known, StateView};
pub use self::requests::Requests;
pub(crate) use self::style::Style;

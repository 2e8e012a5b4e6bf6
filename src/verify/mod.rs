//! Assertions on the record, and what they say when they fail. Reads the record and serves nothing.

pub(crate) mod calls;
pub(crate) mod count;
pub(crate) mod expectation;
mod explain;
pub(crate) mod hints;
mod job_hints;
pub(crate) mod known;
mod matcher;
mod near;
pub(crate) mod requests;
pub(crate) mod sequence;
mod slice;
pub(crate) mod style;
pub(crate) mod summary;
mod table;

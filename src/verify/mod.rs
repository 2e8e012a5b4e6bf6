//! Assertions on the record, and what they say when they fail. Reads the record and serves nothing.

pub(crate) mod sequence;
mod table;

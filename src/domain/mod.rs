//! The model of Glacier without a network: names, hashes, ranges, archives, jobs, and the texts of errors.
//!
//! The code here is synchronous and deterministic. It has no async functions, HTTP types, wall clock, randomness or
//! logging; callers pass times and IDs as arguments.

pub(crate) mod account;
pub(crate) mod bytes;
pub(crate) mod failure;
pub(crate) mod vault;
pub(crate) mod words;

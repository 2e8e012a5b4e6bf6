//! What Glacier is, apart from any network: names, hashes, ranges, archives, jobs, and the texts of its refusals.
//!
//! Synchronous and pure. No async, no HTTP types, no wall clock, no randomness, no logging:
//! time and IDs come in as arguments.

pub(crate) mod account;
pub(crate) mod bytes;
pub(crate) mod failure;
pub(crate) mod vault;
pub(crate) mod words;

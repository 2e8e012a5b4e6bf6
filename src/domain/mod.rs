//! What Glacier is, apart from any network: names, hashes, ranges, archives, jobs, and the texts of its refusals.
//!
//! Synchronous and pure. No async, no HTTP types, no wall clock, no randomness, no logging:
//! time and IDs come in as arguments.

pub(crate) mod account;
pub(crate) mod archive;
pub(crate) mod archive_list;
pub(crate) mod capacity;
pub(crate) mod content;
pub(crate) mod description;
pub(crate) mod digest;
pub(crate) mod error_code;
pub(crate) mod event;
pub(crate) mod failure;
pub(crate) mod gather;
pub(crate) mod id;
mod into_content;
pub(crate) mod inventory;
pub(crate) mod inventory_format;
pub(crate) mod inventory_schedule;
pub(crate) mod job;
pub(crate) mod job_output;
pub(crate) mod jobs;
pub(crate) mod leaves;
pub(crate) mod lock;
pub(crate) mod name;
pub(crate) mod notice;
pub(crate) mod notification;
pub(crate) mod operation;
pub(crate) mod page;
mod piece;
pub(crate) mod pool;
pub(crate) mod principal;
pub(crate) mod range;
pub(crate) mod repeat;
pub(crate) mod retrieval_policy;
pub(crate) mod signature_flaw;
pub(crate) mod source;
pub(crate) mod standard_retrievals;
pub(crate) mod subject;
pub(crate) mod tags;
pub(crate) mod timestamp;
pub(crate) mod tree_hash;
pub(crate) mod units;
pub(crate) mod upload;
pub(crate) mod uploads;
pub(crate) mod vault;

//! Files with the state of a mock: one header page, and an embedded database behind it.
//!
//! # Format 2
//!
//! The first 4,096 bytes are the header (`header.rs`): the magic line, the number of the format and the SHA-256 of all
//! bytes after the header, as text, padded with zero bytes. The rest is a redb database (`store.rs`) with three tables:
//!
//! - `state`: by its key, the SHA-256 of a row and the row, which is the JSON of a struct. The keys are listed below.
//! - `chunks`: pieces of at most 1 MiB of archives and of blocks that repeat, by their SHA-256. Equal bodies have equal
//!   chunks, and are stored once.
//! - `lengths`: the length of each chunk, by its SHA-256.
//!
//! | key | row |
//! | --- | --- |
//! | `mock` | account and region of the mock, its clock, the generator of request IDs, principals |
//! | `service` | the time, the settings, the generator of IDs |
//! | `place/ACCOUNT/REGION`, `charges/ACCOUNT/REGION` | an account in a region, and what its requests have caused |
//! | `vault/ACCOUNT/REGION/NAME` | a vault without the following |
//! | behind it `/stored/ID`, `/deleted/ID`, `/job/N`, `/open/N`, `/part/N/FIRST`, `/completed/ID`, `/aborted/ID` | an archive, a job, an upload in progress, one of its parts, an upload that has ended |
//! | `ledger`, and behind it `/upload/ID`, `/lock/ACCOUNT/REGION/NAME`, `/job/N`, `/arranged/ID` | what requests have started and not finished |
//! | `notice/N` | a notification that was published |
//! | `archive/N`, `list/N`, `delivered/N`, `content/N` | what other rows refer to by its number: an archive without its bytes, a list of archives, what was sent of an output, the chunks of a content |
//!
//! A saved file is written under a temporary name and renamed when it is complete and on disk, so that a crash leaves the
//! file that was there before. Before a file is given to redb, its SHA-256 is compared with the header: redb trusts the
//! pages of a database that was closed properly, and may panic on one that was changed since. A file in which a program
//! keeps its state (`kept`) has no SHA-256 in its header.
//!
//! Format 1 (`format1.rs`) had rows by kind and number, and a vault with its jobs and uploads in one row.
//!
//! Structs of rows belong to `service`, `domain` and `time`. This room stores them, and does not know their fields.

mod backend;
mod contents;
mod files;
mod format1;
mod header;
mod kept;
#[cfg(any(test, fuzzing))]
mod rows;
mod state;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use self::files::{convert, read, write};
pub(crate) use self::kept::{Durability, KeptFile, OpenedFile, Owner};
#[cfg(any(test, fuzzing))]
pub(crate) use self::rows::write_rows;
pub(crate) use self::state::{MockData, SavedState};

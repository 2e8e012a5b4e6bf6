//! Files with the state of a mock: one header page, and an embedded database behind it.
//!
//! # Format 1
//!
//! The first 4,096 bytes are the header (`header.rs`): the magic line, the number of the format and the SHA-256 of all
//! bytes behind the header, as text, and zero bytes. The rest is a redb database (`store.rs`) with two tables:
//!
//! - `rows`: by kind and number, the SHA-256 of a row and the row, which is the JSON of a struct. The kinds are `mock`,
//!   `whole`, `place`, `vault`, `notice`, `list`, `archive`, `delivered` and `content`.
//! - `chunks`: pieces of at most 1 MiB of archives and of blocks that repeat, by their SHA-256. Equal bodies have equal
//!   chunks, and are stored once.
//!
//! A file is saved under a temporary name and renamed when it is complete and on disk, so that a crash leaves the file
//! that was there before. Before a file is given to redb, its SHA-256 is compared with the header: redb trusts the pages
//! of a database that was closed properly, and may panic on one that was changed since. A file that a program keeps open
//! and that was not closed has no SHA-256 in its header; this version does not read it.
//!
//! Structs of rows belong to `service`, `domain` and `time`. This room stores them, and does not know their fields.

mod backend;
mod contents;
mod files;
mod header;
#[cfg(any(test, fuzzing))]
mod rows;
mod state;
mod store;
#[cfg(test)]
mod tests;

pub(crate) use self::files::{read, write};
#[cfg(any(test, fuzzing))]
pub(crate) use self::rows::write_rows;
pub(crate) use self::state::{MockData, SavedState};

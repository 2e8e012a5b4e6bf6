//! Reads files of the first format, which no version writes any more: rows by kind and number, a vault with its jobs and
//! uploads in one row.

use std::collections::BTreeMap;
use std::io;

use redb::{TableDefinition, TableError};
use serde::de::DeserializeOwned;

use super::contents::{ContentData, OpenFile, SavedChunks, deferred};
use super::state::{MockData, SavedState};
use super::store::{Reader, checked, damaged, failed, invalid};
use crate::service::ServiceData;

/// The SHA-256 of each row and the row, by kind and number.
pub(super) const ROWS: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("rows");

/// Reads all rows. `open` returns the content of a file.
pub(super) fn read(reader: &Reader, open: &OpenFile<'_>) -> io::Result<SavedState> {
    let chunks = SavedChunks::in_memory(reader);
    let contents = all::<ContentData>(reader, "content")?;
    let contents = contents.iter().map(|content| deferred(content.read(&chunks, open)));
    let service = ServiceData {
        whole: one(reader, "whole")?,
        places: all(reader, "place")?,
        vaults: all(reader, "vault")?,
        notices: all(reader, "notice")?,
        lists: by_number(all(reader, "list")?),
        archives: by_number(all(reader, "archive")?),
        delivered: by_number(all(reader, "delivered")?),
        contents: by_number(contents.collect::<io::Result<_>>()?),
    };
    Ok(SavedState { mock: one::<MockData>(reader, "mock")?, service })
}

fn by_number<T>(rows: Vec<T>) -> BTreeMap<usize, T> {
    rows.into_iter().enumerate().collect()
}

/// Returns all rows of a kind, in the order of their numbers, which are 0, 1, 2 and so on.
fn all<T: DeserializeOwned>(reader: &Reader, kind: &str) -> io::Result<Vec<T>> {
    let table = match reader.transaction.open_table(ROWS) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut all = Vec::new();
    for entry in table.range((kind, 0)..=(kind, u64::MAX)).map_err(failed)? {
        let (key, value) = entry.map_err(failed)?;
        let (number, key) = (key.value().1, format!("{kind} {}", key.value().1));
        let row = checked(&key, value.value())?;
        if number != all.len() as u64 {
            return Err(damaged(&key));
        }
        let row = serde_json::from_slice(row);
        all.push(row.map_err(|error| invalid(format!("its row {key:?} is invalid: {error}")))?);
    }
    Ok(all)
}

/// Returns the only row of a kind.
fn one<T: DeserializeOwned>(reader: &Reader, kind: &str) -> io::Result<T> {
    let mut all = all(reader, kind)?;
    all.pop().filter(|_| all.is_empty()).ok_or_else(|| invalid(format!("it has not one row {kind:?}")))
}

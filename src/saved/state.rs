//! The rows of a state, in the second format.

use std::io;

use serde::{Deserialize, Serialize};

use super::contents::{ContentData, OpenFile, SavedChunks, deferred};
use super::store::{Reader, Tables, invalid};
use crate::domain::account::PrincipalData;
use crate::domain::vault::{Batch, RowChange, numbered};
use crate::service::{ServiceData, read_number};
use crate::time::ClockData;

/// The state of a mock that was loaded.
#[derive(Debug)]
pub(crate) struct SavedState {
    pub(crate) mock: MockData,
    pub(crate) service: ServiceData,
}

/// The parts of a mock that do not belong to its service.
#[derive(Deserialize, Serialize)]
pub(crate) struct MockData {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) clock: ClockData,
    pub(crate) request_ids: u64,
    pub(crate) principals: Vec<PrincipalData>,
}

/// Omits the credentials of the principals.
impl std::fmt::Debug for MockData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MockData").field("account", &self.account).finish_non_exhaustive()
    }
}

/// The key of the row with the parts of a mock that do not belong to its service.
pub(super) const MOCK: &str = "mock";
/// The kind of the rows that say which chunks a content has.
const CONTENT: &str = "content";

/// Writes the row of a mock.
pub(super) fn put_mock(mock: &MockData, tables: &mut Tables<'_>) -> io::Result<()> {
    tables.put(MOCK, &serde_json::to_vec(mock).map_err(io::Error::other)?)
}

/// Carries out the changes of a state. With `embed`, the bytes of files are copied.
pub(super) fn apply(batch: &Batch, embed: bool, tables: &mut Tables<'_>) -> io::Result<()> {
    for change in &batch.rows {
        match change {
            RowChange::Put { key, json } => tables.put(key, json)?,
            RowChange::Remove { key } => tables.remove(key)?,
            RowChange::RemoveBelow { prefix } => tables.remove_below(prefix, MOCK)?,
        }
    }
    for (number, content) in &batch.contents {
        let content = ContentData::write(content, embed, tables)?;
        let json = serde_json::to_vec(&content).map_err(io::Error::other)?;
        tables.put(&numbered(CONTENT, *number as u64), &json)?;
    }
    Ok(())
}

impl SavedState {
    /// Reads all rows. `open` returns the content of a file. The bytes of archives are read when they are used, if
    /// `chunks` are not in memory.
    pub(super) fn read(reader: &Reader, chunks: &SavedChunks<'_>, open: &OpenFile<'_>) -> io::Result<Self> {
        let (mut mock, mut rows, mut contents) = (None, Vec::new(), std::collections::BTreeMap::new());
        reader.each(|key, json| {
            if key == MOCK {
                mock = Some(parse(key, json)?);
            } else if let Some(number) = key.strip_prefix(CONTENT).and_then(|rest| rest.strip_prefix('/')) {
                let number = read_number(number, key).map_err(invalid)?;
                let content = parse::<ContentData>(key, json)?.read(chunks, open);
                contents.insert(number, deferred(content)?);
            } else {
                rows.push((key.to_owned(), json.to_vec()));
            }
            Ok(())
        })?;
        let mock = mock.ok_or_else(|| invalid("the row of its mock is missing"))?;
        Ok(SavedState { mock, service: ServiceData::of_rows(rows, contents).map_err(invalid)? })
    }
}

fn parse<T: serde::de::DeserializeOwned>(key: &str, json: &[u8]) -> io::Result<T> {
    serde_json::from_slice(json).map_err(|error| invalid(format!("its row {key:?} is invalid: {error}")))
}

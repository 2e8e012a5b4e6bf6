//! The rows of a state.

use std::io;

use serde::{Deserialize, Serialize};

use super::contents::{Chunks, ContentData, OpenFile};
use super::store::{Reader, Tables};
use crate::domain::account::PrincipalData;
use crate::service::ServiceData;
use crate::time::ClockData;

/// The state of a mock.
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

impl SavedState {
    /// Writes all rows. With `embed`, the bytes of files too.
    pub(super) fn write(&self, embed: bool, tables: &mut Tables<'_>) -> io::Result<()> {
        let ServiceData { whole, places, vaults, notices, lists, archives, delivered, contents } = &self.service;
        tables.put("mock", 0, &self.mock)?;
        tables.put("whole", 0, whole)?;
        put_all("place", places, tables)?;
        put_all("vault", vaults, tables)?;
        put_all("notice", notices, tables)?;
        put_all("list", lists, tables)?;
        put_all("archive", archives, tables)?;
        put_all("delivered", delivered, tables)?;
        for (number, content) in (0..).zip(contents) {
            let content = ContentData::write(content, embed, tables)?;
            tables.put("content", number, &content)?;
        }
        Ok(())
    }

    /// Reads all rows. `open` returns the content of a file.
    pub(super) fn read(reader: &Reader, open: &OpenFile<'_>) -> io::Result<Self> {
        let mut chunks = Chunks::of(reader);
        let contents = reader.all::<ContentData>("content")?;
        let contents = contents.iter().map(|content| content.read(&mut chunks, open)).collect::<io::Result<_>>()?;
        let service = ServiceData {
            whole: reader.one("whole")?,
            places: reader.all("place")?,
            vaults: reader.all("vault")?,
            notices: reader.all("notice")?,
            lists: reader.all("list")?,
            archives: reader.all("archive")?,
            delivered: reader.all("delivered")?,
            contents,
        };
        Ok(SavedState { mock: reader.one("mock")?, service })
    }
}

fn put_all(kind: &str, rows: &[impl Serialize], tables: &mut Tables<'_>) -> io::Result<()> {
    (0..).zip(rows).try_for_each(|(number, row)| tables.put(kind, number, row))
}

//! Opens the database in the file of a state: a new one, one that was closed, and one that a crash left.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use redb::{Builder, Database, Durability};

use super::catch_damage;
use super::chunks::Chunks;
use crate::domain::bytes::Digest;
use crate::saved::backend::BehindHeader;
use crate::saved::contents::{OpenFile, SavedChunks};
use crate::saved::files::{check, sync_folder};
use crate::saved::header::{FIRST_FORMAT, Header, LENGTH};
use crate::saved::state::SavedState;
use crate::saved::store::{CACHE, Reader, Tables, failed, invalid};

/// The database of a state file, and the lock that keeps other programs away from it.
pub(super) struct KeptDatabase {
    path: PathBuf,
    file: File,
    pub(super) database: Option<Arc<Database>>,
}

impl KeptDatabase {
    /// Opens or creates a file. Returns its state, if it has one.
    pub(super) fn open(
        path: &Path,
        chunks: &Arc<Chunks>,
        open: &OpenFile<'_>,
    ) -> io::Result<(Self, Option<SavedState>)> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::new(io::ErrorKind::ResourceBusy, "another program has it open"),
            TryLockError::Error(error) => error,
        })?;
        let is_new = file.metadata()?.len() == 0;
        if is_new {
            file.set_len(LENGTH as u64)?;
            write_header(&mut file)?;
            sync_folder(path)?;
        } else if check(&mut file)?.format == FIRST_FORMAT {
            // A file of this format was converted before.
            return Err(invalid("it was replaced by a file of the format 1 while it was opened; start again"));
        } else {
            // From now on the rest changes.
            write_header(&mut file)?;
        }
        let mut kept = KeptDatabase { path: path.to_owned(), file, database: None };
        let state = kept.open_database(chunks, open)?;
        Ok((kept, state))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the database, which must not be open, and reads the state that was committed last. Removes chunks that
    /// nothing refers to.
    pub(super) fn open_database(
        &mut self,
        chunks: &Arc<Chunks>,
        open: &OpenFile<'_>,
    ) -> io::Result<Option<SavedState>> {
        let backend = BehindHeader::durable(self.file.try_clone()?);
        let (database, state) = catch_damage(|| {
            let database = Builder::new().set_cache_size(CACHE).create_with_backend(backend).map_err(failed)?;
            let database = Arc::new(database);
            let state = read(&database, chunks, open)?;
            Ok((database, state))
        })?;
        chunks.use_database(Some(database.clone()));
        self.database = Some(database);
        Ok(state)
    }

    /// Closes the database. Contents cannot be read until it is opened again.
    pub(super) fn close_database(&mut self, chunks: &Chunks) {
        chunks.use_database(None);
        self.database = None;
    }
}

fn write_header(file: &mut File) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&Header::KEPT.page())?;
    file.sync_all()
}

fn read(database: &Database, chunks: &Arc<Chunks>, open: &OpenFile<'_>) -> io::Result<Option<SavedState>> {
    let reader = Reader::of(database)?;
    let lengths: HashMap<Digest, u64> = reader.lengths()?.into_iter().collect();
    let content = |hash: Digest| {
        let length = lengths.get(&hash);
        let length = length.ok_or_else(|| invalid(format!("the bytes with the SHA-256 {hash} are missing")))?;
        Ok(chunks.written(hash, *length).content())
    };
    if reader.is_empty()? {
        return Ok(None);
    }
    let state =
        SavedState::read(&reader, &SavedChunks::on_demand(&reader, &content, &|hash| chunks.pin([hash])), open)?;
    drop(reader);
    // Chunks of uploads that a crash interrupted.
    let unused: Vec<_> = lengths.keys().filter(|hash| !chunks.is_needed(hash)).copied().collect();
    if !unused.is_empty() {
        remove(database, &unused)?;
    }
    Ok(Some(state))
}

fn remove(database: &Database, unused: &[Digest]) -> io::Result<()> {
    let mut transaction = database.begin_write().map_err(failed)?;
    transaction.set_durability(Durability::Immediate).map_err(failed)?;
    transaction.set_quick_repair(true);
    {
        let mut tables = Tables::of(&transaction)?;
        unused.iter().try_for_each(|hash| tables.remove_chunk(hash))?;
    }
    transaction.commit().map_err(failed)
}

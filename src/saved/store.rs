//! The tables of the database, and the checksum of each row and chunk.

use std::io;

use bytes::Bytes;
use redb::{
    Builder, Database, ReadTransaction, ReadableDatabase, ReadableTable as _, Table, TableDefinition, TableError,
    WriteTransaction,
};

use super::backend::BehindHeader;
use crate::domain::bytes::Digest;

/// The SHA-256 of each row and the row, by its key.
pub(super) const STATE: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("state");
/// Bytes by their SHA-256.
const CHUNKS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("chunks");
/// The length of each chunk. Its pages are small, so looking at all of them does not read the chunks.
const LENGTHS: TableDefinition<'_, &[u8; 32], u64> = TableDefinition::new("lengths");

/// The length of a SHA-256, in bytes.
const HASH: usize = 32;
/// The memory for pages of the database, in bytes. Most pages are written or read once.
pub(super) const CACHE: usize = 16 << 20;

/// Returns the error about a file whose checksums are right and whose contents are not.
pub(super) fn invalid(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

pub(super) fn failed(error: impl Into<redb::Error>) -> io::Error {
    match error.into() {
        redb::Error::Io(error) => error,
        other => invalid(format!("its database is invalid: {other}")),
    }
}

/// A database that is being written, in one transaction.
pub(super) struct Writer {
    database: Database,
    transaction: WriteTransaction,
}

/// The tables of a database that is being written.
pub(super) struct Tables<'a> {
    rows: Table<'a, &'static str, &'static [u8]>,
    chunks: Table<'a, &'static [u8; 32], &'static [u8]>,
    lengths: Table<'a, &'static [u8; 32], u64>,
    /// The chunks of contents that were written from memory in this transaction.
    pub(super) written: Vec<Digest>,
}

impl Writer {
    pub(super) fn new(backend: BehindHeader) -> io::Result<Self> {
        let database = Builder::new().set_cache_size(CACHE).create_with_backend(backend).map_err(failed)?;
        let transaction = database.begin_write().map_err(failed)?;
        Ok(Writer { database, transaction })
    }

    pub(super) fn tables(&self) -> io::Result<Tables<'_>> {
        Tables::of(&self.transaction)
    }

    /// Commits all rows, and closes the database.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.transaction.commit().map_err(failed)?;
        self.database.compact().map_err(failed)?;
        self.database.close().map_err(failed)
    }
}

impl<'a> Tables<'a> {
    pub(super) fn of(transaction: &'a WriteTransaction) -> io::Result<Self> {
        Ok(Tables {
            rows: transaction.open_table(STATE).map_err(failed)?,
            chunks: transaction.open_table(CHUNKS).map_err(failed)?,
            lengths: transaction.open_table(LENGTHS).map_err(failed)?,
            written: Vec::new(),
        })
    }

    /// Writes a row.
    pub(super) fn put(&mut self, key: &str, json: &[u8]) -> io::Result<()> {
        let mut value = Digest::sha256(json).as_bytes().to_vec();
        value.extend_from_slice(json);
        self.rows.insert(key, &*value).map_err(failed)?;
        Ok(())
    }

    pub(super) fn remove(&mut self, key: &str) -> io::Result<()> {
        self.rows.remove(key).map_err(failed)?;
        Ok(())
    }

    /// Removes all rows whose key begins with the prefix, except this one.
    pub(super) fn remove_below(&mut self, prefix: &str, except: &str) -> io::Result<()> {
        let below = self.rows.range(prefix..).map_err(failed)?;
        let mut keys = Vec::new();
        for entry in below {
            let (key, _) = entry.map_err(failed)?;
            if !key.value().starts_with(prefix) {
                break;
            }
            keys.push(key.value().to_owned());
        }
        keys.iter().filter(|key| *key != except).try_for_each(|key| self.remove(key))
    }

    /// Writes bytes, unless they are stored already. Returns their SHA-256.
    pub(super) fn put_chunk(&mut self, bytes: &[u8]) -> io::Result<Digest> {
        let hash = Digest::sha256(bytes);
        self.put_hashed(&hash, bytes)?;
        self.written.push(hash);
        Ok(hash)
    }

    /// Writes bytes with this SHA-256, unless they are stored already.
    pub(super) fn put_hashed(&mut self, hash: &Digest, bytes: &[u8]) -> io::Result<()> {
        if self.lengths.get(hash.as_bytes()).map_err(failed)?.is_none() {
            self.chunks.insert(hash.as_bytes(), bytes).map_err(failed)?;
            self.lengths.insert(hash.as_bytes(), bytes.len() as u64).map_err(failed)?;
        }
        Ok(())
    }

    /// Returns whether bytes with this SHA-256 are stored. An error counts as no; the next use reports it.
    pub(super) fn has_chunk(&self, hash: &Digest) -> bool {
        self.lengths.get(hash.as_bytes()).is_ok_and(|found| found.is_some())
    }

    pub(super) fn remove_chunk(&mut self, hash: &Digest) -> io::Result<()> {
        if self.lengths.remove(hash.as_bytes()).map_err(failed)?.is_some() {
            self.chunks.remove(hash.as_bytes()).map_err(failed)?;
        }
        Ok(())
    }
}

/// A database that is being read.
pub(super) struct Reader {
    pub(super) transaction: ReadTransaction,
}

impl Reader {
    pub(super) fn new(backend: BehindHeader) -> io::Result<Self> {
        let database = Builder::new().set_cache_size(CACHE).open_read_only_with_backend(backend).map_err(failed)?;
        Ok(Reader { transaction: database.begin_read().map_err(failed)? })
    }

    pub(super) fn of(database: &Database) -> io::Result<Self> {
        Ok(Reader { transaction: database.begin_read().map_err(failed)? })
    }

    /// Returns whether there are no rows.
    pub(super) fn is_empty(&self) -> io::Result<bool> {
        match self.transaction.open_table(STATE) {
            Ok(table) => Ok(table.iter().map_err(failed)?.next().is_none()),
            Err(TableError::TableDoesNotExist(_)) => Ok(true),
            Err(error) => Err(failed(error)),
        }
    }

    /// Calls `row` for each row, in the order of their keys.
    pub(super) fn each(&self, mut row: impl FnMut(&str, &[u8]) -> io::Result<()>) -> io::Result<()> {
        let table = match self.transaction.open_table(STATE) {
            Ok(table) => table,
            Err(TableError::TableDoesNotExist(_)) => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        for entry in table.iter().map_err(failed)? {
            let (key, value) = entry.map_err(failed)?;
            row(key.value(), checked(key.value(), value.value())?)?;
        }
        Ok(())
    }

    /// Returns the SHA-256 and the length of each chunk.
    pub(super) fn lengths(&self) -> io::Result<Vec<(Digest, u64)>> {
        let table = match self.transaction.open_table(LENGTHS) {
            Ok(table) => table,
            Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut all = Vec::new();
        for entry in table.iter().map_err(failed)? {
            let (hash, length) = entry.map_err(failed)?;
            all.push((Digest::of_bytes(*hash.value()), length.value()));
        }
        Ok(all)
    }

    /// Returns the bytes with this SHA-256.
    pub(super) fn chunk(&self, hash: &Digest) -> io::Result<Bytes> {
        let missing = || invalid(format!("the bytes with the SHA-256 {hash} are missing or damaged"));
        let table = self.transaction.open_table(CHUNKS).map_err(failed)?;
        let found = table.get(hash.as_bytes()).map_err(failed)?.ok_or_else(missing)?;
        let bytes = Bytes::copy_from_slice(found.value());
        if Digest::sha256(&bytes) == *hash { Ok(bytes) } else { Err(missing()) }
    }
}

/// Returns the JSON of a row that is preceded by its SHA-256.
pub(super) fn checked<'a>(key: &str, value: &'a [u8]) -> io::Result<&'a [u8]> {
    let (hash, row) = value.split_at_checked(HASH).ok_or_else(|| damaged(key))?;
    if Digest::sha256(row).as_bytes() == hash { Ok(row) } else { Err(damaged(key)) }
}

pub(super) fn damaged(key: &str) -> io::Error {
    invalid(format!("its row {key:?} is damaged"))
}

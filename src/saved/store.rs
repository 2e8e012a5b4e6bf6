//! The tables of the database, and the checksum of each row and chunk.

use std::io;

use bytes::Bytes;
use redb::{
    Builder, Database, ReadTransaction, ReadableDatabase, ReadableTable, Table, TableDefinition, TableError,
    WriteTransaction,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::backend::BehindHeader;
use crate::domain::bytes::Digest;

/// The SHA-256 of each row and the row, by kind and number.
pub(super) const ROWS: TableDefinition<'_, (&str, u64), &[u8]> = TableDefinition::new("rows");
/// Bytes by their SHA-256.
const CHUNKS: TableDefinition<'_, &[u8; 32], &[u8]> = TableDefinition::new("chunks");

/// The length of a SHA-256, in bytes.
const HASH: usize = 32;
/// The memory for pages of the database, in bytes. Each page is written or read once.
const CACHE: usize = 16 << 20;

/// Returns the error about a file whose checksums are right and whose contents are not.
pub(super) fn invalid(reason: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.into())
}

fn failed(error: impl Into<redb::Error>) -> io::Error {
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
    rows: Table<'a, (&'static str, u64), &'static [u8]>,
    chunks: Table<'a, &'static [u8; 32], &'static [u8]>,
}

impl Writer {
    pub(super) fn new(backend: BehindHeader) -> io::Result<Self> {
        let database = Builder::new().set_cache_size(CACHE).create_with_backend(backend).map_err(failed)?;
        let transaction = database.begin_write().map_err(failed)?;
        Ok(Writer { database, transaction })
    }

    pub(super) fn tables(&self) -> io::Result<Tables<'_>> {
        Ok(Tables {
            rows: self.transaction.open_table(ROWS).map_err(failed)?,
            chunks: self.transaction.open_table(CHUNKS).map_err(failed)?,
        })
    }

    /// Commits all rows, and closes the database.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.transaction.commit().map_err(failed)?;
        self.database.compact().map_err(failed)?;
        self.database.close().map_err(failed)
    }
}

impl Tables<'_> {
    /// Writes a row of a kind.
    pub(super) fn put(&mut self, kind: &str, number: u64, row: &impl Serialize) -> io::Result<()> {
        self.put_bytes(kind, number, &serde_json::to_vec(row).map_err(io::Error::other)?)
    }

    /// Writes the bytes of a row, with their checksum.
    pub(super) fn put_bytes(&mut self, kind: &str, number: u64, row: &[u8]) -> io::Result<()> {
        let mut value = Digest::sha256(row).as_bytes().to_vec();
        value.extend_from_slice(row);
        self.rows.insert((kind, number), &*value).map_err(failed)?;
        Ok(())
    }

    /// Writes bytes, unless they are stored already. Returns their SHA-256.
    pub(super) fn put_chunk(&mut self, bytes: &[u8]) -> io::Result<Digest> {
        let hash = Digest::sha256(bytes);
        if self.chunks.get(hash.as_bytes()).map_err(failed)?.is_none() {
            self.chunks.insert(hash.as_bytes(), bytes).map_err(failed)?;
        }
        Ok(hash)
    }
}

/// A database that is being read.
pub(super) struct Reader {
    transaction: ReadTransaction,
}

impl Reader {
    pub(super) fn new(backend: BehindHeader) -> io::Result<Self> {
        let database = Builder::new().set_cache_size(CACHE).open_read_only_with_backend(backend).map_err(failed)?;
        Ok(Reader { transaction: database.begin_read().map_err(failed)? })
    }

    /// Returns all rows of a kind, in the order of their numbers, which are 0, 1, 2 and so on.
    pub(super) fn all<T: DeserializeOwned>(&self, kind: &str) -> io::Result<Vec<T>> {
        let table = match self.transaction.open_table(ROWS) {
            Ok(table) => table,
            Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
            Err(error) => return Err(failed(error)),
        };
        let mut all = Vec::new();
        for entry in table.range((kind, 0)..=(kind, u64::MAX)).map_err(failed)? {
            let (key, value) = entry.map_err(failed)?;
            let (number, value) = (key.value().1, value.value());
            let (hash, row) = value.split_at_checked(HASH).ok_or_else(|| damaged(kind, number))?;
            if number != all.len() as u64 || Digest::sha256(row).as_bytes() != hash {
                return Err(damaged(kind, number));
            }
            let row = serde_json::from_slice(row);
            all.push(row.map_err(|error| invalid(format!("its row {kind:?} {number} is invalid: {error}")))?);
        }
        Ok(all)
    }

    /// Returns the only row of a kind.
    pub(super) fn one<T: DeserializeOwned>(&self, kind: &str) -> io::Result<T> {
        let mut all = self.all(kind)?;
        all.pop().filter(|_| all.is_empty()).ok_or_else(|| invalid(format!("it has not one row {kind:?}")))
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

fn damaged(kind: &str, number: u64) -> io::Error {
    invalid(format!("its row {kind:?} {number} is damaged"))
}

//! The database inside a file: all bytes behind the header.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use redb::StorageBackend;

use super::header::LENGTH;
use crate::sync::Mutex;

/// The bytes of a file behind its header.
#[derive(Debug)]
pub(super) struct BehindHeader(Mutex<File>);

impl BehindHeader {
    pub(super) fn of(file: File) -> Self {
        BehindHeader(Mutex::new(file))
    }
}

impl StorageBackend for BehindHeader {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().metadata()?.len().saturating_sub(LENGTH as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut file = self.0.lock();
        file.seek(SeekFrom::Start(offset.saturating_add(LENGTH as u64)))?;
        file.read_exact(out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.lock().set_len(len.saturating_add(LENGTH as u64))
    }

    /// Does nothing: a file that is being written has a temporary name until it is complete, and is then synced once.
    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut file = self.0.lock();
        file.seek(SeekFrom::Start(offset.saturating_add(LENGTH as u64)))?;
        file.write_all(data)
    }
}

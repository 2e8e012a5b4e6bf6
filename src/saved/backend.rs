//! The storage of the database inside a file: all bytes after the header.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use redb::StorageBackend;

use super::header::LENGTH;
use crate::sync::Mutex;

/// The bytes of a file behind its header.
#[derive(Debug)]
pub(super) struct BehindHeader {
    file: Mutex<File>,
    /// Whether a commit of the database waits until its bytes are on disk.
    syncs: bool,
}

impl BehindHeader {
    /// Returns the bytes of a file that is only read, or that is synced once, when it is complete.
    pub(super) fn of(file: File) -> Self {
        BehindHeader { file: Mutex::new(file), syncs: false }
    }

    /// Returns the bytes of a file that must survive a crash at any moment.
    pub(super) fn durable(file: File) -> Self {
        BehindHeader { file: Mutex::new(file), syncs: true }
    }
}

impl StorageBackend for BehindHeader {
    fn len(&self) -> io::Result<u64> {
        Ok(self.file.lock().metadata()?.len().saturating_sub(LENGTH as u64))
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut file = self.file.lock();
        file.seek(SeekFrom::Start(offset.saturating_add(LENGTH as u64)))?;
        file.read_exact(out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.lock().set_len(len.saturating_add(LENGTH as u64))
    }

    fn sync_data(&self) -> io::Result<()> {
        if self.syncs { self.file.lock().sync_data() } else { Ok(()) }
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut file = self.file.lock();
        file.seek(SeekFrom::Start(offset.saturating_add(LENGTH as u64)))?;
        file.write_all(data)
    }
}

/// The length of a block of [`Unchanged`], in bytes.
const BLOCK: u64 = 4096;

/// The bytes of a file after its header, for a database that was not closed and that redb has to repair. What redb
/// writes stays in memory, so the file does not change.
#[derive(Debug)]
pub(super) struct Unchanged(Mutex<Overlay>);

#[derive(Debug)]
struct Overlay {
    file: File,
    len: u64,
    /// Blocks that were written, by their number.
    written: HashMap<u64, Box<[u8]>>,
}

impl Unchanged {
    pub(super) fn of(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len().saturating_sub(LENGTH as u64);
        Ok(Unchanged(Mutex::new(Overlay { file, len, written: HashMap::new() })))
    }
}

impl Overlay {
    /// Returns a block. Bytes beyond the end of the file are zeros.
    fn block(&mut self, number: u64) -> io::Result<Box<[u8]>> {
        if let Some(written) = self.written.get(&number) {
            return Ok(written.clone());
        }
        let (mut block, mut filled) = (vec![0; BLOCK as usize], 0);
        self.file.seek(SeekFrom::Start(number * BLOCK + LENGTH as u64))?;
        while filled < block.len() {
            match self.file.read(&mut block[filled..])? {
                0 => break,
                length => filled += length,
            }
        }
        Ok(block.into())
    }

    /// Calls `each` for the part of each block that lies in a range: the block's number, the start of the part in the
    /// block, and its range among `len` bytes.
    fn parts(offset: u64, len: usize) -> impl Iterator<Item = (u64, usize, std::ops::Range<usize>)> {
        let mut done = 0;
        std::iter::from_fn(move || {
            let at = offset.checked_add(done as u64).filter(|_| done < len)?;
            let start = (at % BLOCK) as usize;
            let end = len.min(done + BLOCK as usize - start);
            let part = (at / BLOCK, start, done..end);
            done = end;
            Some(part)
        })
    }
}

impl StorageBackend for Unchanged {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let mut overlay = self.0.lock();
        if offset.checked_add(out.len() as u64).is_none_or(|end| end > overlay.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        for (number, start, range) in Overlay::parts(offset, out.len()) {
            let block = overlay.block(number)?;
            let length = range.len();
            out[range].copy_from_slice(&block[start..start + length]);
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.lock().len = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut overlay = self.0.lock();
        for (number, start, range) in Overlay::parts(offset, data.len()) {
            let mut block = overlay.block(number)?;
            block[start..start + range.len()].copy_from_slice(&data[range]);
            overlay.written.insert(number, block);
        }
        Ok(())
    }
}

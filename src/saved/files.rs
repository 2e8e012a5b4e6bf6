//! Writes and reads files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::backend::BehindHeader;
use super::contents::{OpenFile, SavedChunks};
use super::format1;
use super::header::{FIRST_FORMAT, Header, LENGTH};
use super::kept;
use super::state::{self, MockData, SavedState};
use super::store::{Reader, Writer, invalid};
use crate::domain::bytes::{Digest, PlainHasher};
use crate::domain::vault::Batch;

/// Writes a state to a file, which replaces any other file of this name when it is complete. With `embed`, the bytes of
/// archives that are in files are copied; otherwise the file has their paths.
pub(crate) fn write(path: &Path, mock: &MockData, service: &Batch, embed: bool) -> io::Result<()> {
    let temporary = temporary(path)?;
    let written = write_new(&temporary, mock, service, embed).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The error of writing is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written?;
    sync_folder(path)
}

/// Returns the name of a new file in the folder of `path`.
pub(super) fn temporary(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "it has no file name"))?;
    let mut temporary = name.to_owned();
    temporary.push(format!(".{:016x}.saving", fastrand::u64(..)));
    Ok(path.with_file_name(temporary))
}

fn write_new(path: &Path, mock: &MockData, service: &Batch, embed: bool) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
    file.set_len(LENGTH as u64)?;
    let writer = Writer::new(BehindHeader::of(file.try_clone()?))?;
    {
        let mut tables = writer.tables()?;
        state::put_mock(mock, &mut tables)?;
        state::apply(service, embed, &mut tables)?;
    }
    writer.finish()?;
    seal(&mut file)
}

/// Writes the header with the hash of all other bytes, and makes the file durable.
pub(super) fn seal(file: &mut File) -> io::Result<()> {
    let rest = hash_rest(file)?;
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&Header::sealed(rest).page())?;
    file.sync_all()
}

/// Makes the new name of a file durable.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Reads a state from a file. `open` returns the content of a file that has the bytes of an archive.
pub(crate) fn read(path: &Path, open: &OpenFile<'_>) -> io::Result<SavedState> {
    let mut file = File::open(path)?;
    let header = check(&mut file)?;
    if header.rest.is_none() {
        return kept::read(file, open);
    }
    let reader = Reader::new(BehindHeader::of(file))?;
    if header.format == FIRST_FORMAT {
        return format1::read(&reader, open);
    }
    SavedState::read(&reader, &SavedChunks::in_memory(&reader), open)
}

/// Writes a file of an old format again in the current one. Does nothing if it has that one or does not exist. `rows`
/// returns the rows of its state.
pub(crate) fn convert(
    path: &Path,
    open: &OpenFile<'_>,
    rows: impl FnOnce(SavedState) -> io::Result<(MockData, Batch)>,
) -> io::Result<()> {
    let is_old = match File::open(path) {
        Ok(mut file) => file.metadata()?.len() > 0 && read_header(&mut file)?.format == FIRST_FORMAT,
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(error),
    };
    if is_old {
        let (mock, service) = rows(read(path, open)?)?;
        write(path, &mock, &service, false)?;
    }
    Ok(())
}

/// Reads the header. Compares the whole file with the hash in it, if it has one.
pub(super) fn check(file: &mut File) -> io::Result<Header> {
    let header = read_header(file)?;
    match header.rest {
        Some(expected) if hash_rest(file)? != expected => {
            Err(invalid("it is damaged: its bytes do not have the SHA-256 that its header states"))
        }
        _ => Ok(header),
    }
}

fn read_header(file: &mut File) -> io::Result<Header> {
    let mut page = [0; LENGTH];
    file.seek(SeekFrom::Start(0))?;
    let short = |error: io::Error| match error.kind() {
        io::ErrorKind::UnexpectedEof => invalid("it is not a file that glacier-mock saved, or it was truncated"),
        _ => error,
    };
    file.read_exact(&mut page).map_err(short)?;
    Header::read(&page)
}

/// Returns the SHA-256 of everything after the header.
fn hash_rest(file: &mut File) -> io::Result<Digest> {
    file.seek(SeekFrom::Start(LENGTH as u64))?;
    let (mut hasher, mut buffer) = (PlainHasher::new(), vec![0; 1 << 18]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finish()),
            Ok(length) => hasher.update(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

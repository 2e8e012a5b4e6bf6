//! Files with any rows and right checksums, for tests and fuzz targets.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use super::backend::BehindHeader;
use super::files::seal;
use super::header::LENGTH;
use super::store::Writer;

/// Writes a file with these rows: the kind, the number and the JSON of each. The kind `chunk` has the bytes of a chunk in
/// place of JSON.
pub(crate) fn write_rows(path: &Path, rows: &[(&str, u64, &[u8])]) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
    file.set_len(LENGTH as u64)?;
    let writer = Writer::new(BehindHeader::of(file.try_clone()?))?;
    let mut tables = writer.tables()?;
    for (kind, number, row) in rows {
        match *kind {
            "chunk" => drop(tables.put_chunk(row)?),
            kind => tables.put_bytes(kind, *number, row)?,
        }
    }
    drop(tables);
    writer.finish()?;
    seal(&mut file)
}

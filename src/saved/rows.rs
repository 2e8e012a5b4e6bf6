//! Files with any rows and right checksums, for tests and fuzz targets.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use super::backend::BehindHeader;
use super::files::seal;
use super::header::LENGTH;
use super::store::Writer;

/// Writes a file with these rows: the key and the JSON of each. The key `chunk` has the bytes of a chunk in place of JSON.
pub(crate) fn write_rows(path: &Path, rows: &[(&str, &[u8])]) -> io::Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
    file.set_len(LENGTH as u64)?;
    let writer = Writer::new(BehindHeader::of(file.try_clone()?))?;
    let mut tables = writer.tables()?;
    for (key, row) in rows {
        match *key {
            "chunk" => drop(tables.put_chunk(row)?),
            key => tables.put(key, row)?,
        }
    }
    drop(tables);
    writer.finish()?;
    seal(&mut file)
}

//! The two forms of an inventory: JSON, and the service's own CSV.

use std::fmt::{self, Write};

use super::archive::Archive;
use crate::domain::words::Timestamp;
use crate::text::word_enum;

word_enum! {
    /// The form of an inventory.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Format {
        Json = "JSON",
        Csv = "CSV",
    }
}

impl Format {
    /// Returns the text before the first archive.
    pub(crate) fn head(self, vault_arn: &str, taken: Timestamp) -> String {
        match self {
            Format::Json => format!(
                r#"{{"VaultARN":{},"InventoryDate":"{}","ArchiveList":["#,
                serde_json::Value::from(vault_arn),
                taken.to_whole_seconds()
            ),
            Format::Csv => "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\n".into(),
        }
    }

    /// Returns the length of the separator between two archives, which does not follow the last one.
    pub(crate) fn separator(self) -> u64 {
        match self {
            Format::Json => 1,
            Format::Csv => 0,
        }
    }

    /// Returns the text after the last archive.
    pub(crate) fn tail(self) -> &'static str {
        match self {
            Format::Json => "]}",
            Format::Csv => "",
        }
    }

    /// Writes an archive and the separator after it.
    pub(crate) fn write(self, archive: &Archive, out: &mut impl Write) -> fmt::Result {
        match self {
            Format::Json => json(archive, out),
            Format::Csv => csv(archive, out),
        }
    }

    /// Returns the length of what [`write`](Self::write) writes.
    pub(crate) fn len_of(self, archive: &Archive) -> usize {
        let mut counter = Counter(0);
        // Counting does not fail.
        let _ = self.write(archive, &mut counter);
        counter.0
    }
}

/// Writes compact JSON in the observed order of keys, which is not alphabetical (observed.md 3.5). Only quotes and
/// backslashes of the description need escapes, because it is printable ASCII. IDs are URL-safe.
fn json(archive: &Archive, out: &mut impl Write) -> fmt::Result {
    out.write_str(r#"{"ArchiveId":""#)?;
    out.write_str(archive.id.as_str())?;
    out.write_str(r#"","ArchiveDescription":""#)?;
    escaped(archive.description.text(), &['"', '\\'], out)?;
    out.write_str(r#"","CreationDate":""#)?;
    archive.created.write_whole_seconds(out)?;
    write!(out, r#"","Size":{},"SHA256TreeHash":"{}"}},"#, archive.size(), archive.tree_hash())
}

/// Writes the service's variant of CSV, which is not RFC 4180: the description is always quoted, a quote in it is
/// written `\"`, a backslash is not escaped, and every line ends in LF (observed.md 3.5).
fn csv(archive: &Archive, out: &mut impl Write) -> fmt::Result {
    out.write_str(archive.id.as_str())?;
    out.write_str(",\"")?;
    escaped(archive.description.text(), &['"'], out)?;
    out.write_str("\",")?;
    archive.created.write_whole_seconds(out)?;
    writeln!(out, ",{},{}", archive.size(), archive.tree_hash())
}

fn escaped(text: &str, special: &[char], out: &mut impl Write) -> fmt::Result {
    let mut parts = text.split(special);
    let specials = text.matches(special);
    out.write_str(parts.next().unwrap_or_default())?;
    for (character, plain) in specials.zip(parts) {
        out.write_str("\\")?;
        out.write_str(character)?;
        out.write_str(plain)?;
    }
    Ok(())
}

struct Counter(usize);

impl Write for Counter {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

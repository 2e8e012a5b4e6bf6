//! The two forms of an inventory: JSON, and the service's own CSV.

use std::fmt::{self, Write};

use super::archive::Archive;
use crate::domain::words::Timestamp;
use crate::text::word_enum::word_enum;

word_enum! {
    /// The form of an inventory.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(crate) enum Format {
        Json = "JSON",
        Csv = "CSV",
    }
}

impl Format {
    /// What comes before the archives.
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

    /// How many bytes are between one archive and the next, but not behind the last.
    pub(crate) fn separator(self) -> u64 {
        match self {
            Format::Json => 1,
            Format::Csv => 0,
        }
    }

    /// What comes after the archives.
    pub(crate) fn tail(self) -> &'static str {
        match self {
            Format::Json => "]}",
            Format::Csv => "",
        }
    }

    /// An archive, and what comes before the next one.
    pub(crate) fn write(self, archive: &Archive, out: &mut impl Write) -> fmt::Result {
        match self {
            Format::Json => json(archive, out),
            Format::Csv => csv(archive, out),
        }
    }

    /// How long that is.
    pub(crate) fn len_of(self, archive: &Archive) -> usize {
        let mut counter = Counter(0);
        // Counting does not fail.
        let _ = self.write(archive, &mut counter);
        counter.0
    }
}

/// Compact, in the observed order of keys, which is not the alphabet's (observed.md 3.5). Nothing in a description but
/// quotes and backslashes needs an escape: it is printable ASCII. IDs are URL-safe.
fn json(archive: &Archive, out: &mut impl Write) -> fmt::Result {
    out.write_str(r#"{"ArchiveId":""#)?;
    out.write_str(archive.id.as_str())?;
    out.write_str(r#"","ArchiveDescription":""#)?;
    escaped(archive.description.text(), &['"', '\\'], out)?;
    out.write_str(r#"","CreationDate":""#)?;
    archive.created.write_whole_seconds(out)?;
    write!(out, r#"","Size":{},"SHA256TreeHash":"{}"}},"#, archive.size(), archive.tree_hash())
}

/// Not RFC 4180: the description is always quoted, a quote in it is written `\"`, and a backslash is left as it is. Lines
/// end in LF, the last one too (observed.md 3.5).
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

//! Reads an inventory of the real service, in JSON or CSV as GetJobOutput returns it (api.md section 6).

use std::collections::HashMap;
use std::num::NonZeroU64;

use serde::Deserialize;
use serde_json::Number;

use super::archive::MAX_UPLOAD;
use crate::domain::bytes::Digest;
use crate::domain::words::{ArchiveId, Description, Timestamp};

/// The maximum size of an archive: 10,000 parts of 4 GiB (api.md section 4).
const MAX_SIZE: u64 = 10_000 * MAX_UPLOAD;

/// The maximum length of an archive ID, in characters. Those of the real service have 138.
const MAX_ID: usize = 1024;

const COLUMNS: &str = "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash";

/// The archives of an inventory.
#[derive(Debug)]
pub(crate) struct ListedInventory {
    /// The ARN of the vault, which an inventory in CSV does not have.
    #[cfg_attr(not(feature = "standalone"), expect(dead_code, reason = "only the program reads it"))]
    vault_arn: Option<String>,
    pub(crate) archives: Vec<ListedArchive>,
}

/// An archive of an inventory.
#[derive(Clone, Debug)]
pub(crate) struct ListedArchive {
    pub(crate) id: ArchiveId,
    pub(crate) description: Description,
    pub(crate) created: Timestamp,
    pub(crate) size: NonZeroU64,
    pub(crate) tree_hash: Digest,
}

/// An inventory in JSON. The types are wide, so that an error can name the entry.
#[derive(Deserialize)]
struct Whole {
    #[serde(rename = "VaultARN")]
    vault_arn: Option<String>,
    #[serde(rename = "ArchiveList")]
    archive_list: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    archive_id: Option<String>,
    archive_description: Option<String>,
    creation_date: Option<String>,
    size: Option<Number>,
    #[serde(rename = "SHA256TreeHash")]
    tree_hash: Option<String>,
}

impl ListedInventory {
    /// Reads an inventory: JSON if it begins with `{`, and CSV otherwise. The error names the line or the entry.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            format!("line {line}: the text is not UTF-8")
        })?;
        let text = text.trim_start_matches('\u{feff}');
        let inventory = match text.trim_start().chars().next() {
            None => return Err("the inventory is empty: it has neither JSON nor the header of a CSV".into()),
            Some('{') => Self::of_json(text)?,
            Some(_) => ListedInventory { vault_arn: None, archives: of_csv(text)? },
        };
        Ok(inventory)
    }

    fn of_json(text: &str) -> Result<Self, String> {
        let whole: Whole = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let mut archives = Archives::default();
        for (n, entry) in (1..).zip(whole.archive_list) {
            let place = format!("entry {n}");
            let missing = |name: &str| format!("{place}: {name} is missing");
            archives.add(
                &place,
                &entry.archive_id.ok_or_else(|| missing("ArchiveId"))?,
                &entry.archive_description.unwrap_or_default(),
                &entry.creation_date.ok_or_else(|| missing("CreationDate"))?,
                &entry.size.ok_or_else(|| missing("Size"))?.to_string(),
                &entry.tree_hash.ok_or_else(|| missing("SHA256TreeHash"))?,
            )?;
        }
        Ok(ListedInventory { vault_arn: whole.vault_arn, archives: archives.all })
    }

    /// Returns the name of the vault, if the inventory has it.
    #[cfg(feature = "standalone")]
    pub(crate) fn vault_name(&self) -> Option<&str> {
        self.vault_arn.as_deref()?.rsplit_once(":vaults/").map(|(_, name)| name)
    }

    /// Returns the sum of the sizes of the archives, in bytes.
    #[cfg(feature = "standalone")]
    pub(crate) fn bytes(&self) -> u128 {
        self.archives.iter().map(|archive| u128::from(archive.size.get())).sum()
    }
}

/// Reads the service's variant of CSV, in which only the description is quoted (observed.md 3.5). The other columns
/// contain no comma, so they are found from both ends of the line.
fn of_csv(text: &str) -> Result<Vec<ListedArchive>, String> {
    let mut lines = (1..).zip(text.lines()).map(|(n, line)| (format!("line {n}"), line));
    let header = lines.next().map(|(_, header)| header.trim_end()).unwrap_or_default();
    if header != COLUMNS {
        let header: String = header.chars().take(200).collect();
        return Err(format!("line 1: expected the columns {COLUMNS}, but found {header:?}"));
    }
    let mut archives = Archives::default();
    for (place, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let columns = (|| {
            let (id, rest) = line.split_once(',')?;
            let (rest, tree_hash) = rest.rsplit_once(',')?;
            let (rest, size) = rest.rsplit_once(',')?;
            let (description, created) = rest.rsplit_once(',')?;
            Some((id, description, created, size, tree_hash))
        })();
        let Some((id, description, created, size, tree_hash)) = columns else {
            return Err(format!("{place}: expected the five columns {COLUMNS}"));
        };
        let description = unquoted(description).ok_or_else(|| {
            format!("{place}: the description must be quoted, and a quote inside must be escaped with a backslash")
        })?;
        archives.add(&place, id, &description, created, size, tree_hash)?;
    }
    Ok(archives.all)
}

/// Returns the text of a quoted description. In the service's form each quote inside has a backslash before it, and other
/// backslashes are as they are. Spreadsheets double the quotes instead, and leave out the outer ones if they can.
fn unquoted(field: &str) -> Option<String> {
    if !field.starts_with('"') {
        return (!field.contains('"')).then(|| field.to_owned());
    }
    let inner = field.strip_prefix('"')?.strip_suffix('"')?;
    let escaped = inner.replace("\\\"", "");
    if !escaped.contains('"') {
        return Some(inner.replace("\\\"", "\""));
    }
    (!inner.replace("\"\"", "").contains('"')).then(|| inner.replace("\"\"", "\""))
}

/// The archives that were read, and the place of each ID.
#[derive(Default)]
struct Archives {
    all: Vec<ListedArchive>,
    places: HashMap<ArchiveId, String>,
}

impl Archives {
    /// Adds an archive after it has checked its values.
    fn add(
        &mut self,
        place: &str,
        id: &str,
        description: &str,
        created: &str,
        size: &str,
        tree_hash: &str,
    ) -> Result<(), String> {
        let is_url_safe = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if id.is_empty() || id.len() > MAX_ID || !id.bytes().all(is_url_safe) {
            return Err(format!("{place}: the ArchiveId {id:?} is not one: it has letters, digits, `-` and `_`"));
        }
        let id = ArchiveId::new(id);
        if let Some(earlier) = self.places.get(&id) {
            return Err(format!("{place}: {earlier} has the same ArchiveId {:?}", id.as_str()));
        }
        // The service has removed leading spaces.
        let description = Description::of_job(description).ok_or_else(|| {
            format!("{place}: the ArchiveDescription {description:?} is not at most 1,024 printable ASCII characters")
        })?;
        let size = size.parse().ok().filter(|size: &NonZeroU64| size.get() <= MAX_SIZE);
        let size = size.ok_or_else(|| format!("{place}: the Size is not a number of bytes from 1 to {MAX_SIZE}"))?;
        let created = created.parse().map_err(|error| format!("{place}: CreationDate: {error}"))?;
        let tree_hash = tree_hash.parse().map_err(|error| format!("{place}: SHA256TreeHash: {error}"))?;
        self.places.insert(id.clone(), place.to_owned());
        self.all.push(ListedArchive { id, description, created, size, tree_hash });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HASH: &str = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

    fn error(text: &str) -> String {
        ListedInventory::read(text.as_bytes()).unwrap_err()
    }

    fn csv(rows: &str) -> String {
        format!("{COLUMNS}\n{rows}")
    }

    fn entry(id: &str, size: &str) -> String {
        let rest =
            format!(r#""ArchiveDescription":"","CreationDate":"2013-11-06T02:51:20Z","SHA256TreeHash":"{HASH}""#);
        format!(r#"{{"ArchiveId":"{id}",{rest},"Size":{size}}}"#)
    }

    fn json(entries: &[&str]) -> String {
        format!(
            r#"{{"VaultARN":"arn:aws:glacier:eu-west-1:111122223333:vaults/v","ArchiveList":[{}]}}"#,
            entries.join(",")
        )
    }

    #[test]
    fn descriptions_of_every_form_are_read() {
        let cases = [
            (r#""""#, ""),
            (r#""plain, with a comma""#, "plain, with a comma"),
            (r#""a \"b\"""#, r#"a "b""#),
            // The service does not escape a backslash, at the end either.
            (r#""C:\new\""#, r"C:\new\"),
            (r#""\\"""#, r#"\""#),
            // A spreadsheet has saved these.
            (r#""a ""b""""#, r#"a "b""#),
            ("plain", "plain"),
        ];
        for (written, expected) in cases {
            let text = csv(&format!("id-1,{written},2013-11-06T02:51:20.123Z,7,{HASH}\r\n"));
            let inventory = ListedInventory::read(text.as_bytes()).unwrap();
            let [archive] = &*inventory.archives else { panic!("{written}") };
            assert_eq!((archive.id.as_str(), archive.description.text()), ("id-1", expected), "{written}");
            assert_eq!((archive.size.get(), archive.tree_hash.to_string()), (7, HASH.to_owned()));
            assert_eq!(archive.created.to_string(), "2013-11-06T02:51:20.123Z");
        }
    }

    #[test]
    fn the_longest_id_and_the_largest_size_are_read() {
        let (id, size) = ("x".repeat(MAX_ID), MAX_SIZE.to_string());
        let inventory = ListedInventory::read(json(&[&entry(&id, &size)]).as_bytes()).unwrap();
        assert_eq!((inventory.archives[0].id.as_str(), inventory.archives[0].size.get()), (&*id, MAX_SIZE));
    }

    #[test]
    fn an_invalid_inventory_is_refused_with_its_place() {
        let row = |id: &str, size: &str| format!("{id},\"\",2013-11-06T02:51:20Z,{size},{HASH}\n");
        let max = (MAX_SIZE + 1).to_string();
        let long = "x".repeat(MAX_ID + 1);
        let cases = [
            (String::new(), "the inventory is empty"),
            (" \n".into(), "the inventory is empty"),
            ("{".into(), "EOF while parsing"),
            ("{}".into(), "missing field `ArchiveList`"),
            (json(&[&entry("a", "1"), "7"]), "invalid type: integer `7`, expected struct Entry at line 1 column"),
            (json(&[&entry("a", "1"), &entry("a", "1")]), "entry 2: entry 1 has the same ArchiveId \"a\""),
            (json(&[&entry("a", "0")]), "entry 1: the Size is not a number of bytes from 1 to 42949672960000"),
            (json(&[&entry("a", "-1")]), "entry 1: the Size is not"),
            (json(&[&entry("a", "1.5")]), "entry 1: the Size is not"),
            (json(&[&entry("a", &max)]), "entry 1: the Size is not"),
            (json(&[&entry("a", "\"1\"")]), "invalid type: string \"1\", expected a JSON number at line 1 column"),
            (json(&[&entry("a", "null")]), "entry 1: Size is missing"),
            (json(&[&entry("a\\\"b", "1")]), "entry 1: the ArchiveId \"a\\\"b\" is not one"),
            (json(&[&entry("", "1")]), "entry 1: the ArchiveId \"\" is not one"),
            (json(&[&entry(&long, "1")]), "entry 1: the ArchiveId \"xxx"),
            (json(&[&entry("a", "1").replace("2013", "MMXIII")]), "entry 1: CreationDate: "),
            (
                json(&[&entry("a", "1").replace(HASH, "2d71")]),
                "entry 1: SHA256TreeHash: \"2d71\" is not a SHA-256 digest",
            ),
            (
                json(&[&entry("a", "1").replace(r#"Description":""#, r#"Description":"é"#)]),
                "entry 1: the ArchiveDescription \"é\"",
            ),
            (json(&[&entry("a", "1").replace("CreationDate", "Created")]), "entry 1: CreationDate is missing"),
            ("ArchiveId,Size\n".into(), "line 1: expected the columns ArchiveId,ArchiveDescription,"),
            (csv("a,b,c\n"), "line 2: expected the five columns"),
            (csv(&(row("a", "1") + &row("a", "1"))), "line 3: line 2 has the same ArchiveId"),
            (csv(&row("a", "-7")), "line 2: the Size is not"),
            (csv(&row("a", "")), "line 2: the Size is not"),
            (csv(&row("a", "1").replace("\"\"", "\"a\"b\"")), "line 2: the description must be quoted"),
            (csv(&row("a", "1").replace("\"\"", "a\"b")), "line 2: the description must be quoted"),
        ];
        for (text, expected) in cases {
            assert!(error(&text).starts_with(expected), "{text}: {}", error(&text));
        }
        assert_eq!(ListedInventory::read(b"abc\n\xff").unwrap_err(), "line 2: the text is not UTF-8");
    }
}

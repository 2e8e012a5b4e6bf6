//! An inventory: a snapshot of the archives of a vault, whose text is generated while it is read.

use std::fmt;
use std::io;
use std::sync::Arc;

use bytes::Bytes;

use super::archive_list::{ArchiveList, Unit, Window};
use super::inventory_format::Format;
use crate::domain::bytes::{Content, Source};
use crate::domain::words::Timestamp;

/// A retrieval of a vault's inventory.
#[derive(Clone, Debug)]
pub(crate) struct InventoryRetrieval {
    pub(crate) vault_arn: String,
    /// When the inventory was taken.
    pub(crate) taken: Timestamp,
    pub(crate) archives: ArchiveList,
    pub(crate) format: Format,
    /// The archives of this page.
    pub(crate) page: Window,
    pub(crate) limit: Option<u64>,
    /// The marker of the next page, if there is one.
    pub(crate) next: Option<String>,
}

impl InventoryRetrieval {
    /// Cuts the page after `limit` archives. Returns the position and the marker of the next page, if there is one.
    pub(crate) fn cut(&mut self, limit: u64) -> Option<(u64, String)> {
        let (position, archive, _) = self.archives.seek(&self.page, Unit::Archives, limit)?;
        let marker = archive.id.to_string();
        self.page.until = position;
        Some((position, marker))
    }

    /// Returns the text of the inventory. It is not stored: its length is computed from the list, and each read
    /// generates the bytes that it returns.
    pub(crate) fn output(&self) -> Content {
        let entries = self.archives.count(&self.page, Unit::Bytes(self.format));
        let text = Text {
            head: self.format.head(&self.vault_arn, self.taken),
            entries: entries.saturating_sub(self.format.separator()),
            archives: self.archives.clone(),
            page: self.page.clone(),
            format: self.format,
        };
        Content::lazy(Arc::new(text))
    }
}

#[derive(Debug)]
struct Text {
    head: String,
    /// The length of all archives with the separators between them, in bytes.
    entries: u64,
    archives: ArchiveList,
    page: Window,
    format: Format,
}

impl Text {
    /// Returns the position after the last archive.
    fn end_of_entries(&self) -> u64 {
        self.head.len() as u64 + self.entries
    }

    /// Writes archives until there are `most` bytes, or the last archive ends. `from` is counted from the first
    /// archive.
    fn write_entries(&self, from: u64, most: usize, out: &mut Written) {
        let Some((position, first, skipped)) = self.archives.seek(&self.page, Unit::Bytes(self.format), from) else {
            return;
        };
        let (start, end) = (out.0.len(), out.0.len() + most.min((self.entries - from) as usize));
        // Writing to a vector does not fail.
        let _ = self.format.write(first, out);
        out.0.drain(start..start + skipped as usize);
        let mut others = self.archives.within(Window { from: position + 1, ..self.page.clone() });
        while out.0.len() < end
            && let Some((_, archive)) = others.next()
        {
            let _ = self.format.write(archive, out);
        }
        // Removes the separator after the last archive.
        out.0.truncate(end);
    }
}

/// Text as bytes, because a range of an inventory may begin and end inside a character.
struct Written(Vec<u8>);

impl fmt::Write for Written {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

impl Source for Text {
    fn len(&self) -> u64 {
        self.end_of_entries() + self.format.tail().len() as u64
    }

    fn read(&self, from: u64, most: usize) -> io::Result<Bytes> {
        // The last archive may exceed the requested length.
        let mut out = Written(Vec::with_capacity(most + 4096));
        let head = self.head.len() as u64;
        if from < head {
            out.0.extend_from_slice(&self.head.as_bytes()[from as usize..]);
        }
        let at = from + out.0.len() as u64;
        if out.0.len() < most && at < self.end_of_entries() {
            self.write_entries(at - head, most - out.0.len(), &mut out);
        }
        let at = from + out.0.len() as u64;
        if at >= self.end_of_entries() {
            out.0.extend_from_slice(&self.format.tail().as_bytes()[(at - self.end_of_entries()) as usize..]);
        }
        out.0.truncate(most);
        Ok(out.0.into())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::domain::bytes::ByteRange;
    use crate::domain::vault::archive::{Archive, StoredBytes};
    use crate::domain::vault::archive_list::Period;
    use crate::domain::words::{ArchiveId, Description};

    fn retrieval(descriptions: &[&str], format: Format) -> InventoryRetrieval {
        let mut archives = ArchiveList::default();
        for (n, description) in descriptions.iter().enumerate() {
            let body = StoredBytes::of(b"x").unwrap();
            let created = format!("2013-11-06T02:51:2{n}.900Z").parse::<Timestamp>().unwrap();
            let description = Description::parse(description).unwrap();
            archives
                .insert(n as u64, Archive::new(ArchiveId::new(format!("id{n}")), description, created, &body).unwrap());
        }
        InventoryRetrieval {
            vault_arn: "arn:aws:glacier:us-east-1:000000000000:vaults/v".into(),
            taken: "2013-11-07T00:00:00.123Z".parse::<Timestamp>().unwrap(),
            archives,
            format,
            page: Window::starting_at(0, Period::default()),
            limit: None,
            next: None,
        }
    }

    fn text_of(retrieval: &InventoryRetrieval) -> String {
        String::from_utf8(retrieval.output().to_bytes().unwrap().into()).unwrap()
    }

    const HASH: &str = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

    #[test]
    fn json_has_the_observed_order_and_whole_seconds() {
        let text = text_of(&retrieval(&["", "a \"b\""], Format::Json));
        assert_eq!(
            text,
            format!(
                r#"{{"VaultARN":"arn:aws:glacier:us-east-1:000000000000:vaults/v","InventoryDate":"2013-11-07T00:00:00Z","ArchiveList":[{{"ArchiveId":"id0","ArchiveDescription":"","CreationDate":"2013-11-06T02:51:20Z","Size":1,"SHA256TreeHash":"{HASH}"}},{{"ArchiveId":"id1","ArchiveDescription":"a \"b\"","CreationDate":"2013-11-06T02:51:21Z","Size":1,"SHA256TreeHash":"{HASH}"}}]}}"#
            )
        );
        let empty = text_of(&retrieval(&[], Format::Json));
        assert!(empty.ends_with(r#""ArchiveList":[]}"#), "{empty}");
    }

    #[test]
    fn csv_quotes_the_description_and_escapes_only_quotes() {
        let text = text_of(&retrieval(&["plain", r#"a,"b"\c"#], Format::Csv));
        assert_eq!(
            text,
            format!(
                "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\n\
                 id0,\"plain\",2013-11-06T02:51:20Z,1,{HASH}\n\
                 id1,\"a,\\\"b\\\"\\c\",2013-11-06T02:51:21Z,1,{HASH}\n"
            )
        );
        // A CSV reader that is configured for the escape returns the fields, as long as they contain no backslash.
        let text = text_of(&retrieval(&["a, \"b\" c"], Format::Csv));
        let mut reader = csv::ReaderBuilder::new().escape(Some(b'\\')).double_quote(false).from_reader(text.as_bytes());
        assert_eq!(&reader.records().next().unwrap().unwrap()[1], "a, \"b\" c");
    }

    #[test]
    fn a_snapshot_does_not_change_with_the_list() {
        let mut list = retrieval(&["a", "b"], Format::Json).archives;
        let snapshot = list.clone();
        list.remove(0);
        assert_eq!((list.len(), snapshot.len()), (1, 2));
    }

    #[test]
    fn a_period_includes_its_start_and_excludes_its_end() {
        let mut retrieval = retrieval(&["a", "b", "c"], Format::Json);
        let created = |n: u64| format!("2013-11-06T02:51:2{n}.900Z").parse::<Timestamp>().ok();
        retrieval.page.period = Period { start: created(1), end: created(2) };
        let archives = retrieval.archives.within(retrieval.page);
        let ids: Vec<_> = archives.map(|(_, archive)| archive.id.to_string()).collect();
        assert_eq!(ids, ["id1"]);
    }

    /// Positions without gaps fill whole nodes of the list, which are then counted by their sums.
    #[test]
    fn a_period_of_a_long_list_has_the_archives_that_were_created_in_it() {
        let at = |second: u64| Timestamp::from(SystemTime::UNIX_EPOCH).after(Duration::from_secs(second));
        let (mut archives, body) = (ArchiveList::default(), StoredBytes::of(b"x").unwrap());
        for n in 0..200 {
            let id = ArchiveId::new(format!("id{n}"));
            archives.insert(n, Archive::new(id, Description::default(), at(n / 20), &body).unwrap());
        }
        let seconds = || (0..12).map(Some).chain([None]);
        for (start, end) in seconds().flat_map(|start| seconds().map(move |end| (start, end))) {
            let window = Window::starting_at(0, Period { start: start.map(at), end: end.map(at) });
            let (first, end) = (start.unwrap_or(0).min(10), end.unwrap_or(10).min(10));
            let expected = 20 * end.saturating_sub(first);
            assert_eq!(archives.count(&window, Unit::Archives), expected, "{window:?}");
        }
    }

    #[test]
    fn removing_a_position_behind_the_list_changes_nothing() {
        let mut archives = retrieval(&["a"], Format::Json).archives;
        // A node has 32 places.
        (1..100).for_each(|position| archives.remove(position));
        assert_eq!(archives.len(), 1);
    }

    /// Every range is read separately, and compared with the same range of the whole text.
    #[test]
    fn every_range_of_an_inventory_equals_the_range_of_the_whole() {
        for format in [Format::Json, Format::Csv] {
            for descriptions in [&[][..], &["a"], &["", r#"a "b" \c\"#, "c", "dd"]] {
                let retrieval = retrieval(descriptions, format);
                let (whole, content) = (text_of(&retrieval), retrieval.output());
                assert_eq!(whole.len() as u64, content.len());
                for first in 0..content.len() {
                    for last in [first, first + 1, first + 100, first + 700] {
                        let range = ByteRange::new(first, last).unwrap().cut_to(content.len());
                        let part: Vec<u8> = content.range(range).flat_map(|chunk| chunk.unwrap()).collect();
                        assert_eq!(part, &whole.as_bytes()[first as usize..=range.last() as usize], "{range}");
                    }
                }
            }
        }
    }

    /// The validation of regions prevents such an ARN, but even then reading a range must not panic.
    #[test]
    fn a_range_may_begin_and_end_inside_a_character() {
        let mut retrieval = retrieval(&["a"], Format::Json);
        retrieval.vault_arn = "arn:aws:glacier:é:000000000000:vaults/v".into();
        let (whole, content) = (text_of(&retrieval), retrieval.output());
        for at in 0..content.len() {
            let range = ByteRange::new(at, at).unwrap();
            let part: Vec<u8> = content.range(range).flat_map(|chunk| chunk.unwrap()).collect();
            assert_eq!(part, [whole.as_bytes()[at as usize]], "{range}");
        }
    }

    #[test]
    fn a_page_ends_before_the_next_begins() {
        let mut first = retrieval(&["a", "b", "c"], Format::Csv);
        assert_eq!(first.cut(2), Some((2, "id2".into())));
        let mut second = InventoryRetrieval { page: Window::starting_at(2, Period::default()), ..first.clone() };
        assert_eq!(second.cut(2), None);
        assert_eq!((text_of(&first).lines().count(), text_of(&second).lines().count()), (3, 2));
    }

    /// A JSON parser must return a description with all printable characters unchanged.
    #[test]
    fn descriptions_are_escaped_in_json() {
        let all: String = (0x20..=0x7e_u8).map(char::from).collect();
        let read: serde_json::Value = serde_json::from_str(&text_of(&retrieval(&[&all], Format::Json))).unwrap();
        assert_eq!(read["ArchiveList"][0]["ArchiveDescription"], all.trim_start());
    }
}

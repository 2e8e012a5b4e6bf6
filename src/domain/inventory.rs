//! An inventory: the list of a vault's archives as it was at one moment, in JSON or in the service's own CSV.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Arc;

use super::archive::Archive;
use super::timestamp::Timestamp;

/// The archives of a vault in the order of their upload. Taking a snapshot costs a reference count; the first
/// change after one copies the index (not the archives).
#[derive(Clone, Debug, Default)]
pub(crate) struct ArchiveList(Arc<BTreeMap<u64, Arc<Archive>>>);

impl ArchiveList {
    pub(crate) fn insert(&mut self, position: u64, archive: Arc<Archive>) {
        Arc::make_mut(&mut self.0).insert(position, archive);
    }

    pub(crate) fn remove(&mut self, position: u64) {
        Arc::make_mut(&mut self.0).remove(&position);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn starting_at(&self, position: u64) -> impl Iterator<Item = (u64, &Arc<Archive>)> {
        self.0.range(position..).map(|(&position, archive)| (position, archive))
    }
}

/// The form of an inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Csv,
}

impl Format {
    pub(crate) fn parse(format: &str) -> Option<Self> {
        [Format::Json, Format::Csv].into_iter().find(|known| known.as_str() == format)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Format::Json => "JSON",
            Format::Csv => "CSV",
        }
    }
}

/// Which archives an inventory job lists: those created from `start` on and before `end`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) start: Option<Timestamp>,
    pub(crate) end: Option<Timestamp>,
}

impl Period {
    fn holds(&self, created: Timestamp) -> bool {
        self.start.is_none_or(|start| start <= created) && self.end.is_none_or(|end| created < end)
    }
}

/// A retrieval of a vault's inventory.
#[derive(Clone, Debug)]
pub(crate) struct InventoryRetrieval {
    pub(crate) vault_arn: String,
    /// When the inventory was taken.
    pub(crate) taken: Timestamp,
    pub(crate) archives: ArchiveList,
    pub(crate) format: Format,
    pub(crate) period: Period,
    pub(crate) limit: Option<u64>,
    /// The position in the list at which this page begins.
    pub(crate) from: u64,
    /// The marker of the next page, if there is one.
    pub(crate) next: Option<String>,
}

impl InventoryRetrieval {
    /// The archives of the page, and after them the one that begins the next page.
    pub(crate) fn matching(&self) -> impl Iterator<Item = (u64, &Arc<Archive>)> {
        self.archives.starting_at(self.from).filter(|(_, archive)| self.period.holds(archive.created))
    }

    fn page(&self) -> impl Iterator<Item = &Archive> {
        let limit = self.limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        self.matching().take(limit).map(|(_, archive)| &**archive)
    }

    /// The inventory as the job's output has it.
    pub(crate) fn render(&self) -> Vec<u8> {
        match self.format {
            Format::Json => self.render_json(),
            Format::Csv => self.render_csv(),
        }
    }

    /// Compact, in the observed order of keys, which is not the alphabet's (observed.md 3.5).
    fn render_json(&self) -> Vec<u8> {
        let mut out = Vec::new();
        // Writing to a vector does not fail.
        let _ = write!(
            out,
            r#"{{"VaultARN":{},"InventoryDate":"{}","ArchiveList":["#,
            json(&self.vault_arn),
            self.taken.to_whole_seconds(),
        );
        for (n, archive) in self.page().enumerate() {
            let _ = write!(
                out,
                r#"{}{{"ArchiveId":{},"ArchiveDescription":{},"CreationDate":"{}","Size":{},"SHA256TreeHash":"{}"}}"#,
                if n == 0 { "" } else { "," },
                json(archive.id.as_str()),
                json(archive.description.text()),
                archive.created.to_whole_seconds(),
                archive.size(),
                archive.tree_hash(),
            );
        }
        out.extend_from_slice(b"]}");
        out
    }

    /// Not RFC 4180: the description is always quoted, a quote in it is written `\"`, and a backslash is left as it
    /// is (observed.md 3.5). Lines end in CRLF, the last one too: the newer of the two forms in AWS's own samples.
    fn render_csv(&self) -> Vec<u8> {
        let mut out = b"ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\r\n".to_vec();
        for archive in self.page() {
            let description = archive.description.text().replace('"', "\\\"");
            let _ = write!(
                out,
                "{},\"{description}\",{},{},{}\r\n",
                archive.id,
                archive.created.to_whole_seconds(),
                archive.size(),
                archive.tree_hash(),
            );
        }
        out
    }
}

fn json(text: &str) -> serde_json::Value {
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::archive::StoredBytes;
    use crate::domain::description::Description;
    use crate::domain::id::ArchiveId;

    fn retrieval(descriptions: &[&str], format: Format) -> InventoryRetrieval {
        let mut archives = ArchiveList::default();
        for (n, description) in descriptions.iter().enumerate() {
            let body = StoredBytes::of(b"x".to_vec());
            let created = Timestamp::parse(&format!("2013-11-06T02:51:2{n}.900Z")).unwrap();
            let description = Description::parse(description).unwrap();
            archives
                .insert(n as u64, Archive::new(ArchiveId::new(format!("id{n}")), description, created, &body).unwrap());
        }
        InventoryRetrieval {
            vault_arn: "arn:aws:glacier:us-east-1:000000000000:vaults/v".into(),
            taken: Timestamp::parse("2013-11-07T00:00:00.123Z").unwrap(),
            archives,
            format,
            period: Period::default(),
            limit: None,
            from: 0,
            next: None,
        }
    }

    const HASH: &str = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

    #[test]
    fn json_has_the_observed_order_and_whole_seconds() {
        let text = String::from_utf8(retrieval(&["", "a \"b\""], Format::Json).render()).unwrap();
        assert_eq!(
            text,
            format!(
                r#"{{"VaultARN":"arn:aws:glacier:us-east-1:000000000000:vaults/v","InventoryDate":"2013-11-07T00:00:00Z","ArchiveList":[{{"ArchiveId":"id0","ArchiveDescription":"","CreationDate":"2013-11-06T02:51:20Z","Size":1,"SHA256TreeHash":"{HASH}"}},{{"ArchiveId":"id1","ArchiveDescription":"a \"b\"","CreationDate":"2013-11-06T02:51:21Z","Size":1,"SHA256TreeHash":"{HASH}"}}]}}"#
            )
        );
        let empty = String::from_utf8(retrieval(&[], Format::Json).render()).unwrap();
        assert!(empty.ends_with(r#""ArchiveList":[]}"#), "{empty}");
    }

    #[test]
    fn csv_quotes_the_description_and_escapes_only_quotes() {
        let text = String::from_utf8(retrieval(&["plain", r#"a,"b"\c"#], Format::Csv).render()).unwrap();
        assert_eq!(
            text,
            format!(
                "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\r\n\
                 id0,\"plain\",2013-11-06T02:51:20Z,1,{HASH}\r\n\
                 id1,\"a,\\\"b\\\"\\c\",2013-11-06T02:51:21Z,1,{HASH}\r\n"
            )
        );
        // An ordinary reader that knows the escape gets the fields back, as long as no backslash is in them.
        let text = retrieval(&["a, \"b\" c"], Format::Csv).render();
        let mut reader = csv::ReaderBuilder::new().escape(Some(b'\\')).double_quote(false).from_reader(&text[..]);
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
    fn the_period_begins_with_its_start_and_ends_before_its_end() {
        let mut retrieval = retrieval(&["a", "b", "c"], Format::Json);
        let created = |n: u64| Timestamp::parse(&format!("2013-11-06T02:51:2{n}.900Z"));
        retrieval.period = Period { start: created(1), end: created(2) };
        let ids: Vec<_> = retrieval.matching().map(|(_, archive)| archive.id.to_string()).collect();
        assert_eq!(ids, ["id1"]);
    }
}

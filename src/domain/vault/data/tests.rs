//! Tests of the parts that several rows of a saved state share.

use serde_json::json;

use super::*;
use crate::domain::vault::archive::StoredBytes;
use crate::domain::vault::archive_list::{Period, Window};
use crate::domain::vault::delivered::Download;
use crate::domain::words::{ArchiveId, Description};

fn archive(id: &str) -> (Arc<Archive>, Content) {
    let body = StoredBytes::of(id).unwrap();
    let archive = Archive::new(ArchiveId::new(id), Description::default(), Timestamp::EPOCH, &body);
    (archive.unwrap(), body.content)
}

/// One shared part of each kind.
struct Parts {
    archive: Arc<Archive>,
    content: Content,
    list: ArchiveList,
    delivered: Arc<Delivered>,
}

impl Parts {
    fn new() -> Self {
        let ((archive, content), mut list) = (archive("a"), ArchiveList::default());
        list.insert(1, archive.clone());
        Parts { archive, content, list, delivered: Arc::default() }
    }

    /// Returns the number of each part.
    fn numbers(&self, collector: &mut Collector) -> [usize; 4] {
        [
            collector.archive(&self.archive),
            collector.content(&self.content),
            collector.list(&self.list).unwrap(),
            collector.delivered(&self.delivered),
        ]
    }
}

fn is_written(change: &RowChange, row: &str) -> bool {
    matches!(change, RowChange::Put { key, .. } if *key == numbered(row, 0))
}

/// Returns the value of each row that the batch writes, by its number.
fn written<T: serde::de::DeserializeOwned>(batch: &Batch, row: &str) -> BTreeMap<usize, T> {
    let rows = batch.rows.iter().filter(|change| is_written(change, row));
    rows.filter_map(|change| if let RowChange::Put { key, json } = change { Some((key, json)) } else { None })
        .map(|(key, json)| (0, parse(key, json).unwrap()))
        .collect()
}

#[test]
fn a_shared_part_is_saved_once_and_removed_after_its_last_reference() {
    let (parts, mut collector) = (Parts::new(), Collector::default());
    assert_eq!(parts.numbers(&mut collector), [0; 4]);
    let batch = collector.take();
    assert_eq!((batch.rows.len(), batch.contents.len()), (3, 1));
    assert!(["archive", "list", "delivered"].iter().all(|row| batch.rows.iter().any(|change| is_written(change, row))));

    assert_eq!(parts.numbers(&mut collector), [0; 4]);
    collector.tidy();
    assert!(collector.is_empty());

    drop((parts, batch));
    collector.tidy();
    let removed = ["archive", "content", "list", "delivered"].map(|row| RowChange::Remove { key: numbered(row, 0) });
    assert_eq!(collector.take().rows, removed);
    // The file may still have rows that refer to the old number.
    assert_eq!(Parts::new().numbers(&mut collector), [1; 4]);
}

#[test]
fn a_part_that_has_changed_is_saved_again() {
    let (parts, mut collector) = (Parts::new(), Collector::default());
    parts.numbers(&mut collector);
    collector.take();
    let mut download = Download::new(parts.delivered.clone(), 0);
    let changes: [(&str, &mut dyn FnMut()); 4] = [
        ("archive", &mut || parts.archive.retrieve()),
        ("archive", &mut || parts.archive.delete(Timestamp::EPOCH)),
        ("delivered", &mut || parts.delivered.asked(7)),
        ("delivered", &mut || download.sent(3)),
    ];
    for (row, change) in changes {
        change();
        parts.numbers(&mut collector);
        let batch = collector.take();
        assert!(batch.rows.len() == 1 && is_written(&batch.rows[0], row), "{batch:?}");
        parts.numbers(&mut collector);
        assert!(collector.is_empty());
    }
    // The row of an output is saved again although no row that refers to it has changed.
    download.sent(3);
    collector.tidy();
    assert!(is_written(&collector.take().rows[0], "delivered"));
}

#[test]
fn a_loaded_part_keeps_its_number() {
    let mut collector = Collector::default();
    Parts::new().numbers(&mut collector);
    let batch = collector.take();
    let contents = batch.contents.iter().map(|(number, content)| (*number, Ok(content.clone()))).collect();
    let restored =
        Restored::new(&written(&batch, "list"), &written(&batch, "archive"), &written(&batch, "delivered"), &contents);
    let restored = restored.unwrap();
    let parts = Parts {
        archive: restored.archive(0).unwrap().clone(),
        content: restored.content(0).unwrap(),
        list: restored.list(Some(0)).unwrap(),
        delivered: restored.delivered(0).unwrap(),
    };
    assert_eq!(restored.archive(9).unwrap_err(), "the archive with the number 9 is missing");
    assert_eq!(restored.list(Some(9)).unwrap_err(), "the list of archives with the number 9 is missing");
    let mut collector = restored.into_collector();
    assert_eq!(parts.numbers(&mut collector), [0; 4]);
    assert!(collector.is_empty());
    assert_eq!(Parts::new().numbers(&mut collector), [1; 4]);
}

#[test]
fn a_position_that_no_vault_reaches_is_refused() {
    let (archive, _) = archive("a");
    let archives = [(0, archive.to_data())].into();
    let (none, contents) = (BTreeMap::new(), BTreeMap::new());
    let restored = Restored::new(&none, &archives, &BTreeMap::new(), &contents).unwrap();
    let list = |position: u64| {
        let data: ListData = serde_json::from_value(json!([[position, 0]])).unwrap();
        ArchiveList::from_data(&data, &restored)
    };
    let last = u64::MAX >> 8;
    assert_eq!(list(last).unwrap().within(Window::starting_at(last, Period::default())).count(), 1);
    assert_eq!(list(last + 1).unwrap_err(), format!("{} is not the position of an archive", last + 1));
}

#[test]
fn a_row_is_written_only_if_it_has_changed() {
    let mut collector = Collector::default();
    let put = |collector: &mut Collector, row: u64| {
        collector.put_changed("row".into(), &row);
        !collector.take().is_empty()
    };
    assert_eq!([1, 1, 2, 2].map(|row| put(&mut collector, row)), [true, false, true, false]);
    assert_eq!([2, 3, 3].map(|row| collector.remember("row", &row)), [false, true, false]);
    assert!(!put(&mut collector, 3));
    collector.remove("row".into());
    collector.take();
    assert!(put(&mut collector, 3));
}

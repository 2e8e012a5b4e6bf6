//! Tests of a vault that is saved in rows, changed, saved again and loaded.

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::domain::account::Account;
use crate::domain::bytes::{ByteRange, Content, HeaderRange};
use crate::domain::vault::archive::StoredBytes;
use crate::domain::vault::data::{Batch, Contents, RowChange};
use crate::domain::vault::job::{ArchiveRetrieval, Ending, Job, JobKind, Tier, Verdict};
use crate::domain::vault::jobs::Decision;
use crate::domain::vault::upload::{PartSize, Upload};
use crate::domain::words::{ArchiveId, Description, JobId, MIB, UploadId};

fn at(hour: u64) -> Timestamp {
    Timestamp::EPOCH.after(Duration::from_secs(hour * 3600))
}

fn place() -> AccountRegion {
    AccountRegion::new(Account::DEFAULT, "us-east-1")
}

fn archive(id: &str) -> (Arc<Archive>, Content) {
    let body = StoredBytes::of(id).unwrap();
    (Archive::new(ArchiveId::new(id), Description::default(), at(0), &body).unwrap(), body.content)
}

fn store(vault: &mut Vault, id: &str) {
    let (archive, content) = archive(id);
    vault.store(archive, content, at(0));
}

fn begin_upload(vault: &mut Vault, id: &str) {
    let size = PartSize::parse(&(2 * MIB).to_string()).unwrap();
    vault.uploads.begin(Upload::new(UploadId::new(id), Description::default(), size, at(0)), at(0));
}

/// Uploads the part of 2 MiB with this number, from 0 on.
fn put_part(vault: &mut Vault, upload: &str, number: u64) {
    let (len, upload) = (2 * MIB, vault.uploads.get(&UploadId::new(upload), at(0)).unwrap());
    let bytes = ByteRange::whole(len).unwrap().shifted_by(number * len);
    let part = StoredBytes::of(Content::zeros(len)).unwrap();
    upload.put(&HeaderRange { bytes, written: "".into() }, part, at(0)).unwrap();
}

/// Returns a vault with entries of every kind. One job ends at hour 5, and another one when the test decides.
fn vault(count_overhead: bool, schedule: &mut Schedule) -> Vault {
    let rules = VaultRules { inventory: InventoryMode::daily(), count_overhead, keep_idle_uploads: false };
    let mut vault = Vault::new(&place(), &VaultName::parse("v").unwrap(), at(0), rules);
    for id in ["a", "b", "gone"] {
        store(&mut vault, id);
    }
    vault.take_inventory(at(0));
    vault.delete(&ArchiveId::new("gone"), at(0));
    vault.inventory_markers.give_out("b".into(), 2);
    for id in ["open", "completed", "aborted"] {
        begin_upload(&mut vault, id);
    }
    put_part(&mut vault, "open", 0);
    vault.uploads.complete(&UploadId::new("completed"), archive("b").0);
    vault.uploads.abort(&UploadId::new("aborted"), at(0)).unwrap();
    for (number, ending) in [(1, Ending::At(at(5), Verdict::Succeeds)), (2, Ending::Manual)] {
        let Stored { archive, content, .. } = vault.stored.get("a").unwrap();
        let (archive, content, range) = (archive.clone(), Some(content.clone()), archive.bytes());
        let kind = JobKind::Archive(ArchiveRetrieval { archive, content, range, tier: Tier::Bulk });
        let job = Job::new(JobId::new(number.to_string()), number, kind, Description::default(), None, at(0));
        vault.jobs.start(job, ending, schedule);
    }
    vault
}

/// The rows of a vault with the key `v`, and those of the parts that it shares.
#[derive(Default)]
struct File {
    rows: BTreeMap<String, Vec<u8>>,
    contents: Contents,
}

impl File {
    fn of(vault: &Vault) -> Self {
        let (mut file, mut collector) = (File::default(), Collector::default());
        vault.collect("v", &mut collector);
        file.save(collector.take());
        file
    }

    /// Carries out the changes. Returns the keys of the rows that they write, without leading zeros of numbers.
    fn save(&mut self, batch: Batch) -> Vec<String> {
        let mut written = Vec::new();
        for change in batch.rows {
            match change {
                RowChange::Put { key, json } => {
                    written.push(key.split('/').map(|word| word.trim_start_matches('0')).collect::<Vec<_>>().join("/"));
                    self.rows.insert(key, json);
                }
                RowChange::Remove { key } => drop(self.rows.remove(&key)),
                RowChange::RemoveBelow { prefix } => self.rows.retain(|key, _| !key.starts_with(&prefix)),
            }
        }
        self.contents.extend(batch.contents.into_iter().map(|(number, content)| (number, Ok(content))));
        written
    }

    fn load(&self) -> Result<(Vault, Schedule), String> {
        let (mut vault, mut archives, mut delivered) = (None::<VaultData>, BTreeMap::new(), BTreeMap::new());
        let mut lists = BTreeMap::new();
        for (key, json) in &self.rows {
            let number = |number| usize::from_str_radix(number, 16).unwrap();
            match &*key.split('/').collect::<Vec<_>>() {
                ["v"] => vault = Some(parse(key, json)?),
                ["v", kind, ..] => vault.as_mut().unwrap().add(kind, key, json)?,
                ["archive", archive] => drop(archives.insert(number(archive), parse(key, json)?)),
                ["delivered", output] => drop(delivered.insert(number(output), parse(key, json)?)),
                ["list", list] => drop(lists.insert(number(list), parse(key, json)?)),
                _ => panic!("{key}"),
            }
        }
        let restored = Restored::new(&lists, &archives, &delivered, &self.contents)?;
        let mut schedule = Schedule::default();
        Ok((Vault::from_data(&vault.unwrap(), &place(), at(1), &restored, &mut schedule)?, schedule))
    }

    /// Replaces a value in the first row whose key begins with `row`.
    fn change(&mut self, row: &str, pointer: &str, value: Value) {
        let (_, json) = self.rows.iter_mut().find(|(key, _)| key.starts_with(row)).unwrap();
        let mut changed: Value = serde_json::from_slice(json).unwrap();
        *changed.pointer_mut(pointer).unwrap() = value;
        *json = serde_json::to_vec(&changed).unwrap();
    }
}

#[test]
fn a_loaded_vault_is_saved_in_the_same_rows() {
    for count_overhead in [true, false] {
        let saved = vault(count_overhead, &mut Schedule::default());
        let file = File::of(&saved);
        let (loaded, schedule) = file.load().unwrap();
        assert_eq!(File::of(&loaded).rows, file.rows);
        assert_eq!((loaded.bytes, loaded.overhead), (saved.bytes, saved.overhead));
        assert_eq!((schedule.next_end(), loaded.schedule.next()), (Some(at(5)), saved.schedule.next()));
    }
}

/// A change of a vault.
type Change = fn(&mut Vault, &mut Schedule);

#[test]
fn only_rows_that_have_changed_are_saved_again() {
    let mut schedule = Schedule::default();
    let mut vault = vault(true, &mut schedule);
    let (mut file, mut collector) = (File::default(), Collector::default());
    vault.collect_changes("v", &mut collector);
    file.save(collector.take());
    let changes: [(Change, &[&str]); 8] = [
        (|_, _| {}, &[]),
        (|vault, _| store(vault, "c"), &["archive/4", "v/stored/c", "v"]),
        (|vault, _| assert!(vault.delete(&ArchiveId::new("b"), at(0))), &["archive/1", "v/deleted/b"]),
        (|vault, _| put_part(vault, "open", 1), &["v/part/1/200000"]),
        (|vault, _| begin_upload(vault, "new"), &["v/open/4", "v"]),
        (|vault, _| vault.uploads.abort(&UploadId::new("open"), at(0)).unwrap(), &["v/aborted/open"]),
        // A poll of a job that is in progress.
        (|vault, schedule| drop(vault.jobs.poll(&JobId::new("2"), at(1), schedule)), &[]),
        (
            |vault, schedule| vault.jobs.decide(&JobId::new("2"), Decision::Complete, at(1), schedule).unwrap(),
            &["v/job/2"],
        ),
    ];
    for (n, (change, rows)) in changes.into_iter().enumerate() {
        change(&mut vault, &mut schedule);
        vault.collect_changes("v", &mut collector);
        assert_eq!(file.save(collector.take()), rows, "change {n}");
        let of_vault = |file: &File| file.rows.keys().filter(|key| key.starts_with('v')).cloned().collect::<Vec<_>>();
        assert_eq!(of_vault(&file), of_vault(&File::of(&vault)), "change {n}");
    }
    file.load().unwrap();
}

#[test]
fn impossible_rows_are_refused() {
    for (row, pointer, value, error) in [
        ("v/open/0000000000000001", "/1/part_size", json!(MIB), "the part at 0 is too long"),
        ("v/part/", "/1/first", json!(u64::MAX - 5), "the part at 18446744073709551610 is too long"),
        ("v/job/", "/job/kind/Archive/last", json!(1), "bytes 0 to 1 are not a range of an archive"),
        ("v/stored/b", "/position", json!(4), "the archive b has another size or position"),
        ("v/stored/b", "/archive", json!(9), "the archive with the number 9 is missing"),
    ] {
        let mut file = File::of(&vault(true, &mut Schedule::default()));
        file.change(row, pointer, value);
        assert_eq!(file.load().unwrap_err(), error);
    }
}

/// Earlier versions did not save whether the vault has changed since its inventory.
#[test]
fn a_vault_of_an_earlier_version_is_behind_if_its_last_change_is_later_than_its_inventory() {
    for (hour, is_behind) in [(0, false), (1, true)] {
        let mut saved = vault(true, &mut Schedule::default());
        let (archive, content) = archive("c");
        saved.store(archive, content, at(hour));
        let mut file = File::of(&saved);
        file.change("v", "/inventories/changed_since", Value::Null);
        assert_eq!(file.load().unwrap().0.schedule.is_behind(), is_behind);
    }
}

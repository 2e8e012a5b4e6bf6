//! Files with wrong contents and right checksums, which only another program could write.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::sample::Index;
use redb::{Builder, ReadableTable};
use serde_json::Value;
use tempfile::TempDir;

use super::backend::BehindHeader;
use super::files::{read, seal};
use super::store::STATE;
use crate::domain::bytes::{Content, Digest};
use crate::service::{Bounds, Service};
use crate::time::Clock;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/state-2.glacier");

/// Returns all numbers, texts, truth values and nulls in a value, to be changed.
fn parts<'a>(value: &'a mut Value, found: &mut Vec<&'a mut Value>) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|entry| parts(entry, found)),
        Value::Object(fields) => fields.values_mut().for_each(|field| parts(field, found)),
        other => found.push(other),
    }
}

/// Replaces a value by another one of the same type.
fn change(value: &mut Value, choice: u8) {
    *value = match (&*value, choice % 6) {
        (Value::Number(_), 0) => 0.into(),
        (Value::Number(_), 1) => u64::MAX.into(),
        (Value::Number(_), 2) => i64::MIN.into(),
        (Value::Number(_), 3) => (u64::MAX >> 9).into(),
        (Value::Number(number), 4) => number.as_u64().map_or(7.into(), |number| number.wrapping_add(1).into()),
        (Value::Number(number), _) => number.as_u64().map_or(3.into(), |number| (number / 2).into()),
        (Value::String(_), 0) => "".into(),
        (Value::String(text), 1) => text.chars().rev().collect::<String>().into(),
        (Value::String(text), 2) => format!("{text}{text}").into(),
        (Value::String(_), _) => "é".into(),
        (Value::Bool(set), _) => (!set).into(),
        (_, 0) => 1.into(),
        (_, 1) => "x".into(),
        _ => Value::Null,
    };
}

/// Changes one value of one row of the example, and writes its checksums again.
fn changed(path: &Path, row: Index, value: Index, choice: u8) -> io::Result<()> {
    std::fs::copy(EXAMPLE, path)?;
    let file = File::options().read(true).write(true).open(path)?;
    let database = Builder::new().create_with_backend(BehindHeader::of(file.try_clone()?)).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut rows = transaction.open_table(STATE).unwrap();
        let all: Vec<_> = rows.iter().unwrap().map(|entry| entry.unwrap()).collect();
        let (key, old) = row.get(&all);
        let key = key.value().to_owned();
        let mut json: Value = serde_json::from_slice(&old.value()[32..]).unwrap();
        drop(all);
        let mut found = Vec::new();
        parts(&mut json, &mut found);
        if !found.is_empty() {
            let at = value.index(found.len());
            change(found[at], choice);
        }
        let text = serde_json::to_vec(&json)?;
        let new = [Digest::sha256(&text).as_bytes(), &*text].concat();
        rows.insert(&*key, &*new).unwrap();
    }
    transaction.commit().unwrap();
    database.close().unwrap();
    seal(&mut { file })
}

/// Does everything that reads all parts of a state.
fn use_state(path: &Path) -> Result<(), String> {
    let open = |_: &Path| Ok(Content::default());
    let saved = read(path, &open).map_err(|error| error.to_string())?;
    let clock = Clock::frozen("2026-02-01T12:00:00Z").start();
    let service = Service::from_data(clock, Arc::new(saved.service), Bounds::default())?;
    service.jobs();
    service.unfinished();
    service.charges();
    service.notices();
    for _ in 0..3 {
        service.advance_to_next_event();
    }
    for (place, name) in service.vault_names() {
        service.with_vault(&place, &name, |vault, now| {
            vault.totals(now);
            for job in vault.jobs.all(now).map(|job| job.at(now).job) {
                let (content, range) = job.output();
                content.range(range).take(3).for_each(drop);
            }
            vault.archives().for_each(|(archive, content)| {
                archive.leaves.root_of_range(content.whole());
            });
        });
    }
    service.to_rows();
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a row contains, the state is refused or can be used.
    #[test]
    fn wrong_rows_with_right_checksums_never_panic(row: Index, value: Index, choice: u8) {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("state");
        changed(&path, row, value, choice).unwrap();
        let _ = use_state(&path);
    }
}

#[test]
fn a_row_with_a_wrong_checksum_is_refused() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("state");
    std::fs::copy(EXAMPLE, &path).unwrap();
    assert_eq!(use_state(&path), Ok(()));
    let mut bytes = std::fs::read(&path).unwrap();
    let account = b"\"account\":\"000000000000\"";
    let at = bytes.windows(account.len()).rposition(|window| window == account).unwrap();
    bytes[at + account.len() - 2] = b'1';
    std::fs::write(&path, bytes).unwrap();
    seal(&mut File::options().read(true).write(true).open(&path).unwrap()).unwrap();
    let error = use_state(&path).unwrap_err();
    assert!(error.starts_with("its row \"") && error.ends_with(" is damaged"), "{error}");
}

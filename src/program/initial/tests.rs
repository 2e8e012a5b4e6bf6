//! Files of `--init`, and the state that they arrange.

use std::time::Duration;

use super::*;
use crate::{GlacierMock, JobStatus, LockState};

/// Writes a file, reads it and applies it to a mock that was just started.
fn arranged(name: &str, text: &str) -> Result<GlacierMock, String> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("manifest.txt"), "bytes of a file").unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, text).unwrap();
    let mock = GlacierMock::start();
    let applied = Initial::read(&file).and_then(|initial| initial.apply(&mock.mock).map_err(|error| error.message));
    // Messages begin with the path, which differs from run to run.
    let start = format!("{}: ", file.display());
    applied.map(|()| mock).map_err(|error| error.strip_prefix(&start).unwrap_or_else(|| panic!("{error}")).to_owned())
}

const TOML: &str = r#"
jobs.timing = { after = "4h" }

[[vaults]]
name = "photos"
tags = { team = "archive", cost = "12" }
lock = { state = "InProgress", policy = { Version = "2012-10-17", Statement = [
    { Effect = "Deny", Principal = "*", Action = "glacier:DeleteArchive", Resource = "arn:aws:glacier:us-east-1:000000000000:vaults/photos" },
] } }
notifications = { sns_topic = "arn:aws:sns:us-east-1:000000000000:done", events = ["ArchiveRetrievalCompleted"] }

[[vaults.archives]]
description = "cat.jpg"
text = "a cat"

[[vaults.archives]]
repeat = { block = "ab", length = 3000000 }

[[vaults.archives]]
description = "a manifest"
file = "manifest.txt"

[[vaults]]
name = "photos"
account = "111122223333"
region = "eu-west-1"
access_policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"glacier:ListJobs","Resource":"arn:aws:glacier:eu-west-1:111122223333:vaults/photos"}]}'
"#;

#[test]
fn a_toml_file_arranges_vaults_without_requests() {
    let mock = arranged("init.toml", TOML).unwrap();
    assert_eq!(mock.vaults().len(), 2);
    let photos = mock.vault("photos");
    let archives: Vec<_> = photos
        .archives()
        .iter()
        .map(|archive| (archive.description().unwrap_or_default().to_owned(), archive.size()))
        .collect();
    assert_eq!(archives, [("cat.jpg".to_owned(), 5), (String::new(), 3_000_000), ("a manifest".to_owned(), 15)]);
    assert_eq!(
        photos.tags().into_iter().collect::<Vec<_>>(),
        [("cost".into(), "12".into()), ("team".into(), "archive".into())]
    );
    assert_eq!(photos.vault_lock().unwrap().state(), LockState::InProgress);
    assert!(mock.requests().is_empty());
    let cat = photos.archives()[0].id().clone();
    let job = photos.start_retrieval(&cat);
    assert_eq!(job.status(), JobStatus::InProgress);
    mock.clock().advance(Duration::from_secs(4 * 3600));
    assert_eq!(job.status(), JobStatus::Succeeded);
}

#[test]
fn the_example_of_the_guide_is_valid() {
    let guide = include_str!("../../../docs/guide/program.md");
    let example = guide.split("```toml\n").nth(2).unwrap().split("```").next().unwrap();
    let mock = arranged("init.toml", &example.replace("manifest.json", "manifest.txt")).unwrap();
    assert_eq!(mock.vault("photos").archives().len(), 3);
    let scans = mock.vault_in("111122223333", "eu-west-1", "scans");
    assert_eq!(scans.vault_lock().unwrap().state(), LockState::Locked);
}

#[test]
fn a_json_file_has_the_same_members() {
    let json = r#"{"jobs": {"timing": "manual"}, "vaults": [{"name": "v", "archives": [{"text": "x"}]}]}"#;
    let mock = arranged("init.json", json).unwrap();
    let archives = mock.vault("v").archives();
    assert_eq!(archives.len(), 1);
    let job = mock.vault("v").start_retrieval(archives[0].id());
    mock.clock().advance(Duration::from_secs(24 * 3600));
    assert_eq!(job.status(), JobStatus::InProgress);
}

#[test]
fn every_timing_of_jobs_can_be_set() {
    let of = |timing: &str| arranged("init.toml", &format!("jobs.timing = {timing}\nvaults = [{{ name = 'v' }}]"));
    let status = |timing, hours: u64| {
        let mock = of(timing).unwrap();
        let job = mock.vault("v").start_inventory_retrieval();
        mock.clock().advance(Duration::from_secs(hours * 3600));
        job.status()
    };
    assert_eq!(status("'instant'", 0), JobStatus::Succeeded);
    assert_eq!(status("{ after = '2h' }", 1), JobStatus::InProgress);
    assert_eq!(status("{ after = '2h' }", 2), JobStatus::Succeeded);
    assert_eq!(status("'by_tier'", 3), JobStatus::InProgress);
    assert_eq!(status("'by_tier'", 4), JobStatus::Succeeded);
    assert_eq!(status("'by-tier'", 3), JobStatus::InProgress);
    assert_eq!(status("'manual'", 20), JobStatus::InProgress);
    assert_eq!(status("{ after_polls = 1 }", 20), JobStatus::InProgress);
}

#[test]
fn a_flaw_is_reported_with_its_key() {
    let policy = "policy = { Statement = [] }";
    let cases = [
        ("vault = 1", "vault: unknown field `vault`, expected `jobs` or `vaults`"),
        ("jobs.timing = '4h'", "jobs.timing: \"4h\" is a duration: write {\"after\": \"4h\"}"),
        ("vaults = 1", "vaults: invalid type: integer `1`, expected a sequence"),
        ("vaults = [1]", "vaults[0]: invalid type: integer `1`, expected an object"),
        ("vaults = [['v']]", "vaults[0]: invalid type: sequence, expected an object"),
        ("[[vaults]]\ntags = {}", "vaults[0]: missing field `name`"),
        ("[[vaults]]\nname = 'a b'", "vaults[0].name: vault \"a b\" cannot be set up: "),
        ("[[vaults]]\nname = 'v'\naccount = '1'", "vaults[0].account: \"1\" is not"),
        ("[[vaults]]\nname = 'v'\nregion = 'EU'", "vaults[0].region: \"EU\" is not a region"),
        ("[[vaults]]\nname = 'v'\n[[vaults]]\nname = 'v'", "vaults[1].name: an earlier entry creates the same vault"),
        ("[[vaults]]\nname = 'v'\ntags = { a = 1 }", "vaults[0].tags.a: invalid type: integer `1`, expected a string"),
        ("[[vaults]]\nname = 'v'\ntags = { 'aws:a' = '' }", "vaults[0].tags: vault \"v\" cannot be set up"),
        ("[[vaults]]\nname = 'v'\naccess_policy = 1", "vaults[0].access_policy: expected a policy"),
        ("[[vaults]]\nname = 'v'\naccess_policy = '{'", "vaults[0].access_policy: vault \"v\" cannot be set up"),
        (
            &format!("[[vaults]]\nname = 'v'\nlock = {{ {policy} }}"),
            "vaults[0].lock.policy: vault \"v\" cannot be set up",
        ),
        (
            "[[vaults]]\nname = 'v'\nlock = { policy = '', state = 'shut' }",
            "vaults[0].lock.state: unknown variant `shut`",
        ),
        (
            "[[vaults]]\nname = 'v'\nnotifications = { sns_topic = 'x', events = [] }",
            "vaults[0].notifications: vault \"v\" cannot be set up",
        ),
        ("[[vaults]]\nname = 'v'\narchives = [{}]", "vaults[0].archives[0]: expected exactly one of"),
        (
            "[[vaults]]\nname = 'v'\narchives = [{ text = 'a', file = 'b' }]",
            "vaults[0].archives[0]: expected exactly one",
        ),
        (
            "[[vaults]]\nname = 'v'\narchives = [{ text = '' }]",
            "vaults[0].archives[0]: vault \"v\" cannot accept the archive",
        ),
        ("[[vaults]]\nname = 'v'\narchives = [{ file = 'none' }]", "vaults[0].archives[0]: cannot use the file "),
        (
            "[[vaults]]\nname = 'v'\narchives = [{ repeat = { block = '', length = 9 } }]",
            "vaults[0].archives[0]: repeat: the block has 0 bytes",
        ),
        (
            "[[vaults]]\nname = 'v'\narchives = [{ text = 'a' }, { repeat = { block = 'a', length = -1 } }]",
            "vaults[0].archives[1].repeat.length: invalid value: integer `-1`, expected u64",
        ),
        ("jobs.timing = 'soon'", "jobs.timing: unknown variant `soon`"),
        ("jobs.timing = { after = 'soon' }", "jobs.timing.after: \"soon\" is not a duration"),
        ("jobs = {}", "jobs: missing field `timing`"),
        ("vaults = ", "TOML parse error at line 1"),
    ];
    for (text, expected) in cases {
        let message = arranged("init.toml", text).unwrap_err();
        assert!(message.starts_with(expected), "{text}: {message}, not {expected}");
    }
    let message = arranged("init.json", "{\n]").unwrap_err();
    assert!(message.starts_with("key must be a string at line 2"), "{message}");
}

#[test]
fn a_reset_and_a_second_application_return_to_the_same_state() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("init.toml");
    std::fs::write(&file, "[[vaults]]\nname = 'v'\narchives = [{ text = 'x' }]").unwrap();
    let initial = Initial::read(&file).unwrap();
    let mock = GlacierMock::start();
    initial.apply(&mock.mock).unwrap();
    let before = mock.vault("v").archives()[0].id().clone();
    mock.vault("v").delete_archive(&before);
    mock.create_vault("other");
    mock.reset();
    initial.apply(&mock.mock).unwrap();
    assert_eq!(mock.vaults().len(), 1);
    // The generator of IDs starts again.
    assert_eq!(mock.vault("v").archives()[0].id(), &before);
}

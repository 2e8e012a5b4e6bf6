//! SDKs in other languages, driven by the scripts in `tests/clients/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use glacier_mock::GlacierMock;

use crate::tools::is_left_out;

fn clients() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// Runs a script against a new mock that verifies signatures. The script must succeed and call every operation.
#[track_caller]
fn assert_calls_every_operation(mut script: Command) {
    let mock = GlacierMock::builder().verify_signatures(true).start();
    let output = script.envs(mock.env()).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script:?} failed:\n{out}\n{err}");
    let mut operations: Vec<_> = mock.requests().iter().filter_map(|request| request.operation()).collect();
    operations.sort();
    operations.dedup();
    assert_eq!(operations.len(), 33, "the script called only these operations: {operations:?}");
}

#[test]
fn boto3_calls_every_operation() {
    if is_left_out("boto3", Command::new("python3").args(["-c", "import boto3"])) {
        return;
    }
    let mut script = Command::new("python3");
    script.arg(clients().join("boto3_client.py"));
    assert_calls_every_operation(script);
}

/// The SDK for JavaScript is installed beside the script, or in the folder that `.ci/run` sets.
#[test]
fn the_javascript_sdk_calls_every_operation() {
    let folder = std::env::var_os("GLACIER_MOCK_JAVASCRIPT").map_or(clients().join("javascript"), PathBuf::from);
    let mut probe = Command::new("node");
    probe.current_dir(&folder).args(["-e", "require.resolve('@aws-sdk/client-glacier')"]);
    if is_left_out("the AWS SDK for JavaScript", &mut probe) {
        return;
    }
    let mut script = Command::new("node");
    script.current_dir(&folder).arg("glacier.mjs");
    assert_calls_every_operation(script);
}

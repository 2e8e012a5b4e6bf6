//! SDKs in other languages, driven by the scripts in `tests/clients/`, and the recipes of docs/guide/clients.md.

use std::path::{Path, PathBuf};
use std::process::Command;

use glacier_mock::{GlacierMock, Operation::*};

use crate::tools::{is_left_out, leave_out};

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

/// Returns the block of docs/guide/clients.md that has this language and contains this text, with the port of the
/// program replaced by that of an endpoint.
pub(crate) fn recipe(language: &str, text: &str, endpoint: &str) -> String {
    let opening = format!("```{language}\n");
    let blocks = include_str!("../../docs/guide/clients.md").split(&opening).skip(1);
    let mut blocks = blocks.map(|rest| rest.split("\n```").next().unwrap()).filter(|block| block.contains(text));
    let (block, None) = (blocks.next().unwrap(), blocks.next()) else { panic!("{text:?} is in several blocks") };
    block.replace("4566", endpoint.rsplit(':').next().unwrap()) + "\n"
}

/// A mock that verifies signatures, and knows the credentials of the recipes.
fn mock_of_recipes() -> GlacierMock {
    GlacierMock::builder().verify_signatures(true).principal("any", "any", "arn:aws:iam::000000000000:user/any").start()
}

/// Runs a command in the folder, without the variables that could configure a client. It must succeed.
#[track_caller]
fn assert_succeeds(command: &mut Command, folder: &Path) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("AWS_") || name.to_lowercase().ends_with("_proxy")) {
            command.env_remove(name);
        }
    }
    let output = command.current_dir(folder).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?} failed:\n{out}\n{err}");
}

#[test]
fn the_recipe_for_version_2_of_the_javascript_sdk_works() {
    let modules = std::env::var_os("GLACIER_MOCK_JAVASCRIPT").map_or(clients().join("javascript"), PathBuf::from);
    let modules = modules.join("node_modules");
    let node = || {
        let mut node = Command::new("node");
        node.env("NODE_PATH", &modules).env("AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE", "1");
        node
    };
    if is_left_out("version 2 of the AWS SDK for JavaScript", node().args(["-e", "require('aws-sdk')"])) {
        return;
    }
    let (mock, folder) = (mock_of_recipes(), tempfile::tempdir().unwrap());
    let script = recipe("js", "new AWS.Glacier", &mock.endpoint());
    std::fs::write(folder.path().join("recipe.cjs"), script + include_str!("../clients/recipes/javascript_v2.cjs"))
        .unwrap();

    assert_succeeds(node().arg("recipe.cjs"), folder.path());

    mock.assert_sequence([CreateVault, UploadArchive, InitiateJob, GetJobOutput, DeleteArchive, DeleteVault]);
    assert!(mock.requests().iter().all(|request| request.region() == "us-east-1"));
}

#[test]
fn the_recipe_for_boto_2_works() {
    let imports = |module: &str| {
        let mut python = Command::new("python3");
        python.args(["-c", module]);
        python
    };
    if imports("import imp").output().is_ok_and(|output| !output.status.success()) {
        return leave_out("boto 2", "it needs Python 3.11 or older");
    }
    if is_left_out("boto 2", &mut imports("import boto")) {
        return;
    }
    let (mock, folder) = (mock_of_recipes(), tempfile::tempdir().unwrap());
    let script = recipe("python", "import boto.glacier", &mock.endpoint());
    std::fs::write(folder.path().join("recipe.py"), script + include_str!("../clients/recipes/boto2.py")).unwrap();

    assert_succeeds(Command::new("python3").arg("recipe.py"), folder.path());

    let upload = [InitiateMultipartUpload, UploadMultipartPart, CompleteMultipartUpload];
    let download = [InitiateJob, DescribeJob, GetJobOutput];
    mock.assert_sequence([&[CreateVault, DescribeVault][..], &upload, &download].concat());
    assert!(mock.requests().iter().all(|request| request.region() == "us-east-1"));
}

/// The client sends its requests to the mock as to a proxy, with the host of AWS.
#[test]
fn the_recipe_for_a_proxy_works() {
    if is_left_out("boto3 with a proxy", Command::new("python3").args(["-c", "import boto3"])) {
        return;
    }
    let (mock, folder) = (mock_of_recipes(), tempfile::tempdir().unwrap());
    let script = recipe("python", "use_ssl=False", &mock.endpoint());
    std::fs::write(folder.path().join("recipe.py"), script + include_str!("../clients/recipes/proxy.py")).unwrap();

    let mut python = Command::new("python3");
    assert_succeeds(python.arg("recipe.py").env("http_proxy", mock.endpoint()), folder.path());

    mock.assert_sequence([CreateVault, UploadArchive, InitiateJob, GetJobOutput]);
    let requests = mock.requests();
    assert!(requests.iter().all(|request| request.header("host") == Some("glacier.us-east-1.amazonaws.com")));
}

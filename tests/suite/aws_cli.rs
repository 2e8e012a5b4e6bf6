//! The Glacier tutorial with the real AWS CLI, against a mock in this process and against the standalone program.

use std::path::Path;
use std::process::Command;

use glacier_mock::{GlacierMock, Operation};
use serde_json::Value;

use crate::support::{MIB, bytes};
use crate::tools::is_left_out;

/// The AWS CLI in a separate working directory, with one endpoint.
struct Cli<'a> {
    endpoint: String,
    environment: Vec<(&'static str, String)>,
    folder: &'a Path,
}

impl Cli<'_> {
    #[track_caller]
    fn run(&self, arguments: &[&str]) -> Value {
        let output = Command::new("aws")
            .args(["--endpoint-url", &self.endpoint, "glacier"])
            .args(arguments)
            .args(["--account-id", "-"])
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder)
            .output()
            .unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "aws glacier {arguments:?}: {err}");
        if out.trim().is_empty() { Value::Null } else { serde_json::from_str(&out).unwrap() }
    }
}

/// Follows the tutorial of the developer guide as literally as possible.
fn tutorial(cli: &Cli<'_>) {
    let file = bytes(3 * MIB + 17);
    std::fs::write(cli.folder.join("cat.jpg"), &file).unwrap();
    let vault = ["--vault-name", "photos"];
    let run = |arguments: &[&str]| cli.run(&[&arguments[..1], &vault, &arguments[1..]].concat());

    assert_eq!(run(&["create-vault"])["location"], "/000000000000/vaults/photos");
    assert_eq!(run(&["describe-vault"])["NumberOfArchives"], 0);
    let stored = run(&["upload-archive", "--archive-description", "a cat", "--body", "cat.jpg"]);
    let archive = stored["archiveId"].as_str().unwrap();
    assert_eq!(archive.len(), 138);

    let parameters = format!(r#"{{"Type":"archive-retrieval","ArchiveId":"{archive}"}}"#);
    let job = run(&["initiate-job", "--job-parameters", &parameters]);
    let job = job["jobId"].as_str().unwrap();
    let listed = run(&["list-jobs"]);
    assert_eq!(listed["JobList"][0]["JobId"], job);
    assert_eq!(listed["JobList"][0]["StatusCode"], "Succeeded");
    let output = run(&["get-job-output", "--job-id", job, "retrieved.jpg"]);
    assert_eq!((output["status"].as_i64(), &output["checksum"]), (Some(200), &stored["checksum"]));
    assert!(
        std::fs::read(cli.folder.join("retrieved.jpg")).unwrap() == file,
        "the downloaded bytes differ from the uploaded ones"
    );

    // The tutorial of another emulator passes an ArchiveId to an inventory job too.
    let parameters = format!(r#"{{"Type":"inventory-retrieval","ArchiveId":"{archive}"}}"#);
    let job = run(&["initiate-job", "--job-parameters", &parameters]);
    let job = job["jobId"].as_str().unwrap();
    run(&["get-job-output", "--job-id", job, "inventory.json"]);
    let inventory: Value = serde_json::from_slice(&std::fs::read(cli.folder.join("inventory.json")).unwrap()).unwrap();
    assert_eq!(inventory["ArchiveList"][0]["ArchiveId"], archive);
    assert_eq!(inventory["ArchiveList"][0]["ArchiveDescription"], "a cat");

    run(&["delete-archive", "--archive-id", archive]);
    run(&["delete-vault"]);
    assert_eq!(cli.run(&["list-vaults"])["VaultList"], Value::Array(Vec::new()));
}

/// The test's only thread is blocked while the CLI runs, and the mock must answer nevertheless.
#[tokio::test(flavor = "current_thread")]
async fn the_tutorial_runs_against_a_mock_in_this_process() {
    if is_left_out("the tutorial with the AWS CLI", Command::new("aws").arg("--version")) {
        return;
    }
    let mock = GlacierMock::builder().verify_signatures(true).start();
    let folder = tempfile::tempdir().unwrap();
    tutorial(&Cli { endpoint: mock.endpoint(), environment: mock.env(), folder: folder.path() });
    mock.assert_sequence([
        Operation::CreateVault,
        Operation::DescribeVault,
        Operation::UploadArchive,
        Operation::InitiateJob,
        Operation::ListJobs,
        Operation::GetJobOutput,
        Operation::InitiateJob,
        Operation::GetJobOutput,
        Operation::DeleteArchive,
        Operation::DeleteVault,
        Operation::ListVaults,
    ]);
}

/// `mock.env()` overrides an environment with a profile that does not exist, a proxy and another endpoint. The command
/// line names no endpoint.
#[test]
fn the_environment_of_the_mock_is_enough_for_the_cli() {
    if is_left_out("the AWS CLI in a hostile environment", Command::new("aws").arg("--version")) {
        return;
    }
    let (mock, config) = (GlacierMock::start(), crate::hermetic::broken_config());
    let mut aws = Command::new("aws");
    crate::hermetic::hostile(&mut aws, config.path());
    let output = aws.envs(mock.env()).args(["glacier", "list-vaults", "--account-id", "-"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    mock.assert_sequence([Operation::ListVaults]);
}

#[cfg(feature = "standalone")]
#[test]
fn the_tutorial_runs_against_the_program() {
    if is_left_out("the tutorial with the AWS CLI and the program", Command::new("aws").arg("--version")) {
        return;
    }
    let program = crate::program::Program::start(&[]);
    // The program accepts any credentials. This environment only hides the configuration of the machine.
    let unused = GlacierMock::start();
    let mut environment = unused.env();
    environment.retain(|(name, _)| !name.starts_with("AWS_ENDPOINT_URL"));
    environment.push(("AWS_ACCESS_KEY_ID", "any".into()));
    let folder = tempfile::tempdir().unwrap();
    tutorial(&Cli { endpoint: program.endpoint.clone(), environment, folder: folder.path() });
    assert!(unused.requests().is_empty());
}

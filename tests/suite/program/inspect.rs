//! The subcommands for files with saved states: `inspect` and `import`.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use glacier_mock::{Clock, GlacierMock, JobTiming, MIB};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Program, command, run, stderr_of};

fn name(folder: &TempDir, file: &str) -> String {
    folder.path().join(file).to_str().unwrap().to_owned()
}

/// Runs a subcommand that succeeds, and returns its output.
#[track_caller]
fn output(arguments: &[&str]) -> String {
    let output = run(command(arguments));
    assert_eq!((output.status.code(), stderr_of(&output).as_str()), (Some(0), ""), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a subcommand that fails with this status, and returns the reason.
#[track_caller]
fn fails(arguments: &[&str], status: i32) -> String {
    let output = run(command(arguments));
    assert_eq!((output.status.code(), output.stdout.len()), (Some(status), 0), "{}", stderr_of(&output));
    stderr_of(&output)
}

/// Writes a file with two vaults.
fn saved(folder: &TempDir) -> String {
    let clock = Clock::frozen("2026-01-31T12:00:00Z");
    let mock = GlacierMock::builder().clock(clock).seed(7).jobs(JobTiming::manual()).start();
    let photos = mock.create_vault("photos");
    photos.put_archive("cat.jpg", b"a cat");
    photos.put_archive("", vec![0; 2000]);
    photos.start_inventory_retrieval();
    photos.start_upload("dog.tar", MIB);
    mock.vault_in("111122223333", "eu-west-1", "a").create();
    let file = name(folder, "state.glacier");
    mock.save(&file);
    file
}

#[test]
fn a_table_shows_each_vault() {
    let folder = TempDir::new().unwrap();
    let file = saved(&folder);
    assert_eq!(
        output(&["inspect", &file]),
        "saved at 2026-01-31T12:00:00.000Z by account 000000000000 in us-east-1\n\n\
         ACCOUNT       REGION     VAULT   ARCHIVES  BYTES  UPLOADS  JOBS\n\
         000000000000  us-east-1  photos         2   2005        1     1\n\
         111122223333  eu-west-1  a              0      0        0     0\n"
    );
    let whole: Value = serde_json::from_str(&output(&["inspect", "--json", &file])).unwrap();
    assert_eq!((&whole["now"], &whole["account"]), (&json!("2026-01-31T12:00:00.000Z"), &json!("000000000000")));
    let photos = &whole["vaults"][0];
    let counts = ["archive_count", "size", "upload_count", "job_count"].map(|member| photos[member].as_u64().unwrap());
    assert_eq!((photos["name"].as_str(), counts), (Some("photos"), [2, 2005, 1, 1]));
}

#[test]
fn the_archives_of_a_vault_are_listed() {
    let folder = TempDir::new().unwrap();
    let file = saved(&folder);
    let text = output(&["inspect", &file, "--vault", "photos"]);
    let lines: Vec<_> = text.lines().collect();
    assert_eq!((lines[0], lines[1], lines.len()), ("photos of account 000000000000 in us-east-1", "", 5));
    assert!(lines[2].starts_with("ARCHIVE  ") && lines[2].ends_with("  DESCRIPTION"), "{text}");
    assert!(lines[3].contains("  2026-01-31T12:00:00.000Z      5  ") && lines[3].ends_with("  cat.jpg"), "{text}");
    let whole: Value = serde_json::from_str(&output(&["inspect", &file, "--vault", "photos", "--json"])).unwrap();
    assert_eq!(whole["vaults"][0]["archives"][0]["description"], "cat.jpg");
    assert_eq!(whole["vaults"][0]["uploads"][0]["description"], "dog.tar");
    assert_eq!(fails(&["inspect", &file, "--vault", "x"], 1), format!("glacier-mock: {file} has no vault \"x\"\n"));
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let folder = TempDir::new().unwrap();
    let file = saved(&folder);
    let mut command = command(&["inspect", &file]);
    let mut program = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(program.stdout.take());
    let output = program.wait_with_output().unwrap();
    assert_eq!((output.status.code(), stderr_of(&output).as_str()), (Some(0), ""));
}

#[test]
fn a_damaged_file_is_refused_with_status_1() {
    let folder = TempDir::new().unwrap();
    let file = saved(&folder);
    let mut bytes = fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&file, &bytes).unwrap();
    let reason = fails(&["inspect", &file], 1);
    assert!(
        reason.starts_with(&format!("glacier-mock: cannot load the state of a mock from {file}: it is damaged: ")),
        "{reason}"
    );
    assert!(fails(&["inspect", "/nowhere/state"], 1).contains("from /nowhere/state: "));
    assert!(fails(&["inspect"], 2).contains("<FILE>"));
}

const CSV: &str = "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash\n\
    AAAA-1,\"nightly \\\"full\\\"\",2013-11-06T02:51:20Z,5368709120,beb0fe31a1c7ca8c6c04d574ea906e3f97b31fdca7571defb5b44dca89b5af60\n\
    AAAA-2,\"\",2014-11-06T02:51:20Z,1,2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\n";

fn json_inventory() -> String {
    let archive = json!({"ArchiveId": "BBBB", "ArchiveDescription": "scan", "CreationDate": "2013-11-06T02:51:20Z",
        "Size": 7, "SHA256TreeHash": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"});
    let arn = "arn:aws:glacier:eu-west-1:999999999999:vaults/scans";
    json!({"VaultARN": arn, "InventoryDate": "2020-11-07T00:00:00Z", "ArchiveList": [archive]}).to_string()
}

/// Retrieves the inventory of a vault in CSV, and returns the text.
fn inventory(program: &Program, vault: &str) -> String {
    let body = r#"{"Type":"inventory-retrieval","Format":"CSV"}"#;
    let started = program.send("POST", &format!("/-/vaults/{vault}/jobs"), body);
    let job = started.lines().find_map(|line| line.strip_prefix("x-amz-job-id: ")).unwrap();
    let output = program.get(&format!("/-/vaults/{vault}/jobs/{job}/output"));
    output.split_once("\r\n\r\n").unwrap().1.to_owned()
}

#[test]
fn inventories_become_vaults_that_the_program_serves() {
    let folder = TempDir::new().unwrap();
    let [csv, json, to] = ["a.csv", "b.json", "vaults.glacier"].map(|file| name(&folder, file));
    fs::write(&csv, CSV).unwrap();
    fs::write(&json, json_inventory()).unwrap();
    let imported = output(&[
        "import",
        "--inventory",
        &csv,
        "--vault",
        "backups",
        "--inventory",
        &json,
        "--vault",
        "old-scans",
        "--to",
        &to,
        "--account",
        "111122223333",
        "--region",
        "eu-west-1",
    ]);
    assert_eq!(imported, "backups: 2 archives, 5368709121 bytes\nold-scans: 1 archives, 7 bytes\n");
    let shown = output(&["inspect", &to]);
    assert!(shown.contains("\n111122223333  eu-west-1  backups           2  5368709121        0     0\n"), "{shown}");
    assert!(fs::metadata(&to).unwrap().len() < 1 << 20);

    let mut program = Program::start(&["--load", &to]);
    assert!(program.line_with("try: ").contains("--region eu-west-1"));
    assert_eq!(inventory(&program, "backups"), CSV);
    assert!(inventory(&program, "old-scans").contains("BBBB,\"scan\",2013-11-06T02:51:20Z,7,"));
    // The whole vault is deleted by its inventory.
    for line in CSV.lines().skip(1) {
        let id = line.split(',').next().unwrap();
        let deleted = program.send("DELETE", &format!("/-/vaults/backups/archives/{id}"), "");
        assert!(deleted.starts_with("HTTP/1.1 204"), "{deleted}");
    }
    assert!(program.send("DELETE", "/-/vaults/backups", "").starts_with("HTTP/1.1 204"));
}

#[test]
fn an_inventory_in_json_names_its_vault() {
    let folder = TempDir::new().unwrap();
    let [json, to] = ["b.json", "vaults.glacier"].map(|file| name(&folder, file));
    fs::write(&json, json_inventory()).unwrap();
    assert_eq!(output(&["import", "--inventory", &json, "--to", &to]), "scans: 1 archives, 7 bytes\n");
    assert!(output(&["inspect", &to]).contains("\n000000000000  us-east-1  scans         1      7        0     0\n"));
    // The account and the region may be in the environment, as for the program itself.
    let mut import = command(&["import", "--inventory", &json, "--to", &to]);
    import.env("GLACIER_MOCK_ACCOUNT", "111122223333").env("GLACIER_MOCK_REGION", "eu-west-1");
    assert_eq!(run(import).status.code(), Some(0));
    assert!(output(&["inspect", &to]).contains("\n111122223333  eu-west-1  scans "));
}

#[test]
fn an_invalid_import_writes_nothing_and_exits_with_status_2() {
    let folder = TempDir::new().unwrap();
    let [csv, json, bad, to] = ["a.csv", "b.json", "bad.csv", "vaults.glacier"].map(|file| name(&folder, file));
    fs::write(&csv, CSV).unwrap();
    fs::write(&json, json_inventory()).unwrap();
    fs::write(&bad, CSV.replace(",1,", ",-1,")).unwrap();
    let cases: [(&[&str], String); 7] = [
        (&["--inventory", &csv], format!("{csv}: it does not name its vault: give the name with --vault")),
        (
            &["--inventory", &bad, "--vault", "v"],
            format!("{bad}: line 3: the Size is not a number of bytes from 1 to "),
        ),
        (&["--inventory", &csv, "--vault", "a b"], format!("{csv}: vault \"a b\" cannot be created: ")),
        (
            &["--inventory", &json, "--inventory", &json],
            format!("{json}: an earlier inventory is that of the same vault"),
        ),
        (
            &["--inventory", &csv, "--inventory", &csv, "--vault", "v", "--vault", "w"],
            format!("{csv}: vault \"v\" has or had the archive AAAA-1 already"),
        ),
        (
            &["--inventory", &csv, "--inventory", &json, "--vault", "v"],
            "give one --vault for each --inventory, or none: there are 1 and 2".into(),
        ),
        (&["--inventory", "/nowhere.csv"], "/nowhere.csv: it cannot be read: ".into()),
    ];
    for (arguments, expected) in cases {
        let reason = fails(&[&["import", "--to", &to], arguments].concat(), 2);
        assert!(reason.starts_with(&format!("glacier-mock: {expected}")), "{reason}, not {expected}");
    }
    assert!(!Path::new(&to).exists());
    let reason = fails(&["import", "--inventory", &json, "--to", "/nowhere/state"], 1);
    assert!(reason.starts_with("glacier-mock: cannot save the state of the mock to /nowhere/state: "), "{reason}");
}

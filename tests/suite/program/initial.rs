//! The state at the start: `--init`, `--seed`, and what a reset returns to.

use super::config::Written;
use super::{Program, command, run, stderr_of};

const INIT: &str = r#"
[[vaults]]
name = "photos"
tags = { team = "archive" }
archives = [{ description = "cat.jpg", text = "a cat" }]

[[vaults]]
name = "scans"
account = "111122223333"
region = "eu-west-1"
"#;

#[test]
fn vaults_of_the_file_exist_before_the_first_request() {
    let file = Written::new("init.toml", INIT);
    let mut program = Program::start(&["--init", file.name()]);
    let photos = program.get("/-/vaults/photos");
    assert!(photos.contains(r#""NumberOfArchives":1,"#), "{photos}");
    assert!(program.get("/-/vaults/photos/tags").contains(r#"{"team":"archive"}"#));
    let signed = "Authorization: AWS4-HMAC-SHA256 Credential=111122223333/20260131/eu-west-1/glacier/aws4_request\r\n";
    assert!(program.send_with("GET", "/-/vaults/scans", signed, "").starts_with("HTTP/1.1 200"));
    // The log has a line for each request, and none for the initial state.
    let log = program.lines_up_to("DescribeVault  scans  200");
    assert_eq!(log.matches(" account=").count(), 3, "{log}");
}

#[test]
fn a_flaw_of_the_file_exits_with_status_2_and_its_key() {
    let file = Written::new("init.json", r#"{"vaults": [{"name": "a"}, {"name": "b", "archives": [{"text": ""}]}]}"#);
    let output = run(command(&["--port", "0", "--init", file.name()]));
    assert_eq!(output.status.code(), Some(2));
    let expected =
        format!("glacier-mock: {}: vaults[1].archives[0]: vault \"b\" cannot accept the archive", file.name());
    assert!(stderr_of(&output).starts_with(&expected), "{}, not {expected}", stderr_of(&output));
    assert!(output.stdout.is_empty());
}

#[test]
fn the_same_seed_gives_the_same_ids() {
    let file = Written::new("init.toml", INIT);
    let ids = |seed| {
        let program = Program::start(&["--seed", seed, "--init", file.name(), "--clock", "2026-01-31T00:00:00Z"]);
        program.send("POST", "/-/vaults/photos/jobs", r#"{"Type":"inventory-retrieval"}"#);
        let jobs = program.get("/-/vaults/photos/jobs");
        jobs.split_once("\r\n\r\n").unwrap().1.to_owned()
    };
    assert_eq!(ids("7"), ids("7"));
    assert_ne!(ids("7"), ids("8"));
}

#[cfg(unix)]
#[test]
fn sighup_returns_to_the_state_at_the_start() {
    let file = Written::new("init.toml", INIT);
    let mut program = Program::start(&["--init", file.name()]);
    for _ in 0..2 {
        program.send("PUT", "/-/vaults/other", "");
        program.send("DELETE", "/-/vaults/photos/tags", "");
        assert!(program.get("/-/vaults/other").starts_with("HTTP/1.1 200"));
        program.signal("HUP");
        program.line_with("INFO reset to the state at the start, because of SIGHUP");
        assert!(program.get("/-/vaults/other").starts_with("HTTP/1.1 404"));
        assert!(program.get("/-/vaults/photos").contains(r#""NumberOfArchives":1,"#));
    }
    assert_eq!(program.terminate(), Some(0));
}

#[test]
fn the_limits_of_retrievals_apply_from_the_start() {
    let file = Written::new("init.toml", INIT);
    let program = Program::start(&["--free-tier", "--expedited-is-short", "--init", file.name()]);
    assert!(program.get("/-/policies/data-retrieval").contains(r#""Strategy":"FreeTier""#));
    let inventory = program.send("POST", "/-/vaults/photos/jobs", r#"{"Type":"inventory-retrieval"}"#);
    let job = inventory.lines().find_map(|line| line.strip_prefix("x-amz-job-id: ")).unwrap();
    let listed = program.get(&format!("/-/vaults/photos/jobs/{job}/output"));
    let archive = listed.split(r#""ArchiveId":""#).nth(1).unwrap().split('"').next().unwrap();
    let retrieve = |tier| {
        let body = format!(r#"{{"Type":"archive-retrieval","ArchiveId":"{archive}","Tier":"{tier}"}}"#);
        program.send("POST", "/-/vaults/photos/jobs", &body)
    };
    assert!(retrieve("Standard").starts_with("HTTP/1.1 202"));
    assert!(retrieve("Expedited").contains("InsufficientCapacityException"));

    let usual = Program::start(&[]);
    assert!(usual.get("/-/policies/data-retrieval").contains(r#""Strategy":"None""#));
}

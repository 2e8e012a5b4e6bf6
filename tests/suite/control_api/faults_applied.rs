//! The verification that faults and rules for jobs have applied.

use glacier_mock::{GlacierMock, Operation};
use serde_json::{Value, json};

use super::{call, ok, refused, start};
use crate::support::{raw, request};

/// Returns the report, or an empty text if the verification holds.
#[track_caller]
fn verified(mock: &GlacierMock) -> String {
    let (status, answer) = call(mock, "POST", "/verify", json!({"faults_applied": true}));
    match status {
        200 => String::new(),
        422 => answer["error"]["message"].as_str().unwrap().to_owned(),
        _ => panic!("{status} {answer}"),
    }
}

fn get(mock: &GlacierMock, path: &str) -> u16 {
    raw(mock, &request("GET", path, &[], b"")).status
}

#[test]
fn faults_that_have_not_applied_are_reported() {
    let mock = start();
    assert_eq!(verified(&mock), "");
    let set = |fault: Value| ok(&mock, "POST", "/faults", fault)["id"].clone();
    set(json!({"operation": "ListVaults", "effect": {"error": "ThrottlingException"}, "times": 2}));
    set(json!({"operation": "ListJobs", "effect": "resets", "optional": true}));
    assert_eq!(get(&mock, "/-/vaults"), 400);
    let report = verified(&mock);
    assert!(report.starts_with("declared as fault 1 of the control API\n"), "{report}");
    assert!(report.contains("should have fired 2 times but fired once"), "{report}");
    assert!(report.contains("set it with `\"optional\": true` if the test does not depend on it"), "{report}");
    assert!(!report.contains("fault 2") && !report.contains(".optional()"), "{report}");
    // A verification changes nothing: the fault still applies.
    assert_eq!(verified(&mock), report);
    assert_eq!(get(&mock, "/-/vaults"), 400);
    assert_eq!(verified(&mock), "");
}

/// A fault can apply to a request and have no effect on it.
#[test]
fn a_fault_without_effect_is_reported() {
    let mock = start();
    ok(&mock, "POST", "/faults", json!({"operation": "ListVaults", "effect": {"flips_byte": 1000}}));
    get(&mock, "/-/vaults");
    let report = verified(&mock);
    assert!(report.contains("had no effect"), "{report}");
    ok(&mock, "POST", "/reset", json!({"only": ["faults"]}));
    assert_eq!(verified(&mock), "");
}

#[test]
fn rules_for_jobs_that_have_not_applied_are_reported() {
    let mock = start();
    mock.create_vault("v");
    ok(&mock, "POST", "/jobs/rules", json!({"vault": "v", "outcome": {"fails": "torn"}}));
    get(&mock, "/-/vaults");
    let report = verified(&mock);
    assert!(report.contains("no such job was started"), "{report}");
    assert!(report.contains("ListVaults"), "the record is not in {report}");
    mock.vault("v").start_inventory_retrieval();
    assert_eq!(verified(&mock), "");
    mock.calls(Operation::ListVaults).assert_once();
}

#[test]
fn only_true_is_a_value() {
    let message = refused(&start(), "POST", "/verify", json!({"faults_applied": false}), 400, "invalid_request");
    assert!(message.starts_with("faults_applied: expected `true`"), "{message}");
}

//! Rules that decide in advance how jobs end.

use glacier_mock::{JobStatus, JobTiming};
use serde_json::{Value, json};

use super::{call, ok, refused, start};
use crate::support::HOUR;

fn rules(mock: &glacier_mock::GlacierMock) -> Value {
    ok(mock, "GET", "/jobs/rules", Value::Null)["rules"].clone()
}

#[test]
fn a_rule_decides_how_the_next_jobs_that_match_end() {
    let mock = start();
    let (v, w) = (mock.create_vault("v"), mock.create_vault("w"));
    let archive = v.put_archive("", b"1");
    let rule = json!({"vault": "v", "times": 2, "outcome": {"fails": "the tape is torn", "after": "1h"}});
    let (status, set) = call(&mock, "POST", "/jobs/rules", rule);
    let expected =
        json!({"vault": "v", "times": 2, "left": 2, "outcome": {"fails": "the tape is torn", "after": "1h"}});
    assert_eq!((status, &set), (201, &expected));
    ok(&mock, "POST", "/jobs/rules", json!({"kind": "inventory-retrieval", "outcome": {"takes": "2h"}}));
    ok(&mock, "POST", "/jobs/rules", json!({"archive": archive.as_str(), "outcome": "never_completes"}));
    assert_eq!(rules(&mock).as_array().unwrap().len(), 3);

    let (failing, taking) = (v.start_retrieval(&archive), w.start_inventory_retrieval());
    assert_eq!(rules(&mock)[0]["left"], 1);
    assert_eq!(rules(&mock).as_array().unwrap().len(), 2);
    v.start_inventory_retrieval();
    let never = v.start_retrieval(&archive);
    assert_eq!(rules(&mock), json!([]));
    mock.clock().advance(HOUR);
    assert_eq!((failing.status(), failing.message().as_deref()), (JobStatus::Failed, Some("the tape is torn")));
    assert_eq!(taking.status(), JobStatus::InProgress);
    mock.clock().advance(HOUR);
    assert_eq!((taking.status(), never.status()), (JobStatus::Succeeded, JobStatus::InProgress));
}

#[test]
fn a_job_can_complete_at_once() {
    let mock = start();
    mock.set_job_timing(JobTiming::manual());
    let vault = mock.create_vault("v");
    ok(&mock, "POST", "/jobs/rules", json!({"outcome": "completes_now"}));
    assert_eq!(vault.start_inventory_retrieval().status(), JobStatus::Succeeded);
    assert_eq!(vault.start_inventory_retrieval().status(), JobStatus::InProgress);
}

/// Two tests that share the program, each with its own account, do not use each other's rules.
#[test]
fn a_rule_for_an_account_and_a_region_leaves_other_jobs_alone() {
    let mock = start();
    let in_region = |region| {
        ok(&mock, "PUT", "/vaults/v", json!({"account": "111122223333", "region": region}));
        mock.vault_in("111122223333", region, "v")
    };
    let (own, others) = (in_region("eu-west-1"), [mock.create_vault("v"), in_region("eu-west-2")]);
    let rule = json!({"account": "111122223333", "region": "eu-west-1", "outcome": {"fails": "torn"}});
    let set = ok(&mock, "POST", "/jobs/rules", rule);
    assert_eq!((set["account"].as_str(), set["region"].as_str()), (Some("111122223333"), Some("eu-west-1")));
    for other in others {
        assert_eq!(other.start_inventory_retrieval().status(), JobStatus::Succeeded);
    }
    assert_eq!(own.start_inventory_retrieval().status(), JobStatus::Failed);
}

#[test]
fn all_rules_are_removed() {
    let mock = start();
    ok(&mock, "POST", "/jobs/rules", json!({"outcome": "never_completes"}));
    assert_eq!(call(&mock, "DELETE", "/jobs/rules", Value::Null), (204, Value::Null));
    assert_eq!(rules(&mock), json!([]));
    assert_eq!(mock.create_vault("v").start_inventory_retrieval().status(), JobStatus::Succeeded);
}

#[test]
fn invalid_rules_are_refused() {
    let mock = start();
    for rule in [
        json!({}),
        json!({"outcome": "completes"}),
        json!({"outcome": {"takes": "2h", "after": "1h"}}),
        json!({"outcome": {"takes": "long"}}),
        json!({"outcome": {"fails": 5}}),
        json!({"outcome": {}}),
        json!({"outcome": "completes_now", "times": 0}),
        json!({"outcome": "completes_now", "times": "always"}),
        json!({"outcome": "completes_now", "kind": "select"}),
        json!({"outcome": "completes_now", "kind": "inventory-retrieval", "archive": "a"}),
        json!({"outcome": "completes_now", "status": "Failed"}),
    ] {
        refused(&mock, "POST", "/jobs/rules", rule, 400, "invalid_request");
    }
    assert_eq!(rules(&mock), json!([]));
}

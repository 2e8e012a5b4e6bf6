//! Resets, of everything or of parts.

use aws_sdk_glacier::Client;
use glacier_mock::{Clock, GlacierMock, JobTiming, Operation, Principal};
use serde_json::{Value, json};

use super::{call, ok, refused, started};
use crate::support::HOUR;

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:done";

/// What a reset can change.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    now: String,
    vaults: usize,
    archives: usize,
    jobs: usize,
    rules: usize,
    notifications: usize,
    requests: usize,
    principals: usize,
    capacity: usize,
    fails: bool,
    leftovers: usize,
}

async fn seen(mock: &GlacierMock) -> Seen {
    let count = |path: &str, member: &str| ok(mock, "GET", path, Value::Null)[member].as_array().unwrap().len();
    let requests = mock.requests().len();
    // The fault of `used` makes only this operation fail, and goes on doing so.
    let fails = mock.client().list_provisioned_capacity().send().await.is_err();
    Seen {
        now: mock.clock().now().to_string(),
        vaults: mock.vaults().len(),
        archives: mock.vaults().iter().map(|vault| vault.archives().len()).sum(),
        jobs: mock.jobs().all().len(),
        rules: count("/jobs/rules", "rules"),
        notifications: mock.notifications().len(),
        requests,
        principals: mock.principals().len(),
        capacity: mock.provisioned_capacity().len(),
        fails,
        leftovers: mock.leftovers().len(),
    }
}

/// A mock whose every part has changed. Three requests are on the record, and two of them left a job open: the output
/// of one was not downloaded, and the other is in progress.
async fn used() -> (GlacierMock, Client) {
    let clock = Clock::frozen("2026-01-31T00:00:00Z");
    let mock =
        started(GlacierMock::builder().clock(clock).principals([Principal::new("arn:aws:iam::111122223333:root")]));
    mock.clock().advance(HOUR);
    let vault = mock.create_vault("v").set_notifications(TOPIC, ["InventoryRetrievalCompleted"]);
    vault.put_archive("", b"1");
    vault.start_inventory_retrieval();
    mock.vault_in("111122223333", "eu-west-1", "w").create().put_archive("", b"2");
    let glacier = mock.client();
    let inventory = async || {
        let parameters = crate::support::inventory().build();
        glacier.initiate_job().vault_name("v").job_parameters(parameters).send().await.unwrap();
    };
    inventory().await;
    mock.set_job_timing(JobTiming::manual());
    inventory().await;
    ok(&mock, "POST", "/jobs/rules", json!({"vault": "none", "outcome": "never_completes"}));
    glacier.purchase_provisioned_capacity().send().await.unwrap();
    mock.add_principal(Principal::new("arn:aws:iam::111122223333:user/anna"));
    mock.fault(Operation::ListProvisionedCapacity).optional().always().service_unavailable();
    (mock, glacier)
}

fn before() -> Seen {
    Seen {
        now: "2026-01-31T01:00:00.000Z".into(),
        vaults: 2,
        archives: 2,
        jobs: 3,
        rules: 1,
        notifications: 2,
        requests: 3,
        principals: 2,
        capacity: 1,
        fails: true,
        leftovers: 2,
    }
}

/// Returns what is seen after a reset of these parts.
async fn after(parts: &[&str]) -> Seen {
    let (mock, _) = used().await;
    let reset = call(&mock, "POST", "/reset", json!({"only": parts}));
    assert_eq!(reset, (204, Value::Null));
    let seen = seen(&mock).await;
    ok(&mock, "POST", "/reset", Value::Null);
    seen
}

#[tokio::test]
async fn a_reset_restores_the_state_at_the_start() {
    let (mock, glacier) = used().await;
    assert_eq!(seen(&mock).await, before());
    assert_eq!(call(&mock, "POST", "/reset", Value::Null), (204, Value::Null));
    let start = Seen {
        now: "2026-01-31T00:00:00.000Z".into(),
        vaults: 0,
        archives: 0,
        jobs: 0,
        rules: 0,
        notifications: 0,
        requests: 0,
        principals: 1,
        capacity: 0,
        fails: false,
        leftovers: 0,
    };
    assert_eq!(seen(&mock).await, start);
    // The timing of jobs is that of the start, too.
    glacier.create_vault().vault_name("v").send().await.unwrap();
    assert_eq!(mock.vault("v").start_inventory_retrieval().status().as_str(), "Succeeded");
    assert_eq!(call(&mock, "POST", "/reset", json!({})), (204, Value::Null));
    assert!(mock.vaults().is_empty());
}

#[tokio::test]
async fn parts_are_reset_and_nothing_else() {
    let start = "2026-01-31T00:00:00.000Z".to_owned();
    assert_eq!(after(&[]).await, before());
    assert_eq!(after(&["requests"]).await, Seen { requests: 0, ..before() });
    assert_eq!(after(&["faults"]).await, Seen { fails: false, ..before() });
    assert_eq!(after(&["jobs"]).await, Seen { jobs: 0, rules: 0, notifications: 0, leftovers: 0, ..before() });
    let without_vaults = Seen { vaults: 0, archives: 0, jobs: 0, notifications: 0, leftovers: 0, ..before() };
    assert_eq!(after(&["vaults"]).await, without_vaults);
    let back = Seen { now: start, capacity: 0, ..without_vaults };
    assert_eq!(after(&["clock", "vaults"]).await, back);
    let all = Seen { rules: 0, requests: 0, fails: false, ..back };
    assert_eq!(after(&["requests", "faults", "jobs", "vaults", "clock"]).await, all);
}

#[tokio::test]
async fn jobs_can_be_initiated_after_their_reset() {
    let (mock, _) = used().await;
    ok(&mock, "POST", "/reset", json!({"only": ["jobs"]}));
    let job = mock.vault("v").start_inventory_retrieval();
    assert_eq!(mock.jobs().all().len(), 1);
    job.complete();
    assert_eq!(mock.notifications().len(), 1);
}

#[tokio::test]
async fn the_clock_goes_back_only_without_vaults() {
    let (mock, _) = used().await;
    for parts in [json!(["clock"]), json!(["requests", "faults", "jobs", "clock"])] {
        let message = refused(&mock, "POST", "/reset", json!({"only": parts}), 409, "conflict");
        assert!(message.contains("2 existing vaults"), "{message}");
    }
    assert_eq!(seen(&mock).await, before());
    mock.vaults().iter().for_each(glacier_mock::Vault::remove);
    ok(&mock, "POST", "/reset", json!({"only": ["clock"]}));
    assert_eq!(mock.clock().now().to_string(), "2026-01-31T00:00:00.000Z");
    ok(&mock, "POST", "/reset", Value::Null);
}

#[tokio::test]
async fn an_invalid_reset_changes_nothing() {
    let (mock, _) = used().await;
    for body in [
        json!({"only": ["vaults", "principals"]}),
        json!({"only": "vaults"}),
        json!({"only": {"vaults": true}}),
        json!({"parts": ["vaults"]}),
        json!([]),
    ] {
        refused(&mock, "POST", "/reset", body, 400, "invalid_request");
    }
    assert_eq!(seen(&mock).await, before());
    ok(&mock, "POST", "/reset", Value::Null);
}

//! Jobs: their state, when they complete, and how they end.

use glacier_mock::{Clock, GlacierMock, JobStatus, JobTiming};
use serde_json::{Value, json};

use super::{call, ok, refused, start, started};
use crate::support::{HOUR, initiate, inventory, raw, request, retrieval};

fn manual() -> GlacierMock {
    let clock = Clock::frozen("2026-01-31T00:00:00Z");
    started(GlacierMock::builder().clock(clock).jobs(JobTiming::manual()))
}

fn ids(list: &Value) -> Vec<&str> {
    list["jobs"].as_array().unwrap().iter().map(|job| job["job"]["JobId"].as_str().unwrap()).collect()
}

/// The members of `job` are those of the answer that Glacier gives.
#[tokio::test]
async fn a_job_is_described_as_glacier_describes_it() {
    let mock = manual();
    let archive = mock.create_vault("v").put_archive("a cat", b"meow");
    let glacier = mock.client();
    let parameters = retrieval(archive.as_str()).description("why").tier("Bulk").sns_topic("arn:aws:sns:us-east-1:1:t");
    let first = initiate(&glacier, "v", parameters).await;
    let second = initiate(&glacier, "v", inventory()).await;
    ok(&mock, "POST", &format!("/jobs/{second}/complete"), Value::Null);
    for id in [&first, &second] {
        let answer = raw(&mock, &request("GET", &format!("/-/vaults/v/jobs/{id}"), &[], b""));
        let described: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(described["JobId"].as_str(), Some(&**id));
        let expected = json!({"job": described, "account": "000000000000", "region": "us-east-1", "vault": "v"});
        assert_eq!(ok(&mock, "GET", &format!("/jobs/{id}"), Value::Null), expected);
    }
    assert_eq!(ids(&ok(&mock, "GET", "/jobs", Value::Null)), [first, second]);
}

#[test]
fn jobs_are_filtered_by_vault_status_account_and_region() {
    let mock = manual();
    let first = mock.create_vault("v").start_inventory_retrieval();
    let second = mock.create_vault("w").start_inventory_retrieval();
    let third = mock.vault_in("111122223333", "eu-west-1", "v").create().start_inventory_retrieval();
    first.complete();
    second.fail("no");
    let listed = |query: &str| {
        let list = ok(&mock, "GET", &format!("/jobs{query}"), Value::Null);
        ids(&list).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let [a, b, c] = [&first, &second, &third].map(|job| job.id().to_string());
    assert_eq!(listed(""), [&*a, &b, &c]);
    assert_eq!(listed("?vault=v"), [&*a, &c]);
    assert_eq!(listed("?vault=none"), Vec::<String>::new());
    assert_eq!(listed("?status=Succeeded"), [&*a]);
    assert_eq!(listed("?status=Failed"), [&*b]);
    assert_eq!(listed("?status=InProgress"), [&*c]);
    assert_eq!(listed("?account=000000000000&vault=v"), [&*a]);
    assert_eq!(listed("?region=eu-west-1"), [&*c]);
    for query in ["status=succeeded", "status=", "state=Failed", "account=1"] {
        refused(&mock, "GET", &format!("/jobs?{query}"), Value::Null, 400, "invalid_request");
    }
    ok(&mock, "GET", &format!("/jobs/{c}"), Value::Null);
    refused(&mock, "GET", &format!("/jobs/{c}?account=000000000000"), Value::Null, 404, "not_found");
}

#[test]
fn a_job_is_initiated_without_a_request() {
    let mock = manual();
    let vault = mock.create_vault("v");
    let archive = vault.put_archive("", b"1");
    let body = json!({"kind": "archive-retrieval", "archive": archive.as_str()});
    let (status, first) = call(&mock, "POST", "/vaults/v/jobs", body);
    assert_eq!((status, &first["job"]["ArchiveId"]), (201, &json!(archive.as_str())));
    assert_eq!(first, ok(&mock, "GET", "/jobs", Value::Null)["jobs"][0]);
    let (_, second) = call(&mock, "POST", "/vaults/v/jobs", json!({"kind": "inventory-retrieval"}));
    assert_eq!(second["job"]["Action"], "InventoryRetrieval");
    for body in [
        json!({}),
        json!({"kind": "archive-retrieval"}),
        json!({"kind": "inventory-retrieval", "archive": archive.as_str()}),
        json!({"kind": "select"}),
        json!({"kind": "inventory-retrieval", "tier": "Bulk"}),
    ] {
        refused(&mock, "POST", "/vaults/v/jobs", body, 400, "invalid_request");
    }
    let missing = json!({"kind": "archive-retrieval", "archive": "none"});
    refused(&mock, "POST", "/vaults/v/jobs", missing, 404, "not_found");
    refused(&mock, "POST", "/vaults/none/jobs", json!({"kind": "inventory-retrieval"}), 404, "not_found");
    assert_eq!(vault.jobs().len(), 2);
    mock.requests().assert_count(0);
    mock.leftovers().assert_none();
}

#[test]
fn the_timing_applies_to_jobs_that_are_initiated_afterwards() {
    let mock = start();
    let vault = mock.create_vault("v");
    let started = |timing: Value| {
        assert_eq!(call(&mock, "PUT", "/jobs/timing", json!({"timing": timing})), (204, Value::Null));
        vault.start_inventory_retrieval()
    };
    let held = started(json!("manual"));
    assert_eq!(started(json!("instant")).status(), JobStatus::Succeeded);
    let timed = started(json!({"after": "2h"}));
    let by_tier = started(json!("by_tier"));
    let spelled_otherwise = started(json!("by-tier"));
    let polled = started(json!({"after_polls": 1}));
    mock.clock().advance(2 * HOUR);
    assert_eq!((timed.status(), by_tier.status()), (JobStatus::Succeeded, JobStatus::InProgress));
    mock.clock().advance(2 * HOUR);
    assert_eq!((by_tier.status(), held.status()), (JobStatus::Succeeded, JobStatus::InProgress));
    assert_eq!(spelled_otherwise.status(), JobStatus::Succeeded);
    let poll = || raw(&mock, &request("GET", &format!("/-/vaults/v/jobs/{}", polled.id()), &[], b"")).text().to_owned();
    assert!(poll().contains(r#""StatusCode":"InProgress""#));
    assert!(poll().contains(r#""StatusCode":"Succeeded""#));
    assert_eq!(held.status(), JobStatus::InProgress);

    ok(&mock, "PUT", "/jobs/timing", json!({"timing": "manual"}));
    let message =
        |timing: Value| refused(&mock, "PUT", "/jobs/timing", json!({"timing": timing}), 400, "invalid_request");
    assert_eq!(message(json!("4h")), r#"timing: "4h" is a duration: write {"after": "4h"}"#);
    assert!(message(json!({"after": 5})).ends_with(r#"expected a duration such as "4h""#));
    assert!(message(json!({})).starts_with(r#"timing: expected "instant", "manual", "by_tier""#));
    for timing in [
        json!("slow"),
        json!({"after": "soon"}),
        json!({"after": 5}),
        json!({"after_polls": -1}),
        json!({"after": "5s", "after_polls": 1}),
        json!({}),
        json!(5),
        Value::Null,
    ] {
        refused(&mock, "PUT", "/jobs/timing", json!({"timing": timing}), 400, "invalid_request");
    }
    refused(&mock, "PUT", "/jobs/timing", json!({"timing": "instant", "vault": "v"}), 400, "invalid_request");
    refused(&mock, "PUT", "/jobs/timing", Value::Null, 400, "invalid_request");
    assert_eq!(vault.start_inventory_retrieval().status(), JobStatus::InProgress);
}

#[test]
fn a_job_is_completed_held_or_fails_and_expires() {
    let mock = manual();
    mock.set_job_timing(JobTiming::after(HOUR));
    let vault = mock.create_vault("v");
    let [first, second, third] = [(); 3].map(|()| vault.start_inventory_retrieval());
    let post = |job: &glacier_mock::Job, action: &str, body: Value| {
        ok(&mock, "POST", &format!("/jobs/{}/{action}", job.id()), body)
    };
    let completed = post(&first, "complete", Value::Null);
    assert_eq!(completed, ok(&mock, "GET", &format!("/jobs/{}", first.id()), Value::Null));
    assert_eq!(completed["job"]["StatusCode"], "Succeeded");
    let failed = post(&second, "fail", json!({"message": "the disk is full"}));
    assert_eq!(
        (&failed["job"]["StatusCode"], &failed["job"]["StatusMessage"]),
        (&json!("Failed"), &json!("the disk is full"))
    );
    assert_eq!(post(&third, "hold", Value::Null)["job"]["StatusCode"], "InProgress");
    mock.clock().advance(HOUR);
    assert_eq!(third.status(), JobStatus::InProgress);
    assert_eq!(post(&first, "expire", Value::Null), Value::Null);
    refused(&mock, "GET", &format!("/jobs/{}", first.id()), Value::Null, 404, "not_found");
    assert_eq!(mock.jobs().all().len(), 2);
}

#[test]
fn an_action_that_does_not_fit_is_refused() {
    let mock = manual();
    let vault = mock.create_vault("v");
    let (done, running) = (vault.start_inventory_retrieval(), vault.start_inventory_retrieval());
    done.complete();
    let path = |job: &glacier_mock::Job, action: &str| format!("/jobs/{}/{action}", job.id());
    for action in ["complete", "hold"] {
        let message = refused(&mock, "POST", &path(&done, action), Value::Null, 409, "conflict");
        assert!(message.contains("has already ended: Succeeded"), "{message}");
    }
    refused(&mock, "POST", &path(&done, "fail"), json!({"message": "no"}), 409, "conflict");
    refused(&mock, "POST", &path(&running, "expire"), Value::Null, 409, "conflict");
    for action in ["complete", "hold", "expire"] {
        refused(&mock, "POST", &format!("/jobs/none/{action}"), Value::Null, 404, "not_found");
        refused(&mock, "POST", &path(&running, action), json!({"message": "no"}), 400, "invalid_request");
    }
    refused(&mock, "POST", "/jobs/none/fail", json!({"message": "no"}), 404, "not_found");
    for body in [Value::Null, json!({}), json!({"message": 5}), json!({"message": "no", "code": 1})] {
        refused(&mock, "POST", &path(&running, "fail"), body, 400, "invalid_request");
    }
    assert_eq!((done.status(), running.status()), (JobStatus::Succeeded, JobStatus::InProgress));
}

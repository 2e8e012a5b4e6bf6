//! What the policies of a vault would decide.

use glacier_mock::{Clock, GlacierMock, Operation, Principal};
use serde_json::{Value, json};

use super::{ok, refused, started};
use crate::support::{DAY, POLICY};

const ANNA: &str = "arn:aws:iam::111122223333:user/anna";

fn mock() -> GlacierMock {
    started(GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")))
}

fn explain(mock: &GlacierMock, body: Value) -> (bool, String) {
    let answer = ok(mock, "POST", "/explain", body);
    (answer["allowed"].as_bool().unwrap(), answer["because"].as_str().unwrap().to_owned())
}

#[test]
fn the_decision_is_explained_and_nothing_is_requested() {
    let mock = mock();
    mock.create_vault("v").set_access_policy(POLICY);
    let denied = explain(&mock, json!({"operation": "DeleteArchive", "vault": "v"}));
    assert_eq!(denied, (false, mock.explain(Operation::DeleteArchive).for_vault("v").to_string()));
    assert!(denied.1.contains("no-deletes"), "{}", denied.1);
    assert!(explain(&mock, json!({"operation": "DescribeVault", "vault": "v"})).0);
    mock.requests().assert_count(0);
}

#[test]
fn the_caller_is_named_by_its_arn_or_its_access_key() {
    let mock = mock();
    let policy = |condition: Value| {
        json!({"Statement": [{
            "Effect": "Allow", "Principal": {"AWS": ANNA}, "Action": "glacier:*",
            "Resource": "arn:aws:glacier:us-east-1:000000000000:vaults/v", "Condition": condition,
        }]})
        .to_string()
    };
    let mfa = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    let vault = mock.create_vault("v").set_access_policy(policy(mfa));
    let by = |principal: &str| explain(&mock, json!({"operation": "ListJobs", "vault": "v", "principal": principal})).0;
    assert!(!by(ANNA));
    // The known principal with the ARN has a second factor.
    mock.add_principal(Principal::new(ANNA).with_access_key("AKIAANNA").with_mfa());
    assert!(by(ANNA) && by("AKIAANNA"));
    assert!(!by("arn:aws:iam::111122223333:user/otto"));
    vault.set_access_policy(policy(json!({"StringEquals": {"aws:UserAgent": "tests"}})));
    let with = |agent: Value| {
        let body = json!({"operation": "ListJobs", "vault": "v", "principal": ANNA, "user_agent": agent});
        explain(&mock, body).0
    };
    assert!(with(json!("tests")) && !with(Value::Null));
}

#[test]
fn the_age_of_the_archive_counts() {
    let mock = mock();
    let policy = json!({"Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "glacier:DeleteArchive",
        "Resource": "arn:aws:glacier:us-east-1:000000000000:vaults/v",
        "Condition": {"NumericLessThan": {"glacier:ArchiveAgeInDays": "365"}},
    }]});
    let archive = mock.create_vault("v").lock(policy.to_string()).put_archive("", b"1");
    let allowed = || explain(&mock, json!({"operation": "DeleteArchive", "vault": "v", "archive": archive.as_str()})).0;
    assert!(!allowed());
    mock.clock().advance(365 * DAY);
    assert!(allowed());
}

#[test]
fn an_invalid_question_is_refused() {
    let mock = mock();
    mock.create_vault("v");
    for body in [
        json!({}),
        json!({"operation": "DeleteArchive"}),
        json!({"operation": "Delete", "vault": "v"}),
        json!({"operation": "DeleteArchive", "vault": 5}),
        json!({"operation": "DeleteArchive", "vault": "v", "principal": "arn:aws:anna"}),
        json!({"operation": "DeleteArchive", "vault": "v", "job": "j"}),
    ] {
        refused(&mock, "POST", "/explain", body, 400, "invalid_request");
    }
    for body in [
        json!({"operation": "DeleteArchive", "vault": "none"}),
        json!({"operation": "DeleteArchive", "vault": "v", "region": "eu-west-1"}),
        json!({"operation": "DeleteArchive", "vault": "v", "principal": "AKIANOBODY"}),
    ] {
        refused(&mock, "POST", "/explain", body, 404, "not_found");
    }
}

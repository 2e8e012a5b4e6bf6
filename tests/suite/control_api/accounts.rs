//! Principals, capacity and the data retrieval policy.

use aws_sdk_glacier::types::{DataRetrievalPolicy, DataRetrievalRule};
use glacier_mock::{Clock, GlacierMock, Principal};
use serde_json::{Value, json};

use super::{call, ok, refused, start, started};
use crate::support::{refusal, retrieval};

const ANNA: &str = "arn:aws:iam::111122223333:user/anna";

#[tokio::test]
async fn a_principal_is_registered_and_can_call() {
    let mock = started(GlacierMock::builder().verify_signatures(true));
    let (status, anna) = call(&mock, "POST", "/principals", json!({"arn": ANNA}));
    let derived = Principal::new(ANNA);
    let expected = json!({
        "arn": ANNA, "account": "111122223333", "access_key": derived.access_key(), "secret": derived.secret(),
        "session_token": null, "expiration_date": null, "mfa_since": null, "source_ip": null, "secure_transport": true,
    });
    assert_eq!((status, anna), (201, expected));
    let known = mock.principal(derived.access_key());
    mock.client_as(&known).create_vault().account_id("-").vault_name("v").send().await.unwrap();
    assert!(mock.vault_in("111122223333", "us-east-1", "v").exists());
}

#[test]
fn a_principal_has_what_the_request_says() {
    let mock = started(GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")));
    let session = json!({
        "arn": "arn:aws:sts::111122223333:assumed-role/auditor/monday",
        "access_key": "AKIAAUDIT", "secret": "s3cret", "session_token": "token",
        "expiration_date": "2026-02-01T00:00:00Z", "mfa_since": "2026-01-30T00:00:00Z",
        "source_ip": "203.0.113.7", "secure_transport": false,
    });
    let registered = ok(&mock, "POST", "/principals", session);
    let expected = Principal::new("arn:aws:sts::111122223333:assumed-role/auditor/monday")
        .with_access_key("AKIAAUDIT")
        .with_secret("s3cret")
        .with_session_token("token")
        .expires_at("2026-02-01T00:00:00Z")
        .with_mfa_since("2026-01-30T00:00:00Z")
        .with_source_ip("203.0.113.7")
        .without_tls();
    assert!(mock.principal("AKIAAUDIT") == expected);
    assert_eq!((&registered["secret"], &registered["session_token"]), (&json!("s3cret"), &json!("token")));
    ok(&mock, "POST", "/principals", json!({"arn": ANNA, "access_key": "AKIAANNA", "mfa": true}));
    assert_eq!(mock.principal("AKIAANNA").mfa_since(), Some(mock.clock().now()));
    // The list has neither secrets nor session tokens.
    let listed = ok(&mock, "GET", "/principals", Value::Null)["principals"].clone();
    let auditor = json!({
        "arn": "arn:aws:sts::111122223333:assumed-role/auditor/monday", "account": "111122223333",
        "access_key": "AKIAAUDIT", "expiration_date": "2026-02-01T00:00:00.000Z",
        "mfa_since": "2026-01-30T00:00:00.000Z", "source_ip": "203.0.113.7", "secure_transport": false,
    });
    assert_eq!((&listed[0]["access_key"], &listed[1]), (&json!("AKIAANNA"), &auditor));
    // The same access key replaces the principal.
    ok(&mock, "POST", "/principals", json!({"arn": ANNA, "access_key": "AKIAAUDIT"}));
    assert_eq!(mock.principal("AKIAAUDIT").arn(), ANNA);
    assert_eq!(mock.principals().len(), 2);
}

#[test]
fn invalid_principals_are_refused() {
    let mock = start();
    for (path, member) in [
        ("arn", json!({"arn": "anna"})),
        ("access_key", json!({"access_key": "a/b"})),
        ("access_key", json!({"access_key": ""})),
        ("session_token", json!({"session_token": "a b"})),
        ("session_token", json!({"session_token": ""})),
        ("expiration_date", json!({"expiration_date": "tomorrow"})),
        ("mfa", json!({"mfa": "yes"})),
        ("mfa_since", json!({"mfa": false, "mfa_since": "2026-01-30T00:00:00Z"})),
        ("source_ip", json!({"source_ip": "localhost"})),
        ("tags", json!({"tags": {}})),
    ] {
        let mut body = json!({"arn": ANNA});
        body.as_object_mut().unwrap().extend(member.as_object().unwrap().clone());
        let message = refused(&mock, "POST", "/principals", body, 400, "invalid_request");
        assert!(message.starts_with(path), "{member}: {message}");
    }
    refused(&mock, "POST", "/principals", json!({}), 400, "invalid_request");
    assert!(mock.principals().is_empty());
}

#[tokio::test]
async fn expedited_capacity_can_be_short() {
    let mock = started(GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")));
    let archive = mock.create_vault("v").put_archive("", b"1");
    let glacier = mock.client();
    let retrieve = async || {
        let parameters = retrieval(archive.as_str()).tier("Expedited").build();
        glacier.initiate_job().vault_name("v").job_parameters(parameters).send().await
    };
    let capacity = |query: &str| ok(&mock, "GET", &format!("/capacity{query}"), Value::Null);
    assert_eq!(capacity(""), json!({"expedited": "available", "provisioned": []}));
    assert_eq!(call(&mock, "PUT", "/capacity", json!({"expedited": "short"})), (204, Value::Null));
    assert_eq!(refusal(retrieve().await).1, "InsufficientCapacityException");
    for body in [json!({}), json!({"expedited": "low"}), json!({"expedited": "available", "bulk": "short"})] {
        refused(&mock, "PUT", "/capacity", body, 400, "invalid_request");
    }
    assert_eq!(capacity("")["expedited"], "short");
    glacier.purchase_provisioned_capacity().send().await.unwrap();
    let unit = &mock.provisioned_capacity()[0];
    let expected = json!([{
        "capacity_id": unit.id().as_str(), "start_date": "2026-01-31T00:00:00.000Z",
        "expiration_date": unit.expiration().to_string(),
    }]);
    assert_eq!(capacity("")["provisioned"], expected);
    assert_eq!(capacity("?region=eu-west-1")["provisioned"], json!([]));
    retrieve().await.unwrap();
    ok(&mock, "PUT", "/capacity", json!({"expedited": "available"}));
    assert_eq!(capacity("")["expedited"], "available");
}

#[tokio::test]
async fn the_retrieval_policy_is_the_one_that_was_set() {
    let mock = start();
    let policy = |query: &str| ok(&mock, "GET", &format!("/retrieval_policy{query}"), Value::Null);
    assert_eq!(policy(""), json!({"strategy": "None"}));
    let set = async |strategy: &str, limit: Option<i64>| {
        let rule = DataRetrievalRule::builder().strategy(strategy).set_bytes_per_hour(limit).build();
        let policy = DataRetrievalPolicy::builder().rules(rule).build();
        mock.client().set_data_retrieval_policy().policy(policy).send().await.unwrap();
    };
    set("BytesPerHour", Some(5)).await;
    assert_eq!(policy(""), json!({"strategy": "BytesPerHour", "bytes_per_hour": 5}));
    set("FreeTier", None).await;
    assert_eq!(policy(""), json!({"strategy": "FreeTier"}));
    assert_eq!(policy("?account=111122223333"), json!({"strategy": "None"}));
    refused(&mock, "GET", "/retrieval_policy?vault=v", Value::Null, 400, "invalid_request");
}

//! The notifications of jobs that have ended.

use glacier_mock::{Clock, GlacierMock};
use serde_json::{Value, json};

use super::{ok, refused, started};

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:done";

#[test]
fn the_notifications_are_those_that_were_published() {
    let mock = started(GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")));
    let vault = mock.create_vault("v").set_notifications(TOPIC, ["InventoryRetrievalCompleted"]);
    let elsewhere = mock.vault_in("111122223333", "eu-west-1", "w").create();
    let elsewhere = elsewhere.set_notifications(TOPIC, ["InventoryRetrievalCompleted"]);
    let list = |query: &str| ok(&mock, "GET", &format!("/notifications{query}"), Value::Null)["notifications"].clone();
    assert_eq!(list(""), json!([]));
    let job = vault.start_inventory_retrieval();
    elsewhere.start_inventory_retrieval();
    let published = &mock.notifications()[0];
    let first = json!({
        "topic": TOPIC, "time": "2026-01-31T00:00:00.000Z", "account": "000000000000", "region": "us-east-1",
        "vault": "v", "job": job.id().as_str(), "message": published.message(),
    });
    assert_eq!((list("").as_array().unwrap().len(), &list("")[0]), (2, &first));
    assert_eq!(list("?vault=v"), json!([first]));
    assert_eq!(list("?region=us-east-1"), json!([first]));
    assert_eq!(list("?account=111122223333")[0]["vault"], "w");
    assert_eq!(list("?vault=none"), json!([]));
    refused(&mock, "GET", "/notifications?topic=t", Value::Null, 400, "invalid_request");
    mock.requests().assert_count(0);
}

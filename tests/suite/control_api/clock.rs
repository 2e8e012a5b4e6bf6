//! The clock.

use std::time::Duration;

use glacier_mock::{Clock, GlacierMock, JobTiming};
use serde_json::{Value, json};

use super::{ok, refused, started};
use crate::support::HOUR;

fn frozen() -> GlacierMock {
    started(GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")).jobs(JobTiming::after(4 * HOUR)))
}

#[test]
fn advancing_the_clock_returns_the_events_on_the_way_in_their_order() {
    let mock = frozen();
    let vault = mock.create_vault("v");
    let first = vault.start_inventory_retrieval();
    mock.clock().advance(HOUR);
    let second = vault.start_inventory_retrieval();
    let advanced = ok(&mock, "POST", "/clock/advance", json!({"by": "5h"}));
    assert_eq!(advanced["now"], "2026-01-31T06:00:00.000Z");
    let event = |at: &str, job: &str| {
        let (account, region) = (mock.account().to_string(), mock.region());
        json!({"type": "job_completed", "at": at, "account": account, "region": region, "vault": "v", "job": job, "status": "Succeeded"})
    };
    let expected =
        json!([event("2026-01-31T04:00:00.000Z", first.id()), event("2026-01-31T05:00:00.000Z", second.id())]);
    assert_eq!(advanced["events"], expected);
    assert_eq!(ok(&mock, "GET", "/clock", Value::Null), json!({"now": "2026-01-31T06:00:00.000Z"}));
}

/// The output of a job expires 24 hours after its end, so the second event exists only after the first.
#[test]
fn an_event_that_follows_from_another_is_among_the_events() {
    let mock = frozen();
    mock.create_vault("v").start_inventory_retrieval();
    let advanced = ok(&mock, "POST", "/clock/advance_to", json!({"instant": "2026-02-02T00:00:00Z"}));
    let events = advanced["events"].as_array().unwrap();
    let seen: Vec<_> =
        events.iter().map(|event| (event["type"].as_str().unwrap(), event["at"].as_str().unwrap())).collect();
    assert_eq!(seen, [("job_completed", "2026-01-31T04:00:00.000Z"), ("output_expired", "2026-02-01T04:00:00.000Z")]);
    assert_eq!(advanced["now"], "2026-02-02T00:00:00.000Z");
}

#[test]
fn the_next_event_is_where_the_clock_moves_to() {
    let mock = frozen();
    assert_eq!(
        ok(&mock, "POST", "/clock/next_event", Value::Null),
        json!({"now": "2026-01-31T00:00:00.000Z", "events": []})
    );
    mock.create_vault("v").start_inventory_retrieval();
    let advanced = ok(&mock, "POST", "/clock/next_event", Value::Null);
    assert_eq!(advanced["now"], "2026-01-31T04:00:00.000Z");
    assert_eq!(advanced["events"].as_array().unwrap().len(), 1);
}

#[test]
fn the_clock_does_not_move_back() {
    let mock = frozen();
    let to = json!({"instant": "2026-01-30T23:59:59Z"});
    let message = refused(&mock, "POST", "/clock/advance_to", to, 409, "conflict");
    assert_eq!(
        message,
        "the mock's clock is at 2026-01-31T00:00:00.000Z and cannot go back to 2026-01-30T23:59:59.000Z"
    );
    for by in
        [json!({"by": "-4h"}), json!({"by": 4}), json!({"by": "soon"}), json!({}), json!({"by": "4h", "to": "5h"})]
    {
        refused(&mock, "POST", "/clock/advance", by, 400, "invalid_request");
    }
    assert_eq!(mock.clock().now().to_string(), "2026-01-31T00:00:00.000Z");
}

#[test]
fn a_clock_that_follows_the_wall_moves_ahead_of_it() {
    let mock = started(GlacierMock::builder().clock(Clock::wall()));
    let before = mock.clock().now();
    ok(&mock, "POST", "/clock/advance", json!({"by": "48h"}));
    assert!(mock.clock().now() >= before + Duration::from_secs(48 * 3600));
}

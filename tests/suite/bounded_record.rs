//! Assertions on a record from which `keep_requests` has dropped requests.

use glacier_mock::{GlacierMock, Operation, Step};

use crate::support::{panic_message, raw, request};

const UNVERIFIED: &str = ", but this cannot be verified";
const ONE_DROPPED: &str = "1 older request is no longer on record: increase the limit of the builder's `keep_requests`";

/// Starts a mock whose record has the newest two of these calls: CreateVault, ListVaults, ListVaults.
fn one_dropped(strict: bool) -> GlacierMock {
    let mock = GlacierMock::builder().keep_requests(2).strict(strict).start();
    raw(&mock, &request("PUT", "/-/vaults/v", &[], b""));
    raw(&mock, &request("GET", "/-/vaults", &[], b""));
    raw(&mock, &request("GET", "/-/vaults", &[], b""));
    assert_eq!(mock.requests().dropped(), 1);
    mock
}

#[test]
fn assertions_that_a_dropped_request_could_violate_fail() {
    let mock = one_dropped(false);
    let created = || mock.calls(Operation::CreateVault);
    let listed = || mock.calls(Operation::ListVaults);
    let assertions: [(&str, &dyn Fn()); 10] = [
        ("expected no calls of CreateVault", &|| created().assert_none()),
        ("expected at most 1 call of CreateVault", &|| created().assert_count(..=1)),
        ("expected exactly 2 calls of ListVaults", &|| listed().assert_count(2)),
        ("expected no requests of CreateVault", &|| mock.requests().operation(Operation::CreateVault).assert_none()),
        ("expected 1 to 3 requests of any operation", &|| mock.requests().assert_count(1..=3)),
        ("expected exactly these calls in this order", &|| mock.assert_sequence([Operation::ListVaults; 2])),
        ("expected exactly these calls in this order", &|| {
            listed().assert_sequence([Step::times(Operation::ListVaults, 2)]);
        }),
        ("expected all calls of any operation to succeed", &|| mock.all_calls().assert_all_succeeded()),
        ("expected no retries of any operation", &|| mock.all_calls().assert_no_retries()),
        ("expected exactly 1 call of ListVaults", &|| listed().with_status(500).assert_once()),
    ];
    for (headline, assertion) in &assertions[..9] {
        let text = panic_message(assertion);
        assert!(text.starts_with(&format!("{headline}{UNVERIFIED}\n  {ONE_DROPPED}\n")), "{text}");
    }
    // An assertion that does not hold for the requests on record says that more may be missing.
    let text = panic_message(assertions[9].1);
    assert!(text.contains(", but there were 0\n") && text.contains(ONE_DROPPED), "{text}");
    let text = panic_message(|| mock.assert_in_order([Operation::CreateVault, Operation::ListVaults]));
    assert!(text.contains("but it was never called\n") && text.contains(ONE_DROPPED), "{text}");
}

#[test]
fn assertions_that_a_dropped_request_cannot_violate_pass() {
    let mock = one_dropped(false);
    mock.calls(Operation::ListVaults).assert_count(2..);
    mock.requests().assert_count(1..);
    mock.assert_in_order([Operation::ListVaults; 2]);
    mock.expect(Operation::ListVaults).at_least(2);
    mock.verify();
    mock.forget_requests();
    mock.all_calls().assert_none();
    mock.assert_sequence([Operation::CreateVault; 0]);
}

#[test]
fn expectations_with_an_upper_bound_fail_if_requests_were_dropped() {
    let mock = one_dropped(false);
    mock.expect(Operation::CreateVault).never();
    mock.expect(Operation::ListVaults).times(2);
    let text = mock.try_verify().unwrap_err().to_string();
    for headline in ["expected no calls of CreateVault", "expected exactly 2 calls of ListVaults"] {
        assert!(text.contains(&format!("{headline}{UNVERIFIED}\n  {ONE_DROPPED}\n")), "{text}");
    }
    // The dropped request came before the last verification, so it cannot violate these.
    mock.expect(Operation::CreateVault).never();
    mock.verify();
    raw(&mock, &request("PUT", "/-/vaults/w", &[], b""));
    mock.expect(Operation::CreateVault).once();
    mock.verify();
    raw(&mock, &request("DELETE", "/-/vaults/w", &[], b""));
    raw(&mock, &request("GET", "/-/vaults", &[], b""));
    raw(&mock, &request("GET", "/-/vaults", &[], b""));
    mock.expect(Operation::DeleteVault).never();
    assert!(mock.try_verify().unwrap_err().to_string().contains(ONE_DROPPED));
}

#[test]
fn a_strict_mock_fails_if_requests_were_dropped() {
    let mock = one_dropped(true);
    mock.expect(Operation::ListVaults).at_least(1);
    let text = mock.try_verify().unwrap_err().to_string();
    let expected = format!("expected no unexpected calls (the mock is strict){UNVERIFIED}\n  {ONE_DROPPED}\n");
    assert!(text.starts_with(&expected), "{text}");
    mock.verify();
}

/// A record of no requests at all drops every request.
#[test]
fn a_record_without_requests_verifies_no_upper_bound() {
    let mock = GlacierMock::builder().keep_requests(0).start();
    mock.all_calls().assert_none();
    raw(&mock, &request("GET", "/-/vaults", &[], b""));
    assert!(panic_message(|| mock.all_calls().assert_none()).contains(ONE_DROPPED));
    mock.expect(Operation::ListVaults).never();
    assert!(mock.try_verify().unwrap_err().to_string().contains(ONE_DROPPED));
    mock.expect(Operation::ListVaults).never();
    mock.verify();
}

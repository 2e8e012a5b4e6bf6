//! Pages of other sites cannot use the control API through a browser.

use glacier_mock::GlacierMock;

use super::{BASE, send, start};
use crate::support::raw;

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// Sends a request that would advance the clock, and returns whether it was refused with status 403 and changed nothing.
fn is_forbidden(mock: &GlacierMock, headers: &[(&str, &str)]) -> bool {
    let before = mock.clock().now();
    let response = send(mock, "POST", "/clock/advance", headers, br#"{"by": "876000h"}"#);
    let text = response.text();
    let has_moved = mock.clock().now().to_string()[..4] != before.to_string()[..4];
    assert_eq!(has_moved, response.status == 200, "{headers:?}: {} {text}", response.status);
    assert!(response.status != 403 || text.contains(r#""code":"forbidden""#), "{text}");
    response.status == 403
}

#[test]
fn a_form_of_another_site_is_refused() {
    for kind in ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x", "Text/Plain;a=b"]
    {
        assert!(is_forbidden(&start(), &[("Content-Type", kind)]), "{kind}");
    }
    assert!(is_forbidden(&start(), &[JSON, ("Content-Type", "text/plain")]));
    let refused = send(&start(), "POST", "/reset", &[("Content-Type", "text/plain")], b"{}");
    for advice in ["`Content-Type: application/json` (with curl `--json`)", "`application/octet-stream`"] {
        assert!(refused.text().contains(advice), "{}", refused.text());
    }
    assert!(!is_forbidden(&start(), &[JSON]));
    assert!(!is_forbidden(&start(), &[("Content-Type", "application/json; charset=utf-8")]));
}

#[test]
fn another_content_type_is_not_supported() {
    let mock = start();
    for headers in [&[][..], &[("Content-Type", "application/xml")]] {
        assert_eq!(send(&mock, "POST", "/clock/advance", headers, br#"{"by": "1h"}"#).status, 415, "{headers:?}");
    }
}

#[test]
fn a_page_of_another_origin_is_refused() {
    let from = |host: &str, origin: &str| is_forbidden(&start(), &[JSON, ("Host", host), ("Origin", origin)]);
    assert!(!from("localhost:4566", "http://localhost:4566"));
    assert!(!from("127.0.0.1:4566", "http://127.0.0.1:4566"));
    for origin in
        ["http://localhost", "http://localhost:4567", "https://localhost:4566", "http://example.com", "null", ""]
    {
        assert!(from("localhost:4566", origin), "{origin}");
    }
    // Reading needs no content type, so the origin protects it too.
    let origin = [("Origin", "http://example.com")];
    assert_eq!(send(&start(), "GET", "/clock", &origin, b"").status, 403);
}

/// A name of another site that its owner lets resolve to 127.0.0.1 (DNS rebinding).
#[test]
fn a_host_that_is_not_this_machine_is_refused() {
    for host in
        ["example.com", "example.com:4566", "localhost.example.com", "127.0.0.1.example.com", "", "[::1", "xlocalhost"]
    {
        assert!(is_forbidden(&start(), &[JSON, ("Host", host)]), "{host}");
    }
    // These have something else beside the name of this machine and a port.
    for host in [
        "[::1]example.com",
        "[::1].example.com",
        "[localhost]",
        "localhost:80@example.com",
        "user@localhost",
        "127.0.0.1:example.com",
        ".localhost",
        "localhost, example.com",
    ] {
        assert!(is_forbidden(&start(), &[JSON, ("Host", host)]), "{host}");
    }
    assert!(is_forbidden(&start(), &[JSON, ("Host", "localhost"), ("Host", "example.com")]));
    for host in ["localhost", "LOCALHOST:1", "a.localhost:4566", "127.0.0.1", "10.1.2.3:80", "[::1]:4566", "[::1]"] {
        assert!(!is_forbidden(&start(), &[JSON, ("Host", host)]), "{host}");
    }
}

/// The target of a request can be a whole URL, whose host counts too.
#[test]
fn a_target_on_another_host_is_refused() {
    let mock = start();
    let status = |target: &str| {
        raw(&mock, format!("GET {target}{BASE}/clock HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).status
    };
    assert_eq!(status("http://localhost"), 200);
    assert_eq!(status("http://example.com"), 403);
    assert_eq!(status("http://localhost@example.com"), 403);
}

//! Requests for the control API, with any body.

use super::arranged::{Arranged, settings};
use super::socket::exchange;

const BASE: &str = "/_glacier-mock/v1";

/// What is read after the request, because it shows the whole state.
const READ: [&str; 9] =
    ["vaults", "vaults/v", "jobs", "jobs/rules", "faults", "requests", "notifications", "usage", "leftovers"];

/// Sends a request: the first line has the method and the path below the version of the API, and the rest is the body.
/// Then reads the state.
pub fn control_api(input: &[u8]) {
    let (line, body) = input.split_at(input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len()));
    let Some((method, path)) = std::str::from_utf8(line).ok().and_then(|line| line.split_once(' ')) else { return };
    let is_target = |path: &str| path.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
    let waits = ["wait", "outages", "stream", "%"].iter().any(|word| path.contains(word));
    if waits || !is_target(path) || !method.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return;
    }
    let mock = settings().control_api(true).start();
    let arranged = Arranged::new(&mock);
    let job = arranged.retrieve(&mock);
    let body = arranged.fill_in(&job, body.strip_prefix(b"\n").unwrap_or_default());
    let (path, length) = (String::from_utf8(arranged.fill_in(&job, path.as_bytes())).expect("ASCII"), body.len());
    let kind = if path.contains("/archives") || path.contains("/parts/") { "octet-stream" } else { "json" };
    let head = format!(
        "{method} {BASE}/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/{kind}\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    for response in exchange(&mock, &[head.as_bytes(), &body]) {
        assert!(response.status < 500, "{response:?}");
        if response.header("content-type") == Some("application/json") && !response.body.is_empty() {
            assert!(response.json().is_object(), "{response:?}");
        }
    }
    let reads = READ.map(|path| format!("GET {BASE}/{path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    let answers = exchange(&mock, &[reads.concat().as_bytes()]);
    assert_eq!(answers.len(), READ.len());
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 404)), "{answers:?}");
    // The drop of a mock verifies that its faults have fired. Those that the input has set need not fire.
    mock.reset();
}

//! The files of the console, and the redirect to it. `.ci/console` tests the page itself in a browser.

use std::fs;
use std::path::Path;

use glacier_mock::{ErrorCode, GlacierMock, Operation};

use super::start;
use crate::support::{RawResponse, raw};

const PAGE: &str = "/_glacier-mock/";

/// Sends a request without a body to `localhost`.
fn send(mock: &GlacierMock, method: &str, path: &str, headers: &str) -> RawResponse {
    raw(mock, format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").as_bytes())
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/control_api/console")
}

/// The name and text of each file of the folder that a browser reads.
fn files() -> Vec<(String, String)> {
    let entries = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|kind| kind != "rs"))
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn every_file_is_served_with_its_content_type() {
    let mock = start();
    let all = files();
    assert!(all.len() > 10, "{all:?}");
    for (name, text) in all {
        let kind = match name.rsplit('.').next().unwrap() {
            "html" => "text/html; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "svg" => "image/svg+xml",
            other => panic!("{name}: which content type has .{other}?"),
        };
        let path = if name == "index.html" { PAGE.to_owned() } else { format!("{PAGE}{name}") };
        let response = send(&mock, "GET", &path, "");
        assert_eq!((response.status, response.header("content-type")), (200, Some(kind)), "{name}");
        assert_eq!(response.text(), text, "{name}");
        assert_eq!(send(&mock, "HEAD", &path, "").header("content-length"), Some(&*text.len().to_string()), "{name}");
    }
    mock.requests().assert_count(0);
}

#[test]
fn a_browser_runs_only_the_scripts_of_the_console() {
    let mock = start();
    for (path, headers) in [(PAGE, ""), ("/_glacier-mock/main.js", ""), ("/", "Accept: text/html\r\n")] {
        let response = send(&mock, "GET", path, headers);
        let policy = response.header("content-security-policy").unwrap();
        let directives: Vec<_> = policy.split("; ").collect();
        assert_eq!(
            directives,
            [
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self'",
                "connect-src 'self'",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
                "require-trusted-types-for 'script'",
                "trusted-types 'none'",
            ]
        );
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(response.header("referrer-policy"), Some("no-referrer"), "{path}");
        assert_eq!(response.header("cross-origin-resource-policy"), Some("same-origin"), "{path}");
        assert_eq!(response.header("cache-control"), Some("no-cache"), "{path}");
    }
}

/// The policy of the page forbids all of this, so a page that has it would not work.
#[test]
fn the_page_has_no_code_or_style_inside_and_names_no_other_host() {
    for (name, text) in files() {
        let text = text.replace("http://www.w3.org/2000/svg", "");
        for forbidden in ["http:", "https:", "//cdn", "innerHTML", "outerHTML", "insertAdjacent", "eval(", "style="] {
            assert!(!text.contains(forbidden), "{name} contains {forbidden}");
        }
        assert!(!text.contains("<script>") && !text.contains("<style"), "{name}");
    }
}

#[test]
fn a_file_that_does_not_exist_is_not_found() {
    let mock = start();
    for path in
        ["/_glacier-mock/nothing.js", "/_glacier-mock/mod.rs", "/_glacier-mock/..%2fmod.rs", "/_glacier-mock/a/b"]
    {
        assert_eq!(send(&mock, "GET", path, "").status, 404, "{path}");
    }
    assert_eq!(send(&mock, "DELETE", PAGE, "").status, 405);
}

#[test]
fn a_browser_at_the_root_is_sent_to_the_console() {
    let mock = start();
    let firefox = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n";
    for accept in [firefox, "Accept: Text/HTML; charset=utf-8\r\n", "Accept: application/xml, text/html\r\n"] {
        let response = send(&mock, "GET", "/", accept);
        assert_eq!((response.status, response.header("location")), (307, Some(PAGE)), "{accept}");
        assert_eq!(response.header("vary"), Some("Accept"));
    }
    assert_eq!(send(&mock, "GET", "/_glacier-mock", "").header("location"), Some(PAGE));
    mock.requests().assert_count(0);
}

/// These are answered by Glacier and are on the record.
#[test]
fn every_other_request_to_the_root_is_glaciers() {
    let mock = start();
    let html = "Accept: text/html\r\n";
    let requests = [
        ("GET", "/", String::new()),
        ("GET", "/", "Accept: */*\r\n".into()),
        ("GET", "/", "Accept: application/json\r\n".into()),
        ("GET", "/", "Accept: text/htmlx\r\n".into()),
        ("GET", "/", format!("{html}Authorization: AWS4-HMAC-SHA256 x\r\n")),
        ("GET", "/?X-Amz-Signature=1", html.into()),
        ("POST", "/", format!("{html}Content-Length: 0\r\n")),
        ("HEAD", "/", html.into()),
        ("GET", "/-/vaults", html.into()),
        ("GET", "/_glacier-mocks", html.into()),
    ];
    for (method, path, headers) in &requests {
        let response = send(&mock, method, path, headers);
        assert_eq!(response.header("location"), None, "{method} {path} {headers}");
    }
    mock.requests().assert_count(requests.len());
}

#[test]
fn without_the_control_api_a_browser_gets_glaciers_answer() {
    let mock = GlacierMock::start();
    assert_eq!(send(&mock, "GET", "/", "Accept: text/html\r\n").header("location"), None);
    mock.requests().assert_count(1);
}

#[test]
fn the_guard_of_the_control_api_applies_to_the_console() {
    let mock = start();
    let response = raw(&mock, format!("GET {PAGE} HTTP/1.1\r\nHost: example.com\r\n\r\n").as_bytes());
    assert_eq!(response.status, 403);
    let response = raw(&mock, b"GET / HTTP/1.1\r\nHost: example.com\r\nAccept: text/html\r\n\r\n");
    assert_eq!(response.status, 403);
}

/// Returns the texts of a list in `names.js`.
fn names(list: &str) -> Vec<String> {
    let text = fs::read_to_string(folder().join("names.js")).unwrap();
    let inside = text.split_once(&format!("export const {list} = [")).unwrap().1.split_once(']').unwrap().0;
    inside.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_lists_of_operations_and_errors_are_complete() {
    let operations: Vec<_> = Operation::ALL.iter().map(|operation| operation.as_str()).collect();
    assert_eq!(names("OPERATIONS"), operations);
    let errors: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names("ERRORS"), errors);
}

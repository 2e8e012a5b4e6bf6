//! HTTP from hostile and unusual clients: the mock always answers in AWS's format, without a panic and without dropping
//! the connection.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use glacier_mock::{ErrorCode, GlacierMock};

use crate::support::{mock_with_vault, raw, refusal, request, sha256};

/// See observed.md 2.F.
#[test]
fn an_unknown_path_or_method_is_a_bad_request_in_json() {
    let mock = GlacierMock::start();
    let strangers = [
        ("GET", "/"),
        ("GET", "/favicon.ico"),
        ("GET", "/vaults/x/archives"),
        ("PATCH", "/-/vaults/v"),
        ("POST", "/-/vaults"),
        ("PUT", "/-/vaults/v/jobs/j"),
        ("GET", "/-/vaults/v/jobs/j/output/more"),
        ("GET", "//vaults/v"),
        ("GET", "/-/vaults//jobs"),
        ("GET", "/-/vaults/v/"),
        ("GET", "/-/vaults/../../etc/passwd"),
        ("OPTIONS", "/-/vaults"),
        ("TRACE", "/-/vaults"),
        ("GET", "/-/vaults/%ff%fe"),
        ("GET", "/-/vaults/%"),
        ("GET", "http://elsewhere/x"),
        ("OPTIONS", "*"),
        ("FANCY", "/-/vaults"),
    ];
    for (method, path) in strangers {
        let response = raw(&mock, &request(method, path, &[], b""));
        assert_ne!(response.status, 500, "{method} {path}");
        let body: serde_json::Value = serde_json::from_slice(&response.body)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}: {:?}", response.text()));
        // A `%` that cannot be decoded stands for itself, and is not a valid name of a vault.
        let (status, code) =
            if path.ends_with("/%") { (404, "ResourceNotFoundException") } else { (400, "BadRequest") };
        assert_eq!(
            (response.status, body["code"].as_str(), body["type"].as_str()),
            (status, Some(code), Some("Client")),
            "{method} {path}"
        );
        assert_eq!(response.header("content-type"), Some("application/json"));
        assert_eq!(response.header("x-amzn-requestid").unwrap().len(), 47);
        assert!(response.header("date").is_some());
    }
    assert_eq!(mock.requests().len(), strangers.len());
}

#[test]
fn a_head_request_is_a_bad_request() {
    let mock = GlacierMock::start();
    let response = raw(&mock, &request("HEAD", "/-/vaults", &[], b""));
    assert_eq!((response.status, response.body.len()), (400, 0));
}

/// A path with an invalid name of a vault is answered like that of a missing vault (observed.md 2.A).
#[test]
fn percent_encoded_names_are_decoded() {
    let (mock, path) = (GlacierMock::start(), "/-/vaults/my%2Dvault");
    assert_eq!(raw(&mock, &request("PUT", path, &[], b"")).header("location"), Some("/000000000000/vaults/my-vault"));
    let slash = raw(&mock, &request("GET", "/-/vaults/a%2Fb", &[], b""));
    assert!(slash.text().contains("Vault not found for ARN: a/b"), "{}", slash.text());
}

/// The response was observed byte for byte (observed.md 2.B).
#[test]
fn the_api_version_is_required() {
    let mock = GlacierMock::start();
    let missing = raw(&mock, &request("GET", "/-/vaults", &[("x-amz-glacier-version", "")], b""));
    assert_eq!(
        missing.text(),
        r#"{"code":"MissingParameterValueException","message":"Required parameter missing: API version","type":"Client"}"#
    );
    assert_eq!((missing.status, missing.body.len()), (400, 109));
    let other = raw(&mock, &request("GET", "/-/vaults", &[("x-amz-glacier-version", "2006-03-01")], b""));
    assert_eq!(other.status, 400);
    assert!(other.text().contains("Invalid API version: 2006-03-01"));
}

/// The order is: payload hash, account, API version, vault (observed.md 1.11).
#[test]
fn checks_come_in_the_observed_order() {
    let mock = GlacierMock::start();
    let code = |account: &str, headers: &[(&str, &str)]| {
        let response = raw(&mock, &request("GET", &format!("/{account}/vaults/none"), headers, b""));
        serde_json::from_slice::<serde_json::Value>(&response.body).unwrap()["code"].as_str().unwrap().to_owned()
    };
    let (no_version, wrong_hash) = (("x-amz-glacier-version", ""), ("x-amz-content-sha256", "0"));
    assert_eq!(code("111122223333", &[no_version, wrong_hash]), "InvalidSignatureException");
    assert_eq!(code("111122223333", &[no_version]), "AccessDeniedException");
    assert_eq!(code("-", &[no_version]), "MissingParameterValueException");
    assert_eq!(code("-", &[]), "ResourceNotFoundException");
}

/// Request IDs are unique. A response without a body has no Content-Type (api.md section 1); 201 and 202 have an empty
/// object as their body (observed.md 3.1).
#[test]
fn every_answer_has_a_request_id_and_a_date() {
    let mock = GlacierMock::start();
    let (created, listed) =
        (raw(&mock, &request("PUT", "/-/vaults/v", &[], b"")), raw(&mock, &request("GET", "/-/vaults", &[], b"")));
    let begun = raw(&mock, &request("POST", "/-/vaults/v/jobs", &[], br#"{"Type":"inventory-retrieval"}"#));
    let deleted = raw(&mock, &request("DELETE", "/-/vaults/v", &[], b""));
    for response in [&created, &listed, &begun, &deleted] {
        assert!(response.header("date").unwrap().ends_with(" GMT"));
    }
    assert_ne!(created.header("x-amzn-requestid"), listed.header("x-amzn-requestid"));
    for (response, status) in [(&created, 201), (&begun, 202)] {
        assert_eq!((response.status, response.text()), (status, "{}"));
        let (kind, length) = (response.header("content-type"), response.header("content-length"));
        assert_eq!((kind, length), (Some("application/json"), Some("2")));
    }
    assert_eq!((deleted.status, deleted.text()), (204, ""));
    assert_eq!((deleted.header("content-type"), deleted.header("content-length")), (None, None));
    assert_eq!(listed.header("content-type"), Some("application/json"));
}

/// The record shows the upload, without a body.
#[tokio::test]
async fn an_incomplete_upload_stores_nothing() {
    let (mock, glacier) = mock_with_vault().await;
    let mut whole =
        request("POST", "/-/vaults/v/archives", &[("x-amz-content-sha256", &sha256(&[7; 100_000]))], &[7; 100_000]);
    whole.truncate(whole.len() - 1);
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    stream.write_all(&whole).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    // The request has ended when the server has closed the connection, with or without a response.
    let _ = stream.read_to_end(&mut Vec::new());
    assert_eq!(glacier.describe_vault().vault_name("v").send().await.unwrap().number_of_archives(), 0);
    assert_eq!(mock.requests()[1].body().map(|body| body.len()), None);
}

#[test]
fn a_chunked_body_is_accepted() {
    let mock = GlacierMock::start();
    raw(&mock, &request("PUT", "/-/vaults/v", &[], b""));
    let hash = sha256(b"hello world");
    let chunked = format!(
        "POST /-/vaults/v/archives HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nx-amz-glacier-version: 2012-06-01\r\n\
         x-amz-content-sha256: {hash}\r\nx-amz-sha256-tree-hash: {hash}\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    );
    assert_eq!(raw(&mock, chunked.as_bytes()).status, 201);
    assert_eq!(mock.requests()[1].body().unwrap().to_vec(), b"hello world");
}

/// A client that reads only after it has sent everything gets the error response too, not a reset connection.
#[test]
fn an_oversized_document_is_refused() {
    let mock = GlacierMock::start();
    raw(&mock, &request("PUT", "/-/vaults/v", &[], b""));
    let giant = format!(r#"{{"Type":"inventory-retrieval","Description":"{}"}}"#, "x".repeat(3 << 20));
    let response = raw(&mock, &request("POST", "/-/vaults/v/jobs", &[], giant.as_bytes()));
    assert_eq!(response.status, 400);
    assert!(response.text().contains("InvalidParameterValueException"), "{}", response.text());
    assert!(mock.requests()[1].body().is_none());
}

#[tokio::test]
async fn a_refusal_does_not_break_the_client() {
    let (_mock, glacier) = mock_with_vault().await;
    refusal(glacier.describe_vault().vault_name("none").send().await);
    glacier.describe_vault().vault_name("v").send().await.unwrap();
}

/// A connection that stays open for several requests.
struct Connection(std::io::BufReader<TcpStream>);

impl Connection {
    fn open(mock: &GlacierMock) -> Self {
        Connection(std::io::BufReader::new(TcpStream::connect(mock.address()).unwrap()))
    }

    fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).unwrap();
    }

    /// Reads the next response. Returns its head and its body.
    fn answer(&mut self) -> (String, Vec<u8>) {
        use std::io::BufRead;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(self.0.read_line(&mut head).unwrap() > 0, "closed after {head:?}");
        }
        let length = head
            .to_lowercase()
            .split_once("content-length: ")
            .map(|(_, rest)| rest.split("\r\n").next().unwrap().parse().unwrap());
        let mut body = vec![0; length.unwrap_or(0)];
        self.0.read_exact(&mut body).unwrap();
        (head, body)
    }
}

fn upload_headers(body: &[u8]) -> Vec<(&'static str, String)> {
    vec![("x-amz-content-sha256", sha256(body)), ("x-amz-sha256-tree-hash", sha256(body))]
}

fn with<'a>(headers: &'a [(&'static str, String)], more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    headers.iter().map(|(name, value)| (*name, &**value)).chain(more.iter().copied()).collect()
}

#[test]
fn a_connection_is_kept_alive_after_refusals() {
    let mock = GlacierMock::start();
    let mut connection = Connection::open(&mock);
    for _ in 0..100 {
        connection.send(&request("GET", "/-/vaults/none", &[], b""));
        assert!(connection.answer().0.starts_with("HTTP/1.1 404"));
        connection.send(&request("POST", "/-/vaults/none/archives", &[], b"some body"));
        assert!(connection.answer().0.starts_with("HTTP/1.1 403"));
        connection.send(&request("GET", "/-/vaults", &[], b""));
        let (head, body) = connection.answer();
        assert!(head.starts_with("HTTP/1.1 200"));
        assert_eq!(body, br#"{"Marker":null,"VaultList":[]}"#);
    }
}

/// The client sends its body only after the interim response.
#[test]
fn expect_100_continue_is_answered_before_the_body() {
    let mock = GlacierMock::start();
    raw(&mock, &request("PUT", "/-/vaults/v", &[], b""));
    let headers = upload_headers(b"hello");
    let whole = request("POST", "/-/vaults/v/archives", &with(&headers, &[("Expect", "100-continue")]), b"hello");
    let (head, body) = whole.split_at(whole.len() - 5);
    let mut connection = Connection::open(&mock);
    connection.send(head);
    assert!(connection.answer().0.starts_with("HTTP/1.1 100"));
    connection.send(body);
    assert!(connection.answer().0.starts_with("HTTP/1.1 201"));
}

/// "Content-Type of the upload is irrelevant" (observed.md 3.3).
#[test]
fn the_content_type_does_not_matter() {
    let mock = GlacierMock::start();
    raw(&mock, &request("PUT", "/-/vaults/v", &[], b""));
    let headers = upload_headers(b"hello");
    for content_type in
        ["", "binary/octet-stream", "text/html; charset=utf-8", "not a type at all", "multipart/form-data"]
    {
        let headers = with(&headers, &[("Content-Type", content_type)]);
        assert_eq!(raw(&mock, &request("POST", "/-/vaults/v/archives", &headers, b"hello")).status, 201);
        let job = request(
            "POST",
            "/-/vaults/v/jobs",
            &[("Content-Type", content_type)],
            br#"{"Type":"inventory-retrieval"}"#,
        );
        assert_eq!(raw(&mock, &job).status, 202, "{content_type}");
    }
}

/// Both headers are on record.
#[test]
fn the_first_of_two_headers_with_one_name_counts() {
    let mock = GlacierMock::start();
    raw(&mock, &request("PUT", "/-/vaults/v", &[], b""));
    let headers = upload_headers(b"hello");
    let twice = with(&headers, &[("x-amz-sha256-tree-hash", "000"), ("x-amz-glacier-version", "2012-06-01")]);
    assert_eq!(raw(&mock, &request("POST", "/-/vaults/v/archives", &twice, b"hello")).status, 201);
    let recorded = mock.requests();
    let hashes = recorded[1].headers().filter(|(name, _)| *name == "x-amz-sha256-tree-hash");
    assert_eq!(hashes.map(|(_, value)| value.into_owned()).collect::<Vec<_>>(), [sha256(b"hello"), "000".into()]);
}

/// The service answers a request with a header of 200 KB. The HTTP layer refuses 400 headers with 431.
#[test]
fn a_long_header_is_accepted_and_too_many_headers_are_refused() {
    let mock = GlacierMock::start();
    let long = "x".repeat(200_000);
    assert_eq!(raw(&mock, &request("GET", "/-/vaults", &[("x-long", &long)], b"")).status, 200);
    let names: Vec<_> = (0..400).map(|n| format!("x-{n}")).collect();
    let many: Vec<_> = names.iter().map(|name| (&**name, "value")).collect();
    assert_eq!(raw(&mock, &request("GET", "/-/vaults", &many, b"")).status, 431);
    let path = format!("/-/vaults/{}", "v".repeat(20_000));
    let response = raw(&mock, &request("GET", &path, &[], b""));
    assert_eq!(response.status, 404);
    assert!(response.text().contains("Vault not found for ARN: vvv"));
}

/// The bytes after the declared length are answered as an invalid request.
#[tokio::test]
async fn bytes_after_the_declared_body_are_not_part_of_it() {
    let (mock, glacier) = mock_with_vault().await;
    let headers = upload_headers(b"hello");
    let mut bytes = request("POST", "/-/vaults/v/archives", &with(&headers, &[]), b"hello");
    bytes.extend(b" and some undeclared bytes\r\n\r\n");
    let mut connection = Connection::open(&mock);
    connection.send(&bytes);
    assert!(connection.answer().0.starts_with("HTTP/1.1 201"));
    assert!(connection.answer().0.starts_with("HTTP/1.1 400"));
    let vault = glacier.describe_vault().vault_name("v").send().await.unwrap();
    assert_eq!((vault.number_of_archives(), vault.size_in_bytes()), (1, 32_768 + 5));
}

/// Such an upload stores nothing, and the record shows what happened.
#[tokio::test]
async fn uploads_that_disconnect_release_their_connections() {
    let (mock, glacier) = mock_with_vault().await;
    let body = vec![7; 1 << 20];
    let headers = upload_headers(&body);
    let mut half = request("POST", "/-/vaults/v/archives", &with(&headers, &[]), &body);
    half.truncate(half.len() / 2);
    for _ in 0..20 {
        let mut stream = TcpStream::connect(mock.address()).unwrap();
        stream.write_all(&half).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        // Ends when the server has closed the connection too.
        let _ = stream.read_to_end(&mut Vec::new());
    }
    let recorded = mock.requests();
    assert_eq!(recorded.len(), 21);
    for broken in &recorded[1..] {
        assert!(broken.body().is_none());
        assert!(
            broken.is_disconnected() || broken.error_code() == Some(ErrorCode::RequestTimeoutException),
            "{broken:?}"
        );
    }
    assert_eq!(glacier.describe_vault().vault_name("v").send().await.unwrap().number_of_archives(), 0);
}

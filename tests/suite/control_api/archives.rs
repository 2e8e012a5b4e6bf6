//! Archives that are stored and deleted without a request.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use glacier_mock::{GIB, GlacierMock, MIB};
use serde_json::{Value, json};

use super::{BASE, call, ok, refused, send, start};
use crate::support::{bytes, tree_hash};

const RAW: (&str, &str) = ("Content-Type", "application/octet-stream");

fn with_vault() -> GlacierMock {
    let mock = start();
    mock.create_vault("v");
    mock
}

fn post_raw(mock: &GlacierMock, path: &str, body: &[u8]) -> (u16, Value) {
    let response = send(mock, "POST", path, &[RAW], body);
    (response.status, serde_json::from_slice(&response.body).unwrap())
}

#[test]
fn a_raw_body_is_stored() {
    let mock = with_vault();
    for size in [1, 1000, 1 << 20, (3 << 20) + 7] {
        let content = bytes(size);
        let (status, stored) = post_raw(&mock, "/vaults/v/archives?description=a%20cat", &content);
        assert_eq!((status, stored["tree_hash"].as_str().unwrap()), (201, &*tree_hash(&content)));
        let archive = mock.vault("v").archive(stored["archive_id"].as_str().unwrap()).unwrap();
        assert_eq!((archive.description(), archive.tree_hash().to_string()), (Some("a cat"), tree_hash(&content)));
        assert!(archive.to_vec() == content);
    }
    let (_, plain) = post_raw(&mock, "/vaults/v/archives", b"1");
    assert_eq!(mock.vault("v").archive(plain["archive_id"].as_str().unwrap()).unwrap().description(), None);
    mock.requests().assert_count(0);
    mock.leftovers().assert_none();
}

#[test]
fn a_body_of_unknown_length_is_stored() {
    let mock = with_vault();
    let content = bytes(3 << 20);
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    let head = format!(
        "POST {BASE}/vaults/v/archives HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    for chunk in content.chunks(100_000) {
        stream.write_all(format!("{:x}\r\n", chunk.len()).as_bytes()).unwrap();
        stream.write_all(chunk).unwrap();
        stream.write_all(b"\r\n").unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert!(mock.vault("v").archives()[0].to_vec() == content);
}

#[test]
fn a_block_is_repeated() {
    let mock = with_vault();
    let repeats = [
        (json!({"block": "0123456789", "length": 25}), b"0123456789012345678901234".to_vec()),
        (json!({"block": "é", "length": 4}), "éé".into()),
        (json!({"block_base64": "AP8=", "length": 5}), vec![0, 255, 0, 255, 0]),
        // The text is not read as base64.
        (json!({"block": "AAAA", "length": 6}), b"AAAAAA".to_vec()),
    ];
    for (repeat, expected) in repeats {
        let (status, stored) = call(&mock, "POST", "/vaults/v/archives", json!({"repeat": repeat, "description": "r"}));
        assert_eq!((status, stored["tree_hash"].as_str().unwrap()), (201, &*tree_hash(&expected)), "{stored}");
        let archive = mock.vault("v").archive(stored["archive_id"].as_str().unwrap()).unwrap();
        assert_eq!((archive.to_vec(), archive.description()), (expected, Some("r")));
    }
    let large = json!({"repeat": {"block": "x", "length": 40 * GIB}});
    let stored = ok(&mock, "POST", "/vaults/v/archives", large);
    assert_eq!(mock.vault("v").archive(stored["archive_id"].as_str().unwrap()).unwrap().size(), 40 * GIB);
    let text = ok(&mock, "POST", "/vaults/v/archives", json!({"text": "a cat"}));
    assert_eq!(mock.vault("v").archive(text["archive_id"].as_str().unwrap()).unwrap().to_vec(), b"a cat");
    mock.leftovers().assert_none();
}

#[test]
fn an_archive_is_stored_in_another_account_and_region() {
    let mock = with_vault();
    let elsewhere = mock.vault_in("111122223333", "eu-west-1", "v").create();
    post_raw(&mock, "/vaults/v/archives?account=111122223333&region=eu-west-1", b"raw");
    let body = json!({"account": "111122223333", "region": "eu-west-1", "text": "text"});
    ok(&mock, "POST", "/vaults/v/archives", body);
    assert_eq!((elsewhere.archives().len(), mock.vault("v").archives().len()), (2, 0));
}

#[test]
fn invalid_archives_are_refused_and_nothing_is_stored() {
    let mock = with_vault();
    let bodies = [
        (json!({}), ""),
        (json!({"description": "x"}), ""),
        (json!({"text": "x", "repeat": {"block": "x", "length": 1}}), ""),
        (json!({"text": 5}), "text"),
        (json!({"text": ""}), ""),
        (json!({"text": "x", "description": "\u{fc}"}), ""),
        (json!({"text": "x", "description": 5}), "description"),
        (json!({"text": "x", "size": 1}), "size"),
        (json!({"repeat": "x"}), "repeat"),
        (json!({"repeat": {"block": "x"}}), "repeat"),
        (json!({"repeat": {"length": 5}}), "repeat"),
        (json!({"repeat": {"block": "x", "length": 0}}), ""),
        (json!({"repeat": {"block": "", "length": 5}}), "repeat"),
        (json!({"repeat": {"block": "x".repeat(MIB as usize + 1), "length": 5}}), "repeat"),
        (json!({"repeat": {"block": "x", "length": -1}}), "repeat.length"),
        (json!({"repeat": {"block": "x", "length": "5"}}), "repeat.length"),
        (json!({"repeat": {"block": "x", "block_base64": "AA==", "length": 5}}), "repeat"),
        (json!({"repeat": {"block_base64": "A", "length": 5}}), "repeat.block_base64"),
        (json!({"repeat": {"block": "x", "length": 5, "times": 2}}), "repeat.times"),
        (json!(["x"]), ""),
    ];
    for (body, path) in bodies {
        let message = refused(&mock, "POST", "/vaults/v/archives", body.clone(), 400, "invalid_request");
        assert!(message.starts_with(path), "{body}: {message}");
    }
    refused(&mock, "POST", "/vaults/v/archives?description=x", json!({"text": "x"}), 400, "invalid_request");
    for (path, body) in [
        ("/vaults/v/archives", &b""[..]),
        ("/vaults/v/archives?description=%C3%BC", b"1"),
        ("/vaults/v/archives?name=x", b"1"),
        ("/vaults/v/archives?account=1", b"1"),
    ] {
        assert_eq!(post_raw(&mock, path, body).0, 400, "{path}");
    }
    assert_eq!(post_raw(&mock, "/vaults/none/archives", b"1").0, 404);
    refused(&mock, "POST", "/vaults/none/archives", json!({"text": "x"}), 404, "not_found");
    for headers in [&[][..], &[("Content-Type", "application/xml")]] {
        assert_eq!(send(&mock, "POST", "/vaults/v/archives", headers, b"1").status, 415);
    }
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    assert_eq!(send(&mock, "POST", "/vaults/v/archives", &form, b"1").status, 403);
    assert!(mock.vault("v").archives().is_empty());
}

/// The answer arrives although no body was sent, because the head has the length of the body.
#[test]
fn a_body_of_more_than_4_gib_is_refused_before_it_is_sent() {
    let mock = with_vault();
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    let head = format!(
        "POST {BASE}/vaults/v/archives HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\
         Content-Type: application/octet-stream\r\n\r\n",
        4 * GIB + 1
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("payload_too_large"), "{answer}");
    assert!(mock.vault("v").archives().is_empty());
}

#[test]
fn a_body_that_ends_early_is_not_stored() {
    let mock = with_vault();
    let mut stream = TcpStream::connect(mock.address()).unwrap();
    let head = format!(
        "POST {BASE}/vaults/v/archives HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\
         Content-Type: application/octet-stream\r\n\r\n12345"
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(mock.vault("v").archives().is_empty());
}

#[test]
fn an_archive_is_deleted() {
    let mock = with_vault();
    let vault = mock.vault("v");
    let (archive, other) = (vault.put_archive("", b"1"), vault.put_archive("", b"2"));
    assert_eq!(call(&mock, "DELETE", &format!("/vaults/v/archives/{archive}"), Value::Null), (204, Value::Null));
    assert_eq!(vault.archives().len(), 1);
    // As in the API, deleting it again succeeds.
    assert_eq!(call(&mock, "DELETE", &format!("/vaults/v/archives/{archive}"), Value::Null).0, 204);
    refused(&mock, "DELETE", "/vaults/v/archives/none", Value::Null, 404, "not_found");
    refused(&mock, "DELETE", &format!("/vaults/none/archives/{other}"), Value::Null, 404, "not_found");
    refused(&mock, "DELETE", "/vaults/v/archives/%FF", Value::Null, 400, "invalid_request");
    assert_eq!(vault.archives()[0].id(), &other);
    mock.requests().assert_count(0);
}

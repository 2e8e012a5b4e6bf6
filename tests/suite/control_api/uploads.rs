//! Multipart uploads without a request.

use glacier_mock::{GlacierMock, MIB};
use serde_json::{Value, json};

use super::{call, ok, refused, send, start};
use crate::support::{bytes, tree_hash};

fn with_vault() -> GlacierMock {
    let mock = start();
    mock.create_vault("v");
    mock
}

fn initiate(mock: &GlacierMock) -> String {
    let (status, upload) = call(mock, "POST", "/vaults/v/uploads", json!({"description": "big", "part_size": MIB}));
    assert_eq!(status, 201);
    upload["upload_id"].as_str().unwrap().to_owned()
}

#[test]
fn an_upload_is_initiated_filled_and_completed() {
    let mock = with_vault();
    let vault = mock.vault("v");
    let upload = initiate(&mock);
    assert_eq!((vault.uploads()[0].id().as_str(), vault.uploads()[0].description()), (&*upload, Some("big")));
    let path = format!("/vaults/v/uploads/{upload}");
    let tail = json!({"text": "the end"});
    let part = ok(&mock, "PUT", &format!("{path}/parts/{MIB}"), tail);
    assert_eq!(part["tree_hash"], tree_hash(b"the end"));
    let first = bytes(MIB as usize);
    let raw = [("Content-Type", "application/octet-stream")];
    assert_eq!(send(&mock, "PUT", &format!("{path}/parts/0"), &raw, &first).status, 200);
    let whole = [&first[..], b"the end"].concat();
    let (status, stored) = call(&mock, "POST", &format!("{path}/complete"), Value::Null);
    assert_eq!((status, stored["tree_hash"].as_str().unwrap()), (201, &*tree_hash(&whole)));
    assert!(vault.archive(stored["archive_id"].as_str().unwrap()).unwrap().to_vec() == whole);
    assert!(vault.uploads().is_empty());
    mock.requests().assert_count(0);
    mock.leftovers().assert_none();
}

#[test]
fn an_upload_is_aborted() {
    let mock = with_vault();
    let upload = initiate(&mock);
    assert_eq!(call(&mock, "DELETE", &format!("/vaults/v/uploads/{upload}"), Value::Null), (204, Value::Null));
    assert!(mock.vault("v").uploads().is_empty());
}

#[test]
fn invalid_uploads_are_refused_and_change_nothing() {
    let mock = with_vault();
    let vault = mock.vault("v");
    for body in [
        json!({}),
        json!({"part_size": 5}),
        json!({"part_size": 3 * MIB}),
        json!({"part_size": "1048576"}),
        json!({"part_size": MIB, "description": "\u{fc}"}),
        json!({"part_size": MIB, "size": 1}),
    ] {
        refused(&mock, "POST", "/vaults/v/uploads", body, 400, "invalid_request");
    }
    refused(&mock, "POST", "/vaults/none/uploads", json!({"part_size": MIB}), 404, "not_found");
    assert!(vault.uploads().is_empty());

    let upload = initiate(&mock);
    ok(&mock, "PUT", &format!("/vaults/v/uploads/{upload}/parts/{MIB}"), json!({"text": "x"}));
    let before = vault.uploads();
    let text = || json!({"text": "y"});
    for first_byte in ["5", "-1", "first", "99999999999999999999"] {
        let path = format!("/vaults/v/uploads/{upload}/parts/{first_byte}");
        refused(&mock, "PUT", &path, text(), 400, "invalid_request");
    }
    let path = format!("/vaults/v/uploads/{upload}/parts/0");
    refused(&mock, "PUT", &path, json!({"text": "y", "description": "d"}), 400, "invalid_request");
    refused(&mock, "PUT", &path, json!({"repeat": {"block": "y", "length": MIB + 1}}), 400, "invalid_request");
    refused(&mock, "PUT", "/vaults/v/uploads/none/parts/0", text(), 404, "not_found");
    // The parts have a gap.
    refused(&mock, "POST", &format!("/vaults/v/uploads/{upload}/complete"), Value::Null, 400, "invalid_request");
    refused(&mock, "POST", "/vaults/v/uploads/none/complete", Value::Null, 404, "not_found");
    refused(&mock, "DELETE", "/vaults/v/uploads/none", Value::Null, 404, "not_found");
    assert_eq!(vault.uploads(), before);
    assert!(vault.archives().is_empty());
}

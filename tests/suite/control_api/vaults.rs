//! Vaults: their state, and changes without a request.

use std::collections::BTreeMap;

use glacier_mock::{Clock, Content, GlacierMock, InventoryMode, KIB, LockState, MIB};
use serde_json::{Value, json};

use super::{call, ok, refused, send, start, started};
use crate::support::{DAY, POLICY};

const TOPIC: &str = "arn:aws:sns:us-east-1:000000000000:done";
const LOCK: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"glacier:*","Resource":"arn:aws:glacier:us-east-1:000000000000:vaults/v"}]}"#;

fn frozen() -> GlacierMock {
    started(GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")))
}

fn policy(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// All that a test can see of the vaults.
fn state(mock: &GlacierMock) -> Vec<Value> {
    let names = ok(mock, "GET", "/vaults", Value::Null)["vaults"].clone();
    let read = |vault: &Value| {
        let [name, account, region] = ["name", "account", "region"].map(|member| vault[member].as_str().unwrap());
        ok(mock, "GET", &format!("/vaults/{name}?account={account}&region={region}"), Value::Null)
    };
    names.as_array().unwrap().iter().map(read).collect()
}

#[test]
fn a_vault_is_created_without_a_request_on_the_record() {
    let mock = frozen();
    let (status, vault) = call(&mock, "PUT", "/vaults/v", Value::Null);
    assert_eq!(status, 201);
    let expected = json!({
        "name": "v", "account": "000000000000", "region": "us-east-1",
        "arn": "arn:aws:glacier:us-east-1:000000000000:vaults/v",
        "creation_date": "2026-01-31T00:00:00.000Z", "inventory_date": null,
        "archive_count": 0, "size": 0, "upload_count": 0, "job_count": 0,
        "archives": [], "uploads": [], "jobs": [], "tags": {},
        "lock": null, "access_policy": null, "notifications": null,
    });
    assert_eq!(vault, expected);
    assert_eq!(ok(&mock, "GET", "/vaults/v", Value::Null), expected);
    assert_eq!(call(&mock, "PUT", "/vaults/v", json!({})), (200, expected));
    assert!(mock.vault("v").exists());
    mock.requests().assert_count(0);
}

#[test]
fn the_state_shows_everything_in_a_vault() {
    let mock = frozen();
    let vault = mock.create_vault("v");
    let archive = vault.put_archive("a cat", b"meow");
    let upload = vault.start_upload("big", MIB);
    vault.put_part(&upload, MIB, b"tail").put_part(&upload, 0, vec![0; 1 << 20]);
    let job = vault.start_retrieval(&archive);
    vault.tag("team", "blue").set_access_policy(POLICY).set_notifications(TOPIC, ["ArchiveRetrievalCompleted"]);
    let lock = vault.initiate_lock(LOCK);
    let at = "2026-01-31T00:00:00.000Z";
    let seen = ok(&mock, "GET", "/vaults/v", Value::Null);
    let tree_hash = mock.vault("v").archives()[0].tree_hash().to_string();
    let expected = json!([
        {"archive_id": archive.as_str(), "description": "a cat", "size": 4, "tree_hash": tree_hash, "creation_date": at,
         "made_up": false}
    ]);
    assert_eq!(seen["archives"], expected);
    let hashes: Vec<_> = vault.uploads()[0].parts().iter().map(|part| part.tree_hash().to_string()).collect();
    let expected = json!([{
        "upload_id": upload.as_str(), "description": "big", "part_size": MIB, "creation_date": at,
        "parts": [
            {"range": [0, MIB - 1], "tree_hash": hashes[0]},
            {"range": [MIB, MIB + 3], "tree_hash": hashes[1]},
        ],
    }]);
    assert_eq!(seen["uploads"], expected);
    assert_eq!(seen["jobs"], ok(&mock, "GET", "/jobs", Value::Null)["jobs"]);
    assert_eq!(seen["jobs"][0]["job"]["JobId"], job.id().as_str());
    assert_eq!(seen["tags"], json!({"team": "blue"}));
    assert_eq!(seen["access_policy"], policy(POLICY));
    let expected = json!({
        "lock_id": lock.as_str(), "policy": policy(LOCK), "state": "InProgress", "creation_date": at,
        "expiration_date": "2026-02-01T00:00:00.000Z",
    });
    assert_eq!(seen["lock"], expected);
    assert_eq!(seen["notifications"], json!({"topic": TOPIC, "events": ["ArchiveRetrievalCompleted"]}));
    let counts = ["archive_count", "size", "upload_count", "job_count"].map(|member| seen[member].as_u64().unwrap());
    assert_eq!(counts, [1, 4, 1, 1]);
    assert_eq!(seen["inventory_date"], at);
    vault.complete_lock(&lock);
    let locked = &ok(&mock, "GET", "/vaults/v", Value::Null)["lock"];
    assert_eq!((&locked["state"], &locked["expiration_date"]), (&json!("Locked"), &Value::Null));
}

/// The overhead of each archive is counted by DescribeVault only.
#[test]
fn the_size_of_a_vault_is_that_of_its_archives() {
    let mock = start();
    let vault = mock.create_vault("v");
    let small = vault.put_archive("", b"12345");
    vault.put_archive("", Content::zeros(u64::MAX));
    assert_eq!(ok(&mock, "GET", "/vaults/v", Value::Null)["size"], u64::MAX);
    let large = mock.vault("v").archives()[1].id().clone();
    vault.delete_archive(large);
    assert_eq!(ok(&mock, "GET", "/vaults/v", Value::Null)["size"], 5);
    vault.delete_archive(small);
    assert_eq!(ok(&mock, "GET", "/vaults/v", Value::Null)["size"], 0);
}

#[test]
fn archives_are_shown_in_pages() {
    let mock = start();
    let vault = mock.create_vault("v");
    let ids: Vec<String> = (0..1002).map(|n: u32| vault.put_archive("", n.to_le_bytes()).into()).collect();
    let shown = |query: &str| {
        let seen = ok(&mock, "GET", &format!("/vaults/v{query}"), Value::Null);
        assert_eq!(seen["archive_count"], mock.vault("v").archives().len());
        let archives = seen["archives"].as_array().unwrap().clone();
        archives.iter().map(|archive| archive["archive_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(shown(""), ids[..1000]);
    assert_eq!(shown("?limit=2000"), ids);
    assert_eq!(shown("?limit=0"), Vec::<String>::new());
    assert_eq!(shown(&format!("?after={}", ids[999])), ids[1000..]);
    vault.delete_archive(&ids[5]);
    assert_eq!(shown(&format!("?limit=2&after={}", ids[4])), ids[6..8]);
    assert_eq!(shown(&format!("?after={}", ids[1001])), Vec::<String>::new());
    let deleted = format!("/vaults/v?after={}", ids[5]);
    refused(&mock, "GET", &deleted, Value::Null, 404, "not_found");
    for query in ["limit=-1", "limit=many", "limit=", "after=", "first=1"] {
        refused(&mock, "GET", &format!("/vaults/v?{query}"), Value::Null, 400, "invalid_request");
    }
}

#[test]
fn all_vaults_are_listed_unless_the_request_names_an_account_or_a_region() {
    let mock = start();
    mock.create_vault("b");
    mock.create_vault("a").put_archive("", b"12");
    ok(&mock, "PUT", "/vaults/c?account=111122223333&region=eu-west-1", Value::Null);
    ok(&mock, "PUT", "/vaults/d", json!({"region": "eu-west-1"}));
    let names = |query: &str| {
        let listed = ok(&mock, "GET", &format!("/vaults{query}"), Value::Null)["vaults"].clone();
        let names = listed.as_array().unwrap().iter().map(|vault| vault["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(""), "d a b c");
    assert_eq!(names("?region=eu-west-1"), "d c");
    assert_eq!(names("?account=111122223333"), "c");
    assert_eq!(names("?account=111122223333&region=us-east-1"), "");
    let listed = ok(&mock, "GET", "/vaults?region=us-east-1", Value::Null);
    let mut whole = ok(&mock, "GET", "/vaults/a", Value::Null);
    for member in ["archives", "uploads", "jobs", "tags", "lock", "access_policy", "notifications"] {
        whole.as_object_mut().unwrap().remove(member).unwrap();
    }
    assert_eq!(listed["vaults"][0], whole);
    assert!(mock.vault_in("111122223333", "eu-west-1", "c").exists());
    refused(&mock, "GET", "/vaults/c", Value::Null, 404, "not_found");
}

#[test]
fn properties_are_set_and_what_is_left_out_does_not_change() {
    let mock = frozen();
    let all = json!({
        "tags": {"a": "1", "b": "2"},
        "access_policy": policy(POLICY),
        "lock": {"policy": LOCK, "state": "InProgress"},
        "notifications": {"topic": TOPIC, "events": ["InventoryRetrievalCompleted"]},
    });
    let set = ok(&mock, "PUT", "/vaults/v", all.clone());
    let vault = mock.vault("v");
    let tags = |tags: &[(&str, &str)]| {
        tags.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect::<BTreeMap<_, _>>()
    };
    assert_eq!(vault.tags(), tags(&[("a", "1"), ("b", "2")]));
    assert_eq!(policy(&vault.access_policy().unwrap()), policy(POLICY));
    assert_eq!(policy(vault.vault_lock().unwrap().policy()), policy(LOCK));
    assert_eq!(vault.vault_lock().unwrap().state(), LockState::InProgress);
    assert_eq!(vault.notifications().unwrap().events(), ["InventoryRetrievalCompleted"]);
    // The same again changes nothing.
    assert_eq!(call(&mock, "PUT", "/vaults/v", all), (200, set.clone()));
    assert_eq!(call(&mock, "PUT", "/vaults/v", json!({"tags": null, "lock": null})), (200, set.clone()));
    // The tags are replaced, and nothing else.
    let changed = ok(&mock, "PUT", "/vaults/v", json!({"tags": {"b": "3", "c": "4"}}));
    assert_eq!(vault.tags(), tags(&[("b", "3"), ("c", "4")]));
    for member in ["access_policy", "lock", "notifications"] {
        assert_eq!(changed[member], set[member]);
    }
    ok(&mock, "PUT", "/vaults/v", json!({"tags": {}}));
    assert!(vault.tags().is_empty());
    // The topic has this name in the file of `--init`.
    ok(
        &mock,
        "PUT",
        "/vaults/v",
        json!({"notifications": {"sns_topic": TOPIC, "events": ["ArchiveRetrievalCompleted"]}}),
    );
    assert_eq!(vault.notifications().unwrap().events(), ["ArchiveRetrievalCompleted"]);
    mock.requests().assert_count(0);
    mock.leftovers().assert_none();
}

#[test]
fn a_vault_can_have_fifty_tags() {
    let mock = start();
    let tags = |count: usize, value: &str| {
        let tags: BTreeMap<_, _> = (0..count).map(|n| (format!("k{n}"), value)).collect();
        json!({ "tags": tags })
    };
    ok(&mock, "PUT", "/vaults/v", tags(50, "1"));
    assert_eq!(mock.vault("v").tags().len(), 50);
    let message = refused(&mock, "PUT", "/vaults/v", tags(51, "2"), 400, "invalid_request");
    assert!(message.starts_with("tags: "), "{message}");
    assert_eq!(mock.vault("v").tags()["k0"], "1");
}

#[test]
fn a_lock_in_progress_is_completed_or_replaced_and_a_complete_one_stays() {
    let mock = start();
    let vault = mock.vault("v");
    let other = LOCK.replace("glacier:*", "glacier:DeleteArchive");
    let put = |policy: &str, state: &str| json!({"lock": {"policy": policy, "state": state}});
    ok(&mock, "PUT", "/vaults/v", put(LOCK, "InProgress"));
    let first = vault.vault_lock().unwrap();
    ok(&mock, "PUT", "/vaults/v", put(&other, "InProgress"));
    let second = vault.vault_lock().unwrap();
    assert!(first.id() != second.id() && second.policy().contains("DeleteArchive"));
    ok(&mock, "PUT", "/vaults/v", put(&other, "Locked"));
    let locked = vault.vault_lock().unwrap();
    assert_eq!((locked.id(), locked.state()), (second.id(), LockState::Locked));
    // `Locked` is the default.
    ok(&mock, "PUT", "/vaults/v", json!({"lock": {"policy": other}}));
    for refusal in [put(LOCK, "Locked"), put(LOCK, "InProgress"), put(&other, "InProgress")] {
        let with_tag = json!({"lock": refusal["lock"], "tags": {"a": "1"}});
        refused(&mock, "PUT", "/vaults/v", with_tag, 409, "conflict");
    }
    assert_eq!(vault.vault_lock().unwrap(), locked);
    assert!(vault.tags().is_empty());
}

/// Each body is valid except for one property. It neither creates a vault nor changes one.
#[test]
fn invalid_properties_change_nothing() {
    let mock = frozen();
    ok(&mock, "PUT", "/vaults/old", json!({"tags": {"a": "1"}, "lock": {"policy": LOCK, "state": "InProgress"}}));
    let before = state(&mock);
    let good = json!({
        "tags": {"b": "2"},
        "access_policy": POLICY,
        "lock": {"policy": LOCK, "state": "Locked"},
        "notifications": {"topic": TOPIC, "events": ["InventoryRetrievalCompleted"]},
    });
    let flawed = [
        ("tags", json!({"aws:x": "1"})),
        ("tags", json!({"": "1"})),
        ("tags.b", json!({"b": 1})),
        ("tags", json!(["b"])),
        ("access_policy", json!("no JSON")),
        ("access_policy", json!({"Statement": []})),
        ("access_policy", json!(5)),
        ("lock.policy", json!({"policy": {}, "state": "Locked"})),
        ("lock", json!({"state": "Locked"})),
        ("lock.state", json!({"policy": LOCK, "state": "Open"})),
        ("lock", json!({"policy": LOCK, "until": "1h"})),
        ("lock", json!([LOCK, "Locked"])),
        ("notifications", json!({"topic": "done", "events": ["InventoryRetrievalCompleted"]})),
        ("notifications", json!({"topic": TOPIC, "events": ["Done"]})),
        ("notifications", json!({"topic": TOPIC, "events": []})),
        ("notifications", json!({"topic": TOPIC})),
        ("lifecycle", json!({})),
    ];
    for (path, value) in flawed {
        let mut body = good.clone();
        body[path.split('.').next().unwrap()] = value.clone();
        for vault in ["new", "old"] {
            let message = refused(&mock, "PUT", &format!("/vaults/{vault}"), body.clone(), 400, "invalid_request");
            assert!(message.starts_with(path), "{path} {value}: {message}");
        }
    }
    for name in ["a%20b", "%C3%BC", &"x".repeat(256), "a%2Fb"] {
        let message = refused(&mock, "PUT", &format!("/vaults/{name}"), good.clone(), 400, "invalid_request");
        assert!(message.starts_with("name: "), "{message}");
    }
    refused(&mock, "PUT", "/vaults/%FF", good, 400, "invalid_request");
    assert_eq!(state(&mock), before);
}

#[test]
fn an_account_has_at_most_a_thousand_vaults() {
    let mock = start();
    for n in 0..1000 {
        mock.create_vault(&format!("v{n}"));
    }
    let message = refused(&mock, "PUT", "/vaults/more", json!({"tags": {"a": "1"}}), 409, "conflict");
    assert!(message.contains("1,000"), "{message}");
    assert!(!mock.vault("more").exists());
    ok(&mock, "PUT", "/vaults/v7", json!({"tags": {"a": "1"}}));
}

#[test]
fn a_vault_is_removed_with_its_contents() {
    let mock = start();
    mock.create_vault("v").lock(LOCK).put_archive("", b"1");
    mock.create_vault("w");
    assert_eq!(call(&mock, "DELETE", "/vaults/v", Value::Null), (204, Value::Null));
    assert!(!mock.vault("v").exists());
    for (method, path) in [
        ("DELETE", "/vaults/v"),
        ("GET", "/vaults/v"),
        ("POST", "/vaults/v/inventory"),
        ("DELETE", "/vaults/w?region=eu-west-1"),
        ("GET", "/vaults/a%20b"),
    ] {
        refused(&mock, method, path, Value::Null, 404, "not_found");
    }
    assert!(mock.vault("w").exists());
}

#[test]
fn properties_are_removed() {
    let mock = start();
    let vault = mock.create_vault("v").set_access_policy(POLICY);
    vault.set_notifications(TOPIC, ["ArchiveRetrievalCompleted"]).initiate_lock(LOCK);
    for property in ["access_policy", "notifications", "lock"] {
        // Removing what is not there succeeds.
        for _ in 0..2 {
            assert_eq!(call(&mock, "DELETE", &format!("/vaults/v/{property}"), Value::Null), (204, Value::Null));
            assert_eq!(ok(&mock, "GET", "/vaults/v", Value::Null)[property], Value::Null);
        }
        refused(&mock, "DELETE", &format!("/vaults/none/{property}"), Value::Null, 404, "not_found");
    }
    vault.lock(LOCK);
    refused(&mock, "DELETE", "/vaults/v/lock", Value::Null, 409, "conflict");
    assert_eq!(vault.vault_lock().unwrap().state(), LockState::Locked);
    mock.requests().assert_count(0);
}

#[test]
fn an_inventory_is_taken_now() {
    let clock = Clock::frozen("2026-01-31T00:00:00Z");
    let mock = started(GlacierMock::builder().clock(clock).inventory(InventoryMode::daily()));
    let vault = mock.create_vault("v");
    vault.put_archive("", vec![0; KIB as usize]);
    let date = || ok(&mock, "GET", "/vaults/v", Value::Null)["inventory_date"].clone();
    assert_eq!(date(), Value::Null);
    mock.clock().advance(DAY / 4);
    let taken = ok(&mock, "POST", "/vaults/v/inventory", Value::Null);
    assert_eq!(taken, json!({"inventory_date": "2026-01-31T06:00:00.000Z"}));
    assert_eq!(date(), "2026-01-31T06:00:00.000Z");
    refused(&mock, "POST", "/vaults/v/inventory", json!({"at": "now"}), 400, "invalid_request");
}

#[test]
fn an_inventory_of_a_real_vault_is_imported() {
    let mock = started(GlacierMock::builder().clock(Clock::frozen("2026-01-31T00:00:00Z")));
    let hash = "beb0fe31a1c7ca8c6c04d574ea906e3f97b31fdca7571defb5b44dca89b5af60";
    let csv = |size| {
        let header = "ArchiveId,ArchiveDescription,CreationDate,Size,SHA256TreeHash";
        format!("{header}\nAAAA,\"nightly\",2013-11-06T02:51:20Z,{size},{hash}\n")
    };
    let put = |text: &str| {
        let headers = [("Content-Type", "application/octet-stream")];
        send(&mock, "PUT", "/vaults/old/inventory?region=eu-west-1", &headers, text.as_bytes())
    };
    let refused = put(&csv(-1));
    assert!(refused.status == 400 && refused.text().contains("line 2: the Size is not"), "{}", refused.text());
    assert_eq!(put(&csv(4096).replace("2013", "2033")).status, 400);
    assert!(mock.vaults().is_empty());
    assert_eq!(put(&csv(4096)).status, 204);
    let vault = ok(&mock, "GET", "/vaults/old?region=eu-west-1", Value::Null);
    assert_eq!(
        (&vault["creation_date"], &vault["archives"]),
        (
            &json!("2013-11-06T02:51:20.000Z"),
            &json!([{"archive_id": "AAAA", "description": "nightly", "size": 4096, "tree_hash": hash,
                "creation_date": "2013-11-06T02:51:20.000Z", "made_up": true}])
        )
    );
    let again = put(&csv(4096));
    assert!(again.status == 400 && again.text().contains("has or had the archive AAAA"), "{}", again.text());
}

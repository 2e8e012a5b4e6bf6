//! Tags, notifications and access policies of vaults (api.md sections 7 and 9, observed.md 2.E and 3.6).

use std::collections::HashMap;

use aws_sdk_glacier::types::VaultNotificationConfig;

use crate::support::{ARN, POLICY, mock_with_vault, policy, raw, refusal, request};

fn tags(tags: &[(&str, &str)]) -> HashMap<String, String> {
    tags.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect()
}

#[tokio::test]
async fn tags_are_added_overwritten_and_removed() {
    let (mock, glacier) = mock_with_vault().await;
    let none = raw(&mock, &request("GET", "/-/vaults/v/tags", &[], b""));
    assert_eq!(none.text(), r#"{"Tags":{}}"#);
    let add = |set: &[(&str, &str)]| glacier.add_tags_to_vault().vault_name("v").set_tags(Some(tags(set))).send();
    add(&[("team", "photos"), ("Zürich / 1", "")]).await.unwrap();
    add(&[("team", "films")]).await.unwrap();
    let list = async || glacier.list_tags_for_vault().vault_name("v").send().await.unwrap().tags().unwrap().clone();
    assert_eq!(list().await, tags(&[("team", "films"), ("Zürich / 1", "")]));
    let remove = glacier.remove_tags_from_vault().vault_name("v").tag_keys("team").tag_keys("not there");
    remove.send().await.unwrap();
    assert_eq!(list().await, tags(&[("Zürich / 1", "")]));
}

#[tokio::test]
async fn tags_have_limits() {
    let (mock, glacier) = mock_with_vault().await;
    let add = |set: HashMap<_, _>| glacier.add_tags_to_vault().vault_name("v").set_tags(Some(set)).send();
    let many = |from: usize, to: usize| (from..to).map(|n| (format!("k{n}"), String::new())).collect::<HashMap<_, _>>();
    assert_eq!(refusal(add(many(0, 11)).await).2, "Invalid number of tags: 11");
    assert_eq!(refusal(add(HashMap::new()).await).1, "MissingParameterValueException");
    assert_eq!(refusal(add(tags(&[("aws:mine", "x")])).await).2, "Invalid tag key: aws:mine");
    assert_eq!(refusal(add(tags(&[("k", "<b>")])).await).2, "Invalid tag value: <b>");
    for ten in 0..5 {
        add(many(ten * 10, ten * 10 + 10)).await.unwrap();
    }
    let (status, code, text) = refusal(add(many(50, 51)).await);
    assert_eq!((status, code.as_str()), (400, "LimitExceededException"));
    assert_eq!(text, "The quota for the number of tags that can be assigned to this resource has been reached.");
    add(many(0, 10)).await.unwrap();

    let post = |query: &str, body: &str| {
        raw(&mock, &request("POST", &format!("/-/vaults/v/tags{query}"), &[], body.as_bytes()))
    };
    // The list of keys is required and has 1 to 10 entries (observed.md 2.E).
    for none in ["", "null", "{}", r#"{"TagKeys":null}"#, r#"{"TagKeys":[]}"#] {
        let refused = post("?operation=remove", none);
        assert_eq!(
            (refused.status, refused.text().contains("Required parameter missing: tagKeys")),
            (400, true),
            "{none}"
        );
    }
    let keys = |count: usize| serde_json::json!({ "TagKeys": vec!["never there"; count] }).to_string();
    let eleven = post("?operation=remove", &keys(11));
    assert_eq!((eleven.status, eleven.text().contains("Invalid number of tag keys: 11")), (400, true));
    assert_eq!(post("?operation=remove", &keys(10)).status, 204);
    assert!(post("?operation=add", "").text().contains("Required parameter missing: tags"));
    assert!(post("?operation=add", r#"{"Tags":[]}"#).text().contains("SerializationException"));
    assert!(post("?operation=remove", r#"{"TagKeys":"k"}"#).text().contains("SerializationException"));
    for query in ["", "?operation=", "?operation=replace"] {
        assert_eq!((post(query, "{}").status, post(query, "{}").text().contains("BadRequest")), (400, true), "{query}");
    }
    assert_eq!(post("?operation=add&x=y", r#"{"Tags":{"k0":"1"}}"#).status, 204);
}

/// Tags of deployments usually contain URLs, ARNs and times (observed.md 2.E for values; the general rule of AWS for
/// keys).
#[tokio::test]
async fn tags_may_contain_colons() {
    let (_mock, glacier) = mock_with_vault().await;
    let set = tags(&[("repo", "https://git.example.com/app"), ("team:owner", "arn:aws:iam::111122223333:user/anna")]);
    glacier.add_tags_to_vault().vault_name("v").set_tags(Some(set.clone())).send().await.unwrap();
    assert_eq!(glacier.list_tags_for_vault().vault_name("v").send().await.unwrap().tags(), Some(&set));
}

#[tokio::test]
async fn notifications_are_set_and_deleted() {
    let (mock, glacier) = mock_with_vault().await;
    let get = || glacier.get_vault_notifications().vault_name("v").send();
    let not_set = format!("No notification configuration is set for vault: {ARN}");
    assert_eq!(refusal(get().await), (404, "ResourceNotFoundException".into(), not_set.clone()));
    let config = |topic: &str, events: &[&str]| {
        let config = VaultNotificationConfig::builder().sns_topic(topic);
        config.set_events(Some(events.iter().map(|event| (*event).to_owned()).collect())).build()
    };
    let set = |config| glacier.set_vault_notifications().vault_name("v").vault_notification_config(config).send();
    let topic = "arn:aws:sns:us-east-1:111122223333:done";
    set(config(topic, &["InventoryRetrievalCompleted", "ArchiveRetrievalCompleted"])).await.unwrap();
    let on_the_wire = raw(&mock, &request("GET", "/-/vaults/v/notification-configuration", &[], b""));
    let expected = r#"{"Events":["InventoryRetrievalCompleted","ArchiveRetrievalCompleted"],"SNSTopic":"arn:aws:sns:us-east-1:111122223333:done"}"#;
    assert_eq!(on_the_wire.text(), expected);

    assert_eq!(refusal(set(config(topic, &["JobStarted"])).await).2, "Invalid event: JobStarted");
    assert_eq!(refusal(set(config("topic", &["ArchiveRetrievalCompleted"])).await).2, "Invalid SNS topic: topic");
    assert_eq!(refusal(set(config(topic, &[])).await).1, "MissingParameterValueException");
    let no_topic = VaultNotificationConfig::builder().events("ArchiveRetrievalCompleted").build();
    assert_eq!(refusal(set(no_topic).await).1, "MissingParameterValueException");
    assert_eq!(get().await.unwrap().vault_notification_config().unwrap().events().len(), 2);

    for _ in 0..2 {
        glacier.delete_vault_notifications().vault_name("v").send().await.unwrap();
    }
    assert_eq!(refusal(get().await).2, not_set);
}

#[tokio::test]
async fn an_access_policy_is_set_read_and_deleted() {
    let (_mock, glacier) = mock_with_vault().await;
    let get = || glacier.get_vault_access_policy().vault_name("v").send();
    let not_set = "No vault access policy is set for: v".to_owned();
    assert_eq!(refusal(get().await), (404, "ResourceNotFoundException".into(), not_set.clone()));
    let set = |text: &str| glacier.set_vault_access_policy().vault_name("v").policy(policy(text)).send();
    set(POLICY).await.unwrap();
    assert_eq!(get().await.unwrap().policy().unwrap().policy(), Some(POLICY));

    let too_long = format!("{POLICY}{}", " ".repeat(20 * 1024));
    for bad in ["not json", "{}", &POLICY.replace("Principal", "Principle"), &too_long] {
        let (status, code, text) = refusal(set(bad).await);
        assert_eq!((status, code.as_str()), (400, "InvalidParameterValueException"));
        assert_eq!(text, "The specified vault access policy is invalid. Provide a valid policy.");
    }
    assert_eq!(get().await.unwrap().policy().unwrap().policy(), Some(POLICY));
    let empty = glacier.set_vault_access_policy().vault_name("v").send().await;
    assert_eq!(refusal(empty).1, "MissingParameterValueException");

    for _ in 0..2 {
        glacier.delete_vault_access_policy().vault_name("v").send().await.unwrap();
    }
    assert_eq!(refusal(get().await).2, not_set);
}

/// The first document and its response are those of observed.md 3.1: compact, in the service's order, and with a list
/// of one action replaced by the action. It is inferred that the same applies to a list of one resource or one
/// principal.
#[tokio::test]
async fn a_policy_is_returned_as_the_service_serialises_it() {
    let (mock, glacier) = mock_with_vault().await;
    let cases = [
        (
            r#"{"Id":"Foo", "Version":"2012-10-17","Statement":[{"Action":["glacier:UploadArchive"],
                "Resource":["arn:aws:glacier:us-east-1:000000000000:vaults/v"], "Effect":"Allow",
                "Principal":{"AWS":["*"]},"Sid":"x"}]}"#,
            r#"{"Version":"2012-10-17","Id":"Foo","Statement":[{"Sid":"x","Effect":"Allow","Principal":{"AWS":"*"},"Action":"glacier:UploadArchive","Resource":"arn:aws:glacier:us-east-1:000000000000:vaults/v"}]}"#,
        ),
        (
            r#"{"Statement": {"Condition": {"StringLike": {"aws:b": ["1"], "aws:a": [2, true]}}, "NotResource": ["*"],
                "NotAction": ["glacier:B", "glacier:A"], "NotPrincipal": {"Service": ["s"], "AWS": "111122223333"},
                "Effect": "Deny", "Sid": ""}}"#,
            r#"{"Statement":{"Sid":"","Effect":"Deny","NotPrincipal":{"Service":"s","AWS":"111122223333"},"NotAction":["glacier:B","glacier:A"],"NotResource":"*","Condition":{"StringLike":{"aws:b":["1"],"aws:a":[2,true]}}}}"#,
        ),
        (POLICY, POLICY),
    ];
    for (put, expected) in cases {
        glacier.set_vault_access_policy().vault_name("v").policy(policy(put)).send().await.unwrap();
        let got = glacier.get_vault_access_policy().vault_name("v").send().await.unwrap();
        assert_eq!(got.policy().unwrap().policy(), Some(expected));
        assert_eq!(mock.vault("v").access_policy().as_deref(), Some(expected));
        mock.create_vault("l").initiate_lock(put);
        let lock = glacier.get_vault_lock().vault_name("l").send().await.unwrap();
        assert_eq!(lock.policy(), Some(expected));
        assert_eq!(mock.vault("l").vault_lock().unwrap().policy(), expected);
        glacier.abort_vault_lock().vault_name("l").send().await.unwrap();
    }
}

#[tokio::test]
async fn settings_are_deleted_with_their_vault() {
    let (_mock, glacier) = mock_with_vault().await;
    glacier.set_vault_access_policy().vault_name("v").policy(policy(POLICY)).send().await.unwrap();
    glacier.add_tags_to_vault().vault_name("v").set_tags(Some(tags(&[("a", "b")]))).send().await.unwrap();
    glacier.delete_vault().vault_name("v").send().await.unwrap();
    glacier.create_vault().vault_name("v").send().await.unwrap();
    assert_eq!(refusal(glacier.get_vault_access_policy().vault_name("v").send().await).0, 404);
    assert!(glacier.list_tags_for_vault().vault_name("v").send().await.unwrap().tags().unwrap().is_empty());
}

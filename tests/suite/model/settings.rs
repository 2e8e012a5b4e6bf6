//! The model's tags, notifications, policies, locks and retrieval limits (api.md sections 7 to 10, observed.md 2.E).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::{Reply, access_denied, invalid, limit_exceeded, missing, not_found};
use super::ops;
use super::service::{DAY, Date, Service, Vault, arn, date};
use super::wire::Answer;

pub(super) struct Notifications {
    topic: String,
    events: Vec<String>,
}

pub(super) struct Lock {
    id: String,
    policy: String,
    pub(super) created: Date,
    pub(super) locked: bool,
}

/// A unit of provisioned capacity.
pub(super) struct Unit {
    id: String,
    bought: Date,
    pub(super) expires: Date,
}

/// The rule of the data retrieval policy. By default there is no limit.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    strategy: String,
    bytes_per_hour: Option<i64>,
}

impl Rule {
    /// Whether the quota forbids a retrieval of this size. Its rate is a quarter of its bytes per hour. No other job is
    /// in progress, because all complete at once, and no sequence retrieves as much as the free tier of a day.
    pub(super) fn forbids(&self, tier: &str, bytes: usize) -> bool {
        self.bytes_per_hour.is_some_and(|most| ["", "Standard"].contains(&tier) && bytes as f64 / 4.0 > most as f64)
    }
}

impl Default for Rule {
    fn default() -> Self {
        Self { strategy: "None".to_owned(), bytes_per_hour: None }
    }
}

/// Whether a policy is valid: the invalid ones of the test cases lack a principal or are not JSON.
fn is_policy(text: &str) -> bool {
    let Ok(policy) = serde_json::from_str::<Value>(text) else { return false };
    let statement = if policy["Statement"].is_array() { &policy["Statement"][0] } else { &policy["Statement"] };
    ["Effect", "Principal", "Action", "Resource"].iter().all(|key| !statement[key].is_null())
}

/// A policy as the service returns it (observed.md 3.1).
fn serialised(policy: &str) -> String {
    let policy: Value = serde_json::from_str(policy).unwrap();
    let inner = |statement: &Value| {
        let order = ["Sid", "Effect", "Principal", "Action", "Resource", "Condition"];
        let unwrapped = |value: &Value| match value.as_array().map(Vec::as_slice) {
            Some([only]) => only.clone(),
            _ => value.clone(),
        };
        let present = order.iter().filter(|key| !statement[**key].is_null());
        let entries: Vec<_> = present.map(|key| format!("\"{key}\":{}", unwrapped(&statement[*key]))).collect();
        format!("{{{}}}", entries.join(","))
    };
    let statement = match &policy["Statement"] {
        Value::Array(list) => format!("[{}]", list.iter().map(inner).collect::<Vec<_>>().join(",")),
        one => inner(one),
    };
    let head = ["Version", "Id"].iter().filter(|key| !policy[**key].is_null());
    let mut entries: Vec<_> = head.map(|key| format!("\"{key}\":{}", policy[*key])).collect();
    entries.push(format!("\"Statement\":{statement}"));
    format!("{{{}}}", entries.join(","))
}

fn is_tag_text(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || " _.:/=+-@".contains(c))
}

impl Vault {
    fn not_set(&self, what: &str) -> Answer {
        not_found(format!("{what}: {}", arn(&self.name)))
    }
}

impl Service {
    pub(super) fn add_tags_to_vault(&mut self, vault: &str, tags: &BTreeMap<String, String>) -> Reply {
        if tags.is_empty() {
            return Err(missing("tags"));
        }
        if tags.len() > 10 {
            return Err(invalid(format!("Invalid number of tags: {}", tags.len())));
        }
        for (key, value) in tags {
            if key.is_empty() || !is_tag_text(key) || key.starts_with("aws:") {
                return Err(invalid(format!("Invalid tag key: {key}")));
            }
            if !is_tag_text(value) {
                return Err(invalid(format!("Invalid tag value: {value}")));
            }
        }
        let vault = self.vault(vault)?;
        let mut together = vault.tags.clone();
        together.extend(tags.clone());
        if together.len() > 50 {
            let text = "The quota for the number of tags that can be assigned to this resource has been reached.";
            return Err(limit_exceeded(text));
        }
        vault.tags = together;
        Ok(Answer::empty(204))
    }

    pub(super) fn remove_tags_from_vault(&mut self, vault: &str, keys: &[String]) -> Reply {
        match keys.len() {
            0 => return Err(missing("tagKeys")),
            1..=10 => {}
            more => return Err(invalid(format!("Invalid number of tag keys: {more}"))),
        }
        self.vault(vault)?.tags.retain(|key, _| !keys.contains(key));
        Ok(Answer::empty(204))
    }

    pub(super) fn list_tags_for_vault(&mut self, vault: &str) -> Reply {
        Ok(Answer::json(&json!({ "Tags": self.vault(vault)?.tags })))
    }

    pub(super) fn set_vault_notifications(&mut self, vault: &str, topic: &str, events: &[&str]) -> Reply {
        if topic.is_empty() {
            return Err(missing("snsTopic"));
        }
        // The order of these checks is not specified, and follows the mock.
        let known = ["ArchiveRetrievalCompleted", "InventoryRetrievalCompleted"];
        if let Some(event) = events.iter().find(|event| !known.contains(event)) {
            return Err(invalid(format!("Invalid event: {event}")));
        }
        if !topic.starts_with("arn:aws:sns:") {
            return Err(invalid(format!("Invalid SNS topic: {topic}")));
        }
        if events.is_empty() {
            return Err(missing("events"));
        }
        let events = events.iter().map(|event| (*event).to_owned()).collect();
        self.vault(vault)?.notifications = Some(Notifications { topic: topic.to_owned(), events });
        Ok(Answer::empty(204))
    }

    pub(super) fn get_vault_notifications(&mut self, vault: &str) -> Reply {
        let vault = self.vault(vault)?;
        match &vault.notifications {
            Some(set) => Ok(Answer::json(&json!({ "Events": set.events, "SNSTopic": set.topic }))),
            None => Err(vault.not_set("No notification configuration is set for vault")),
        }
    }

    pub(super) fn delete_vault_notifications(&mut self, vault: &str) -> Reply {
        self.vault(vault)?.notifications = None;
        Ok(Answer::empty(204))
    }

    pub(super) fn set_vault_access_policy(&mut self, vault: &str, policy: Option<&str>) -> Reply {
        let policy = policy.ok_or_else(|| missing("policy"))?;
        if !is_policy(policy) {
            return Err(invalid("The specified vault access policy is invalid. Provide a valid policy."));
        }
        self.vault(vault)?.access_policy = Some(serialised(policy));
        Ok(Answer::empty(204))
    }

    pub(super) fn get_vault_access_policy(&mut self, vault: &str) -> Reply {
        let vault = self.vault(vault)?;
        match &vault.access_policy {
            Some(policy) => Ok(Answer::json(&json!({ "Policy": policy }))),
            None => Err(not_found(format!("No vault access policy is set for: {}", vault.name))),
        }
    }

    pub(super) fn delete_vault_access_policy(&mut self, vault: &str) -> Reply {
        self.vault(vault)?.access_policy = None;
        Ok(Answer::empty(204))
    }

    pub(super) fn initiate_vault_lock(&mut self, vault: &str, policy: Option<&str>, id: String) -> Reply {
        let policy = policy.ok_or_else(|| missing("policy"))?;
        if !is_policy(policy) {
            return Err(invalid("The specified vault lock policy is invalid. Provide a valid policy."));
        }
        let created = self.now;
        let vault = self.vault(vault)?;
        match &vault.lock {
            Some(lock) if lock.locked => return Err(locked(vault)),
            Some(_) => {
                return Err(access_denied(format!("A vault lock is already in progress for: {}", arn(&vault.name))));
            }
            None => {}
        }
        vault.lock = Some(Lock { id: id.clone(), policy: serialised(policy), created, locked: false });
        Ok(Answer::empty(201).with("x-amz-lock-id", id))
    }

    pub(super) fn get_vault_lock(&mut self, vault: &str) -> Reply {
        let vault = self.vault(vault)?;
        let Some(lock) = &vault.lock else { return Err(vault.not_set("No vault lock policy is set for")) };
        Ok(Answer::json(&json!({
            "CreationDate": date(lock.created),
            "ExpirationDate": (!lock.locked).then(|| date(lock.created + DAY)),
            "Policy": lock.policy,
            "State": if lock.locked { "Locked" } else { "InProgress" },
        })))
    }

    pub(super) fn abort_vault_lock(&mut self, vault: &str) -> Reply {
        let vault = self.vault(vault)?;
        if vault.lock.as_ref().is_some_and(|lock| lock.locked) {
            return Err(locked(vault));
        }
        vault.lock = None;
        Ok(Answer::empty(204))
    }

    pub(super) fn complete_vault_lock(&mut self, vault: &str, id: &str) -> Reply {
        let vault = self.vault(vault)?;
        let not_set = vault.not_set("No vault lock policy is set for");
        match &mut vault.lock {
            None => Err(not_set),
            Some(lock) if lock.id == id => {
                lock.locked = true;
                Ok(Answer::empty(204))
            }
            Some(lock) if lock.locked => Err(locked(vault)),
            Some(_) => Err(invalid(format!("Invalid lock ID: {id}"))),
        }
    }

    pub(super) fn set_data_retrieval_policy(&mut self, rules: &[ops::Rule]) -> Reply {
        let [ops::Rule(strategy, limit)] = rules else {
            return Err(invalid(format!("Invalid number of rules: {}", rules.len())));
        };
        match (*strategy, *limit) {
            ("None" | "FreeTier", None) | ("BytesPerHour", Some(1..)) => {}
            ("BytesPerHour", None) => return Err(missing("BytesPerHour")),
            ("None" | "FreeTier" | "BytesPerHour", Some(limit)) => {
                return Err(invalid(format!("Invalid BytesPerHour: {limit}")));
            }
            _ => return Err(invalid(format!("Invalid strategy: {strategy}"))),
        }
        self.rule = Rule { strategy: (*strategy).to_owned(), bytes_per_hour: *limit };
        Ok(Answer::empty(204))
    }

    pub(super) fn get_data_retrieval_policy(&self) -> Reply {
        let Rule { strategy, bytes_per_hour } = &self.rule;
        let rule = json!({ "BytesPerHour": bytes_per_hour, "Strategy": strategy });
        Ok(Answer::json(&json!({ "Policy": { "Rules": [rule] } })))
    }

    /// A unit lasts one calendar month.
    pub(super) fn purchase_provisioned_capacity(&mut self, id: String) -> Reply {
        if self.units.len() == 2 {
            return Err(limit_exceeded("The limit of 2 provisioned capacity units has been reached"));
        }
        let bought = jiff::Timestamp::from_millisecond(self.now).unwrap().to_zoned(jiff::tz::TimeZone::UTC);
        let expires = bought.checked_add(jiff::Span::new().months(1)).unwrap().timestamp();
        // The expiration date has whole seconds (api.md section 10).
        let expires = expires.as_second() * 1000;
        self.units.push(Unit { id: id.clone(), bought: self.now, expires });
        Ok(Answer::empty(201).with("x-amz-capacity-id", id))
    }

    pub(super) fn list_provisioned_capacity(&self) -> Reply {
        let units = self.units.iter().map(|unit| {
            json!({ "CapacityId": unit.id, "ExpirationDate": date(unit.expires), "StartDate": date(unit.bought) })
        });
        Ok(Answer::json(&json!({ "ProvisionedCapacityList": units.collect::<Vec<_>>() })))
    }
}

fn locked(vault: &Vault) -> Answer {
    access_denied(format!("The vault is locked: {}", arn(&vault.name)))
}

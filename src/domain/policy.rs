//! Policy documents: whether a text is a policy that can be attached to a vault (api.md section 9).
//!
//! What a policy forbids is not decided here; a document is checked, kept, and given back as it was.

use serde_json::{Map, Value};

use super::account::Account;

/// The longest policy, in bytes.
const MAX_LENGTH: usize = 20 * 1024;

/// The text of an IAM resource policy, known to be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PolicyDocument(String);

impl PolicyDocument {
    /// `None` if the text is too long or is not a policy.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let fits = text.len() <= MAX_LENGTH;
        let document = serde_json::from_str(text).ok().filter(|_| fits)?;
        is_policy(&document).then(|| PolicyDocument(text.to_owned()))
    }

    /// The text that was set.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

fn is_policy(document: &Value) -> bool {
    let Some(document) = document.as_object() else { return false };
    let known = document.keys().all(|key| ["Version", "Id", "Statement"].contains(&key.as_str()));
    let version = match document.get("Version") {
        None => true,
        Some(version) => version == "2012-10-17" || version == "2008-10-17",
    };
    let id = document.get("Id").is_none_or(Value::is_string);
    known && version && id && document.get("Statement").is_some_and(are_statements)
}

fn are_statements(statements: &Value) -> bool {
    match statements {
        Value::Array(many) => !many.is_empty() && many.iter().all(is_statement),
        one => is_statement(one),
    }
}

fn is_statement(statement: &Value) -> bool {
    const KNOWN: [&str; 9] =
        ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
    let Some(statement) = statement.as_object() else { return false };
    statement.keys().all(|key| KNOWN.contains(&key.as_str()))
        && statement.get("Sid").is_none_or(Value::is_string)
        && statement.get("Effect").is_some_and(|effect| effect == "Allow" || effect == "Deny")
        && one_of(statement, "Principal", "NotPrincipal").is_some_and(is_principal)
        && one_of(statement, "Action", "NotAction").is_some_and(|actions| all_texts(actions, is_action))
        && one_of(statement, "Resource", "NotResource").is_some_and(|resources| all_texts(resources, is_resource))
        && statement.get("Condition").is_none_or(is_condition)
}

/// The value of whichever of two elements is there; `None` if both are, or neither.
fn one_of<'a>(statement: &'a Map<String, Value>, element: &str, negated: &str) -> Option<&'a Value> {
    match (statement.get(element), statement.get(negated)) {
        (Some(value), None) | (None, Some(value)) => Some(value),
        _ => None,
    }
}

/// `"*"`, or an object of principals by their kind.
fn is_principal(principal: &Value) -> bool {
    match principal {
        Value::String(text) => text == "*",
        Value::Object(kinds) => {
            let is_kind = |(kind, principals): (&String, &Value)| match kind.as_str() {
                "AWS" => all_texts(principals, is_aws_principal),
                "Service" | "Federated" | "CanonicalUser" => all_texts(principals, |text| !text.is_empty()),
                _ => false,
            };
            !kinds.is_empty() && kinds.iter().all(is_kind)
        }
        _ => false,
    }
}

/// Everybody, an account number, or the ARN of an account's root, of a user, a role or a session.
fn is_aws_principal(text: &str) -> bool {
    if text == "*" || Account::parse(text).is_some() {
        return true;
    }
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let [arn, partition, service, region, account, name] = parts[..] else { return false };
    let named = name == "root"
        || ["user/", "role/", "assumed-role/", "federated-user/"]
            .iter()
            .any(|kind| name.strip_prefix(kind).is_some_and(|name| !name.is_empty()));
    arn == "arn"
        && partition.starts_with("aws")
        && (service == "iam" || service == "sts")
        && region.is_empty()
        && Account::parse(account).is_some()
        && named
}

/// `*`, or a service and an action: `glacier:Delete*`.
fn is_action(text: &str) -> bool {
    text == "*" || text.split_once(':').is_some_and(|(service, action)| !service.is_empty() && !action.is_empty())
}

fn is_resource(text: &str) -> bool {
    text == "*" || text.starts_with("arn:")
}

/// Operators with the keys that they compare and the values that they compare them to.
fn is_condition(condition: &Value) -> bool {
    let scalar = |value: &Value| value.is_string() || value.is_number() || value.is_boolean();
    let values = |value: &Value| match value {
        Value::Array(many) => many.iter().all(scalar),
        one => scalar(one),
    };
    let keys = |keys: &Value| keys.as_object().is_some_and(|keys| keys.values().all(values));
    condition.as_object().is_some_and(|operators| operators.iter().all(|(name, by)| is_operator(name) && keys(by)))
}

/// The condition operators of IAM, each also for sets of values, and each but Null also `IfExists`.
fn is_operator(name: &str) -> bool {
    const OPERATORS: [&str; 26] = [
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
        "DateEquals",
        "DateNotEquals",
        "DateLessThan",
        "DateLessThanEquals",
        "DateGreaterThan",
        "DateGreaterThanEquals",
        "Bool",
        "BinaryEquals",
        "IpAddress",
        "NotIpAddress",
        "ArnEquals",
        "ArnNotEquals",
        "ArnLike",
        "ArnNotLike",
    ];
    let single = name.strip_prefix("ForAllValues:").or(name.strip_prefix("ForAnyValue:")).unwrap_or(name);
    single == "Null" || OPERATORS.contains(&single.strip_suffix("IfExists").unwrap_or(single))
}

fn all_texts(value: &Value, legal: impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(one) => legal(one),
        Value::Array(many) => !many.is_empty() && many.iter().all(|one| one.as_str().is_some_and(&legal)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lock policy of the developer guide: no deletes for a year.
    const GUIDE: &str = r#"{
        "Version":"2012-10-17",
        "Statement":[{
            "Sid": "deny-based-on-archive-age",
            "Principal": "*",
            "Effect": "Deny",
            "Action": "glacier:DeleteArchive",
            "Resource": ["arn:aws:glacier:us-west-2:123456789012:vaults/examplevault"],
            "Condition": {"NumericLessThan" : {"glacier:ArchiveAgeInDays" : "365"}}
        }]
    }"#;

    fn statement(change: impl FnOnce(&mut Map<String, Value>)) -> bool {
        let mut document: Value = serde_json::from_str(GUIDE).unwrap();
        change(document["Statement"][0].as_object_mut().unwrap());
        PolicyDocument::parse(&document.to_string()).is_some()
    }

    fn with(key: &str, value: &str) -> bool {
        statement(|statement| {
            statement.insert(key.into(), serde_json::from_str(value).unwrap());
        })
    }

    fn without(key: &str) -> bool {
        statement(|statement| {
            statement.remove(key);
        })
    }

    #[test]
    fn the_guides_policy_is_one_and_is_kept_as_it_is() {
        assert_eq!(PolicyDocument::parse(GUIDE).unwrap().text(), GUIDE);
        assert!(without("Sid") && without("Condition"));
        for needed in ["Principal", "Effect", "Action", "Resource"] {
            assert!(!without(needed), "{needed}");
        }
    }

    #[test]
    fn principals() {
        let account =
            r#"{"AWS": ["123456789012", "arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:user/a/b", "*"]}"#;
        assert!(with("Principal", account) && with("Principal", r#"{"Service": "backup.amazonaws.com"}"#));
        for bad in [
            r#""me""#,
            "{}",
            r#"{"AWS": []}"#,
            r#"{"AWS": "me"}"#,
            r#"{"AWS": "arn:aws:iam::1:root"}"#,
            r#"{"X": "*"}"#,
            "5",
        ] {
            assert!(!with("Principal", bad), "{bad}");
        }
        assert!(!with("NotPrincipal", r#""*""#), "both at once");
    }

    #[test]
    fn other_elements() {
        assert!(with("Action", r#"["glacier:*", "*"]"#) && with("Resource", r#""*""#));
        for (key, bad) in [
            ("Action", "[]"),
            ("Action", r#""DeleteArchive""#),
            ("Resource", r#""my vault""#),
            ("Effect", r#""deny""#),
            ("Sid", "5"),
            ("Condition", "[]"),
            ("Condition", r#"{"NumericLess": {"glacier:ArchiveAgeInDays": "365"}}"#),
            ("Condition", r#"{"NumericLessThan": "365"}"#),
            ("Condition", r#"{"NumericLessThan": {"glacier:ArchiveAgeInDays": {}}}"#),
            ("Comment", r#""why""#),
        ] {
            assert!(!with(key, bad), "{key}: {bad}");
        }
        assert!(with(
            "Condition",
            r#"{"ForAnyValue:StringLikeIfExists": {"aws:x": ["a", "b"]}, "Null": {"aws:y": true}}"#
        ));
    }

    #[test]
    fn what_is_no_policy() {
        for bad in [
            "",
            "{}",
            "[]",
            "null",
            "not json",
            r#"{"Statement": []}"#,
            r#"{"Version": "2026-01-01", "Statement": {}}"#,
        ] {
            assert_eq!(PolicyDocument::parse(bad), None, "{bad}");
        }
        let padded = |length: usize| format!("{GUIDE}{}", " ".repeat(length - GUIDE.len()));
        assert!(PolicyDocument::parse(&padded(20 * 1024)).is_some());
        assert!(PolicyDocument::parse(&padded(20 * 1024 + 1)).is_none());
    }
}

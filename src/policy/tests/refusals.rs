//! Tests of which texts are valid policies (api.md section 9, observed.md 2.E; the IAM user guide's grammar of
//! policies).

use serde_json::{Map, Value, json};

use crate::policy::PolicyDocument;

/// The lock policy of the developer guide, which denies deletes for a year.
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

fn flaw_of(text: &str) -> Option<String> {
    PolicyDocument::parse(text).err().map(|flaw| flaw.to_string())
}

fn statement(change: impl FnOnce(&mut Map<String, Value>)) -> bool {
    let mut document: Value = serde_json::from_str(GUIDE).unwrap();
    change(document["Statement"][0].as_object_mut().unwrap());
    PolicyDocument::parse(&document.to_string()).is_ok()
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
fn the_policy_of_the_guide_is_valid_and_is_only_reformatted() {
    let parsed = PolicyDocument::parse(GUIDE).unwrap();
    let (mut given, back): (Value, Value) =
        (serde_json::from_str(GUIDE).unwrap(), serde_json::from_str(parsed.text()).unwrap());
    let resource = &mut given["Statement"][0]["Resource"];
    *resource = resource[0].clone();
    assert_eq!(back, given);
    assert!(without("Sid") && without("Condition") && with("Sid", r#""""#));
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
        r#"{"AWS": "arn:aws:iam::123456789012:user/*"}"#,
        r#"{"AWS": "arn:aws:sts::123456789012:assumed-role/R/*"}"#,
        r#"{"AWS": "arn:aws:iam::123456789012:group/admins"}"#,
        r#"{"X": "*"}"#,
        "5",
    ] {
        assert!(!with("Principal", bad), "{bad}");
    }
    assert!(!with("NotPrincipal", r#""*""#), "both at once");
}

/// "Using it with Allow is not supported" (IAM user guide, "NotPrincipal").
#[test]
fn not_principal_is_valid_only_with_deny() {
    let not_principal = |effect: &str| {
        statement(|statement| {
            let principal = statement.remove("Principal").unwrap();
            statement.insert("NotPrincipal".into(), principal);
            statement.insert("Effect".into(), effect.into());
        })
    };
    assert!(not_principal("Deny") && !not_principal("Allow"));
}

#[test]
fn other_elements() {
    assert!(with("Action", r#"["glacier:*", "*"]"#) && with("Resource", r#""*""#));
    for (key, bad) in [
        ("Action", "[]"),
        ("Action", r#""DeleteArchive""#),
        ("Action", r#"":DeleteArchive""#),
        ("Action", r#""glacier:""#),
        ("Action", r#"[["glacier:*"]]"#),
        ("NotAction", r#""glacier:*""#),
        ("Resource", r#""my vault""#),
        ("Resource", r#""arn:*""#),
        ("Resource", r#""arn:aws""#),
        ("Resource", r#""arn:*:glacier:*:*:vaults/*""#),
        ("Resource", r#""arn:aws:*:*:*:vaults/*""#),
        ("Resource", r#""arn:aws:gl?cier:*:*:vaults/*""#),
        ("NotResource", r#""*""#),
        ("Effect", r#""deny""#),
        ("Sid", "5"),
        ("Comment", r#""why""#),
    ] {
        assert!(!with(key, bad), "{key}: {bad}");
    }
}

#[test]
fn conditions() {
    for good in [
        r#"{"ForAnyValue:StringLikeIfExists": {"aws:x": ["a", "b"]}, "Null": {"aws:y": true}}"#,
        r#"{"Bool": {"aws:MultiFactorAuthPresent": true}, "NumericEquals": {"aws:x": [1, "2.5", -3]}}"#,
        r#"{"DateLessThan": {"aws:CurrentTime": ["2020-01-01T00:00:00Z", 1577836800, "2020-01-01"]}}"#,
        r#"{"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:DB8::/64", "10.0.0.1"]}}"#,
        r#"{"StringEquals": {"aws:x": "${aws:PrincipalArn, 'nobody'} ${*} $5"}}"#,
        r#"{"StringEquals": {}}"#,
        "{}",
    ] {
        assert!(with("Condition", good), "{good}");
    }
    for bad in [
        "[]",
        r#"{"NumericLess": {"glacier:ArchiveAgeInDays": "365"}}"#,
        r#"{"NullIfExists": {"aws:x": "true"}}"#,
        r#"{"ForSomeValues:StringLike": {"aws:x": "a"}}"#,
        r#"{"NumericLessThan": "365"}"#,
        r#"{"NumericLessThan": {"glacier:ArchiveAgeInDays": {}}}"#,
        r#"{"NumericLessThan": {"glacier:ArchiveAgeInDays": "a year"}}"#,
        r#"{"NumericLessThan": {"ArchiveAgeInDays": "365"}}"#,
        r#"{"NumericLessThan": {":ArchiveAgeInDays": "365"}}"#,
        r#"{"NumericLessThan": {"glacier:": "365"}}"#,
        r#"{"DateLessThan": {"aws:CurrentTime": "tomorrow"}}"#,
        r#"{"Bool": {"aws:MultiFactorAuthPresent": "yes"}}"#,
        r#"{"Null": {"aws:MultiFactorAuthPresent": "1"}}"#,
        r#"{"IpAddress": {"aws:SourceIp": "203.0.113.0/33"}}"#,
        r#"{"NotIpAddress": {"aws:SourceIp": "localhost"}}"#,
        r#"{"StringEquals": {"aws:x": null}}"#,
        r#"{"StringEquals": {"aws:x": "${aws:PrincipalArn"}}"#,
        r#"{"StringEquals": {"aws:x": "${}"}}"#,
        r#"{"StringEquals": {"aws:x": "${aws:}"}}"#,
        r#"{"StringEquals": {"aws:x": "${:PrincipalArn}"}}"#,
        r#"{"StringEquals": {"aws:x": "${aws:${aws:username}"}}"#,
        r#"{"StringEquals": {"aws:x": "${aws:PrincipalArn, nobody}"}}"#,
        r#"{"NumericEquals": {"aws:x": "${aws:EpochTime}"}}"#,
    ] {
        assert!(!with("Condition", bad), "{bad}");
    }
}

/// "You can't use a variable to replace parts of the ARN before the fifth colon" (IAM user guide, "Variables and
/// tags"). Versions before 2012-10-17 have no variables and treat them as text.
#[test]
fn variables_depend_on_the_version_and_the_element() {
    let vault = |text: &str| json!(text).to_string();
    assert!(with("Resource", &vault("arn:aws:glacier:*:*:vaults/${aws:username}")));
    assert!(!with("Resource", &vault("arn:aws:glacier:*:${aws:PrincipalAccount}:vaults/*")));
    assert!(!with("Resource", &vault("arn:aws:glacier:*:*:vaults/${aws:username")));
    let old = GUIDE.replace("2012", "2008").replace("examplevault", "${aws:username");
    assert_eq!(flaw_of(&old), None);
}

#[test]
fn invalid_policies_are_refused() {
    for bad in
        ["", "{}", "[]", "null", "not json", r#"{"Statement": []}"#, r#"{"Version": "2026-01-01", "Statement": {}}"#]
    {
        assert!(flaw_of(bad).is_some(), "{bad}");
    }
    let padded = |length: usize| format!("{GUIDE}{}", " ".repeat(length - GUIDE.len()));
    assert_eq!(flaw_of(&padded(20 * 1024)), None);
    assert!(flaw_of(&padded(20 * 1024 + 1)).is_some());
}

#[test]
fn duplicate_elements_are_refused() {
    let twice = GUIDE.replace(r#""Effect": "Deny","#, r#""Effect": "Deny", "Effect": "Allow","#);
    assert!(flaw_of(&twice).unwrap().contains(r#""Effect" is there twice"#));
    let mut document: Value = serde_json::from_str(GUIDE).unwrap();
    let copy = document["Statement"][0].clone();
    document["Statement"].as_array_mut().unwrap().push(copy);
    assert_eq!(flaw_of(&document.to_string()).unwrap(), "statement 2: its Sid is that of another");
    for statement in document["Statement"].as_array_mut().unwrap() {
        statement["Sid"] = "".into();
    }
    assert_eq!(flaw_of(&document.to_string()), None);
}

//! The truth table of condition operators: a condition, the values in the request, and the expected explanation.
//!
//! IAM user guide, "IAM JSON policy elements: Condition operators", "Multivalued context keys", "Variables and tags".

use serde_json::{Value, json};

use super::truth_table::{ALICE, OWNER, access, decide, document, say};
use crate::policy::PolicyKind;

/// A condition, the values of `aws:x` in the request (none if it does not have the key), and the expected explanation.
type Row<'a> = (&'a str, &'a str, &'a [&'a str], &'a str);

/// Tests each row as the only condition of an Allow for another account and of a Deny for the owner. Both must agree.
#[track_caller]
fn conditions(rows: &[Row<'_>]) {
    for (operator, wanted, found, expected) in rows {
        let wanted: Value = serde_json::from_str(wanted).unwrap();
        let statement = |effect: &str| {
            document(json!({
                "Sid": "x", "Effect": effect, "Principal": "*", "Action": "*", "Resource": "*",
                "Condition": {*operator: {"aws:X": wanted}},
            }))
        };
        let ask = |effect, caller| {
            say(&[(PolicyKind::VaultAccess, &statement(effect))], caller, "glacier:ListJobs", &[("aws:x", *found)])
        };
        let words = ask("Allow", ALICE);
        let words = words.replace(r#"allowed by statement "x" of the vault access policy: "#, "holds: ");
        let words = words.replace(r#"refused: statement "x" of the vault access policy: "#, "fails: ");
        let words = words.replace(&format!("{operator} aws:X "), "");
        assert_eq!(words, *expected, "{operator} {wanted} {found:?}");
        let denied = ask("Deny", OWNER).starts_with("denied");
        assert_eq!(denied, words.starts_with("holds"), "{operator} {wanted} {found:?}");
    }
}

#[test]
fn strings() {
    conditions(&[
        ("StringEquals", r#""a""#, &["a"], r#"holds: "a" = "a""#),
        ("StringEquals", r#""a""#, &["A"], r#"fails: is "A", must be = "a""#),
        ("StringEquals", r#"["a", "b"]"#, &["b"], r#"holds: "b" = "a" or "b""#),
        ("StringEquals", r#""a""#, &["a", "b"], r#"holds: "a" and "b" = "a""#),
        ("StringEquals", r#""a*""#, &["ab"], r#"fails: is "ab", must be = "a*""#),
        ("StringEquals", r#""a*""#, &["a*"], r#"holds: "a*" = "a*""#),
        ("StringEquals", r#""a""#, &[], r#"fails: is absent, must be = "a""#),
        ("StringEquals", "[]", &["a"], r#"fails: is "a", must be = nothing"#),
        ("StringEqualsIfExists", r#""a""#, &[], "holds: is absent"),
        ("StringEqualsIfExists", r#""a""#, &["b"], r#"fails: is "b", must be = "a""#),
        ("StringNotEquals", r#""a""#, &["b"], r#"holds: "b" not = "a""#),
        ("StringNotEquals", r#"["a", "b"]"#, &["b"], r#"fails: is "b", must not be = "a" or "b""#),
        ("StringNotEquals", r#""a""#, &["a", "b"], r#"fails: is "a" and "b", must not be = "a""#),
        ("StringNotEquals", r#""a""#, &[], "holds: is absent"),
        ("StringNotEqualsIfExists", r#""a""#, &[], "holds: is absent"),
        ("StringEqualsIgnoreCase", r#""ÄB""#, &["äb"], r#"holds: "äb" = "ÄB""#),
        ("StringEqualsIgnoreCase", r#""äb""#, &["ÄB"], r#"holds: "ÄB" = "äb""#),
        ("StringNotEqualsIgnoreCase", r#""AB""#, &["ab"], r#"fails: is "ab", must not be = "AB""#),
        ("StringLike", r#""a*d?""#, &["abcde"], r#"holds: "abcde" like "a*d?""#),
        ("StringLike", r#""*""#, &[""], r#"holds: "" like "*""#),
        ("StringLike", r#""a""#, &["ab"], r#"fails: is "ab", must be like "a""#),
        ("StringLike", r#""A*""#, &["ab"], r#"fails: is "ab", must be like "A*""#),
        ("StringNotLike", r#"["a*", "b*"]"#, &["c"], r#"holds: "c" not like "a*" or "b*""#),
        ("StringNotLike", r#"["a*", "b*"]"#, &["bc"], r#"fails: is "bc", must not be like "a*" or "b*""#),
        ("StringLike", "5", &["5"], r#"holds: "5" like "5""#),
        ("BinaryEquals", r#""QmluYXJ5""#, &["QmluYXJ5"], r#"holds: "QmluYXJ5" = "QmluYXJ5""#),
    ]);
}

#[test]
fn numbers_dates_and_truth() {
    let [longest, too_long] = [63, 64].map(|zeros| format!("{}9", "0".repeat(zeros)));
    conditions(&[
        ("NumericLessThan", "10", &[&longest], &format!("holds: {longest} < 10")),
        ("NumericLessThan", "10", &[&too_long], &format!("fails: is {too_long}, must be < 10")),
        ("NumericEquals", r#""1.50""#, &["1.5"], "holds: 1.5 = 1.50"),
        ("NumericNotEquals", "1", &["1.0"], "fails: is 1.0, must not be = 1"),
        ("NumericNotEquals", "1", &[], "holds: is absent"),
        ("NumericLessThan", "10", &["9"], "holds: 9 < 10"),
        ("NumericLessThan", "10", &["10"], "fails: is 10, must be < 10"),
        ("NumericLessThanEquals", "10", &["10"], "holds: 10 <= 10"),
        ("NumericGreaterThan", "[10, 20]", &["15"], "holds: 15 > 10 or 20"),
        ("NumericGreaterThanEquals", "-1", &["-2"], "fails: is -2, must be >= -1"),
        ("NumericLessThan", "10", &["many"], "fails: is many, must be < 10"),
        ("NumericLessThan", "10", &[], "fails: is absent, must be < 10"),
        ("NumericLessThanIfExists", "10", &[], "holds: is absent"),
        (
            "DateLessThan",
            r#""2020-01-01""#,
            &["2019-12-31T23:59:59.999Z"],
            "holds: 2019-12-31T23:59:59.999Z < 2020-01-01",
        ),
        (
            "DateLessThan",
            "1577836800",
            &["2020-01-01T00:00:00Z"],
            "fails: is 2020-01-01T00:00:00Z, must be < 1577836800",
        ),
        ("DateGreaterThanEquals", "1577836800", &["2020-01-01T00:00:00Z"], "holds: 2020-01-01T00:00:00Z >= 1577836800"),
        (
            "DateEquals",
            r#""2020-01-01T01:00:00+01:00""#,
            &["1577836800"],
            "holds: 1577836800 = 2020-01-01T01:00:00+01:00",
        ),
        ("DateNotEquals", r#""2020""#, &["2020-01-01T00:00:00Z"], "fails: is 2020-01-01T00:00:00Z, must not be = 2020"),
        ("DateGreaterThan", r#""2020""#, &["soon"], "fails: is soon, must be > 2020"),
        ("Bool", "true", &["true"], "holds: true = true"),
        ("Bool", r#""False""#, &["false"], "holds: false = False"),
        ("Bool", "false", &[], "fails: is absent, must be = false"),
        ("BoolIfExists", "false", &[], "holds: is absent"),
        ("Bool", "true", &["yes"], "fails: is yes, must be = true"),
        ("Bool", r#""${aws:X}""#, &["true"], "holds: true = true"),
        ("Null", "true", &[], "holds: is absent"),
        ("Null", r#""true""#, &["a"], "fails: is there, must be absent"),
        ("Null", r#""false""#, &["a"], "holds: is there"),
        ("Null", "false", &[], "fails: is absent, must be there"),
        ("Null", "[true, false]", &[], "holds: is absent"),
    ]);
}

#[test]
fn addresses_and_arns() {
    const ROLE: &str = "arn:aws:iam::123456789012:role/Backup";
    conditions(&[
        ("IpAddress", r#""203.0.113.0/24""#, &["203.0.113.9"], "holds: 203.0.113.9 in 203.0.113.0/24"),
        ("IpAddress", r#""203.0.113.0/24""#, &["127.0.0.1"], "fails: is 127.0.0.1, must be in 203.0.113.0/24"),
        ("IpAddress", r#"["10.0.0.1", "::1"]"#, &["::1"], "holds: ::1 in 10.0.0.1 or ::1"),
        ("IpAddress", r#""0.0.0.0/0""#, &["here"], "fails: is here, must be in 0.0.0.0/0"),
        ("NotIpAddress", r#""203.0.113.0/24""#, &["127.0.0.1"], "holds: 127.0.0.1 not in 203.0.113.0/24"),
        ("NotIpAddress", r#""203.0.113.0/24""#, &[], "holds: is absent"),
        ("IpAddressIfExists", r#""203.0.113.0/24""#, &[], "holds: is absent"),
        (
            "ArnLike",
            r#""arn:aws:iam::*:role/Back*""#,
            &[ROLE],
            r#"holds: "arn:aws:iam::123456789012:role/Backup" like "arn:aws:iam::*:role/Back*""#,
        ),
        (
            "ArnEquals",
            r#""arn:aws:iam::*:role/Back*""#,
            &[ROLE],
            r#"holds: "arn:aws:iam::123456789012:role/Backup" like "arn:aws:iam::*:role/Back*""#,
        ),
        (
            "ArnLike",
            r#""arn:aws:*:role/Backup""#,
            &[ROLE],
            r#"fails: is "arn:aws:iam::123456789012:role/Backup", must be like "arn:aws:*:role/Backup""#,
        ),
        // The guide's example of a value that a string operator would match and this one does not.
        (
            "ArnLike",
            r#""arn:aws:someservice:*:111122223333:finance/*""#,
            &["arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"],
            r#"fails: is "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt", must be like "arn:aws:someservice:*:111122223333:finance/*""#,
        ),
        (
            "ArnLike",
            r#""arn:aws:iam""#,
            &[ROLE],
            r#"fails: is "arn:aws:iam::123456789012:role/Backup", must be like "arn:aws:iam""#,
        ),
        ("ArnLike", r#""*""#, &[ROLE], r#"holds: "arn:aws:iam::123456789012:role/Backup" like "*""#),
        (
            "ArnNotEquals",
            r#""arn:aws:iam::123456789012:role/Other""#,
            &[ROLE],
            r#"holds: "arn:aws:iam::123456789012:role/Backup" not like "arn:aws:iam::123456789012:role/Other""#,
        ),
        (
            "ArnNotLike",
            r#""arn:aws:iam::*:role/*""#,
            &[ROLE],
            r#"fails: is "arn:aws:iam::123456789012:role/Backup", must not be like "arn:aws:iam::*:role/*""#,
        ),
        ("ArnNotLike", r#""arn:aws:iam::*:role/*""#, &[], "holds: is absent"),
    ]);
}

/// IAM user guide, "Multivalued context keys", with its table of negated operators; that `IfExists` changes nothing for
/// ForAnyValue was found by experiment (iam.cloudcopilot.io, "ForAnyValue:StringNotEqualsIfExists").
#[test]
fn sets_of_values() {
    conditions(&[
        ("ForAllValues:StringEquals", r#"["a", "b"]"#, &["a", "b"], r#"holds: "a" and "b" = "a" or "b""#),
        ("ForAllValues:StringEquals", r#"["a", "b"]"#, &["a", "c"], r#"fails: is "a" and "c", must be = "a" or "b""#),
        ("ForAllValues:StringEquals", r#""a""#, &[], "holds: is absent"),
        ("ForAllValues:StringEquals", r#""a""#, &[""], r#"holds: "" = "a""#),
        ("ForAnyValue:StringEquals", r#"["a", "b"]"#, &["b", "c"], r#"holds: "b" and "c" = "a" or "b""#),
        ("ForAnyValue:StringEquals", r#"["a", "b"]"#, &["c"], r#"fails: is "c", must be = "a" or "b""#),
        ("ForAnyValue:StringEquals", r#""a""#, &[], r#"fails: is absent, must be = "a""#),
        ("ForAnyValue:StringLike", r#""*""#, &[""], r#"fails: is "", must be like "*""#),
        ("ForAllValues:StringNotEquals", r#"["a", "b"]"#, &["c", "d"], r#"holds: "c" and "d" not = "a" or "b""#),
        (
            "ForAllValues:StringNotEquals",
            r#"["a", "b"]"#,
            &["a", "c"],
            r#"fails: is "a" and "c", must not be = "a" or "b""#,
        ),
        ("ForAllValues:StringNotEquals", r#""a""#, &[], "holds: is absent"),
        ("ForAnyValue:StringNotEquals", r#"["a", "b"]"#, &["a", "c"], r#"holds: "a" and "c" not = "a" or "b""#),
        (
            "ForAnyValue:StringNotEquals",
            r#"["a", "b"]"#,
            &["a", "b"],
            r#"fails: is "a" and "b", must not be = "a" or "b""#,
        ),
        ("ForAnyValue:StringNotEquals", r#""a""#, &[], r#"fails: is absent, must not be = "a""#),
        ("ForAllValues:StringEqualsIfExists", r#""a""#, &[], "holds: is absent"),
        ("ForAnyValue:StringEqualsIfExists", r#""a""#, &[], r#"fails: is absent, must be = "a""#),
    ]);
}

/// IAM user guide, "Variables and tags". The caller is Alice, or the owner's root if the row is a Deny, so the
/// rows use only keys that both have, and the tested key.
#[test]
fn variables() {
    conditions(&[
        ("StringEquals", r#""${aws:X}""#, &["a"], r#"holds: "a" = "a""#),
        ("StringEquals", r#""<${AWS:x}>""#, &["a"], r#"fails: is "a", must be = "<a>""#),
        ("StringLike", r#""${aws:X}""#, &["a*"], r#"holds: "a*" like "a*""#),
        ("StringLike", r#""a${*}""#, &["ab"], r#"fails: is "ab", must be like "a*""#),
        ("StringLike", r#""a${*}${?}${$}""#, &["a*?$"], r#"holds: "a*?$" like "a*?$""#),
        ("StringLike", r#""${aws:userid, 'anon'}*""#, &["anonymous"], r#"holds: "anonymous" like "anon*""#),
        ("StringLike", r#""${ aws:userid ,'*' }""#, &["a"], r#"fails: is "a", must be like "*""#),
        ("StringLike", r#""${aws:userid}""#, &["a"], r#"fails: is "a", must be like "${aws:userid}""#),
        ("StringLike", r#"["${aws:userid}", "a"]"#, &["a"], r#"holds: "a" like "${aws:userid}" or "a""#),
        ("StringNotLike", r#""${aws:userid}""#, &["a"], r#"fails: is "a", must not be like "${aws:userid}""#),
        ("StringNotLike", r#""${aws:userid}""#, &[], "holds: is absent"),
        ("ForAnyValue:StringEquals", r#""${aws:X}""#, &["a", "b"], r#"fails: is "a" and "b", must be = "${aws:X}""#),
        ("StringEquals", r#""$a{b}""#, &["$a{b}"], r#"holds: "$a{b}" = "$a{b}""#),
        (
            "ArnEquals",
            r#""${aws:X}""#,
            &["arn:aws:iam::1:role/a"],
            r#"holds: "arn:aws:iam::1:role/a" like "arn:aws:iam::1:role/a""#,
        ),
    ]);
    let old = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
        "Condition": {"StringEquals": {"aws:UserAgent": "${aws:username}"}}}}"#;
    let old = access(old);
    let ask =
        |agent| decide(&[(PolicyKind::VaultAccess, &old)], ALICE, "glacier:ListJobs", &[("aws:UserAgent", &[agent])]);
    assert!(ask("${aws:username}").is_allowed() && !ask("Alice").is_allowed());
}

//! Tests that a decision takes a bounded number of steps, for any policy and for request values of any length.
//!
//! The tests count steps instead of measuring time: one for each character of a text whose variables are replaced, and
//! one for each 64 places of patterns at each character of the value that they are compared to.

use super::truth_table::{ALICE, access, decide};
use crate::policy::condition::LONGEST_VALUE;
use crate::policy::question::LONGEST_VARIABLES;
use crate::policy::{Decision, PolicyDocument, PolicyKind, steps};

/// The maximum length of a policy, in bytes.
const POLICY: usize = 20 * 1024;

/// Returns a policy that denies on a condition with this operator for `aws:UserAgent`. It repeats the value, which must
/// be JSON, up to the maximum length.
fn filled(operator: &str, value: &str) -> PolicyDocument {
    let text = |values: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*",
            "Condition":{{"{operator}":{{"aws:UserAgent":[{values}]}}}}}}}}"#
        )
    };
    let count = (POLICY - text("").len() + 1) / (value.len() + 1);
    access(&text(&vec![value; count].join(",")))
}

/// Returns the same policy with a single value that fills it.
fn filled_by_one(operator: &str, piece: &str) -> PolicyDocument {
    filled(operator, &format!("{:?}", piece.repeat(19_900 / piece.len())))
}

/// Returns a policy with as many conditions as fit. They name the same key, in different upper and lower case.
fn filled_with_conditions(operator: &str, value: &str) -> PolicyDocument {
    let name = |number: usize| {
        let letter = |(at, c): (usize, char)| if number >> at & 1 == 1 { c.to_ascii_uppercase() } else { c };
        let letters: String = "awsuseragent".chars().enumerate().map(letter).collect();
        format!("{}:{}", &letters[..3], &letters[3..])
    };
    let condition = |number| format!(r#""{}":{value}"#, name(number));
    let conditions: Vec<_> = (0..19_800 / (condition(0).len() + 1)).map(condition).collect();
    access(&format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*",
        "Condition":{{"{operator}":{{{}}}}}}}}}"#,
        conditions.join(",")
    ))
}

/// Returns the decision if both policies of a vault are this one, and the number of steps.
fn ask(policy: &PolicyDocument, user_agent: &str, tag: &str) -> (Decision, usize) {
    let both = [(PolicyKind::VaultAccess, policy), (PolicyKind::VaultLock, policy)];
    let keys: [(&str, &[&str]); 2] = [("aws:UserAgent", &[user_agent]), ("aws:ResourceTag/a", &[tag])];
    steps::of(|| decide(&both, ALICE, "glacier:ListJobs", &keys))
}

#[test]
fn every_decision_takes_a_bounded_number_of_steps() {
    // Each pattern has at most as many places as it has bytes in the policy with its quotes, plus those of the values
    // of its variables. Each condition takes at least 16 bytes, and may leave the last word of its set partly unused.
    let words = 2 * (POLICY / 64 + POLICY / 16) + LONGEST_VARIABLES / 64;
    // Variables are replaced twice, once for the explanation, which shows at most 256 characters of a value.
    let characters = 2 * (2 * POLICY + POLICY / 16 * 256) + LONGEST_VARIABLES;
    let most = words * LONGEST_VALUE + characters;
    assert!(most < 10_000_000);
    let policies = [
        filled("StringLike", r#""*b""#),
        filled("StringLike", r#""*b*""#),
        filled("StringLike", r#""*a?b""#),
        filled("StringLike", r#""${aws:UserAgent}""#),
        filled("StringLike", r#""?*${aws:UserAgent}""#),
        filled("StringLike", r#""?*${aws:ResourceTag/a}b""#),
        filled("StringEquals", r#""${aws:UserAgent}b""#),
        filled("StringNotEqualsIgnoreCase", r#""${aws:ResourceTag/a}b""#),
        filled("ArnLike", r#""*:*:*:*:*:*a*b""#),
        filled("ArnNotLike", r#""*${aws:ResourceTag/a}:*:*:*:*:*b""#),
        filled("Bool", r#""${aws:UserAgent}""#),
        filled_by_one("StringLike", "*a"),
        filled_by_one("StringLike", "?*"),
        filled_by_one("StringLike", "*"),
        filled_by_one("StringNotLike", "*${aws:ResourceTag/a}"),
        filled_by_one("StringEqualsIgnoreCase", "${aws:UserAgent}"),
        filled_by_one("ArnLike", "*a:"),
        filled_with_conditions("StringLike", r#""*b""#),
        filled_with_conditions("StringNotLike", r#""*${aws:ResourceTag/a}b""#),
    ];
    for (number, policy) in policies.iter().enumerate() {
        for piece in ["a", "a:"] {
            for length in [64, LONGEST_VALUE, 60_000] {
                let (agent, tag) = (piece.repeat(length / piece.len()), "a".repeat(length / 2));
                let (decision, steps) = ask(policy, &agent, &tag);
                assert!(steps <= most, "policy {number}, {length} times {piece}: {steps} steps, at most {most}");
                let words = decision.to_string().len();
                assert!(words <= 40 * POLICY, "policy {number}, {length} times {piece}: {words} bytes of explanation");
            }
        }
    }
}

/// One step for each pair of characters would be 40 million steps for a pattern of 20 KB and the longest value.
#[test]
fn matching_advances_64_places_of_patterns_per_step() {
    let longest = "a".repeat(LONGEST_VALUE);
    let (_, steps) = ask(&filled_by_one("StringLike", "*a"), &longest, "");
    assert!(steps <= 4 * POLICY, "{steps} steps, although the pattern has more characters than the value");
    let (_, steps) = ask(&filled("StringLike", &format!("\"{}b\"", "*a".repeat(2047))), &longest, "");
    let most = 2 * (4 * 2049_usize).div_ceil(64) * LONGEST_VALUE + 2 * POLICY * 2;
    assert!(steps <= most, "{steps} steps, at most {most}, for four patterns in each of two policies");
}

/// The values of variables are limited to 64 KiB in a decision, 32 times the longest value. A variable beyond the limit
/// matches nothing.
#[test]
fn the_values_of_variables_are_limited_to_64_kib_in_a_decision() {
    let tag = "b".repeat(LONGEST_VALUE);
    let one = |count: usize, last: &str| {
        let values = vec![r#""${aws:ResourceTag/a}""#; count].join(",");
        let policy = access(&format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*",
            "Condition":{{"StringLike":{{"aws:UserAgent":[{values},{last}]}}}}}}}}"#
        ));
        let keys: [(&str, &[&str]); 2] =
            [("aws:UserAgent", &[&"a".repeat(LONGEST_VALUE)]), ("aws:ResourceTag/a", &[&tag])];
        decide(&[(PolicyKind::VaultLock, &policy)], ALICE, "glacier:ListJobs", &keys).to_string()
    };
    let room = LONGEST_VARIABLES / LONGEST_VALUE;
    assert!(one(room - 1, r#""${aws:UserAgent}""#).starts_with("denied"));
    assert!(!one(room, r#""${aws:UserAgent}""#).starts_with("denied"));
    assert!(one(room, r#""a*""#).starts_with("denied"), "a text without variables does not count");
}

#[test]
fn a_value_that_is_too_long_matches_nothing() {
    let says =
        |operator, value: &str, length: usize| ask(&filled(operator, value), &"a".repeat(length), "").0.to_string();
    assert!(says("StringLike", r#""a*""#, LONGEST_VALUE).starts_with("denied"));
    assert!(!says("StringLike", r#""a*""#, LONGEST_VALUE + 1).starts_with("denied"));
    assert!(says("StringNotLike", r#""b*""#, LONGEST_VALUE).contains("a.. (2048 bytes)\" not like"));
    let denied = says("StringNotLike", r#""b*""#, LONGEST_VALUE + 1);
    let found =
        format!("aws:UserAgent \"{}.. (2049 bytes, too long to be compared)\" not like \"b*\"", "a".repeat(256));
    assert!(denied.contains(&found), "{denied:.600}");
}

#[test]
fn an_explanation_does_not_replace_variables_with_long_values() {
    let says = |agent: &str| ask(&filled("StringNotEquals", r#""${aws:UserAgent}b""#), agent, "").0.to_string();
    assert!(says("curl").contains(r#"aws:UserAgent "curl" not = "curlb" or "curlb""#));
    let long = says(&"a".repeat(2000));
    assert!(long.contains(r#"a.. (2000 bytes)" not = "${aws:UserAgent}b" or "#), "{long:.600}");
}

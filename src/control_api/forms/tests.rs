//! Every form is read, set, listed and written again, and every invalid form is refused.

use std::panic::Location;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::control::{ControlError, ErrorKind, FaultRule, Faults};
use crate::domain::words::{Operation, Origin};
use crate::fault::{After, Before, Delay, Effect, Passing, Script, Times};
use crate::record::{Condition, Filter};

use super::filter::FilterForm;
use super::object::Object;
use super::text::Text;
use super::{FaultForm, JobRuleForm, SetFaultForm, SetJobRuleForm};

/// Reads a form, which is an object. The error says what is wrong, and where in the document.
fn read<T: DeserializeOwned>(json: &[u8]) -> Result<T, ControlError> {
    let read = serde_json::from_slice(json).map(|Object(form)| form);
    read.map_err(|error| ControlError::invalid(error.to_string()))
}

fn fault(json: &Value) -> (FaultRule, Effect) {
    read::<FaultForm>(json.to_string().as_bytes()).unwrap().into_fault().unwrap()
}

/// Sets a fault, and returns how it is listed.
fn listed(json: &Value) -> Value {
    let script = Script::default();
    let (rule, effect) = fault(json);
    Faults(&script).set(rule, effect).unwrap();
    let [set] = &Faults(&script).list()[..] else { panic!("one fault should be set") };
    serde_json::to_value(SetFaultForm::of(set)).unwrap()
}

/// The message of the error that a fault is refused with, when it is read or when it is set.
fn refused(json: &str) -> String {
    let form = read::<FaultForm>(json.as_bytes()).and_then(FaultForm::into_fault);
    let error = form.and_then(|(rule, effect)| Faults(&Script::default()).set(rule, effect)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid);
    error.message
}

/// Every effect of docs/control-api.md, in the form that the page has.
fn effects() -> Vec<Value> {
    vec![
        json!({"error": "ThrottlingException"}),
        json!({"answer": {"status": 502, "content_type": "text/plain", "body": "Bad gateway"}}),
        json!("never_answers"),
        json!("resets"),
        json!({"resets_after": 100}),
        json!({"delayed": "2s"}),
        json!({"throttled_beyond": {"burst": 5, "refill": "1m 30s"}}),
        json!("loses_answer"),
        json!("reset_after_commit"),
        json!({"answer_delayed": "500ms"}),
        json!({"cut_body_after": 10}),
        json!({"stalls_after": 11}),
        json!({"dribbles": 100}),
        json!({"flips_byte": 12}),
        json!("wrong_checksum"),
        json!({"sets_header": {"x-amz-archive-id": "one"}}),
        json!({"drops_header": "x-amz-archive-id"}),
        json!("malformed_json"),
        json!({"truncated_json_after": 13}),
        json!({"wrong_content_length": 14}),
    ]
}

#[test]
fn every_effect_is_listed_as_it_was_set() {
    for effect in effects() {
        let times = if effect.get("throttled_beyond").is_some() { json!("always") } else { json!(1) };
        let expected = json!({"id": 1, "fired": 0, "times": times, "effect": effect});
        assert_eq!(listed(&json!({"effect": effect})), expected);
    }
}

#[test]
fn effects_differ() {
    let effects: Vec<_> = effects().iter().map(|effect| fault(&json!({"effect": effect})).1).collect();
    for (n, effect) in effects.iter().enumerate() {
        assert!(!effects[..n].contains(effect), "{effect:?}");
    }
}

/// docs/control-api.md has the name of each effect.
#[test]
fn the_contract_names_every_effect() {
    let page = include_str!("../../../docs/control-api.md");
    for effect in effects() {
        let name = effect.as_str().or(effect.as_object().and_then(|effect| effect.keys().next().map(String::as_str)));
        let name = name.unwrap();
        assert!(page.contains(&format!("\"{name}\"")), "{name}");
    }
}

#[test]
fn an_answer_has_an_empty_html_body_by_default() {
    let (_, effect) = fault(&json!({"effect": {"answer": {"status": 503}}}));
    let (content_type, body) = ("text/html".to_owned(), "".into());
    assert_eq!(effect, Effect::Before(Before::Answer { status: 503, content_type, body }));
}

#[test]
fn every_member_of_a_fault_is_listed_as_it_was_set() {
    let members = json!({
        "operation": "GetJobOutput",
        "nth_call": 2,
        "nth_attempt": 3,
        "after": "InitiateJob",
        "before": "2026-02-01T00:00:00.000Z",
        "since": "2026-01-31T00:00:00.000Z",
        "times": 4,
        "optional": true,
        "wall_time": true,
        "delay": "1m 30s",
    });
    for (member, value) in members.as_object().unwrap() {
        let mut json = json!({"times": "always", "effect": {"delayed": "2s"}});
        json[member] = value.clone();
        let mut expected = json.clone();
        (expected["id"], expected["fired"]) = (1.into(), 0.into());
        assert_eq!(listed(&json), expected);
    }
    let mut all = members;
    all["effect"] = json!({"dribbles": 9});
    let (rule, _) = fault(&all);
    assert_eq!(
        rule.filter.to_string(),
        "GetJobOutput with attempt 3 and a time before 2026-02-01T00:00:00.000Z and a time from 2026-01-31T00:00:00.000Z on"
    );
    assert_eq!(rule.after.unwrap().to_string(), "InitiateJob");
    assert_eq!((rule.nth_call, rule.times, rule.optional), (Some(2), Some(Times::Exactly(4)), true));
}

#[test]
fn delays_pass_on_the_clock_that_the_form_names() {
    for (wall_time, on) in [(false, Passing::Mock), (true, Passing::Wall)] {
        let (_, effect) = fault(&json!({"wall_time": wall_time, "effect": {"answer_delayed": "2s"}}));
        assert_eq!(effect, Effect::After(After::Delay(Delay { time: Duration::from_secs(2), on })));
        let json = json!({"times": 1, "wall_time": wall_time, "delay": "2s", "effect": "resets"});
        let (rule, _) = fault(&json);
        assert_eq!(rule.delay, Some(Delay { time: Duration::from_secs(2), on }));
        assert_eq!(listed(&json)["wall_time"].as_bool(), wall_time.then_some(true));
    }
}

/// Every condition, with its text in reports.
fn conditions() -> Vec<(Value, &'static str)> {
    vec![
        (json!({"vault": "photos"}), r#"vault "photos""#),
        (json!({"archive": "a"}), r#"archive "a""#),
        (json!({"job": "j"}), r#"job "j""#),
        (json!({"upload": "u"}), r#"upload "u""#),
        (json!({"account": "111122223333"}), "account 111122223333"),
        (json!({"region": "eu-west-1"}), r#"region "eu-west-1""#),
        (json!({"principal": "arn:aws:iam::111122223333:root"}), r#"principal "arn:aws:iam::111122223333:root""#),
        (json!({"header": {"x-a": "1", "x-b": "2"}}), "header x-a: 1 and header x-b: 2"),
        (json!({"range": [0, 1023]}), "bytes 0-1023"),
        (json!({"range": [5, null]}), "bytes 5-"),
        (json!({"status": 404}), "status 404"),
        (json!({"error": "ThrottlingException"}), r#"error "ThrottlingException""#),
        (json!({"failed": true}), "a failure"),
        (json!({"failed": false}), "a success"),
    ]
}

#[test]
fn every_condition_is_written_as_it_was_read() {
    for (json, text) in conditions() {
        let conditions = read::<FilterForm>(json.to_string().as_bytes()).unwrap().into_conditions().unwrap();
        let filter = conditions.iter().cloned().fold(Filter::default(), Filter::and);
        assert_eq!(filter.to_string(), format!("any operation with {text}"));
        let mut form = FilterForm::default();
        conditions.iter().for_each(|condition| form.add(condition));
        assert_eq!(serde_json::to_value(form).unwrap(), json);
    }
}

#[test]
fn conditions_of_a_fault_are_listed_under_match() {
    let json = json!({"match": {"vault": "photos", "range": [0, 9]}, "times": 1, "effect": "resets"});
    assert_eq!(listed(&json)["match"], json["match"]);
}

#[test]
fn what_has_no_form_is_written_as_text() {
    let closure = || Condition::custom(Location::caller(), |_| true);
    let filter = Filter::default()
        .and(Condition::Vault("a".into()))
        .and(closure())
        .and(Condition::Vault("b".into()))
        .and(Condition::Attempt(1))
        .and(Condition::Attempt(2))
        .and(Condition::Operation(Operation::ListVaults));
    let rule = FaultRule {
        filter,
        after: Some(Filter::default().and(closure())),
        declared: Some(Origin::caller()),
        ..FaultRule::default()
    };
    let script = Script::default();
    Faults(&script).set(rule, Effect::Before(Before::Hang)).unwrap();
    let set = &Faults(&script).list()[0];
    let listed = serde_json::to_value(SetFaultForm::of(set)).unwrap();
    let custom = r#"the test's own condition and vault "b" and attempt 2 and ListVaults"#;
    assert_eq!(listed["match"], json!({"vault": "a", "custom": custom}));
    assert_eq!(listed["nth_attempt"], 1);
    assert_eq!(listed["after"], json!({"custom": "any operation with the test's own condition"}));
    // Read back, the fault would apply to other requests.
    let refused = FaultForm::of(&set.rule).into_fault().unwrap_err();
    assert_eq!(refused.message, format!("a custom condition cannot be set through the control API: {custom}"));
    assert!(listed["declared"].as_str().unwrap().starts_with(&format!("{}:", file!())), "{listed}");
}

#[test]
fn durations_are_texts_with_units() {
    let durations = [
        ("0s", Duration::ZERO),
        ("500ms", Duration::from_millis(500)),
        ("2m 30s", Duration::from_secs(150)),
        ("4h", Duration::from_secs(4 * 60 * 60)),
        ("26h", Duration::from_secs(26 * 60 * 60)),
    ];
    let read = |text: &str| serde_json::from_value::<Text<Duration>>(json!(text)).map(|Text(duration)| duration);
    for (text, duration) in durations {
        assert_eq!(read(text).unwrap(), duration);
        assert_eq!(serde_json::to_value(Text(duration)).unwrap(), text);
    }
    assert_eq!(read("1d 2h").unwrap(), Duration::from_secs(26 * 60 * 60));
    // The longest durations are written as one of 292 billion years.
    for long in [Duration::MAX, Duration::from_secs(i64::MAX as u64), Duration::from_secs(1 << 50)] {
        let text = serde_json::to_value(Text(long)).unwrap();
        assert_eq!(read(text.as_str().unwrap()).unwrap().as_secs(), long.as_secs().min(i64::MAX as u64));
    }
    for bad in ["", "4", "4 parsecs", "-4h", "1mo", "h4"] {
        let error = read(bad).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{bad:?} is not a duration: expected")), "{bad:?}: {error}");
    }
}

/// Defines a test for each invalid fault, with the beginning of its message.
macro_rules! refused {
    ($($name:ident: $json:literal, $message:literal;)*) => {
        $(#[test]
        fn $name() {
            let message = refused($json);
            assert!(message.starts_with($message), "{message}");
        })*
    };
}

refused! {
    no_json_is_refused: "{", "EOF while parsing";
    a_fault_without_an_effect_is_refused: r#"{"times": 1}"#, "missing field `effect`";
    an_unknown_member_is_refused: r#"{"tims": 1, "effect": "resets"}"#, "unknown field `tims`, expected one of `operation`";
    an_unknown_effect_is_refused: r#"{"effect": "explodes"}"#, "unknown variant `explodes`, expected one of `error`";
    two_effects_are_refused: r#"{"effect": {"flips_byte": 1, "dribbles": 1}}"#, "a fault has one effect: set a fault for each";
    no_effect_is_refused: r#"{"effect": {}}"#, "invalid type: map, expected";
    an_effect_that_is_an_array_is_refused: r#"{"effect": ["resets"]}"#, "invalid type: sequence, expected the name of an effect, or an object with one effect";
    a_value_of_an_effect_without_one_is_refused: r#"{"effect": {"never_answers": null}}"#, "this effect has no value: write \"never_answers\"";
    a_missing_value_of_an_effect_is_refused: r#"{"effect": "delayed"}"#, "invalid type: unit variant, expected newtype variant";
    a_fault_that_is_an_array_is_refused: r#"[null, {}, null, null, null, null, null, null, false, false, null, "resets"]"#, "invalid type: sequence, expected an object";
    an_answer_that_is_an_array_is_refused: r#"{"effect": {"answer": [200]}}"#, "invalid type: sequence, expected an object";
    a_quota_that_is_an_array_is_refused: r#"{"effect": {"throttled_beyond": [1, "1s"]}}"#, "invalid type: sequence, expected an object";
    conditions_that_are_an_array_are_refused: r#"{"match": ["photos"], "effect": "resets"}"#, "invalid type: sequence, expected an object";
    wall_time_without_a_delay_is_refused: r#"{"wall_time": true, "effect": "resets"}"#, "`wall_time` needs a `delay`, or an effect that takes time";
    an_unknown_operation_is_refused: r#"{"operation": "PutVault", "effect": "resets"}"#, "\"PutVault\" is not an operation of Glacier";
    an_unknown_operation_before_it_is_refused: r#"{"after": "PutVault", "effect": "resets"}"#, "\"PutVault\" is not an operation of Glacier";
    a_closure_before_it_is_refused: r#"{"after": {"custom": "x"}, "effect": "resets"}"#, "invalid type: map, expected the name of an operation";
    an_unknown_error_is_refused: r#"{"effect": {"error": "SlowDown"}}"#, "\"SlowDown\" is not an error code of Glacier";
    a_word_for_times_is_refused: r#"{"times": "often", "effect": "resets"}"#, "invalid value: string \"often\", expected a number of requests or \"always\"";
    a_negative_number_of_times_is_refused: r#"{"times": -1, "effect": "resets"}"#, "invalid type: integer `-1`, expected a number of requests or \"always\"";
    zero_times_are_refused: r#"{"times": 0, "effect": "resets"}"#, "a fault cannot fire 0 times";
    call_zero_is_refused: r#"{"nth_call": 0, "effect": "resets"}"#, "invalid call number 0";
    attempt_zero_is_refused: r#"{"nth_attempt": 0, "effect": "resets"}"#, "invalid attempt number 0";
    an_invalid_instant_is_refused: r#"{"before": "tomorrow", "effect": "resets"}"#, "\"tomorrow\" is not a valid timestamp";
    an_invalid_duration_is_refused: r#"{"effect": {"delayed": "2"}}"#, "\"2\" is not a duration";
    a_number_for_a_duration_is_refused: r#"{"effect": {"delayed": 2}}"#, "invalid type: integer `2`, expected a duration such as \"4h\"";
    a_number_for_a_timestamp_is_refused: r#"{"before": 2, "effect": "resets"}"#, "invalid type: integer `2`, expected a timestamp such as \"2026-01-31T00:00:00Z\"";
    a_number_for_an_account_is_refused: r#"{"match": {"account": 2}, "effect": "resets"}"#, "invalid type: integer `2`, expected an account such as \"111122223333\"";
    an_answer_without_a_status_is_refused: r#"{"effect": {"answer": {"body": "x"}}}"#, "missing field `status`";
    an_unknown_member_of_an_answer_is_refused: r#"{"effect": {"answer": {"status": 500, "type": "x"}}}"#, "unknown field `type`";
    an_invalid_status_is_refused: r#"{"effect": {"answer": {"status": 100}}}"#, "100 is not a valid status";
    an_invalid_content_type_is_refused: r#"{"effect": {"answer": {"status": 500, "content_type": "\n"}}}"#, "\"\\n\" is not a valid content type";
    a_body_for_status_204_is_refused: r#"{"effect": {"answer": {"status": 204, "body": "x"}}}"#, "a response with status 204 cannot have a body";
    an_empty_content_type_is_refused: r#"{"effect": {"answer": {"status": 500, "content_type": ""}}}"#, "\"\" is not a valid content type";
    a_body_for_status_205_is_refused: r#"{"effect": {"answer": {"status": 205, "body": "x"}}}"#, "a response with status 205 cannot have a body";
    an_unknown_member_of_a_quota_is_refused: r#"{"effect": {"throttled_beyond": {"burst": 1, "refill": "1s", "rate": 1}}}"#, "unknown field `rate`";
    zero_bytes_a_second_are_refused: r#"{"effect": {"dribbles": 0}}"#, "a body cannot arrive at 0 bytes a second";
    no_header_is_refused: r#"{"effect": {"sets_header": {}}}"#, "`sets_header` must have exactly one header";
    two_headers_are_refused: r#"{"effect": {"sets_header": {"a": "1", "b": "2"}}}"#, "`sets_header` must have exactly one header";
    an_invalid_header_name_is_refused: r#"{"effect": {"drops_header": "a b"}}"#, "\"a b\" is not a valid header name";
    an_invalid_header_value_is_refused: r#"{"effect": {"sets_header": {"a": "\n"}}}"#, "cannot set \"a\"";
    a_header_that_ends_the_body_is_refused: r#"{"effect": {"sets_header": {"Content-Length": "1"}}}"#, "cannot set \"content-length\"";
    an_unknown_condition_is_refused: r#"{"match": {"vualt": "x"}, "effect": "resets"}"#, "unknown field `vualt`, expected one of `vault`";
    a_custom_condition_is_refused: r#"{"match": {"custom": "x"}, "effect": "resets"}"#, "a custom condition cannot be set through the control API";
    a_custom_condition_of_any_type_is_refused: r#"{"match": {"custom": {}}, "effect": "resets"}"#, "a custom condition cannot be set through the control API";
    an_invalid_account_is_refused: r#"{"match": {"account": "1"}, "effect": "resets"}"#, "\"1\" is not an AWS account number";
    an_invalid_header_to_match_is_refused: r#"{"match": {"header": {"a b": "1"}}, "effect": "resets"}"#, "\"a b\" is not a valid header name";
    a_range_that_ends_before_it_begins_is_refused: r#"{"match": {"range": [2, 1]}, "effect": "resets"}"#, "the range ends at byte 1, before its first byte 2";
    a_range_of_one_number_is_refused: r#"{"match": {"range": [2]}, "effect": "resets"}"#, "invalid length 1";
    a_status_to_match_is_refused: r#"{"match": {"status": 500}, "effect": "resets"}"#, "a fault cannot depend on status 500";
    an_error_to_match_is_refused: r#"{"match": {"error": "BadRequest"}, "effect": "resets"}"#, "a fault cannot depend on error \"BadRequest\"";
    a_failure_to_match_is_refused: r#"{"match": {"failed": true}, "effect": "resets"}"#, "a fault cannot depend on a failure";
}

mod job_rules {
    use super::*;

    fn listed(json: &Value) -> Value {
        let rule = read::<JobRuleForm>(json.to_string().as_bytes()).unwrap().into_rule(1).unwrap();
        serde_json::to_value(SetJobRuleForm::of(&rule)).unwrap()
    }

    #[test]
    fn every_outcome_is_listed_as_it_was_set() {
        let outcomes = [
            json!({"takes": "2h"}),
            json!({"fails": "damaged"}),
            json!({"fails": "damaged", "after": "1h"}),
            json!("never_completes"),
            json!("completes_now"),
        ];
        for outcome in outcomes {
            let expected = json!({"left": 1, "times": 1, "outcome": outcome});
            assert_eq!(listed(&json!({"outcome": outcome})), expected);
        }
    }

    #[test]
    fn every_member_is_listed_as_it_was_set() {
        let members = json!({"vault": "photos", "archive": "a", "kind": "archive-retrieval", "times": 3});
        for (member, value) in members.as_object().unwrap() {
            let mut json = json!({"times": 2, "outcome": "completes_now"});
            json[member] = value.clone();
            let mut expected = json.clone();
            expected["left"] = expected["times"].clone();
            assert_eq!(listed(&json), expected);
        }
        let inventory = json!({"kind": "inventory-retrieval", "times": 1, "outcome": "completes_now"});
        assert_eq!(listed(&inventory)["kind"], "inventory-retrieval");
    }

    macro_rules! refused {
        ($($name:ident: $json:literal, $message:literal;)*) => {
            $(#[test]
            fn $name() {
                let error = read::<JobRuleForm>($json.as_bytes()).and_then(|form| form.into_rule(1)).unwrap_err();
                assert_eq!(error.kind, ErrorKind::Invalid);
                assert!(error.message.starts_with($message), "{error}");
            })*
        };
    }

    refused! {
        a_rule_without_an_outcome_is_refused: r#"{"vault": "x"}"#, "missing field `outcome`";
        an_unknown_member_is_refused: r#"{"valt": "x", "outcome": "completes_now"}"#, "unknown field `valt`";
        a_rule_that_is_an_array_is_refused: r#"[null, null, null, 1, "completes_now"]"#, "invalid type: sequence, expected an object";
        an_inventory_of_an_archive_is_refused: r#"{"kind": "inventory-retrieval", "archive": "a", "outcome": "completes_now"}"#, "an inventory retrieval has no archive";
        an_unknown_kind_is_refused: r#"{"kind": "select", "outcome": "completes_now"}"#, "unknown variant `select`";
        an_unknown_outcome_is_refused: r#"{"outcome": "explodes"}"#, "unknown variant `explodes`";
        an_unknown_member_of_an_outcome_is_refused: r#"{"outcome": {"ends": "2h"}}"#, "unknown field `ends`";
        an_empty_outcome_is_refused: r#"{"outcome": {}}"#, "expected either `takes`";
        two_outcomes_are_refused: r#"{"outcome": {"takes": "1h", "fails": "x"}}"#, "expected either `takes`";
        a_moment_for_a_success_is_refused: r#"{"outcome": {"takes": "1h", "after": "1h"}}"#, "expected either `takes`";
        a_number_as_outcome_is_refused: r#"{"outcome": 1}"#, "invalid type: integer `1`, expected \"never_completes\"";
        an_invalid_duration_is_refused: r#"{"outcome": {"takes": "2"}}"#, "\"2\" is not a duration";
    }
}

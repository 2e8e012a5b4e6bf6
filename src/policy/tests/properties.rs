//! Property tests: no text makes the engine panic, adding a Deny never grants, and removing an Allow never grants.
//!
//! The documents use few names, keys and values, so that statements often apply. Each decision is compared with a naive
//! evaluator that uses the generated statements, not the parsed ones.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use crate::policy::{Decision, PolicyDocument, PolicyKind, Principal, Question, evaluate};

const OWNER: &str = "arn:aws:iam::111111111111:user/Owner";
const ALICE: &str = "arn:aws:iam::222222222222:user/Alice";
const ROLE: &str = "arn:aws:iam::222222222222:role/R";
const SESSION: &str = "arn:aws:sts::222222222222:assumed-role/R/s";
const CALLERS: [&str; 4] = [OWNER, ALICE, SESSION, "arn:aws:iam::333333333333:root"];
const ACTIONS: [&str; 3] = ["glacier:DeleteArchive", "glacier:DeleteVault", "glacier:ListJobs"];
const VAULTS: [&str; 2] =
    ["arn:aws:glacier:us-east-1:111111111111:vaults/a", "arn:aws:glacier:us-east-1:111111111111:vaults/b"];
const KEYS: [&str; 2] = ["glacier:ArchiveAgeInDays", "glacier:ResourceTag/Hold"];

/// A generated statement.
#[derive(Clone, Debug)]
struct Drawn {
    allow: bool,
    not_principal: bool,
    principals: Vec<&'static str>,
    not_action: bool,
    actions: Vec<&'static str>,
    not_resource: bool,
    resources: Vec<&'static str>,
    conditions: Vec<(&'static str, &'static str, Vec<u8>)>,
}

/// A generated request: caller, action, vault, and an optional value for each of [`KEYS`].
#[derive(Clone, Debug)]
struct Asked {
    caller: &'static str,
    action: &'static str,
    vault: &'static str,
    values: [Option<u8>; 2],
}

fn some<T: Clone + std::fmt::Debug + 'static>(of: Vec<T>) -> impl Strategy<Value = Vec<T>> {
    let most = of.len();
    subsequence(of, 1..=most)
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let principals = vec!["*", "111111111111", "arn:aws:iam::222222222222:root", ALICE, ROLE, SESSION, OWNER];
    let operators = vec![
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIfExists",
        "NumericLessThan",
        "NumericGreaterThanEqualsIfExists",
        "NumericNotEquals",
        "Null",
        "ForAllValues:StringEquals",
        "ForAnyValue:StringNotEquals",
    ];
    let condition = (select(operators), select(KEYS.to_vec()), vec(0..4u8, 1..3));
    let yes = |weight| prop::bool::weighted(weight);
    (
        (yes(0.6), yes(0.2), some(principals)),
        (yes(0.2), some(vec!["glacier:DeleteArchive", "glacier:delete*", "glacier:L?stJobs", "*"])),
        (yes(0.2), some(vec![VAULTS[0], VAULTS[1], "arn:aws:glacier:*:*:vaults/*", "*"])),
        vec(condition, 0..3),
    )
        .prop_map(
            |((allow, not_principal, principals), (not_action, actions), (not_resource, resources), conditions)| {
                Drawn {
                    allow,
                    not_principal: not_principal && !allow,
                    principals,
                    not_action,
                    actions,
                    not_resource,
                    resources,
                    conditions,
                }
            },
        )
}

fn asked() -> impl Strategy<Value = Asked> {
    let value = || prop::option::of(0..4u8);
    (select(CALLERS.to_vec()), select(ACTIONS.to_vec()), select(VAULTS.to_vec()), [value(), value()])
        .prop_map(|(caller, action, vault, values)| Asked { caller, action, vault, values })
}

impl Drawn {
    fn json(&self) -> Value {
        let mut condition = Map::new();
        for (operator, key, values) in &self.conditions {
            let texts: Vec<String> = match *operator {
                "Null" => values.iter().map(|value| (value % 2 == 0).to_string()).collect(),
                _ => values.iter().map(u8::to_string).collect(),
            };
            let keys = condition.entry(*operator).or_insert_with(|| json!({}));
            keys[*key] = json!(texts);
        }
        let mut statement = json!({ "Effect": if self.allow { "Allow" } else { "Deny" }, "Condition": condition });
        statement[if self.not_principal { "NotPrincipal" } else { "Principal" }] = json!({ "AWS": self.principals });
        statement[if self.not_action { "NotAction" } else { "Action" }] = json!(self.actions);
        statement[if self.not_resource { "NotResource" } else { "Resource" }] = json!(self.resources);
        statement
    }

    /// The oracle: returns whether the statement applies.
    fn applies(&self, asked: &Asked) -> bool {
        let account = asked.caller.split(':').nth(4).unwrap();
        let root = format!("arn:aws:iam::{account}:root");
        let has = |name: &str| self.principals.contains(&name);
        let for_account = has(account) || has(&root);
        let principal = match self.not_principal {
            false => has("*") || for_account || has(asked.caller) || asked.caller == SESSION && has(ROLE),
            true => {
                let itself = asked.caller == root || has(asked.caller);
                let role = asked.caller != SESSION || has(ROLE);
                !(has("*") || for_account && itself && role)
            }
        };
        let action = self.actions.iter().any(|pattern| match *pattern {
            "glacier:delete*" => asked.action.starts_with("glacier:Delete"),
            "glacier:L?stJobs" => asked.action == "glacier:ListJobs",
            "*" => true,
            exact => exact == asked.action,
        });
        let resource = self.resources.iter().any(|pattern| pattern.contains('*') || *pattern == asked.vault);
        // A key that is generated twice under one operator keeps its last values, as in the document.
        let last = self.conditions.iter().enumerate().filter(|(at, (operator, key, _))| {
            !self.conditions[at + 1..].iter().any(|(other, other_key, _)| (other, other_key) == (operator, key))
        });
        let conditions = last.map(|(_, condition)| condition).all(|(operator, key, values)| {
            let found = asked.values[KEYS.iter().position(|known| known == key).unwrap()];
            match (*operator, found) {
                ("Null", found) => values.iter().any(|value| (value % 2 == 0) == found.is_none()),
                ("StringNotEquals" | "StringEqualsIfExists" | "NumericGreaterThanEqualsIfExists", None) => true,
                ("NumericNotEquals" | "ForAllValues:StringEquals", None) => true,
                (_, None) => false,
                ("StringNotEquals" | "NumericNotEquals" | "ForAnyValue:StringNotEquals", Some(found)) => {
                    !values.contains(&found)
                }
                ("NumericLessThan", Some(found)) => values.iter().any(|value| found < *value),
                ("NumericGreaterThanEqualsIfExists", Some(found)) => values.iter().any(|value| found >= *value),
                (_, Some(found)) => values.contains(&found),
            }
        });
        principal && action != self.not_action && resource != self.not_resource && conditions
    }
}

fn document(statements: &[Drawn]) -> Option<PolicyDocument> {
    let statements: Vec<_> = statements.iter().map(Drawn::json).collect();
    let text = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    (!statements.is_empty()).then(|| PolicyDocument::parse(&text).unwrap_or_else(|flaw| panic!("{flaw}: {text}")))
}

fn decide(access: &[Drawn], lock: &[Drawn], asked: &Asked) -> Decision {
    let documents = [(PolicyKind::VaultAccess, document(access)), (PolicyKind::VaultLock, document(lock))];
    let policies: Vec<_> = documents.iter().filter_map(|(kind, document)| Some((*kind, document.as_ref()?))).collect();
    let caller = Principal::parse(asked.caller).unwrap();
    let keys = |key: &str| {
        let at = KEYS.iter().position(|known| known.to_lowercase() == key);
        at.and_then(|at| asked.values[at]).map(|value| value.to_string().into()).into_iter().collect()
    };
    let question = Question::new(&caller, asked.action, asked.vault, &keys);
    evaluate(&policies, &question, asked.caller == OWNER)
}

/// JSON of any shape, with some words of the policy language.
fn any_json() -> impl Strategy<Value = Value> {
    let words = vec![
        "Version",
        "2012-10-17",
        "Statement",
        "Sid",
        "Effect",
        "Allow",
        "Deny",
        "Principal",
        "NotPrincipal",
        "AWS",
        "*",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
        "StringLike",
        "Null",
        "NumericLessThan",
        "Bool",
        "DateLessThan",
        "IpAddress",
        "ArnLike",
        "aws:SourceIp",
        "glacier:*",
        "arn:aws:glacier:*",
        "${aws:username}",
        "${",
        "${a:b, '",
        "true",
        "10.0.0.0/8",
        "ForAllValues:StringEqualsIfExists",
        "111111111111",
        "",
    ];
    let word = prop_oneof![4 => select(words).prop_map(str::to_owned), 1 => any::<String>()];
    let leaf = prop_oneof![
        6 => word.clone().prop_map(Value::String),
        1 => any::<bool>().prop_map(Value::Bool),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => any::<i64>().prop_map(|number| json!(number)),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::Array),
            vec((word.clone(), inner), 0..6).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Parses a text and, if it is a policy, evaluates it for all requests. The serialised text must have the same meaning
/// as the original, and must not change when it is parsed again.
fn parse_and_ask(text: &str) {
    let Ok(document) = PolicyDocument::parse(text) else { return };
    let again = PolicyDocument::parse(document.text()).unwrap();
    assert_eq!((again.text(), again.statements()), (document.text(), document.statements()), "{text}");
    for caller in CALLERS {
        let caller = Principal::parse(caller).unwrap();
        for value in [None, Some("1"), Some("${"), Some("10.0.0.1"), Some("")] {
            let keys = |_: &str| value.map(Into::into).into_iter().collect();
            let question = Question::new(&caller, ACTIONS[0], VAULTS[0], &keys);
            evaluate(&[(PolicyKind::VaultLock, &document)], &question, false).to_string();
        }
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_engine_panic(text in any::<String>(), json in any_json()) {
        parse_and_ask(&text);
        parse_and_ask(&json.to_string());
    }

    /// A valid document with one value replaced by arbitrary JSON.
    #[test]
    fn no_near_miss_makes_the_engine_panic(
        statement in drawn(),
        element in select(vec!["Effect", "Principal", "Action", "Resource", "Condition", "Sid"]),
        anything in any_json(),
        operator in select(vec!["StringLike", "ArnLike", "Bool", "DateEquals", "NumericEquals", "IpAddress", "Null"]),
        text in any::<String>(),
    ) {
        let policy = |statement: Value| json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        let mut exchanged = statement.json();
        exchanged[element] = anything;
        parse_and_ask(&policy(exchanged));
        let mut with_condition = statement.json();
        with_condition["Condition"] = json!({ operator: { "aws:x": [text, "a"] } });
        parse_and_ask(&policy(with_condition));
        let mut with_resource = statement.json();
        with_resource["Resource"] = format!("arn:aws:glacier:*:*:vaults/{text}").into();
        parse_and_ask(&policy(with_resource));
    }

    /// The order is Deny, owner, Allow, refusal, and the reason must be of the same kind.
    #[test]
    fn decisions_agree_with_the_oracle(access in vec(drawn(), 0..4), lock in vec(drawn(), 0..4), asked in asked()) {
        let all = || access.iter().chain(&lock).filter(|statement| statement.applies(&asked));
        let decision = decide(&access, &lock, &asked);
        let agrees = match &decision {
            Decision::Denied { .. } => all().any(|statement| !statement.allow),
            Decision::OwnerByDefault => asked.caller == OWNER && all().all(|statement| statement.allow),
            Decision::Allowed { .. } => asked.caller != OWNER && all().count() > 0 && all().all(|statement| statement.allow),
            Decision::NotAllowed { .. } => asked.caller != OWNER && all().count() == 0,
        };
        prop_assert!(agrees, "{decision}: {access:#?} {lock:#?} {asked:?}");
    }

    #[test]
    fn adding_a_deny_never_grants(
        access in vec(drawn(), 0..4),
        lock in vec(drawn(), 0..4),
        deny in drawn().prop_map(|drawn| Drawn { allow: false, ..drawn }),
        place in any::<prop::sample::Index>(),
        in_lock in any::<bool>(),
        asked in asked(),
    ) {
        let before = decide(&access, &lock, &asked);
        let (mut access, mut lock) = (access, lock);
        let policy = if in_lock { &mut lock } else { &mut access };
        policy.insert(place.index(policy.len() + 1), deny);
        let after = decide(&access, &lock, &asked);
        prop_assert!(before.is_allowed() || !after.is_allowed(), "{before}, then {after}");
    }

    #[test]
    fn removing_an_allow_never_grants(
        access in vec(drawn(), 0..4),
        lock in vec(drawn(), 0..4),
        allow in drawn().prop_map(|drawn| Drawn { allow: true, not_principal: false, ..drawn }),
        place in any::<prop::sample::Index>(),
        in_lock in any::<bool>(),
        asked in asked(),
    ) {
        let less = decide(&access, &lock, &asked);
        let (mut access, mut lock) = (access, lock);
        let policy = if in_lock { &mut lock } else { &mut access };
        policy.insert(place.index(policy.len() + 1), allow);
        let more = decide(&access, &lock, &asked);
        prop_assert!(more.is_allowed() || !less.is_allowed(), "{more} with the Allow, {less} without");
    }
}

//! A statement of a policy: the principals, actions, resources and conditions that it applies to.
//!
//! IAM user guide, "IAM JSON policy element reference" and "Grammar of the IAM JSON policy language".

use crate::text::arn_segments;

use super::condition::{Condition, Finding};
use super::json::Json;
use super::pattern;
use super::principal::{self, Named};
use super::question::Question;
use super::template::Template;

/// The elements of a statement, in the order in which the service returns them (observed.md 3.1).
pub(super) const ELEMENTS: [&str; 9] =
    ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Statement {
    pub(super) sid: Option<String>,
    pub(super) effect: Effect,
    principals: Element<Vec<Named>>,
    /// In lower case, because the names of actions are not case-sensitive.
    actions: Element<Vec<Template>>,
    resources: Element<Vec<Template>>,
    conditions: Vec<Condition>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    Allow,
    Deny,
}

/// An element or its negation. A statement cannot have both.
#[derive(Clone, Debug, PartialEq)]
enum Element<T> {
    These(T),
    AllBut(T),
}

/// Why a statement does not apply to a request, in the order of evaluation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Miss {
    Principal,
    Action,
    Resource,
    /// The conditions that do not hold.
    Conditions(Vec<Finding>),
}

impl Miss {
    /// Returns how many elements matched. An explanation names the statements with the most.
    pub(super) fn progress(&self) -> u8 {
        match self {
            Miss::Principal => 0,
            Miss::Action => 1,
            Miss::Resource => 2,
            Miss::Conditions(_) => 3,
        }
    }
}

/// Why a statement applies: its conditions, and what NotPrincipal would have to name to except the caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub(super) held: Vec<Finding>,
    pub(super) not_excepted: Vec<String>,
}

impl Statement {
    pub(super) fn parse(json: &Json, variables: bool) -> Result<Statement, String> {
        let elements = json.as_object().ok_or("a statement is an object")?;
        if let Some((unknown, _)) = elements.iter().find(|(name, _)| !ELEMENTS.contains(&name.as_str())) {
            return Err(format!("{unknown:?} is not an element of a statement"));
        }
        let get = |name: &str| elements.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        let sid = match get("Sid").map(Json::as_text) {
            None => None,
            // Some tools write an empty Sid instead of none.
            Some(Some(sid)) => Some(sid.to_owned()).filter(|sid| !sid.is_empty()),
            Some(None) => return Err("Sid is a text".to_owned()),
        };
        let effect = match get("Effect").and_then(Json::as_text) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => return Err("Effect is Allow or Deny".to_owned()),
        };
        let principals = element(get, "Principal", "NotPrincipal", principals)?;
        if effect == Effect::Allow && matches!(principals, Element::AllBut(_)) {
            return Err("NotPrincipal goes with Deny only".to_owned());
        }
        let actions = element(get, "Action", "NotAction", |json| texts(json, action))?;
        let resources = element(get, "Resource", "NotResource", |json| texts(json, |text| resource(text, variables)))?;
        let conditions = match get("Condition") {
            None => Vec::new(),
            Some(condition) => {
                let operators = condition.as_object().ok_or("Condition is an object")?;
                let parsed = operators.iter().map(|(name, keys)| Condition::parse(name, keys, variables));
                parsed.collect::<Result<Vec<_>, _>>()?.concat()
            }
        };
        Ok(Statement { sid, effect, principals, actions, resources, conditions })
    }

    pub(super) fn apply(&self, question: &Question<'_>) -> Result<Match, Miss> {
        let not_excepted = match &self.principals {
            Element::These(list) if principal::named(list, question.caller) => Vec::new(),
            Element::These(_) => return Err(Miss::Principal),
            Element::AllBut(list) => match principal::missing_for_exception(list, question.caller) {
                missing if missing.is_empty() => return Err(Miss::Principal),
                missing => missing,
            },
        };
        let asked = question.action.to_lowercase();
        let action = |action: &Template| match action.resolve(question, asked.len()) {
            Ok(action) => Some(pattern::matches(&action.pattern(), &asked)),
            Err(unresolved) => unresolved.matches(),
        };
        if !self.actions.applies(action) {
            return Err(Miss::Action);
        }
        let asked = question.resource;
        let resource = |resource: &Template| match resource.resolve(question, asked.len()) {
            Ok(resource) => Some(pattern::matches(&resource.resource_pattern(), asked)),
            Err(unresolved) => unresolved.matches(),
        };
        if !self.resources.applies(resource) {
            return Err(Miss::Resource);
        }
        let (held, failed): (Vec<_>, Vec<_>) =
            self.conditions.iter().map(|condition| condition.test(question)).partition(Finding::holds);
        if failed.is_empty() { Ok(Match { held, not_excepted }) } else { Err(Miss::Conditions(failed)) }
    }
}

/// Returns an element of a statement as the service serialises it: without the brackets around a single action. We
/// infer the same for a single resource or principal (observed.md 3.1).
pub(super) fn serialised(name: &str, value: &Json) -> Json {
    match (name, value) {
        ("Action" | "NotAction" | "Resource" | "NotResource", value) => value.unwrapped().clone(),
        ("Principal" | "NotPrincipal", Json::Object(kinds)) => {
            Json::Object(kinds.iter().map(|(kind, list)| (kind.clone(), list.unwrapped().clone())).collect())
        }
        (_, other) => other.clone(),
    }
}

impl<T> Element<Vec<T>> {
    /// Returns whether the element or its negation matches. If a variable has no value, neither does.
    fn applies(&self, matches: impl Fn(&T) -> Option<bool>) -> bool {
        match self {
            Element::These(list) => list.iter().any(|one| matches(one) == Some(true)),
            Element::AllBut(list) => list.iter().all(|one| matches(one) == Some(false)),
        }
    }
}

fn element<'a, T>(
    get: impl Fn(&str) -> Option<&'a Json>,
    name: &str,
    negation: &str,
    parse: impl Fn(&Json) -> Option<T>,
) -> Result<Element<T>, String> {
    let parsed = |name: &str, json| parse(json).ok_or_else(|| format!("{name} is not well-formed"));
    match (get(name), get(negation)) {
        (Some(these), None) => parsed(name, these).map(Element::These),
        (None, Some(all_but)) => parsed(negation, all_but).map(Element::AllBut),
        (Some(_), Some(_)) => Err(format!("{name} and {negation} exclude each other")),
        (None, None) => Err(format!("{name} is missing")),
    }
}

/// Parses one text or a list of at least one.
fn texts<T>(json: &Json, parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let parsed: Vec<T> = json.one_or_many().iter().map(|json| parse(json.as_text()?)).collect::<Option<_>>()?;
    (!parsed.is_empty()).then_some(parsed)
}

/// Parses `"*"`, or an object of principals by their kind.
fn principals(json: &Json) -> Option<Vec<Named>> {
    if json.as_text() == Some("*") {
        return Some(vec![Named::Everyone]);
    }
    let mut named = Vec::new();
    for (kind, list) in json.as_object()? {
        named.extend(match kind.as_str() {
            "AWS" => texts(list, Named::parse)?,
            "Service" | "Federated" | "CanonicalUser" => {
                texts(list, |text| (!text.is_empty()).then_some(Named::Other))?
            }
            _ => return None,
        });
    }
    (!named.is_empty()).then_some(named)
}

/// Parses `*`, or a service and an action: `glacier:Delete*`. Actions cannot contain variables.
fn action(text: &str) -> Option<Template> {
    let named = text.split_once(':').is_some_and(|(service, action)| !service.is_empty() && !action.is_empty());
    (text == "*" || named).then(|| Template::parse(&text.to_lowercase(), false).ok()).flatten()
}

/// Parses `*`, or an ARN with variables only in its last segment, and without wildcards in its partition and its
/// service (IAM user guide, "IAM JSON policy elements: Resource").
fn resource(text: &str, variables: bool) -> Option<Template> {
    let template = Template::parse(text, variables).ok()?;
    let mut segments = arn_segments(text);
    let mut in_full = || segments.next().is_some_and(|segment| !segment.is_empty() && !segment.contains(['*', '?']));
    let right = text == "*" || text.starts_with("arn:") && in_full() && in_full() && in_full();
    (right && template.colons_before_variables().is_none_or(|colons| colons >= 5)).then_some(template)
}

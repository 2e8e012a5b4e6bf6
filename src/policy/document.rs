//! A policy document: parsed once, when it is set, and evaluated for every request.

use std::fmt;
use std::sync::Arc;

use super::json::Json;
use super::statement::{self, Statement};

/// The maximum length of a policy, in bytes.
const MAX_LENGTH: usize = 20 * 1024;

/// A valid IAM resource policy, with its text as the service serialises it.
#[derive(Clone)]
pub(crate) struct PolicyDocument(Arc<Parsed>);

struct Parsed {
    text: String,
    statements: Vec<Statement>,
}

/// Why a text is not a valid policy. The service does not return this reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flaw(String);

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PolicyDocument {
    /// Parses and validates a policy completely, so that evaluating it cannot fail.
    pub(crate) fn parse(text: &str) -> Result<Self, Flaw> {
        if text.len() > MAX_LENGTH {
            return Err(Flaw(format!("the policy has {} bytes; the limit is {MAX_LENGTH}", text.len())));
        }
        let json = Json::parse(text).map_err(Flaw)?;
        let statements = statements(&json).map_err(Flaw)?;
        Ok(PolicyDocument(Arc::new(Parsed { text: serialised(&json).to_string(), statements })))
    }

    /// Returns the text that the service returns, which can differ from the text that was set.
    pub(crate) fn text(&self) -> &str {
        &self.0.text
    }

    pub(super) fn statements(&self) -> &[Statement] {
        &self.0.statements
    }
}

/// The elements of a policy, in the order in which the service returns them (observed.md 3.1).
const ELEMENTS: [&str; 3] = ["Version", "Id", "Statement"];

/// Returns a policy as the service serialises it (observed.md 3.1): compact, with its elements and those of its
/// statements in the service's order. A list of one action becomes the action itself; we infer the same for resources
/// and principals. The list of statements stays a list; conditions and all other elements do not change.
fn serialised(document: &Json) -> Json {
    let statement = |json: &Json| sorted(json, &statement::ELEMENTS, &statement::serialised);
    sorted(document, &ELEMENTS, &|name, value| match (name, value) {
        ("Statement", Json::List(list)) => Json::List(list.iter().map(statement).collect()),
        ("Statement", one) => statement(one),
        (_, other) => other.clone(),
    })
}

/// Returns the object with its elements in this order, and with `each` applied to every element.
fn sorted(json: &Json, order: &[&str], each: &dyn Fn(&str, &Json) -> Json) -> Json {
    let Some(elements) = json.as_object() else { return json.clone() };
    let mut elements: Vec<_> = elements.iter().map(|(name, value)| (name.clone(), each(name, value))).collect();
    elements.sort_by_key(|(name, _)| order.iter().position(|known| known == name));
    Json::Object(elements)
}

fn statements(document: &Json) -> Result<Vec<Statement>, String> {
    let elements = document.as_object().ok_or("a policy is an object")?;
    if let Some((unknown, _)) = elements.iter().find(|(name, _)| !ELEMENTS.contains(&name.as_str())) {
        return Err(format!("{unknown:?} is not an element of a policy"));
    }
    let get = |name: &str| elements.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    // The default is the old version, which has no variables (IAM user guide, "IAM JSON policy elements: Version").
    let variables = match get("Version").map(Json::as_text) {
        None | Some(Some("2008-10-17")) => false,
        Some(Some("2012-10-17")) => true,
        Some(_) => return Err("Version is 2012-10-17 or 2008-10-17".to_owned()),
    };
    if get("Id").is_some_and(|id| id.as_text().is_none()) {
        return Err("Id is a text".to_owned());
    }
    let list = get("Statement").ok_or("Statement is missing")?.one_or_many();
    if list.is_empty() {
        return Err("the policy has no statement".to_owned());
    }
    let mut statements: Vec<Statement> = Vec::with_capacity(list.len());
    for (at, json) in list.iter().enumerate() {
        let statement = Statement::parse(json, variables).map_err(|flaw| format!("statement {}: {flaw}", at + 1))?;
        let same = |other: &Statement| other.sid.is_some() && other.sid == statement.sid;
        if statements.iter().any(same) {
            return Err(format!("statement {}: its Sid is that of another", at + 1));
        }
        statements.push(statement);
    }
    Ok(statements)
}

/// Policies are equal if their texts are.
impl PartialEq for PolicyDocument {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for PolicyDocument {}

impl fmt::Debug for PolicyDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PolicyDocument").field(&self.text()).finish()
    }
}

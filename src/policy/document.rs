//! A policy document: read once, when it is set, and asked at every request.

use std::fmt;
use std::sync::Arc;

use super::json::Json;
use super::statement::Statement;

/// The longest policy, in bytes.
const MAX_LENGTH: usize = 20 * 1024;

/// An IAM resource policy, known to be one, and the text that it was set as.
#[derive(Clone)]
pub(crate) struct PolicyDocument(Arc<Parsed>);

struct Parsed {
    text: String,
    statements: Vec<Statement>,
}

/// What is wrong with a text that is no policy. The service does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flaw(String);

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl PolicyDocument {
    /// Everything that can be wrong with a policy is found here: asking it never fails.
    pub(crate) fn parse(text: &str) -> Result<Self, Flaw> {
        if text.len() > MAX_LENGTH {
            return Err(Flaw(format!("it has {} bytes, at most {MAX_LENGTH} fit", text.len())));
        }
        let statements = Json::parse(text).and_then(|json| statements(&json)).map_err(Flaw)?;
        Ok(PolicyDocument(Arc::new(Parsed { text: text.to_owned(), statements })))
    }

    /// The text that was set.
    pub(crate) fn text(&self) -> &str {
        &self.0.text
    }

    pub(super) fn statements(&self) -> &[Statement] {
        &self.0.statements
    }
}

fn statements(document: &Json) -> Result<Vec<Statement>, String> {
    let elements = document.as_object().ok_or("a policy is an object")?;
    if let Some((unknown, _)) =
        elements.iter().find(|(name, _)| !["Version", "Id", "Statement"].contains(&name.as_str()))
    {
        return Err(format!("{unknown:?} is no element of a policy"));
    }
    let get = |name: &str| elements.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    // Without a version it is the old one, which has no variables (IAM user guide, "IAM JSON policy elements: Version").
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
        return Err("it has no statement".to_owned());
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

/// Equal texts are equal policies.
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

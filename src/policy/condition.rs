//! One condition of a statement: an operator, a key, and the values that it is compared to.

use std::borrow::Cow;
use std::fmt;

use super::json::Json;
use super::operator::{Compare, Operator, Relation, Set};
use super::pattern::{self, Token};
use super::question::Question;
use super::template::{Template, Unresolved};
use super::value::{self, Network};

/// The longest value of a request, in bytes, that is compared to the values of a policy. A longer value matches none of
/// them, for any operator.
///
/// This bounds how long a decision can take. IAM's own ARNs have at most 2,048 characters (IAM API reference,
/// "SimulatePrincipalPolicy"); the values of tags and the User-Agents of the SDKs are shorter.
pub(super) const LONGEST_VALUE: usize = 2048;

/// The longest value of a request, in bytes, that is read as a number, a date or an address.
const LONGEST_NUMBER: usize = 64;

/// The longest value, in characters, that an explanation shows in full.
const LONGEST_IN_WORDS: usize = 256;

/// A condition. All conditions of a statement must hold. One of the values of a condition must match; with a negated
/// operator, none may match.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Condition {
    name: String,
    operator: Operator,
    key: String,
    wanted: Vec<Wanted>,
}

/// A value of a policy, parsed as its operator requires.
#[derive(Clone, Debug, PartialEq)]
enum Wanted {
    Text { template: Template, ignore_case: bool },
    Like(Template),
    Arn(Template),
    Number(Relation, f64, String),
    Date(Relation, time::OffsetDateTime, String),
    Bool(Template),
    Binary(String),
    Network(Network, String),
    Absent(bool),
}

impl Condition {
    /// Parses the conditions under the name of an operator. With `variables`, texts may contain policy variables.
    pub(super) fn parse(name: &str, keys: &Json, variables: bool) -> Result<Vec<Condition>, String> {
        let operator = Operator::parse(name).ok_or_else(|| format!("{name:?} is not a condition operator"))?;
        let keys = keys.as_object().ok_or_else(|| format!("{name} has no keys"))?;
        let condition = |(key, values): &(String, Json)| {
            let named = key.split_once(':').is_some_and(|(prefix, name)| !prefix.is_empty() && !name.is_empty());
            if !named {
                return Err(format!("the condition key {key:?} has no prefix, such as aws: or glacier:"));
            }
            let value = |value: &Json| Wanted::parse(operator.compare, value, variables);
            let wanted = values.one_or_many().iter().map(value).collect::<Option<_>>();
            let wanted = wanted.ok_or_else(|| format!("{name} {key} has a value that {name} does not accept"))?;
            Ok(Condition { name: name.to_owned(), operator: operator.clone(), key: key.clone(), wanted })
        };
        keys.iter().map(condition).collect()
    }

    /// Returns whether the condition holds, with the compared values.
    pub(super) fn test(&self, question: &Question<'_>) -> Finding {
        let found = question.values(&self.key.to_lowercase());
        let wanted = self.wanted.iter().map(|wanted| wanted.to_words(question)).collect();
        Finding {
            holds: self.holds(&found, question),
            name: self.name.clone(),
            compare: self.operator.compare,
            negated: self.operator.negated,
            key: self.key.clone(),
            found: found.iter().map(|found| shortened(found)).collect(),
            wanted,
        }
    }

    fn holds(&self, found: &[Cow<'_, str>], question: &Question<'_>) -> bool {
        let Operator { set, compare, negated, if_exists } = self.operator;
        if compare == Compare::Null {
            return self.wanted.contains(&Wanted::Absent(found.is_empty()));
        }
        // Set operators treat "an empty data set, such as an empty string" like a missing key.
        let nothing = found.is_empty() || (set != Set::Single && found.iter().all(|found| found.is_empty()));
        match set {
            // IfExists applies to each value here, and there are no values.
            Set::ForAnyValue if nothing => false,
            Set::ForAllValues if nothing => true,
            Set::Single if nothing => if_exists || negated,
            // The key has several values although one is expected: no value may match a negated operator.
            Set::Single if negated => found.iter().all(|found| self.passes(found, question)),
            Set::Single | Set::ForAnyValue => found.iter().any(|found| self.passes(found, question)),
            Set::ForAllValues => found.iter().all(|found| self.passes(found, question)),
        }
    }

    /// Returns whether a value of the request satisfies the condition.
    ///
    /// A variable without a value in the request neither matches nor differs: "any attempt to match it fails", so the
    /// statement does not apply (IAM user guide, "Variables and tags").
    fn passes(&self, found: &str, question: &Question<'_>) -> bool {
        let matches = if found.len() > LONGEST_VALUE { Some(false) } else { self.matches(found, question) };
        matches == Some(!self.operator.negated)
    }

    /// Returns whether any value of the policy matches; `None` if none does and one has a variable without a value.
    fn matches(&self, found: &str, question: &Question<'_>) -> Option<bool> {
        let in_lower_case;
        let found = match self.operator.compare {
            Compare::TextIgnoringCase => {
                in_lower_case = found.to_lowercase();
                &in_lower_case
            }
            _ => found,
        };
        let mut matches = Some(false);
        let mut patterns = Vec::new();
        for wanted in &self.wanted {
            match wanted.matches(found, question, &mut patterns) {
                Ok(true) => return Some(true),
                Ok(false) | Err(Unresolved::TooLong) => {}
                Err(Unresolved::NoValue) => matches = None,
            }
        }
        let patterns: Vec<_> = patterns.iter().map(Vec::as_slice).collect();
        if pattern::any_matches(&patterns, found) { Some(true) } else { matches }
    }
}

impl Wanted {
    fn parse(compare: Compare, json: &Json, variables: bool) -> Option<Wanted> {
        let text = json.scalar()?;
        let template = || Template::parse(&text, variables).ok();
        Some(match compare {
            Compare::Text => Wanted::Text { template: template()?, ignore_case: false },
            Compare::TextIgnoringCase => Wanted::Text { template: template()?, ignore_case: true },
            Compare::Like => Wanted::Like(template()?),
            Compare::Arn => Wanted::Arn(template()?),
            Compare::Number(relation) => Wanted::Number(relation, value::number(&text)?, text),
            Compare::Date(relation) => Wanted::Date(relation, value::date(&text)?, text),
            Compare::Bool => {
                let template = template()?;
                let known = value::truth(&text).is_some() || template.colons_before_variables().is_some();
                known.then_some(Wanted::Bool(template))?
            }
            Compare::Binary => Wanted::Binary(text),
            Compare::IpAddress => Wanted::Network(Network::parse(&text)?, text),
            Compare::Null => Wanted::Absent(value::truth(&text)?),
        })
    }

    /// Returns whether a value of the request matches this value. A pattern returns false and adds itself to
    /// `patterns`, because matching all patterns together takes far fewer steps than matching one after the other.
    fn matches(
        &self,
        found: &str,
        question: &Question<'_>,
        patterns: &mut Vec<Vec<Token>>,
    ) -> Result<bool, Unresolved> {
        let resolve = |template: &Template| template.resolve(question, found.len());
        let short = Some(found).filter(|found| found.len() <= LONGEST_NUMBER);
        Ok(match self {
            Wanted::Like(template) => {
                patterns.push(resolve(template)?.pattern());
                false
            }
            Wanted::Arn(template) => {
                patterns.push(resolve(template)?.arn_pattern());
                false
            }
            Wanted::Text { template, ignore_case: false } => resolve(template)?.text() == found,
            // The value of the request is in lower case already. Lower case never shortens a text.
            Wanted::Text { template, ignore_case: true } => resolve(template)?.text().to_lowercase() == found,
            Wanted::Bool(template) => {
                let found = value::truth(found);
                found.is_some() && value::truth(&resolve(template)?.text()) == found
            }
            Wanted::Number(relation, wanted, _) => {
                let ordering = short.and_then(value::number).and_then(|found| found.partial_cmp(wanted));
                ordering.is_some_and(|ordering| relation.holds(ordering))
            }
            Wanted::Date(relation, wanted, _) => {
                short.and_then(value::date).is_some_and(|found| relation.holds(found.cmp(wanted)))
            }
            Wanted::Binary(wanted) => wanted == found,
            Wanted::Network(network, _) => {
                short.and_then(value::address).is_some_and(|address| network.contains(address))
            }
            Wanted::Absent(_) => false,
        })
    }

    /// Formats the value. Replaces variables if the request has their values and these are short.
    fn to_words(&self, question: &Question<'_>) -> String {
        match self {
            Wanted::Text { template, .. } | Wanted::Like(template) | Wanted::Arn(template) | Wanted::Bool(template) => {
                template.to_words(question, LONGEST_IN_WORDS)
            }
            Wanted::Number(_, _, text) | Wanted::Date(_, _, text) | Wanted::Binary(text) | Wanted::Network(_, text) => {
                text.clone()
            }
            Wanted::Absent(absent) => if *absent { "absent" } else { "there" }.to_owned(),
        }
    }
}

/// Shortens a value of a request for an explanation.
fn shortened(found: &str) -> String {
    let Some((end, _)) = found.char_indices().nth(LONGEST_IN_WORDS) else { return found.to_owned() };
    let too_long = if found.len() > LONGEST_VALUE { ", too long to be compared" } else { "" };
    format!("{}.. ({} bytes{too_long})", &found[..end], found.len())
}

/// The result of a condition, for explanations: `NumericLessThan glacier:ArchiveAgeInDays 364 < 365`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    holds: bool,
    name: String,
    compare: Compare,
    negated: bool,
    key: String,
    /// The values of the key in the request.
    found: Vec<String>,
    /// The values of the policy.
    wanted: Vec<String>,
}

impl Finding {
    pub(super) fn holds(&self) -> bool {
        self.holds
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { holds, name, compare, negated, key, found, wanted } = self;
        let list = |values: &[String], none: &str, or: &str| match values {
            [] => none.to_owned(),
            many if compare.is_text() => many.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(or),
            many => many.join(or),
        };
        let wanted = list(wanted, "nothing", " or ");
        match (compare, &found[..]) {
            (Compare::Null, found) => {
                let is = if found.is_empty() { "absent" } else { "there" };
                write!(f, "{name} {key} is {is}{}", if *holds { String::new() } else { format!(", must be {wanted}") })
            }
            (_, []) if *holds => write!(f, "{name} {key} is absent"),
            (_, found) => {
                let (found, symbol) = (list(found, "absent", " and "), compare.symbol());
                match (holds, negated) {
                    (true, false) => write!(f, "{name} {key} {found} {symbol} {wanted}"),
                    (true, true) => write!(f, "{name} {key} {found} not {symbol} {wanted}"),
                    (false, false) => write!(f, "{name} {key} is {found}, must be {symbol} {wanted}"),
                    (false, true) => write!(f, "{name} {key} is {found}, must not be {symbol} {wanted}"),
                }
            }
        }
    }
}

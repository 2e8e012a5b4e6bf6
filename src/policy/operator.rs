//! The condition operators of IAM: their names, and what each compares.
//!
//! IAM user guide, "IAM JSON policy elements: Condition operators" and "Multivalued context keys".

use std::cmp::Ordering;

/// A condition operator, `ForAnyValue:StringNotLikeIfExists` for example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) set: Set,
    pub(super) compare: Compare,
    pub(super) negated: bool,
    pub(super) if_exists: bool,
}

/// How several values of a key in the request are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Set {
    /// The key has one value.
    Single,
    ForAllValues,
    ForAnyValue,
}

/// The type of the compared values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compare {
    Text,
    TextIgnoringCase,
    Like,
    Number(Relation),
    Date(Relation),
    Bool,
    Binary,
    IpAddress,
    Arn,
    /// Whether the key is missing.
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Relation {
    pub(super) fn holds(self, ordering: Ordering) -> bool {
        match self {
            Relation::Equal => ordering.is_eq(),
            Relation::Less => ordering.is_lt(),
            Relation::LessOrEqual => ordering.is_le(),
            Relation::Greater => ordering.is_gt(),
            Relation::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Compare {
    /// Returns the words between the value of the request and the values of the policy in an explanation.
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Compare::Text | Compare::TextIgnoringCase | Compare::Bool | Compare::Binary | Compare::Null => "=",
            Compare::Like | Compare::Arn => "like",
            Compare::IpAddress => "in",
            Compare::Number(relation) | Compare::Date(relation) => match relation {
                Relation::Equal => "=",
                Relation::Less => "<",
                Relation::LessOrEqual => "<=",
                Relation::Greater => ">",
                Relation::GreaterOrEqual => ">=",
            },
        }
    }

    /// Returns whether the values are texts, which explanations put in quotes.
    pub(super) fn is_text(self) -> bool {
        matches!(self, Compare::Text | Compare::TextIgnoringCase | Compare::Like | Compare::Arn | Compare::Binary)
    }
}

/// ArnEquals and ArnLike behave identically, and so do their negations.
const OPERATORS: [(&str, Compare, bool); 26] = [
    ("StringEquals", Compare::Text, false),
    ("StringNotEquals", Compare::Text, true),
    ("StringEqualsIgnoreCase", Compare::TextIgnoringCase, false),
    ("StringNotEqualsIgnoreCase", Compare::TextIgnoringCase, true),
    ("StringLike", Compare::Like, false),
    ("StringNotLike", Compare::Like, true),
    ("NumericEquals", Compare::Number(Relation::Equal), false),
    ("NumericNotEquals", Compare::Number(Relation::Equal), true),
    ("NumericLessThan", Compare::Number(Relation::Less), false),
    ("NumericLessThanEquals", Compare::Number(Relation::LessOrEqual), false),
    ("NumericGreaterThan", Compare::Number(Relation::Greater), false),
    ("NumericGreaterThanEquals", Compare::Number(Relation::GreaterOrEqual), false),
    ("DateEquals", Compare::Date(Relation::Equal), false),
    ("DateNotEquals", Compare::Date(Relation::Equal), true),
    ("DateLessThan", Compare::Date(Relation::Less), false),
    ("DateLessThanEquals", Compare::Date(Relation::LessOrEqual), false),
    ("DateGreaterThan", Compare::Date(Relation::Greater), false),
    ("DateGreaterThanEquals", Compare::Date(Relation::GreaterOrEqual), false),
    ("Bool", Compare::Bool, false),
    ("BinaryEquals", Compare::Binary, false),
    ("IpAddress", Compare::IpAddress, false),
    ("NotIpAddress", Compare::IpAddress, true),
    ("ArnEquals", Compare::Arn, false),
    ("ArnNotEquals", Compare::Arn, true),
    ("ArnLike", Compare::Arn, false),
    ("ArnNotLike", Compare::Arn, true),
];

impl Operator {
    /// Each may be for a set of values, and each but Null for keys that exist.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (set, name) = match (name.strip_prefix("ForAllValues:"), name.strip_prefix("ForAnyValue:")) {
            (Some(name), _) => (Set::ForAllValues, name),
            (_, Some(name)) => (Set::ForAnyValue, name),
            _ => (Set::Single, name),
        };
        if name == "Null" {
            return Some(Operator { set, compare: Compare::Null, negated: false, if_exists: false });
        }
        let (name, if_exists) = name.strip_suffix("IfExists").map_or((name, false), |name| (name, true));
        let (_, compare, negated) = OPERATORS.into_iter().find(|(known, ..)| *known == name)?;
        Some(Operator { set, compare, negated, if_exists })
    }
}

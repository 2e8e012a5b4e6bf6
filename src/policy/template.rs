//! Policy variables: texts with `${aws:username}` in them, whose meaning depends on the request.
//!
//! IAM user guide, "IAM policy elements: Variables and tags". They are variables in documents of the version 2012-10-17
//! only; in older ones they are ordinary text. The value of a variable is never a wildcard.

use super::pattern::Token;
use super::question::Question;

/// A text as it stands in a policy.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Template {
    written: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    /// `${*}`, `${?}`, `${$}`: the character and never a wildcard.
    Literal(char),
    /// Its name in lower case, for names of keys are not case-sensitive.
    Variable {
        key: String,
        default: Option<String>,
    },
}

impl Template {
    /// With `variables`, what begins with `${` has to be one.
    pub(super) fn parse(text: &str, variables: bool) -> Result<Template, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${").filter(|_| variables) {
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            let (piece, after) = variable(after).ok_or_else(|| format!("{text:?} has a bad variable"))?;
            pieces.push(piece);
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Template { written: text.to_owned(), pieces })
    }

    pub(super) fn written(&self) -> &str {
        &self.written
    }

    /// How many colons come before the first variable; `None` if there is no variable.
    pub(super) fn colons_before_variables(&self) -> Option<usize> {
        let first = self.pieces.iter().position(|piece| matches!(piece, Piece::Variable { .. }))?;
        let colons = |piece: &Piece| match piece {
            Piece::Text(text) => text.matches(':').count(),
            _ => 0,
        };
        Some(self.pieces[..first].iter().map(colons).sum())
    }

    /// What it means for this request; `None` if the request has no value for a variable that has no default either.
    pub(super) fn resolve(&self, question: &Question<'_>) -> Option<Resolved> {
        let mut resolved = Vec::with_capacity(self.written.len());
        let literal = |text: &str| text.chars().map(|c| (c, false)).collect::<Vec<_>>();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => resolved.extend(text.chars().map(|c| (c, matches!(c, '*' | '?')))),
                Piece::Literal(c) => resolved.push((*c, false)),
                Piece::Variable { key, default } => match (&question.values(key)[..], default) {
                    ([value], _) => resolved.extend(literal(value)),
                    (_, Some(default)) => resolved.extend(literal(default)),
                    // A key with several values is no variable (the same page).
                    (_, None) => return None,
                },
            }
        }
        Some(Resolved(resolved))
    }
}

/// What comes after `${`, and the text behind its `}`.
fn variable(text: &str) -> Option<(Piece, &str)> {
    for c in ['*', '?', '$'] {
        if let Some(rest) = text.strip_prefix(c).and_then(|rest| rest.strip_prefix('}')) {
            return Some((Piece::Literal(c), rest));
        }
    }
    let (key, rest) = text.split_at_checked(text.find([',', '}'])?)?;
    let key = key.trim();
    key.split_once(':').filter(|(prefix, name)| !prefix.is_empty() && !name.is_empty() && !key.contains(['$', '{']))?;
    let key = key.to_lowercase();
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((Piece::Variable { key, default: None }, rest));
    }
    let (default, rest) = rest.strip_prefix(',')?.trim_start().strip_prefix('\'')?.split_once('\'')?;
    let rest = rest.trim_start().strip_prefix('}')?;
    Some((Piece::Variable { key, default: Some(default.to_owned()) }, rest))
}

/// A text of a policy without variables: its characters, and whether each is a wildcard where wildcards are read.
pub(super) struct Resolved(Vec<(char, bool)>);

impl Resolved {
    /// As a text in which nothing is a wildcard.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(|(c, _)| c).collect()
    }

    /// As a pattern whose wildcards stand for anything.
    pub(super) fn pattern(&self) -> Vec<Token> {
        self.0.iter().map(|character| token(*character, true)).collect()
    }

    /// As the pattern of a resource: a wildcard stays within its segment, except that a `*` at a segment's end may run
    /// on over colons (IAM user guide, "IAM JSON policy elements: Resource").
    pub(super) fn resource_pattern(&self) -> Vec<Token> {
        let ends_a_segment = |at: usize| matches!(self.0.get(at + 1), None | Some((':', _)));
        self.0
            .iter()
            .enumerate()
            .map(|(at, character)| token(*character, ends_a_segment(at) && character.0 == '*'))
            .collect()
    }

    /// Whether it is a `*` alone.
    pub(super) fn is_anything(&self) -> bool {
        self.0 == [('*', true)]
    }

    /// As the six segments of an ARN's pattern; fewer, if it has fewer.
    pub(super) fn segments(&self) -> Vec<Vec<Token>> {
        let segments = self.0.splitn(6, |(c, _)| *c == ':');
        segments.map(|segment| segment.iter().map(|character| token(*character, true)).collect()).collect()
    }
}

fn token((c, wild): (char, bool), colons: bool) -> Token {
    match (c, wild) {
        ('*', true) => Token::Many { colons },
        ('?', true) => Token::One { colon: colons },
        _ => Token::Is(c),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Principal, pattern};
    use super::*;

    fn resolve(text: &str) -> Resolved {
        let caller = Principal::parse("arn:aws:iam::111122223333:root").unwrap();
        let question = Question { caller: &caller, action: "", resource: "", keys: &|_| Vec::new() };
        Template::parse(text, true).unwrap().resolve(&question).unwrap()
    }

    /// "If the * wildcard is the last character of a resource ARN segment, it can expand to match beyond the colon
    /// boundaries" (IAM user guide, "IAM JSON policy elements: Resource").
    #[test]
    fn wildcards_of_a_resource_stay_in_their_segments() {
        let matches = |pattern, text| pattern::matches(&resolve(pattern).resource_pattern(), text);
        assert!(matches("a:*", "a:b:c") && matches("a:*:d", "a:b:c:d") && matches("a:b*c:d", "a:bxc:d"));
        assert!(!matches("a:b*c:d", "a:b:c:d") && !matches("a?", "a:") && matches("a?", "ab"));
    }

    #[test]
    fn segments_are_those_of_an_arn() {
        let lengths = |text| resolve(text).segments().iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(lengths("arn:aws:iam::1:user/a:b"), [3, 3, 3, 0, 1, 8]);
        assert_eq!(lengths("${aws:PrincipalArn}"), [3, 3, 3, 0, 12, 4]);
        assert_eq!(lengths("*"), [1]);
    }
}

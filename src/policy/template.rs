//! Policy variables: texts that contain `${aws:username}` and the like, whose value depends on the request.
//!
//! IAM user guide, "IAM policy elements: Variables and tags". They are variables in documents of the version 2012-10-17
//! only; in older ones they are ordinary text. The value of a variable is never a wildcard.

use super::condition::LONGEST_VALUE;
use super::pattern::Token;
use super::question::Question;
use super::steps;

/// A text of a policy, parsed into literal characters, wildcards and variables.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Template {
    written: String,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    /// `${*}`, `${?}` or `${$}`: a literal character, never a wildcard.
    Literal(char),
    /// The name in lower case, because the names of keys are not case-sensitive.
    Variable {
        key: String,
        default: Option<String>,
    },
}

impl Template {
    /// Parses a text. With `variables`, every `${` must begin a valid variable.
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

    /// Returns the number of colons before the first variable; `None` without a variable.
    pub(super) fn colons_before_variables(&self) -> Option<usize> {
        let first = self.pieces.iter().position(|piece| matches!(piece, Piece::Variable { .. }))?;
        let colons = |piece: &Piece| match piece {
            Piece::Text(text) => text.matches(':').count(),
            _ => 0,
        };
        Some(self.pieces[..first].iter().map(colons).sum())
    }

    /// Replaces the variables, if the result has at most `longest` characters without wildcards `*`.
    ///
    /// A longer text cannot match a value of that length, so this stops replacing variables there.
    pub(super) fn resolve(&self, question: &Question<'_>, longest: usize) -> Result<Resolved, Unresolved> {
        self.replaced(question, longest, |value| question.takes(value))
    }

    /// Returns the text for an explanation: with its variables replaced if that has at most `longest` characters.
    pub(super) fn to_words(&self, question: &Question<'_>, longest: usize) -> String {
        let resolved = self.replaced(question, longest, |_| true);
        resolved.map_or_else(|_| self.written.clone(), |resolved| resolved.text())
    }

    fn replaced(
        &self,
        question: &Question<'_>,
        longest: usize,
        takes: impl Fn(&str) -> bool,
    ) -> Result<Resolved, Unresolved> {
        let mut expansion = Expansion { characters: Vec::new(), room: longest, is_too_long: false };
        let literal = |c| (c, false);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => expansion.extend(text.chars().map(|c| (c, matches!(c, '*' | '?')))),
                Piece::Literal(c) => expansion.extend([literal(*c)]),
                Piece::Variable { key, default } => match (&question.values(key)[..], default) {
                    ([value], _) => {
                        expansion.is_too_long |= value.len() > LONGEST_VALUE || !takes(value);
                        expansion.extend(value.chars().map(literal));
                    }
                    (_, Some(default)) => expansion.extend(default.chars().map(literal)),
                    // A key with several values cannot be a variable (the same page).
                    (_, None) => return Err(Unresolved::NoValue),
                },
            }
        }
        if expansion.is_too_long { Err(Unresolved::TooLong) } else { Ok(Resolved(expansion.characters)) }
    }
}

/// Why the variables of a text cannot be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unresolved {
    /// The request has no value for a variable, and the variable has no default.
    NoValue,
    TooLong,
}

impl Unresolved {
    /// Returns whether the text matches: false if it is too long, unknown without a value.
    pub(super) fn matches(self) -> Option<bool> {
        match self {
            Unresolved::NoValue => None,
            Unresolved::TooLong => Some(false),
        }
    }
}

/// A text whose variables are being replaced.
struct Expansion {
    characters: Vec<(char, bool)>,
    /// The number of characters that may follow, without wildcards `*`.
    room: usize,
    is_too_long: bool,
}

impl Expansion {
    fn extend(&mut self, characters: impl IntoIterator<Item = (char, bool)>) {
        for character in characters {
            if character != ('*', true) {
                self.is_too_long |= self.room == 0;
                self.room = self.room.saturating_sub(1);
            }
            if self.is_too_long {
                return;
            }
            steps::count(1);
            self.characters.push(character);
        }
    }
}

/// Parses the variable after `${`. Returns it and the text after its `}`.
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

/// A text whose variables are replaced: its characters, and whether each can be a wildcard.
#[derive(Debug)]
pub(super) struct Resolved(Vec<(char, bool)>);

impl Resolved {
    /// Returns the text without wildcards.
    pub(super) fn text(&self) -> String {
        self.0.iter().map(|(c, _)| c).collect()
    }

    /// Returns a pattern whose wildcards match any character.
    pub(super) fn pattern(&self) -> Vec<Token> {
        self.0.iter().map(|character| token(*character, true)).collect()
    }

    /// Returns the pattern of a resource. A wildcard does not match colons, except for a `*` at the end of a segment
    /// (IAM user guide, "IAM JSON policy elements: Resource").
    pub(super) fn resource_pattern(&self) -> Vec<Token> {
        let ends_a_segment = |at: usize| matches!(self.0.get(at + 1), None | Some((':', _)));
        self.0
            .iter()
            .enumerate()
            .map(|(at, character)| token(*character, ends_a_segment(at) && character.0 == '*'))
            .collect()
    }

    /// Returns the pattern of an ARN in a condition. Its wildcards do not match the colons between the six segments,
    /// but a single wildcard matches every ARN.
    pub(super) fn arn_pattern(&self) -> Vec<Token> {
        if self.0 == [('*', true)] {
            return self.pattern();
        }
        let mut colons = 0;
        let mut token_of = |character: &(char, bool)| {
            colons += usize::from(character.0 == ':');
            token(*character, colons >= 5)
        };
        self.0.iter().map(&mut token_of).collect()
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
        let question = Question::new(&caller, "", "", &|_| Vec::new());
        Template::parse(text, true).unwrap().resolve(&question, usize::MAX).unwrap()
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
    fn wildcards_of_an_arn_in_a_condition_stay_in_their_segments_except_the_last() {
        let matches = |pattern, text| pattern::matches(&resolve(pattern).arn_pattern(), text);
        assert!(matches("arn:aws:*:*:*:user/*", "arn:aws:iam::1:user/a:b") && matches("*", "arn:aws:iam::1:user/a"));
        assert!(!matches("arn:*:user/a", "arn:aws:iam::1:user/a") && !matches("arn:aws:iam:?1:a", "arn:aws:iam::1:a"));
        assert!(matches("${aws:PrincipalArn}", "arn:aws:iam::111122223333:root") && matches("a:*", "a:b"));
        assert!(!matches("a:*", "a:b:c") && !matches("**", "a:b"));
    }
}

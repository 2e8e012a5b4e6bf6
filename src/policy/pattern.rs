//! Patterns with wildcards: `*` matches any number of characters, `?` exactly one.

use std::collections::BTreeMap;

use super::steps;

/// A character of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Is(char),
    /// `?`, and whether it also matches a colon.
    One {
        colon: bool,
    },
    /// `*`, and whether it also matches colons.
    Many {
        colons: bool,
    },
}

/// Returns whether the pattern matches the whole text.
pub(super) fn matches(pattern: &[Token], text: &str) -> bool {
    any_matches(&[pattern], text)
}

/// Returns whether any of the patterns matches the whole text.
///
/// Simulates all patterns in parallel. The reachable places in them are a set of bits, so that one step advances 64
/// places by a character of the text.
pub(super) fn any_matches(patterns: &[&[Token]], text: &str) -> bool {
    let characters = text.chars().count();
    // The other patterns need more characters than the text has.
    let patterns: Vec<_> = patterns.iter().copied().filter(|pattern| length(pattern) <= characters).collect();
    let mut places = Places::new(&patterns);
    for c in text.chars() {
        match places.step(c) {
            Step::Matched => return true,
            Step::Failed => return false,
            Step::Open => {}
        }
    }
    places.here.iter().zip(&places.ends).any(|(here, ends)| here & ends != 0)
}

/// Returns the minimum number of characters that a pattern matches.
fn length(pattern: &[Token]) -> usize {
    pattern.iter().filter(|token| !matches!(token, Token::Many { .. })).count()
}

/// The places between the characters of patterns, numbered through all patterns, in sets of bits.
struct Places {
    /// The places that are reachable after the characters so far.
    here: Vec<u64>,
    /// The last place of each pattern.
    ends: Vec<u64>,
    /// For each character of the patterns, the places that it advances from.
    leaves_by: BTreeMap<char, Vec<u64>>,
    /// The places that any character advances from, and those that any character except a colon does.
    leaves_by_any: Vec<u64>,
    leaves_by_no_colon: Vec<u64>,
    /// The places with a `*` that matches any character, and those with one that matches any except a colon.
    stays_at_any: Vec<u64>,
    stays_at_no_colon: Vec<u64>,
}

/// The result that is certain after a character of the text.
enum Step {
    /// A pattern matches, because it ends with a `*` that matches the rest.
    Matched,
    /// No pattern matches the text so far.
    Failed,
    Open,
}

impl Places {
    fn new(patterns: &[&[Token]]) -> Self {
        let count: usize = patterns.iter().map(|pattern| length(pattern) + 1).sum();
        let none = vec![0; count.div_ceil(64)];
        let mut places = Places {
            here: none.clone(),
            ends: none.clone(),
            leaves_by: BTreeMap::new(),
            leaves_by_any: none.clone(),
            leaves_by_no_colon: none.clone(),
            stays_at_any: none.clone(),
            stays_at_no_colon: none.clone(),
        };
        let mut place = 0;
        for pattern in patterns {
            insert(&mut places.here, place);
            for token in *pattern {
                let set = match token {
                    Token::Is(c) => places.leaves_by.entry(*c).or_insert_with(|| none.clone()),
                    Token::One { colon: true } => &mut places.leaves_by_any,
                    Token::One { colon: false } => &mut places.leaves_by_no_colon,
                    Token::Many { colons: true } => &mut places.stays_at_any,
                    Token::Many { colons: false } => &mut places.stays_at_no_colon,
                };
                insert(set, place);
                place += usize::from(!matches!(token, Token::Many { .. }));
            }
            insert(&mut places.ends, place);
            place += 1;
        }
        places
    }

    /// Advances by a character of the text. No character advances from the last place of a pattern into the next
    /// pattern.
    fn step(&mut self, c: char) -> Step {
        let is = self.leaves_by.get(&c);
        let (mut carry, mut reached, mut matched) = (0, 0, 0);
        for at in 0..self.here.len() {
            steps::count(1);
            let here = self.here[at];
            let (mut leaves, mut stays) = (self.leaves_by_any[at], self.stays_at_any[at]);
            if let Some(is) = is {
                leaves |= is[at];
            }
            if c != ':' {
                leaves |= self.leaves_by_no_colon[at];
                stays |= self.stays_at_no_colon[at];
            }
            let moved = here & leaves;
            let next = moved << 1 | carry | here & stays;
            carry = moved >> 63;
            self.here[at] = next;
            reached |= next;
            matched |= next & self.ends[at] & self.stays_at_any[at];
        }
        match (reached, matched) {
            (0, _) => Step::Failed,
            (_, 0) => Step::Open,
            _ => Step::Matched,
        }
    }
}

fn insert(set: &mut [u64], place: usize) {
    set[place / 64] |= 1 << (place % 64);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::Index;

    fn tokens(pattern: &str, colons: bool) -> Vec<Token> {
        let token = |c| match c {
            '*' => Token::Many { colons },
            '?' => Token::One { colon: colons },
            c => Token::Is(c),
        };
        pattern.chars().map(token).collect()
    }

    /// The oracle tries everything that a wildcard could match.
    fn oracle(pattern: &[Token], text: &[char]) -> bool {
        match (pattern, text) {
            ([], text) => text.is_empty(),
            ([Token::Is(wanted), rest @ ..], [c, tail @ ..]) => wanted == c && oracle(rest, tail),
            ([Token::One { colon }, rest @ ..], [c, tail @ ..]) => (*colon || *c != ':') && oracle(rest, tail),
            ([Token::Many { colons }, rest @ ..], text) => {
                let run = text.iter().take_while(|c| *colons || **c != ':').count();
                (0..=run).any(|length| oracle(rest, &text[length..]))
            }
            (_, []) => false,
        }
    }

    /// A second oracle, which is not exponential: it simulates the places of the pattern one by one.
    fn long_oracle(pattern: &[Token], text: &str) -> bool {
        let mut here = vec![false; pattern.len() + 1];
        here[0] = true;
        let stand_for_nothing = |here: &mut Vec<bool>| {
            for (at, token) in pattern.iter().enumerate() {
                here[at + 1] |= here[at] && matches!(token, Token::Many { .. });
            }
        };
        stand_for_nothing(&mut here);
        for c in text.chars() {
            let mut next = vec![false; pattern.len() + 1];
            for (at, token) in pattern.iter().enumerate().filter(|(at, _)| here[*at]) {
                match token {
                    Token::Is(wanted) => next[at + 1] |= *wanted == c,
                    Token::One { colon } => next[at + 1] |= *colon || c != ':',
                    Token::Many { colons } => next[at] |= *colons || c != ':',
                }
            }
            stand_for_nothing(&mut next);
            here = next;
        }
        here[pattern.len()]
    }

    #[test]
    fn a_pattern_must_match_the_whole_text() {
        let matches = |pattern, text| matches(&tokens(pattern, true), text);
        assert!(matches("glacier:Delete*", "glacier:DeleteArchive") && matches("*", "") && matches("", ""));
        assert!(matches("*e*e?", "DeleteVaultée!") && matches("??", "äö"));
        assert!(!matches("Delete", "DeleteArchive") && !matches("?", "") && !matches("a*b", "ac"));
    }

    proptest! {
        #[test]
        fn wildcards_agree_with_the_oracle(
            pattern in "[ab:*?]{0,8}",
            text in "[ab:]{0,8}",
            colons in any::<bool>(),
        ) {
            let pattern = tokens(&pattern, colons);
            let characters: Vec<char> = text.chars().collect();
            prop_assert_eq!(matches(&pattern, &text), oracle(&pattern, &characters));
            prop_assert_eq!(long_oracle(&pattern, &text), oracle(&pattern, &characters));
        }

        /// Patterns whose places fill several words of 64 bits. Most are derived from the text, so that many match it.
        #[test]
        fn long_patterns_agree_with_the_oracle_and_take_a_step_for_64_places(
            text in "[ab:é]{0,300}",
            changes in vec(vec((any::<Index>(), "[ab:é*?]{0,3}"), 0..12), 0..4),
            colons in any::<bool>(),
        ) {
            let changed = |changes: &Vec<(Index, String)>| {
                let mut pattern: Vec<char> = text.chars().collect();
                for (at, with) in changes {
                    let at = at.index(pattern.len() + 1);
                    pattern.splice(at..(at + 2).min(pattern.len()), with.chars());
                }
                tokens(&pattern.into_iter().collect::<String>(), colons)
            };
            let patterns: Vec<_> = changes.iter().map(changed).collect();
            let patterns: Vec<_> = patterns.iter().map(Vec::as_slice).collect();
            let (is_match, steps) = steps::of(|| any_matches(&patterns, &text));
            prop_assert_eq!(is_match, patterns.iter().any(|pattern| long_oracle(pattern, &text)));
            let places: usize = patterns.iter().map(|pattern| pattern.len() + 1).sum();
            prop_assert!(steps <= text.chars().count() * places.div_ceil(64), "{} steps for {} places", steps, places);
        }
    }
}

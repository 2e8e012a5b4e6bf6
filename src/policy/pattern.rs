//! Patterns with wildcards: `*` matches any number of characters, `?` exactly one.

use std::collections::HashMap;

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
    places.is_at_end()
}

/// Returns the minimum number of characters that a pattern matches.
fn length(pattern: &[Token]) -> usize {
    pattern.iter().filter(|token| !matches!(token, Token::Many { .. })).count()
}

/// The places between the characters of patterns, numbered through all patterns, in sets of bits.
struct Places {
    words: Vec<Word>,
    leaves_by: ByCharacter,
}

/// Sets of 64 places each.
#[derive(Clone, Copy, Default)]
struct Word {
    /// The places that are reachable after the characters so far.
    here: u64,
    /// The last place of each pattern.
    ends: u64,
    /// The places that any character advances from, and those that any character except a colon does.
    leaves_by_any: u64,
    leaves_by_no_colon: u64,
    /// The places with a `*` that matches any character, and those with one that matches any except a colon.
    stays_at_any: u64,
    stays_at_no_colon: u64,
}

/// For each character of the patterns, the places that it advances from: the words that have any, with their numbers. All
/// of them together have at most one word for each place, however many different characters there are.
struct ByCharacter {
    /// Those of the ASCII characters by their number, because finding them takes most of the time of a short pattern.
    ascii: [Vec<(usize, u64)>; 128],
    others: HashMap<char, Vec<(usize, u64)>>,
}

impl ByCharacter {
    fn new() -> Self {
        ByCharacter { ascii: [const { Vec::new() }; 128], others: HashMap::new() }
    }

    /// Adds a place, which must not be before the others of the character.
    fn insert(&mut self, c: char, place: usize) {
        let words = match self.ascii.get_mut(c as usize) {
            Some(words) => words,
            None => self.others.entry(c).or_default(),
        };
        let (at, bit) = (place / 64, 1 << (place % 64));
        match words.last_mut() {
            Some((last, word)) if *last == at => *word |= bit,
            _ => words.push((at, bit)),
        }
    }

    fn get(&self, c: char) -> &[(usize, u64)] {
        self.ascii.get(c as usize).or_else(|| self.others.get(&c)).map_or(&[], Vec::as_slice)
    }
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
        let mut places = Places { words: vec![Word::default(); count.div_ceil(64)], leaves_by: ByCharacter::new() };
        let mut place = 0;
        for pattern in patterns {
            let (word, bit) = places.at(place);
            word.here |= bit;
            for token in *pattern {
                let (word, bit) = places.at(place);
                match token {
                    Token::Is(c) => places.leaves_by.insert(*c, place),
                    Token::One { colon: true } => word.leaves_by_any |= bit,
                    Token::One { colon: false } => word.leaves_by_no_colon |= bit,
                    Token::Many { colons: true } => word.stays_at_any |= bit,
                    Token::Many { colons: false } => word.stays_at_no_colon |= bit,
                }
                place += usize::from(!matches!(token, Token::Many { .. }));
            }
            let (word, bit) = places.at(place);
            word.ends |= bit;
            place += 1;
        }
        places
    }

    /// Returns the word of a place, and the bit of the place in it.
    fn at(&mut self, place: usize) -> (&mut Word, u64) {
        (&mut self.words[place / 64], 1 << (place % 64))
    }

    /// Returns whether a pattern ends here.
    fn is_at_end(&self) -> bool {
        self.words.iter().any(|word| word.here & word.ends != 0)
    }

    /// Advances by a character of the text. No character advances from the last place of a pattern into the next
    /// pattern.
    fn step(&mut self, c: char) -> Step {
        steps::count(self.words.len());
        let mut is = self.leaves_by.get(c);
        let (mut carry, mut reached, mut matched) = (0, 0, 0);
        let not_a_colon = if c == ':' { 0 } else { u64::MAX };
        for (at, word) in self.words.iter_mut().enumerate() {
            let mut leaves = word.leaves_by_any | word.leaves_by_no_colon & not_a_colon;
            let stays = word.stays_at_any | word.stays_at_no_colon & not_a_colon;
            if let [(number, places), rest @ ..] = is
                && *number == at
            {
                leaves |= places;
                is = rest;
            }
            let moved = word.here & leaves;
            let next = moved << 1 | carry | word.here & stays;
            carry = moved >> 63;
            word.here = next;
            reached |= next;
            matched |= next & word.ends & word.stays_at_any;
        }
        match (reached, matched) {
            (0, _) => Step::Failed,
            (_, 0) => Step::Open,
            _ => Step::Matched,
        }
    }
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

    /// A set of all places for each character would have 6,000 times 94 words.
    #[test]
    fn different_characters_do_not_take_more_room_than_places() {
        let pattern: Vec<Token> = ('a'..).take(6000).map(Token::Is).collect();
        let ByCharacter { ascii, others } = Places::new(&[&pattern]).leaves_by;
        let words: usize = ascii.iter().chain(others.values()).map(Vec::len).sum();
        assert_eq!((words, others.len()), (6000, 6000 - (0x80 - 0x61)));
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

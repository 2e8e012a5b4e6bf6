//! Wildcards: `*` for any run of characters, `?` for any one.

/// A character of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Is(char),
    /// `?`. Whether it may also stand for a colon.
    One {
        colon: bool,
    },
    /// `*`. Whether it may also run over colons.
    Many {
        colons: bool,
    },
}

/// Whether the whole text is of the pattern.
///
/// All places of the pattern where the text may have got to are followed at once, so that no pattern takes longer than
/// its length times that of the text.
pub(super) fn matches(pattern: &[Token], text: &str) -> bool {
    let end = pattern.len();
    let mut here = vec![false; end + 1];
    here[0] = true;
    skip_empty_runs(pattern, &mut here);
    for c in text.chars() {
        let mut next = vec![false; end + 1];
        for (at, token) in pattern.iter().enumerate().filter(|(at, _)| here[*at]) {
            match token {
                Token::Is(wanted) => next[at + 1] |= *wanted == c,
                Token::One { colon } => next[at + 1] |= *colon || c != ':',
                Token::Many { colons } => next[at] |= *colons || c != ':',
            }
        }
        skip_empty_runs(pattern, &mut next);
        here = next;
    }
    here[end]
}

/// A `*` may stand for nothing.
fn skip_empty_runs(pattern: &[Token], here: &mut [bool]) {
    for (at, token) in pattern.iter().enumerate() {
        if here[at] && matches!(token, Token::Many { .. }) {
            here[at + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens(pattern: &str, colons: bool) -> Vec<Token> {
        let token = |c| match c {
            '*' => Token::Many { colons },
            '?' => Token::One { colon: colons },
            c => Token::Is(c),
        };
        pattern.chars().map(token).collect()
    }

    /// The oracle: a wildcard stands for everything it could, one after the other.
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

    #[test]
    fn a_pattern_is_of_the_whole_text() {
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
        }
    }
}

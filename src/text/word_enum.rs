//! Enums whose values the API writes as words.

/// Declares an enum with the word of each value, and `parse` and `as_str` between the two.
macro_rules! word_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$doc:meta])* $value:ident = $word:literal,)* }) => {
        $(#[$meta])*
        $vis enum $name {
            $($(#[$doc])* $value,)*
        }

        impl $name {
            /// The value with this word.
            pub(crate) fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some($name::$value),)*
                    _ => None,
                }
            }

            /// The word that the API uses.
            $vis fn as_str(self) -> &'static str {
                match self {
                    $($name::$value => $word,)*
                }
            }
        }
    };
}

pub(crate) use word_enum;

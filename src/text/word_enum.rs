//! A macro for enums whose values the API writes as words.

/// Declares an enum with a word for each value, and the methods `parse` and `as_str` that convert between them.
macro_rules! word_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$doc:meta])* $value:ident = $word:literal,)* }) => {
        $(#[$meta])*
        $vis enum $name {
            $($(#[$doc])* $value,)*
        }

        impl $name {
            /// Returns the value with this word.
            pub(crate) fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some($name::$value),)*
                    _ => None,
                }
            }

            /// Returns the word that the API uses.
            $vis fn as_str(self) -> &'static str {
                match self {
                    $($name::$value => $word,)*
                }
            }
        }
    };
}

pub(crate) use word_enum;

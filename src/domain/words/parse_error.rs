//! The errors of texts that are not valid values.

/// Declares the error that a type's `FromStr` returns. It keeps the text, and its message says what was expected.
macro_rules! parse_error {
    ($(#[$doc:meta])* $name:ident, $expected:literal) => {
        $(#[$doc])*
        ///
        /// The message quotes the text and says what was expected.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(Box<str>);

        impl $name {
            fn of(given: &str) -> Self {
                $name(given.into())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!("{:?} ", $expected), self.0)
            }
        }

        impl std::error::Error for $name {}
    };
}

pub(crate) use parse_error;

//! Where a fault, a rule or an expectation was declared.

use std::fmt;
use std::panic::Location;

/// Where a fault, a rule or an expectation was declared, for reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A source line of the test.
    Line(&'static Location<'static>),
    /// A name, for example `fault 3 of the control API`.
    Named(String),
}

impl Origin {
    /// Returns the source line that called the caller.
    #[track_caller]
    pub(crate) fn caller() -> Self {
        Origin::Line(Location::caller())
    }
}

/// Completes "declared ..": `at tests/backup.rs:12:5`, or `as fault 3 of the control API`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Line(location) => write!(f, "at {location}"),
            Origin::Named(name) => write!(f, "as {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_completes_the_word_declared() {
        assert!(Origin::caller().to_string().starts_with(&format!("at {}:", file!())));
        assert_eq!(Origin::Named("fault 3 of the control API".into()).to_string(), "as fault 3 of the control API");
    }
}

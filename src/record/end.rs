//! How a request ended: with an answer, or without one.

use crate::domain::failure::Failure;

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// The mock answered it. The refusal is in a box because few requests have one: without the box, the record of a
    /// DescribeVault would have 931 bytes instead of 811.
    Answered { status: u16, refusal: Option<Box<Refusal>> },
    /// A fault ended the connection instead of an answer, or leaves the request without one.
    NotAnswered,
    /// The client went away before the mock answered.
    ClientWentAway,
}

/// The error that a request was answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// What was wrong. Hints match on its variants, so that a corrected message text cannot silence them.
    pub(crate) failure: Failure,
    /// The message, formatted once, because the failure formats it again for each use.
    pub(crate) message: String,
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Refusal { message: failure.text().into_owned(), failure }
    }
}

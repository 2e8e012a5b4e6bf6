//! The error of a test's act on a mock.

use std::fmt;

/// Why a test's act on a mock was refused. Nothing has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ControlError {
    pub(crate) kind: ErrorKind,
    /// States the fact, without advice that depends on how the test reaches the mock.
    pub(crate) message: String,
}

/// What is wrong with an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The data of the act is invalid.
    Invalid,
    /// The vault that the act is about does not exist.
    NoVault,
    /// Something else that the act is about does not exist.
    NotFound,
    /// The state of the mock does not permit the act.
    Conflict,
}

impl ControlError {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        ControlError { kind: ErrorKind::Invalid, message: message.into() }
    }

    pub(crate) fn no_vault(message: impl Into<String>) -> Self {
        ControlError { kind: ErrorKind::NoVault, message: message.into() }
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        ControlError { kind: ErrorKind::NotFound, message: message.into() }
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        ControlError { kind: ErrorKind::Conflict, message: message.into() }
    }
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ControlError {}

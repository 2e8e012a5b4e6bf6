//! The error of a control action: something that a test does to a mock without a request.

use std::fmt;

/// Why a control action was refused. The action changed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ControlError {
    pub(crate) kind: ErrorKind,
    /// States the fact, without advice that depends on how the test reaches the mock.
    pub(crate) message: String,
}

/// The kind of a [`ControlError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ErrorKind {
    /// The arguments are invalid.
    Invalid,
    /// The vault does not exist.
    NoVault,
    /// Something else that the action refers to does not exist.
    NotFound,
    /// The state of the mock does not permit the action.
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

#[cfg(feature = "standalone")]
impl ControlError {
    /// Returns the error with a message that begins with this text.
    pub(crate) fn within(self, start: &str) -> Self {
        ControlError { message: format!("{start}{}", self.message), ..self }
    }
}

impl fmt::Display for ControlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ControlError {}

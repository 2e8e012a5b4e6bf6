//! The error of a control action: something that a test does to a mock without a request.

use std::fmt;

/// Why a control action was refused. The action changed nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ControlError {
    pub(crate) kind: ErrorKind,
    /// States the fact, without advice that depends on how the test reaches the mock.
    pub(crate) message: String,
    /// The path of the argument that is invalid, under its name in the control API. `None` if the message is not about one.
    pub(crate) member: Option<String>,
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
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        ControlError { kind, message: message.into(), member: None }
    }

    /// Says which argument is invalid.
    pub(crate) fn about(self, member: impl Into<String>) -> Self {
        ControlError { member: Some(member.into()), ..self }
    }

    /// Says that the argument is a member of another one.
    #[cfg_attr(not(feature = "standalone"), expect(dead_code, reason = "only the control API uses it"))]
    pub(crate) fn inside(self, parent: &str) -> Self {
        let member = self.member.map_or_else(|| parent.to_owned(), |member| format!("{parent}.{member}"));
        ControlError { member: Some(member), ..self }
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    pub(crate) fn no_vault(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NoVault, message)
    }

    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, message)
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
